/** What the words of a policy stand for: its things, acts, live states and ranks. */
import type { Attribute } from "./attributes.js";

/** A table of the policy. */
export interface Thing {
  readonly noun: string;
  readonly plural: string;
  readonly table: string;
  readonly layer: "L0" | "L1" | "L2";
  /** The key column. */
  readonly key: string;
  readonly attributes: readonly Attribute[];
  readonly clause: string;
}

/** What a customer can ask for: a new row, or moves of one that exists. */
export interface Act {
  readonly phrase: string;
  readonly thing: Thing;
  /** Empty for the creation of a row. */
  readonly moves: readonly { readonly from: string; readonly to: string }[];
}

/** The column that holds the state of every thing that has states. */
export const stateColumn = "status";

/** A word of a sentence that no other sentence of the policy explains. */
export class UnknownTerm extends RangeError {
  override readonly name = "UnknownTerm";
}

/** The glossary of one policy; filled sentence by sentence, then only asked. */
export interface Terms {
  readonly things: Thing[];
  readonly acts: Act[];
  readonly live: Map<string /* table */, readonly string[]>;
  readonly states: Map<string /* table */, string[]>;
  /** Every move that a clause grants, to customers or to the system. */
  readonly moves: Map<string /* table */, { readonly from: string; readonly to: string }[]>;
  /** Tables of which two live rows may not be alike. */
  readonly apart: Set<string>;
  /** The attribute that says how much room there is in what people wait for, by the waiting table. */
  readonly rooms: Map<string, string>;
  /** The customers' table, once the sentence that identifies them was read. */
  customer: { readonly thing: Thing; readonly evidence: readonly string[] } | null;
}

export function emptyTerms(): Terms {
  return { things: [], acts: [], live: new Map(), states: new Map(), moves: new Map(), apart: new Set(), rooms: new Map(), customer: null };
}

/** A label or noun as the name of a column or table. */
export function nameOf(label: string): string {
  return label.replace(/[^a-z0-9]+/g, "_");
}

/** @throws {UnknownTerm} */
export function thingOf(terms: Terms, noun: string): Thing {
  const thing = terms.things.find((each) => each.noun === noun || each.plural === noun);
  if (thing === undefined) throw new UnknownTerm(`No clause says what "${noun}" is`);
  return thing;
}

/** @throws {UnknownTerm} */
export function actOf(terms: Terms, phrase: string): Act {
  const acts = terms.acts.filter((each) => each.phrase === phrase);
  const first = acts[0];
  if (first === undefined) throw new UnknownTerm(`No clause says what it is to "${phrase}"`);
  return { ...first, moves: acts.flatMap((act) => act.moves) };
}

/** The act that makes a thing. @throws {UnknownTerm} If no customer can. */
export function creationOf(terms: Terms, thing: Thing): Act {
  const act = terms.acts.find((each) => each.thing.table === thing.table && each.moves.length === 0);
  if (act === undefined) throw new UnknownTerm(`No clause lets a customer make ${thing.noun}`);
  return act;
}

/** The state in which a thing starts. */
export function startOf(terms: Terms, thing: Thing): string {
  return terms.states.get(thing.table)?.[0] ?? "";
}

/** Notes moves, and the states that they lead through. */
export function grantMoves(terms: Terms, thing: Thing, moves: readonly { readonly from: string; readonly to: string }[]): void {
  terms.moves.set(thing.table, [...(terms.moves.get(thing.table) ?? []), ...moves]);
  const states = terms.states.get(thing.table) ?? [];
  terms.states.set(thing.table, [...new Set([...states, ...moves.flatMap(({ from, to }) => [from, to])])]);
}

/** Moves of a thing into these states, as the sheet writes them. @throws {UnknownTerm} If there is none. */
export function movesInto(terms: Terms, thing: Thing, states: readonly string[]): string[] {
  const moves = (terms.moves.get(thing.table) ?? []).filter(({ to }) => states.includes(to));
  if (moves.length === 0) throw new UnknownTerm(`No clause lets ${thing.noun} become ${states.join(" or ")}`);
  return [...new Set(moves.map(({ from, to }) => `${from}>${to}`))];
}

/** When a rule about an act is judged. */
export function momentOf(act: Act): "create" | string[] {
  return act.moves.length === 0 ? "create" : act.moves.map(({ from, to }) => `${from}>${to}`);
}

/** @throws {UnknownTerm} */
export function customerOf(terms: Terms): Thing {
  if (terms.customer === null) throw new UnknownTerm("No clause says who the customers are");
  return terms.customer.thing;
}

/** States that count as live; all states where no clause says. */
export function liveOf(terms: Terms, thing: Thing): readonly string[] {
  return terms.live.get(thing.table) ?? terms.states.get(thing.table) ?? [];
}

/** The column of an attribute: a reference named like its thing holds that thing's key. */
export function columnOf(terms: Terms, attribute: Attribute): string {
  if (attribute.type.kind !== "row") return nameOf(attribute.label);
  const target = thingOf(terms, attribute.type.of);
  if (attribute.label !== target.noun) return nameOf(attribute.label);
  return target.layer === "L2" ? `${nameOf(target.noun)}_id` : target.key;
}

/** The attribute of that label. @throws {UnknownTerm} */
export function attributeOf(thing: Thing, label: string): Attribute {
  const attribute = thing.attributes.find((each) => each.label === label);
  if (attribute === undefined) throw new UnknownTerm(`No clause says that ${thing.noun} has "${label}"`);
  return attribute;
}

/** Reference columns from a thing to another by the shortest way, joined by dots; "" from a thing to itself. @throws {UnknownTerm} */
export function pathTo(terms: Terms, from: Thing, to: Thing): string {
  let paths: { readonly thing: Thing; readonly path: readonly string[] }[] = [{ thing: from, path: [] }];
  for (let hops = 0; hops <= 3; hops += 1) {
    const found = paths.find(({ thing }) => thing.table === to.table);
    if (found !== undefined) return found.path.join(".");
    paths = paths.flatMap(({ thing, path }) =>
      referencesOf(terms, thing).map((each) => ({ thing: each.to, path: [...path, each.column] })),
    );
  }
  throw new UnknownTerm(`No clause says which ${to.noun} belongs to ${from.noun}`);
}

/** The reference columns that are given when the row is made, with what they point at. */
export function referencesOf(terms: Terms, thing: Thing): { readonly column: string; readonly to: Thing; readonly attribute: Attribute }[] {
  return thing.attributes.flatMap((attribute) => {
    if (attribute.type.kind !== "row" || attribute.source.kind === "decides") return [];
    return [{ column: columnOf(terms, attribute), to: thingOf(terms, attribute.type.of), attribute }];
  });
}

/** Path from a row of the thing to the key of the customer it belongs to. @throws {UnknownTerm} */
export function ownerPath(terms: Terms, thing: Thing): string {
  return pathTo(terms, thing, customerOf(terms));
}

/** An expression for an attribute of a thing that the written row belongs to, or of that row itself. @throws {UnknownTerm} */
export function attributePath(
  terms: Terms,
  root: "new" | "row",
  from: Thing,
  of: { readonly holder: string; readonly label: string },
): string {
  const holder = thingOf(terms, of.holder);
  const path = pathTo(terms, from, holder);
  return [root, ...(path === "" ? [] : [path]), columnOf(terms, attributeOf(holder, of.label))].join(".");
}

/** Test that the authenticated customer has at least this rank. @throws {UnknownTerm} */
export function rankAtLeast(terms: Terms, rank: string): string {
  const { column } = ladderOf(terms);
  return `rank(${column}, actor.${column}) >= rank(${column}, '${rank}')`;
}

/** The customers' rank: its column (also the ladder's name) and ranks, lowest first. @throws {UnknownTerm} */
export function ladderOf(terms: Terms): { readonly label: string; readonly column: string; readonly ranks: readonly string[] } {
  for (const { label, type } of customerOf(terms).attributes)
    if (type.kind === "ranks") return { label, column: nameOf(label), ranks: type.values };
  throw new UnknownTerm("No clause says which ranks customers have");
}

/** "a or b" of state tests in the typed core. */
export function oneOf(path: string, values: readonly string[]): string {
  return values.length === 1 ? `${path} = '${values[0] ?? ""}'` : `${path} in (${values.map((value) => `'${value}'`).join(", ")})`;
}

/** The part of a row set that ties its rows to a value: a column where that suffices, else a condition. */
export function matching(path: string, value: string): { match: Record<string, string> } | { where: string } {
  return path.includes(".") ? { where: `row.${path} = ${value}` } : { match: { [path]: value } };
}
