/** The sentences that say conditions, limits and effects, from a shape; parameters are drawn small enough to be reached. */
import { liveStates, transactionNamed } from "./compose-things.js";
import type { Shape, TransactionShape } from "./compose-shape.js";
import * as amounts from "./patterns/amounts.js";
import * as effects from "./patterns/effects.js";
import { exclusive } from "./patterns/exclusive.js";
import * as parents from "./patterns/parent-state.js";
import type { Planned } from "./patterns/pattern.js";
import * as quota from "./patterns/quota.js";
import * as ranks from "./patterns/rank.js";
import { ownership } from "./patterns/service.js";
import * as standing from "./patterns/standing.js";
import * as time from "./patterns/time.js";
import * as waiting from "./patterns/waiting.js";
import type { Random } from "./random.js";

/** Who may, under which conditions and limits, and what the system does. */
export function planRules(shape: Shape, random: Random): Planned[] {
  return [
    ...planContainer(shape, random),
    ...shape.transactions.flatMap((transaction) => planTransaction(shape, transaction, random)),
    ...planApproval(shape, random),
    ...planFee(shape, random),
    ...planWaiting(shape),
    ...planRenewal(shape, random),
  ];
}

function own(shape: Shape, thing: string, acts: readonly (string | undefined)[]): Planned[] {
  return acts.flatMap((act) => (act === undefined ? [] : [ownership.plan({ customer: shape.vocabulary.customers.noun, thing, act })]));
}

function planContainer(shape: Shape, random: Random): Planned[] {
  if (shape.container === null) return [];
  const { words, submit, cancel, standing: needed } = shape.container;
  const inside = shape.transactions.filter(({ contained }) => contained);
  const { customers } = shape.vocabulary;
  return [
    ...own(shape, words.noun, [submit ? words.acts.submit : undefined, words.acts.cancel]),
    ...(needed ? [standing.standing.plan({ act: words.acts.open, customer: customers.noun, label: customers.standing.label, values: [customers.standing.good] })] : []),
    ...(submit && words.acts.submit !== undefined ? [parents.enoughFirst.plan({ act: words.acts.submit, least: random.integer(1, 2), children: random.pick(inside).words.plural })] : []),
    ...inside.flatMap((each) =>
      cancel === "cascade" && each.words.states.dropped !== undefined
        ? [effects.cascade.plan({ parent: words.noun, states: [words.states.cancelled], children: each.words.plural, from: liveStates(each), to: each.words.states.dropped })]
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
    ...(transaction.counter && shape.container !== null ? [effects.counter.plan({ label: `${words.noun} count`, owner: shape.container.words.noun, children: words.plural })] : []),
  ];
}

function planStanding({ vocabulary: { customers } }: Shape, { words, standing: own, groupStanding }: TransactionShape): Planned[] {
  const group = customers.group;
  return [
    ...(own ? [standing.standing.plan({ act: words.acts.open, customer: customers.noun, label: customers.standing.label, values: [customers.standing.good] })] : []),
    ...(groupStanding && group !== undefined
      ? [standing.groupStanding.plan({ act: words.acts.open, group: group.noun, customer: customers.noun, label: group.standing.label, values: [group.standing.good] })]
      : []),
  ];
}

function planParent({ container }: Shape, { words, contained, confirm }: TransactionShape, random: Random): Planned[] {
  if (!contained || container === null) return [];
  const { start, submitted } = container.words.states;
  const both = container.submit && submitted !== undefined;
  const states = both && random.chance(0.4) ? [start, submitted] : [start];
  const gate = both && confirm && words.acts.confirm !== undefined && random.chance(0.6) ? [parents.parentState.plan({ act: words.acts.confirm, parent: container.words.noun, states: [submitted] })] : [];
  return [parents.parentState.plan({ act: words.acts.open, parent: container.words.noun, states }), ...gate];
}

function planRank({ vocabulary: { customers } }: Shape, { words, resource, rankForCategory, priceCap }: TransactionShape, random: Random): Planned[] {
  const upper = customers.rank.values.slice(1);
  const common = { customers: customers.plural, label: customers.rank.label, act: words.acts.open, resource: resource.noun };
  const restricted = resource.category.restricted;
  const values = random.chance(0.5) ? restricted : restricted.slice(-1);
  const cap = rounded(random, resource.price, 0.4, 0.7);
  return [
    ...(rankForCategory ? [ranks.rankForCategory.plan({ ...common, rank: random.pick(upper), category: resource.category.label, values })] : []),
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
  if (overlap && from !== undefined && to !== undefined) planned.push(time.overlap.plan({ plural: words.plural, resource: resource.noun, from, to }));
  return planned;
}

/** When it takes place: its own first step, or its resource's. */
function startOf({ words, resource }: TransactionShape): { readonly step: string; readonly holder: string } | null {
  if (words.steps.from !== undefined) return { step: words.steps.from, holder: words.noun };
  return resource.step === undefined ? null : { step: resource.step, holder: resource.noun };
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
        ? quota.quotaByRank.plan({ customer: customers.noun, max, children, more: max + random.integer(1, 2), label: customers.rank.label, rank })
        : quota.quotaPerCustomer.plan({ customer: customers.noun, max: max + (container === null ? 0 : 1), children });
  return [
    limit,
    ...(capacity && resource.room !== undefined ? [quota.capacity.plan({ children, resource: resource.noun, label: resource.room.label })] : []),
    ...(transaction.exclusive ? [exclusive.plan({ customer: customers.noun, plural: children, resource: resource.noun })] : []),
  ];
}

function planAmounts({ vocabulary: { customers } }: Shape, transaction: TransactionShape, random: Random): Planned[] {
  const { words, resource, refund, total, due } = transaction;
  const { from, to, due: dueLabel, opened } = words.steps;
  const ladder = { ladder: customers.rank.label, rank: random.pick(customers.rank.values.slice(1)) };
  const price = { price: resource.price.label, payer: resource.noun };
  const paid = total !== null && words.total !== undefined ? { price: words.total, payer: words.noun } : price;
  const planned: Planned[] = [];
  if (total === "span" && words.total !== undefined && from !== undefined && to !== undefined) planned.push(amounts.totalSpan.plan({ label: words.total, thing: words.noun, from, to, ...price }));
  if (total === "quantity" && words.total !== undefined && words.quantity !== undefined) planned.push(amounts.total.plan({ label: words.total, thing: words.noun, quantity: words.quantity.label, ...price }));
  if (total === "quantity-rank" && words.total !== undefined && words.quantity !== undefined)
    planned.push(amounts.totalByRank.plan({ label: words.total, thing: words.noun, quantity: words.quantity.label, ...price, percent: random.pick([5, 10, 15]), ...ladder }));
  if (due !== null && dueLabel !== undefined) {
    const steps = random.integer(5, 8);
    const later = { act: words.acts.open, label: dueLabel, steps };
    planned.push(due === "plain" ? amounts.due.plan(later) : amounts.dueByRank.plan({ ...later, more: steps + random.integer(2, 5), ...ladder }));
  }
  const start = startOf(transaction);
  if (refund !== null && words.refund !== undefined && words.states.cancelled !== undefined) {
    const common = { thing: words.noun, state: words.states.cancelled, label: words.refund, ...paid };
    planned.push(
      refund === "ahead" && start !== null
        ? amounts.refundAhead.plan({ ...common, bands: falling(random), ...start })
        : amounts.feeSince.plan({ ...common, bands: fading(random), step: opened }),
    );
  }
  return planned;
}

/** A refund that falls as the time left gets shorter. */
function falling(random: Random): amounts.Bands {
  const near = random.integer(2, 4);
  return { from: [{ percent: random.pick([100, 90]), steps: near + random.integer(3, 5) }, { percent: random.pick([50, 60, 75]), steps: near }], below: random.pick([0, 0, 20]) };
}

/** A refund that falls as more time has passed. */
function fading(random: Random): amounts.Bands {
  const soon = random.integer(1, 3);
  return { from: [{ percent: random.pick([0, 10]), steps: soon + random.integer(2, 4) }, { percent: random.pick([40, 50, 60]), steps: soon }], below: random.pick([100, 90]) };
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
  const gone = [states.cancelled, shape.container?.cancel === "cascade" && transaction.contained ? states.dropped : undefined].filter((state) => state !== undefined);
  return [
    effects.approvalNeeded.plan({ customers: customers.plural, ladder: customers.rank.label, rank, act: acts.open, resource: transaction.resource.noun, price: transaction.resource.price.label, max, approval: words.noun }),
    ...(acts.confirm === undefined ? [] : [parents.everyChild.plan({ act: acts.confirm, child: words.noun, states: [words.states.granted] })]),
    ...[words.acts.grant, words.acts.deny].flatMap((act) => [
      ranks.notOwn.plan({ act, thing: transaction.words.noun }),
      ...(shape.approval?.rank === true ? [ranks.rankForAct.plan({ customers: customers.plural, label: customers.rank.label, rank, act })] : []),
    ]),
    effects.cascade.plan({ parent: transaction.words.noun, states: gone, children: words.plural, from: [words.states.start], to: words.states.dropped }),
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
    ...(balance ? [waiting.balance.plan({ act: acts.open, label: words.amount, customer: customers.noun, debts: words.plural, states: [words.states.start], max: amount * random.integer(2, 4) })] : []),
  ];
}

function planWaiting(shape: Shape): Planned[] {
  const words = shape.waiting;
  if (words === null) return [];
  const transaction = transactionNamed(shape, words.of);
  const { resource } = transaction;
  const { closed, cancelled } = transaction.words.states;
  const freed = [transaction.words.acts.close === undefined ? undefined : closed, transaction.words.acts.cancel === undefined ? undefined : cancelled].filter((state) => state !== undefined);
  const common = { thing: words.noun, resource: resource.noun };
  return [
    ...own(shape, words.noun, [words.acts.leave]),
    ...(resource.room === undefined ? [] : [waiting.onlyWhenTaken.plan({ act: words.acts.join, label: resource.room.label, resource: resource.noun, children: transaction.words.plural })]),
    waiting.queueNumber.plan({ label: words.number, plural: words.plural, ...common }),
    exclusive.plan({ customer: shape.vocabulary.customers.noun, plural: words.plural, resource: resource.noun }),
    waiting.promotion.plan({ thing: transaction.words.noun, states: freed, waiting: words.noun, from: words.states.start, resource: resource.noun, label: words.number, to: words.states.ready }),
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
    ...(nobodyWaits && shape.waiting !== null ? [waiting.nobodyWaits.plan({ act: words.act, waiting: shape.waiting.plural, resource: transaction.resource.noun, states: [shape.waiting.states.start] })] : []),
    effects.extension.plan({ act: words.act, label: steps.due, parent: noun, steps: random.integer(3, 6) }),
  ];
}

/** A limit inside the range of prices, in whole thousands of minor units. */
function rounded(random: Random, { low, high }: { readonly low: number; readonly high: number }, from: number, to: number): number {
  const share = from + random.next() * (to - from);
  return Math.max(1000, Math.round((low + share * (high - low)) / 1000) * 1000);
}
