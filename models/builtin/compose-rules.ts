/** The sentences that say conditions, limits and effects, from a shape; parameters are drawn small enough to be reached. */
import { planAmounts } from "./compose-amounts.js";
import { planFollowUps } from "./compose-follow-ups.js";
import { own, rounded, startOf } from "./compose-parameters.js";
import type { Shape, TransactionShape } from "./compose-shape.js";
import { liveStates } from "./compose-things.js";
import * as effects from "./patterns/effects.js";
import { exclusive } from "./patterns/exclusive.js";
import * as parents from "./patterns/parent-state.js";
import type { Planned } from "./patterns/pattern.js";
import * as quota from "./patterns/quota.js";
import * as ranks from "./patterns/rank.js";
import * as standing from "./patterns/standing.js";
import * as time from "./patterns/time.js";
import type { Random } from "./random.js";

/** Who may, under which conditions and limits, and what the system does. */
export function planRules(shape: Shape, random: Random): Planned[] {
  return [
    ...planContainer(shape, random),
    ...shape.transactions.flatMap((transaction) => planTransaction(shape, transaction, random)),
    ...planFollowUps(shape, random),
  ];
}

function planContainer(shape: Shape, random: Random): Planned[] {
  if (shape.container === null) return [];
  const { words, submit, cancel, standing: needed } = shape.container;
  const inside = shape.transactions.filter(({ contained }) => contained);
  const { customers } = shape.vocabulary;
  return [
    ...own(shape, words.noun, [submit ? words.acts.submit : undefined, words.acts.cancel]),
    ...(needed
      ? [
          standing.standing.plan({
            act: words.acts.open,
            customer: customers.noun,
            label: customers.standing.label,
            values: [customers.standing.good],
          }),
        ]
      : []),
    ...(submit && words.acts.submit !== undefined
      ? [parents.enoughFirst.plan({ act: words.acts.submit, least: random.integer(1, 2), children: random.pick(inside).words.plural })]
      : []),
    ...inside.flatMap((each) =>
      cancel === "cascade" && each.words.states.dropped !== undefined
        ? [
            effects.cascade.plan({
              parent: words.noun,
              states: [words.states.cancelled],
              children: each.words.plural,
              from: liveStates(each),
              to: each.words.states.dropped,
            }),
          ]
        : [parents.emptyFirst.plan({ act: words.acts.cancel, children: each.words.plural })],
    ),
  ];
}

function planTransaction(shape: Shape, transaction: TransactionShape, random: Random): Planned[] {
  const { words, confirm, contained } = transaction;
  const { acts } = words;
  const changes = [confirm ? acts.confirm : undefined, acts.cancel, acts.close];
  return [
    ...(contained && shape.container !== null ? own(shape, shape.container.words.noun, [acts.open]) : []),
    ...own(shape, words.noun, changes),
    ...planStanding(shape, transaction),
    ...planParent(shape, transaction, random),
    ...planRank(shape, transaction, random),
    ...planTime(transaction, random),
    ...planLimits(shape, transaction, random),
    ...planAmounts(shape, transaction, random),
    ...(transaction.counter && shape.container !== null
      ? [effects.counter.plan({ label: `${words.noun} count`, owner: shape.container.words.noun, children: words.plural })]
      : []),
  ];
}

function planStanding({ vocabulary: { customers } }: Shape, { words, standing: own, groupStanding }: TransactionShape): Planned[] {
  const group = customers.group;
  return [
    ...(own
      ? [
          standing.standing.plan({
            act: words.acts.open,
            customer: customers.noun,
            label: customers.standing.label,
            values: [customers.standing.good],
          }),
        ]
      : []),
    ...(groupStanding && group !== undefined
      ? [
          standing.groupStanding.plan({
            act: words.acts.open,
            group: group.noun,
            customer: customers.noun,
            label: group.standing.label,
            values: [group.standing.good],
          }),
        ]
      : []),
  ];
}

function planParent({ container }: Shape, { words, contained, confirm }: TransactionShape, random: Random): Planned[] {
  if (!contained || container === null) return [];
  const { start, submitted } = container.words.states;
  const both = container.submit && submitted !== undefined;
  const states = both && random.chance(0.4) ? [start, submitted] : [start];
  const gate =
    both && confirm && words.acts.confirm !== undefined && random.chance(0.6)
      ? [parents.parentState.plan({ act: words.acts.confirm, parent: container.words.noun, states: [submitted] })]
      : [];
  return [parents.parentState.plan({ act: words.acts.open, parent: container.words.noun, states }), ...gate];
}

function planRank(
  { vocabulary: { customers } }: Shape,
  { words, resource, rankForCategory, priceCap }: TransactionShape,
  random: Random,
): Planned[] {
  const upper = customers.rank.values.slice(1);
  const common = { customers: customers.plural, label: customers.rank.label, act: words.acts.open, resource: resource.noun };
  const restricted = resource.category.restricted;
  const values = random.chance(0.5) ? restricted : restricted.slice(-1);
  const cap = rounded(random, resource.price, 0.4, 0.7);
  return [
    ...(rankForCategory
      ? [ranks.rankForCategory.plan({ ...common, rank: random.pick(upper), category: resource.category.label, values })]
      : []),
    ...(priceCap ? [ranks.priceCap.plan({ ...common, rank: random.pick(upper), price: resource.price.label, max: cap })] : []),
  ];
}

function planTime(transaction: TransactionShape, random: Random): Planned[] {
  const { words, resource, span, lead, lateCancel, overlap } = transaction;
  const { open, cancel } = words.acts;
  const { from, to } = words.steps;
  const step = startOf(transaction);
  const planned: Planned[] = [];
  if (lead && step !== null) planned.push(time.lead.plan({ act: open, least: random.integer(2, 4), ...step }));
  else if (span && step !== null) planned.push(time.lead.plan({ act: open, least: 1, ...step }));
  if (span && from !== undefined && to !== undefined) planned.push(time.length.plan({ act: open, to, most: random.integer(3, 6), from }));
  if (span && step !== null) planned.push(time.horizon.plan({ act: open, most: random.integer(12, 20), ...step }));
  if (lateCancel && cancel !== undefined && step !== null) planned.push(time.lead.plan({ act: cancel, least: 1, ...step }));
  if (overlap && from !== undefined && to !== undefined)
    planned.push(time.overlap.plan({ plural: words.plural, resource: resource.noun, from, to }));
  return planned;
}

function planLimits({ container, vocabulary: { customers } }: Shape, transaction: TransactionShape, random: Random): Planned[] {
  const { words, resource, capacity } = transaction;
  const max = random.integer(2, 3);
  const children = words.plural;
  const rank = random.pick(customers.rank.values.slice(1));
  const limit =
    transaction.quota === "container" && container !== null
      ? quota.quotaPerParent.plan({ parent: container.words.noun, max, children })
      : transaction.quota === "rank"
        ? quota.quotaByRank.plan({
            customer: customers.noun,
            max,
            children,
            more: max + random.integer(1, 2),
            label: customers.rank.label,
            rank,
          })
        : quota.quotaPerCustomer.plan({ customer: customers.noun, max: max + (container === null ? 0 : 1), children });
  return [
    limit,
    ...(capacity && resource.room !== undefined
      ? [quota.capacity.plan({ children, resource: resource.noun, label: resource.room.label })]
      : []),
    ...(transaction.exclusive ? [exclusive.plan({ customer: customers.noun, plural: children, resource: resource.noun })] : []),
  ];
}
