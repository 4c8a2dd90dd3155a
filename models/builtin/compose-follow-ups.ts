/** The sentences about what follows from transactions, from a shape. */
import { own, rounded } from "./compose-parameters.js";
import type { Shape } from "./compose-shape.js";
import { transactionNamed } from "./compose-things.js";
import * as effects from "./patterns/effects.js";
import { exclusive } from "./patterns/exclusive.js";
import * as parents from "./patterns/parent-state.js";
import type { Planned } from "./patterns/pattern.js";
import * as quota from "./patterns/quota.js";
import * as ranks from "./patterns/rank.js";
import * as time from "./patterns/time.js";
import * as waiting from "./patterns/waiting.js";
import type { Random } from "./random.js";

/** What follows from transactions: approvals, fees, waiting lists, renewals. */
export function planFollowUps(shape: Shape, random: Random): Planned[] {
  return [...planApproval(shape, random), ...planFee(shape, random), ...planWaiting(shape), ...planRenewal(shape, random)];
}

function planApproval(shape: Shape, random: Random): Planned[] {
  if (shape.approval === null) return [];
  const { words } = shape.approval;
  const { customers } = shape.vocabulary;
  const transaction = transactionNamed(shape, words.of);
  const upper = customers.rank.values.slice(1);
  const rank = random.pick(upper);
  const { acts, states } = transaction.words;
  const max = rounded(random, transaction.resource.price, 0.35, 0.6);
  const gone = [states.cancelled, shape.container?.cancel === "cascade" && transaction.contained ? states.dropped : undefined].filter(
    (state) => state !== undefined,
  );
  return [
    effects.approvalNeeded.plan({
      customers: customers.plural,
      ladder: customers.rank.label,
      rank,
      act: acts.open,
      resource: transaction.resource.noun,
      price: transaction.resource.price.label,
      max,
      approval: words.noun,
    }),
    ...(acts.confirm === undefined
      ? []
      : [parents.everyChild.plan({ act: acts.confirm, child: words.noun, states: [words.states.granted] })]),
    ...[words.acts.grant, words.acts.deny].flatMap((act) => [
      ranks.notOwn.plan({ act, thing: transaction.words.noun }),
      ...(shape.approval?.rank === true
        ? [ranks.rankForAct.plan({ customers: customers.plural, label: customers.rank.label, rank, act })]
        : []),
    ]),
    effects.cascade.plan({
      parent: transaction.words.noun,
      states: gone,
      children: words.plural,
      from: [words.states.start],
      to: words.states.dropped,
    }),
  ];
}

function planFee(shape: Shape, random: Random): Planned[] {
  if (shape.fee === null) return [];
  const { words, balance } = shape.fee;
  const { acts, states, steps, noun } = transactionNamed(shape, words.of).words;
  const { customers } = shape.vocabulary;
  const amount = random.integer(10, 30) * 100;
  if (states.closed === undefined || steps.due === undefined) return [];
  return [
    effects.lateFee.plan({ thing: noun, state: states.closed, step: steps.due, fee: words.noun, label: words.amount, amount }),
    ...own(shape, words.noun, [words.acts.pay]),
    ...(balance
      ? [
          waiting.balance.plan({
            act: acts.open,
            label: words.amount,
            customer: customers.noun,
            debts: words.plural,
            states: [words.states.start],
            max: amount * random.integer(2, 4),
          }),
        ]
      : []),
  ];
}

function planWaiting(shape: Shape): Planned[] {
  const words = shape.waiting;
  if (words === null) return [];
  const transaction = transactionNamed(shape, words.of);
  const { resource } = transaction;
  const { closed, cancelled } = transaction.words.states;
  const freed = [
    transaction.words.acts.close === undefined ? undefined : closed,
    transaction.words.acts.cancel === undefined ? undefined : cancelled,
  ].filter((state) => state !== undefined);
  const common = { thing: words.noun, resource: resource.noun };
  return [
    ...own(shape, words.noun, [words.acts.leave]),
    ...(resource.room === undefined
      ? []
      : [
          waiting.onlyWhenTaken.plan({
            act: words.acts.join,
            label: resource.room.label,
            resource: resource.noun,
            children: transaction.words.plural,
          }),
        ]),
    waiting.queueNumber.plan({ label: words.number, plural: words.plural, ...common }),
    exclusive.plan({ customer: shape.vocabulary.customers.noun, plural: words.plural, resource: resource.noun }),
    waiting.promotion.plan({
      thing: transaction.words.noun,
      states: freed,
      waiting: words.noun,
      from: words.states.start,
      resource: resource.noun,
      label: words.number,
      to: words.states.ready,
    }),
  ];
}

function planRenewal(shape: Shape, random: Random): Planned[] {
  if (shape.renewal === null) return [];
  const { words, nobodyWaits } = shape.renewal;
  const transaction = transactionNamed(shape, words.of);
  const { noun, steps, states } = transaction.words;
  if (steps.due === undefined) return [];
  return [
    ...own(shape, noun, [words.act]),
    parents.parentState.plan({ act: words.act, parent: noun, states: [states.start] }),
    time.lead.plan({ act: words.act, least: random.integer(0, 1), step: steps.due, holder: noun }),
    quota.quotaPerParent.plan({ parent: noun, max: random.integer(1, 2), children: words.plural }),
    ...(nobodyWaits && shape.waiting !== null
      ? [
          waiting.nobodyWaits.plan({
            act: words.act,
            waiting: shape.waiting.plural,
            resource: transaction.resource.noun,
            states: [shape.waiting.states.start],
          }),
        ]
      : []),
    effects.extension.plan({ act: words.act, label: steps.due, parent: noun, steps: random.integer(3, 6) }),
  ];
}
