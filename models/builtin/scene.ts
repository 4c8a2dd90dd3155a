/**
 * Acts in a world, with their preconditions seen to: a booking gets its request, a decision gets something to decide.
 * What must be there first is read from the policy's statements, never from rules.
 */
import type { Statement } from "./patterns/pattern.js";
import { calculated } from "./fixed-amounts.js";
import type { Attribute } from "./reading/attributes.js";
import type { Scalar } from "./reading/lab.js";
import {
  type Act,
  actOf,
  columnOf,
  creationOf,
  liveOf,
  nameOf,
  ownerPath,
  pathTo,
  stateColumn,
  type Thing,
  thingOf,
} from "./reading/terms.js";
import { ActRefused, type Given, newest, type Stage, wait } from "./stage.js";
import { attempt, type Call, findRow, follow, nowOf, scalarOf, withContext } from "./world.js";

/** Does an act for a customer and returns the key of its row. @throws {ActRefused} If the engine refuses it. */
export function perform(stage: Stage, person: string, phrase: string, given: Given = {}): Scalar {
  const call = prepare(stage, person, phrase, given);
  stage.state = withContext(stage.compiled, stage.state, { actor: person });
  const verdict = attempt(stage.compiled, stage.state, call);
  if (verdict.kind !== "accepted") throw new ActRefused(`${phrase}: ${verdict.rule}`);
  stage.state = verdict.state;
  stage.log?.(person, call);
  const table = call.tool.replace(/^(insert|update)_/, "");
  return scalarOf(verdict.row[stage.compiled.catalogue.tables[table]?.key[0] ?? ""] ?? null);
}

/** The call of an act, its preconditions met. `given` is by label, `row` the record acted on. @throws {ActRefused} If they cannot be met. */
export function prepare(stage: Stage, person: string, phrase: string, given: Given = {}): Call {
  const act = actOf(stage.reading.terms, phrase);
  return act.moves.length === 0 ? prepareCreate(stage, person, act, given) : prepareMove(stage, person, act, given);
}

/** The customer for whom the system makes a record of this thing: a new one, who does what calls for it. @throws {ActRefused} If nothing does. */
export function askFor(stage: Stage, thing: Thing): string {
  const { patterns, terms } = stage.reading;
  const cause = patterns.find(({ pattern, slots }) => pattern === "approval" && slots["approval"] === thing.noun);
  if (cause === undefined) throw new ActRefused(`nothing makes ${thing.noun}`);
  const asking = stage.stock.below(String(cause.slots["rank"]), []);
  const resource = thingOf(terms, String(cause.slots["resource"]));
  const dear = stage.stock.item(resource, { [String(cause.slots["price"])]: Number(cause.slots["max"]) + 1 });
  perform(stage, asking, String(cause.slots["act"]), { [resource.noun]: dear });
  return asking;
}

/** Lets a customer owe for so many steps of delay. @throws {ActRefused} If being late costs nothing. */
export function owe(
  stage: Stage,
  person: string,
  { thing, steps }: { readonly thing: Thing; readonly steps: (perStep: number) => number },
): void {
  const { patterns, terms } = stage.reading;
  const cause = patterns.find(({ pattern, slots }) => pattern === "late-fee" && slots["fee"] === thing.noun);
  if (cause === undefined) throw new ActRefused(`nothing makes ${thing.noun}`);
  const late = thingOf(terms, String(cause.slots["thing"]));
  const id = create(stage, person, late);
  const row = findRow(stage.compiled, stage.state, late.table, id) ?? {};
  wait(
    stage,
    Number(scalarOf(row[nameOf(String(cause.slots["step"]))] ?? null)) - nowOf(stage.state) + steps(Number(cause.slots["amount"])),
  );
  ensureState(stage, person, { thing: late, id, states: [String(cause.slots["state"])] });
}

function prepareCreate(stage: Stage, person: string, act: Act, given: Given): Call {
  const { terms } = stage.reading;
  const values: Record<string, Scalar> = {};
  const owed = stage.reading.patterns.find((statement) => statement.pattern === "only-when-taken" && statement.slots["act"] === act.phrase);
  for (const attribute of act.thing.attributes) {
    if (attribute.source.kind !== "creator") continue;
    values[columnOf(terms, attribute)] = given[attribute.label] ?? firstValue(stage, { person, act, attribute, owed, values });
  }
  const call = { tool: `insert_${act.thing.table}`, arguments: values };
  return calculated(stage, person, { call, thing: act.thing, move: null, given });
}

interface Choosing {
  readonly person: string;
  readonly act: Act;
  readonly attribute: Attribute;
  readonly owed: Statement | undefined;
  readonly values: Readonly<Record<string, Scalar>>;
}

function firstValue(stage: Stage, { person, act, attribute, owed, values }: Choosing): Scalar {
  const { terms } = stage.reading;
  const { type } = attribute;
  switch (type.kind) {
    case "row": {
      const target = thingOf(terms, type.of);
      if (target.layer !== "L2") return owed === undefined ? stage.stock.item(target, {}) : takenItem(stage, person, owed);
      return obtain(stage, person, target, requiredStates(stage, act.phrase, target));
    }
    case "values":
    case "ranks":
      return type.values[0] ?? null;
    case "count":
      return type.min;
    case "step":
      return stepAfter(stage, act, attribute, values);
    case "money":
    case "text":
      return null;
  }
}

/** A planned step: some steps ahead, or one after the step that it follows. */
function stepAfter({ reading, state }: Stage, { phrase }: Act, { label }: Attribute, values: Readonly<Record<string, Scalar>>): number {
  const span = reading.patterns.find(({ pattern, slots }) => pattern === "length" && slots["act"] === phrase && slots["to"] === label);
  const from = span === undefined ? undefined : values[nameOf(String(span.slots["from"]))];
  return typeof from === "number" ? from + 1 : nowOf(state) + 10;
}

/** A row of which nothing is free. */
function takenItem(stage: Stage, person: string, { slots }: Statement): string {
  const { terms } = stage.reading;
  const resource = thingOf(terms, String(slots["resource"]));
  const child = thingOf(terms, String(slots["children"]));
  const key = stage.stock.item(resource, { [String(slots["label"])]: 1 });
  const room = Number(
    follow(
      stage.compiled,
      stage.state,
      { table: resource.table, row: findRow(stage.compiled, stage.state, resource.table, key) ?? {} },
      nameOf(String(slots["label"])),
    ),
  );
  const people = [person];
  const column = pathTo(terms, child, resource);
  const live = liveOf(terms, child);
  const taken = (stage.state[child.table] ?? []).filter((row) => row[column] === key && live.includes(String(row[stateColumn]))).length;
  for (let index = taken; index < room; index += 1) {
    const other = stage.stock.other(people);
    people.push(other);
    perform(stage, other, creationOf(terms, child).phrase, { [resource.noun]: key });
  }
  return key;
}

function prepareMove(stage: Stage, person: string, act: Act, given: Given): Call {
  const { patterns } = stage.reading;
  const { thing } = act;
  const from = [...new Set(act.moves.map((move) => move.from))];
  const isEmptied = patterns.some(({ pattern, slots }) => pattern === "empty-first" && slots["act"] === act.phrase);
  const id = given["row"] ?? (isEmptied ? create(stage, person, thing) : obtain(stage, person, thing, from));
  if (given["row"] === undefined) makeReady(stage, person, act, id);
  const row = findRow(stage.compiled, stage.state, thing.table, id);
  const to = act.moves.find((move) => move.from === row?.[stateColumn])?.to ?? act.moves[0]?.to ?? "";
  const call = { tool: `update_${thing.table}`, arguments: { [thing.key]: id, [stateColumn]: to } };
  return calculated(stage, person, { call, thing, move: { row: row ?? {}, to }, given });
}

/** Sees to what an act on this record needs. */
function makeReady(stage: Stage, person: string, { phrase, thing }: Act, id: Scalar): void {
  for (const { pattern, slots } of stage.reading.patterns) {
    if (slots["act"] !== phrase) continue;
    if (pattern === "enough-first")
      fill(stage, person, { parent: thing, id, children: String(slots["children"]), least: Number(slots["least"]) });
    if (pattern === "parent-state")
      ensureParent(stage, person, { thing, id, parent: String(slots["parent"]), states: listOf(slots["states"]) });
  }
}

/** A record of the customer's in one of these states, made where there is none. */
function obtain(stage: Stage, person: string, thing: Thing, states: readonly string[]): Scalar {
  const { terms } = stage.reading;
  const key = thing.key;
  const isMade = terms.acts.some((act) => act.thing.table === thing.table && act.moves.length === 0);
  if (!isMade) return caused(stage, person, thing);
  const path = ownerPath(terms, thing);
  const own = (stage.state[thing.table] ?? []).filter(
    (row) => follow(stage.compiled, stage.state, { table: thing.table, row }, path) === person,
  );
  const fitting = own.filter((row) => states.length === 0 || states.includes(String(row[stateColumn]))).at(-1);
  if (fitting !== undefined) return scalarOf(fitting[key] ?? null);
  const id = create(stage, person, thing);
  ensureState(stage, person, { thing, id, states });
  return id;
}

function create(stage: Stage, person: string, thing: Thing): Scalar {
  return perform(stage, person, creationOf(stage.reading.terms, thing).phrase);
}

/** Moves a record into one of these states, where an act does that. */
function ensureState(
  stage: Stage,
  person: string,
  { thing, id, states }: { readonly thing: Thing; readonly id: Scalar; readonly states: readonly string[] },
): void {
  const state = String(findRow(stage.compiled, stage.state, thing.table, id)?.[stateColumn]);
  if (states.length === 0 || states.includes(state)) return;
  const act = stage.reading.terms.acts.find(
    (each) => each.thing.table === thing.table && each.moves.some((move) => move.from === state && states.includes(move.to)),
  );
  if (act === undefined) throw new ActRefused(`no act takes ${thing.noun} from ${state} to ${states.join(" or ")}`);
  makeReady(stage, person, act, id);
  perform(stage, person, act.phrase, { row: id });
}

function ensureParent(
  stage: Stage,
  person: string,
  {
    thing,
    id,
    parent,
    states,
  }: { readonly thing: Thing; readonly id: Scalar; readonly parent: string; readonly states: readonly string[] },
): void {
  const target = thingOf(stage.reading.terms, parent);
  const row = findRow(stage.compiled, stage.state, thing.table, id) ?? {};
  ensureState(stage, person, {
    thing: target,
    id: follow(stage.compiled, stage.state, { table: thing.table, row }, pathTo(stage.reading.terms, thing, target)),
    states,
  });
}

/** Makes live children until there are enough. */
function fill(
  stage: Stage,
  person: string,
  { parent, id, children, least }: { readonly parent: Thing; readonly id: Scalar; readonly children: string; readonly least: number },
): void {
  const { terms } = stage.reading;
  const child = thingOf(terms, children);
  const column = pathTo(terms, child, parent);
  const live = liveOf(terms, child);
  const count = (): number =>
    (stage.state[child.table] ?? []).filter((row) => scalarOf(row[column] ?? null) === id && live.includes(String(row[stateColumn])))
      .length;
  while (count() < least) perform(stage, person, creationOf(terms, child).phrase, { [parent.noun]: id });
}

/** A record that only the system makes, by doing what makes it: for the customer, or for somebody else to decide on. */
function caused(stage: Stage, person: string, thing: Thing): Scalar {
  if (stage.reading.patterns.some(({ pattern, slots }) => pattern === "late-fee" && slots["fee"] === thing.noun))
    owe(stage, person, { thing, steps: () => 2 });
  else askFor(stage, thing);
  return newest(stage, thing);
}

/** States that the parent of an act must have. */
function requiredStates({ reading }: Stage, phrase: string, parent: Thing): readonly string[] {
  const statement = reading.patterns.find(
    ({ pattern, slots }) => pattern === "parent-state" && slots["act"] === phrase && slots["parent"] === parent.noun,
  );
  return statement === undefined ? liveOf(reading.terms, parent) : listOf(statement.slots["states"]);
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
