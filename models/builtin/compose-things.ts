/** The sentences that say what is kept and what can be asked for, from a shape. */
import type { Attribute, AttributeSource, AttributeType } from "./reading/attributes.js";
import type { Shape, TransactionShape } from "./compose-shape.js";
import * as life from "./patterns/life.js";
import type { Planned } from "./patterns/pattern.js";
import * as service from "./patterns/service.js";
import * as things from "./patterns/things.js";

type Choice = { readonly label: string; readonly values: readonly string[] };

/** Who is served, what is kept, what can be asked for. */
export function planThings(shape: Shape): Planned[] {
  const { customers } = shape.vocabulary;
  const resources = [...new Set(shape.transactions.map(({ resource }) => resource))];
  const listed = [
    ...(shape.group && customers.group !== undefined ? [customers.group.plural] : []),
    customers.plural,
    ...resources.map(({ plural }) => plural),
  ];
  return [
    service.identified.plan({ customer: customers.noun, evidence: [customers.key, ...customers.evidence] }),
    service.readOnly.plan({ things: listed }),
    ...planGroup(shape),
    things.register.plan({ plural: customers.plural, noun: customers.noun, key: customers.key, attributes: customerAttributes(shape) }),
    ...resources.map((resource) =>
      things.catalogue.plan({
        plural: resource.plural,
        noun: resource.noun,
        key: resource.key,
        attributes: resourceAttributes(shape, resource),
      }),
    ),
    ...planContainer(shape),
    ...shape.transactions.flatMap((transaction) => planTransaction(shape, transaction)),
    ...planFollowUps(shape),
  ];
}

/** States of a transaction that count as live. */
export function liveStates({ words, confirm }: TransactionShape): string[] {
  return [words.states.start, ...(confirm && words.states.confirmed !== undefined ? [words.states.confirmed] : [])];
}

/** States of a transaction that nothing leaves. */
export function endStates(shape: Shape, { words, contained }: TransactionShape): string[] {
  const dropped = contained && shape.container?.cancel === "cascade" ? words.states.dropped : undefined;
  const cancelled = words.acts.cancel === undefined ? undefined : words.states.cancelled;
  const closed = words.acts.close === undefined ? undefined : words.states.closed;
  return [cancelled, closed, dropped].filter((state) => state !== undefined);
}

function planGroup({ group, vocabulary: { customers } }: Shape): Planned[] {
  const words = customers.group;
  if (!group || words === undefined) return [];
  const standing = listOf({ label: words.standing.label, values: [words.standing.good, ...words.standing.bad] });
  return [
    things.register.plan({
      plural: words.plural,
      noun: words.noun,
      key: words.key,
      attributes: [plain("name", { kind: "text" }), standing],
    }),
  ];
}

function customerAttributes({ group, vocabulary: { customers } }: Shape): Attribute[] {
  return [
    plain("name", { kind: "text" }),
    ...customers.evidence.map((label) => plain(label, { kind: "text" })),
    plain(customers.rank.label, { kind: "ranks", values: customers.rank.values }),
    listOf({ label: customers.standing.label, values: [customers.standing.good, ...customers.standing.bad] }),
    ...(group && customers.group !== undefined ? [rowOf(customers.group)] : []),
  ];
}

function resourceAttributes(shape: Shape, resource: TransactionShape["resource"]): Attribute[] {
  const roomy = shape.transactions.some((each) => each.resource === resource && each.capacity);
  return [
    plain(resource.name.label, { kind: "text" }),
    listOf(resource.category),
    ...resource.features.map(listOf),
    plain(resource.price.label, { kind: "money" }),
    ...resource.numbers.map(({ label }) => plain(label, { kind: "count", min: 0, max: null })),
    ...(roomy && resource.room !== undefined ? [plain(resource.room.label, { kind: "count", min: 1, max: null })] : []),
    ...(resource.step === undefined ? [] : [plain(resource.step, { kind: "step" })]),
  ];
}

function planContainer(shape: Shape): Planned[] {
  const {
    container,
    vocabulary: { customers },
  } = shape;
  if (container === null) return [];
  const { words, submit } = container;
  const { start, submitted, cancelled } = words.states;
  const counts = shape.transactions
    .filter(({ counter }) => counter)
    .map((each) => sourced(`${each.words.noun} count`, { kind: "count", min: 0, max: null }, { kind: "system" }));
  const recorded: Attribute[] = [
    { ...rowOf(customers), source: { kind: "asks" } },
    listOf(words.purpose),
    sourced(words.steps.opened, { kind: "step" }, { kind: "made" }),
    sourced(words.steps.cancelled, { kind: "step" }, { kind: "recorded", states: [cancelled] }),
    ...counts,
  ];
  const submitting =
    submit && words.acts.submit !== undefined && submitted !== undefined ? { act: words.acts.submit, to: submitted } : null;
  const open = [start, ...(submitting === null ? [] : [submitting.to])];
  return [
    things.record.plan({ noun: words.noun, plural: words.plural, attributes: recorded }),
    life.live.plan({ plural: words.plural, states: open }),
    life.alike.plan({ plural: words.plural }),
    life.asked.plan({ customer: customers.noun, act: words.acts.open, thing: words.noun, state: start }),
    ...(submitting === null ? [] : [life.movable.plan({ customer: customers.noun, thing: words.noun, from: [start], ...submitting })]),
    life.movable.plan({ customer: customers.noun, act: words.acts.cancel, thing: words.noun, from: open, to: cancelled }),
    life.final.plan({ thing: words.noun, states: [cancelled] }),
  ];
}

function planTransaction(shape: Shape, transaction: TransactionShape): Planned[] {
  const { customers } = shape.vocabulary;
  const { words } = transaction;
  const { acts, states } = words;
  const ask = (act: string, from: readonly string[], to: string): Planned =>
    life.movable.plan({ customer: customers.noun, act, thing: words.noun, from, to });
  return [
    things.record.plan({ noun: words.noun, plural: words.plural, attributes: transactionAttributes(shape, transaction) }),
    life.live.plan({ plural: words.plural, states: liveStates(transaction) }),
    life.alike.plan({ plural: words.plural }),
    life.asked.plan({ customer: customers.noun, act: acts.open, thing: words.noun, state: states.start }),
    ...(transaction.confirm && acts.confirm !== undefined && states.confirmed !== undefined
      ? [ask(acts.confirm, [states.start], states.confirmed)]
      : []),
    ...(acts.cancel !== undefined && states.cancelled !== undefined ? [ask(acts.cancel, liveStates(transaction), states.cancelled)] : []),
    ...(acts.close !== undefined && states.closed !== undefined ? [ask(acts.close, liveStates(transaction), states.closed)] : []),
    life.final.plan({ thing: words.noun, states: endStates(shape, transaction) }),
  ];
}

function transactionAttributes(
  shape: Shape,
  { words, resource, contained, confirm, refund, total, span, due }: TransactionShape,
): Attribute[] {
  const { steps, states } = words;
  const owner: Attribute =
    contained && shape.container !== null
      ? rowOf(shape.container.words)
      : { ...rowOf(shape.vocabulary.customers), source: { kind: "asks" } };
  const step = (label: string | undefined, source: AttributeSource): Attribute[] =>
    label === undefined ? [] : [sourced(label, { kind: "step" }, source)];
  const into = (label: string | undefined, state: string | undefined): Attribute[] =>
    state === undefined ? [] : step(label, { kind: "recorded", states: [state] });
  const creator: AttributeSource = { kind: "creator" };
  return [
    owner,
    rowOf(resource),
    ...(span ? [...step(steps.from, creator), ...step(steps.to, creator)] : []),
    ...(due === null ? [] : step(steps.due, creator)),
    ...(total !== null && total !== "span" && words.quantity !== undefined
      ? [plain(words.quantity.label, { kind: "count", min: 1, max: words.quantity.max })]
      : []),
    ...(total !== null && words.total !== undefined ? [plain(words.total, { kind: "money" })] : []),
    ...step(steps.opened, { kind: "made" }),
    ...(confirm ? into(steps.confirmed, states.confirmed) : []),
    ...into(steps.cancelled, words.acts.cancel === undefined ? undefined : states.cancelled),
    ...into(steps.closed, words.acts.close === undefined ? undefined : states.closed),
    ...(refund !== null && words.refund !== undefined && states.cancelled !== undefined
      ? [sourced(words.refund, { kind: "money" }, { kind: "given", states: [states.cancelled] })]
      : []),
  ];
}

function planFollowUps(shape: Shape): Planned[] {
  return [...planApproval(shape), ...planFee(shape), ...planWaiting(shape), ...planRenewal(shape)];
}

function planApproval(shape: Shape): Planned[] {
  const customer = shape.vocabulary.customers;
  if (shape.approval === null) return [];
  const { words } = shape.approval;
  const { start, granted, denied, dropped } = words.states;
  const decided = [granted, denied];
  const attributes: Attribute[] = [
    rowOf(transactionNamed(shape, words.of).words),
    { label: words.decider, type: { kind: "row", of: customer.plural }, source: { kind: "decides", states: decided } },
    sourced(words.step, { kind: "step" }, { kind: "recorded", states: decided }),
  ];
  return [
    things.record.plan({ noun: words.noun, plural: words.plural, attributes }),
    life.live.plan({ plural: words.plural, states: [start, granted] }),
    life.alike.plan({ plural: words.plural }),
    life.systemMade.plan({ plural: words.plural, state: start }),
    life.movable.plan({ customer: customer.noun, act: words.acts.grant, thing: words.noun, from: [start], to: granted }),
    life.movable.plan({ customer: customer.noun, act: words.acts.deny, thing: words.noun, from: [start], to: denied }),
    life.final.plan({ thing: words.noun, states: [granted, denied, dropped] }),
  ];
}

function planFee(shape: Shape): Planned[] {
  if (shape.fee === null) return [];
  const { words } = shape.fee;
  const attributes: Attribute[] = [
    rowOf(transactionNamed(shape, words.of).words),
    plain(words.amount, { kind: "money" }),
    sourced(words.step, { kind: "step" }, { kind: "recorded", states: [words.states.paid] }),
  ];
  return [
    things.record.plan({ noun: words.noun, plural: words.plural, attributes }),
    life.live.plan({ plural: words.plural, states: [words.states.start] }),
    life.alike.plan({ plural: words.plural }),
    life.systemMade.plan({ plural: words.plural, state: words.states.start }),
    life.movable.plan({
      customer: shape.vocabulary.customers.noun,
      act: words.acts.pay,
      thing: words.noun,
      from: [words.states.start],
      to: words.states.paid,
    }),
    life.final.plan({ thing: words.noun, states: [words.states.paid] }),
  ];
}

function planWaiting(shape: Shape): Planned[] {
  const {
    waiting: words,
    vocabulary: { customers },
  } = shape;
  if (words === null) return [];
  const { start, ready, left } = words.states;
  const attributes: Attribute[] = [
    { ...rowOf(customers), source: { kind: "asks" } },
    rowOf(transactionNamed(shape, words.of).resource),
    plain(words.number, { kind: "count", min: 1, max: null }),
    sourced(words.step, { kind: "step" }, { kind: "made" }),
  ];
  return [
    things.record.plan({ noun: words.noun, plural: words.plural, attributes }),
    life.live.plan({ plural: words.plural, states: [start, ready] }),
    life.asked.plan({ customer: customers.noun, act: words.acts.join, thing: words.noun, state: start }),
    life.movable.plan({ customer: customers.noun, act: words.acts.leave, thing: words.noun, from: [start, ready], to: left }),
    life.final.plan({ thing: words.noun, states: [left] }),
  ];
}

function planRenewal(shape: Shape): Planned[] {
  if (shape.renewal === null) return [];
  const { words } = shape.renewal;
  const attributes: Attribute[] = [rowOf(transactionNamed(shape, words.of).words), sourced(words.step, { kind: "step" }, { kind: "made" })];
  return [
    things.record.plan({ noun: words.noun, plural: words.plural, attributes }),
    life.alike.plan({ plural: words.plural }),
    life.askedOnce.plan({ customer: shape.vocabulary.customers.noun, act: words.act, thing: words.noun }),
  ];
}

/** @throws {RangeError} If the vocabulary has a follow-up of an unknown transaction. */
export function transactionNamed(shape: Shape, noun: string): TransactionShape {
  const found = shape.transactions.find(({ words }) => words.noun === noun);
  if (found === undefined) throw new RangeError(`Cannot compose: no transaction "${noun}"`);
  return found;
}

function plain(label: string, type: AttributeType): Attribute {
  return sourced(label, type, { kind: "creator" });
}

function sourced(label: string, type: AttributeType, source: AttributeSource): Attribute {
  return { label, type, source };
}

function listOf({ label, values }: Choice): Attribute {
  return plain(label, { kind: "values", values });
}

function rowOf({ noun, plural }: { readonly noun: string; readonly plural: string }): Attribute {
  return plain(noun, { kind: "row", of: plural });
}
