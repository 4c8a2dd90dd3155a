/**
 * The exact difference of two states that come from one origin, and its explanation.
 *
 * They are equal exactly when, table by table, a bijection of the rows created since keeps every business column and maps
 * keys that the database chose consistently wherever they are referenced, and the rows of the origin agree by key.
 */
import type Database from "better-sqlite3";
import { changesOf, type RawRow, rowKey } from "./changes.js";
import { type Fact, factsOf, isPlain, type Structure, withoutLeaves } from "./facts.js";
import { areIsomorphic, workLimit } from "./isomorphism.js";
import { type Matching, plainMatching, smallestMatching } from "./matching.js";
import { graphOf, WorkLimitError } from "./refinement.js";
import type { StateView, TableView } from "./state-view.js";
import type { Row, Value } from "../core/values.js";

/** One difference: a cell of an origin row, or (with `column` null) a whole row that one side has or lacks. */
export type DiffRow = {
  readonly table: string;
  /** The key's columns as stored on the row's side; the rowid where the table has no key. */
  readonly key: Row;
  readonly column: string | null;
  /** A cell's value, or the whole row; null where that side has no such row. */
  readonly wanted: Value | Row;
  readonly found: Value | Row;
};

/**
 * `missing` counts the changes that the wanted state has and the found one lacks, `collateral` the reverse; both are 0 exactly
 * when `equal`. `exact` false: the counts are an upper bound, the verdict is not.
 */
export type Distance = Decided | { readonly kind: "undecided" };

/** A distance with its explanation. */
export type Diff = (Decided & { readonly rows: readonly DiffRow[] }) | { readonly kind: "undecided" };

type Decided = {
  readonly kind: "decided";
  readonly equal: boolean;
  readonly missing: number;
  readonly collateral: number;
  readonly exact: boolean;
};

/** The difference of two whole states; reads every row of the three databases. */
export function diffStates(states: {
  readonly view: StateView;
  readonly origin: Database.Database;
  readonly wanted: Database.Database;
  readonly found: Database.Database;
}): Diff {
  const { view, origin } = states;
  const wanted = factsOf(view, changesOf(view, origin, states.wanted));
  const found = factsOf(view, changesOf(view, origin, states.found));
  return diffFacts(view, wanted, found);
}

/** The facts of everything that a state changed since its origin. */
export function factsOfState(
  view: StateView,
  states: { readonly origin: Database.Database; readonly state: Database.Database },
): Structure {
  return factsOf(view, changesOf(view, states.origin, states.state));
}

/** The difference of two states given as facts. */
export function diffFacts(view: StateView, wanted: Structure, found: Structure): Diff {
  const matched = matchFacts(wanted, found);
  if (matched === null) return { kind: "undecided" };
  return { ...decided(matched), rows: explain(view, pick(wanted, matched.missing), pick(found, matched.collateral)) };
}

/** How far two states given as facts are apart. */
export function distanceOf(wanted: Structure, found: Structure): Distance {
  const matched = matchFacts(wanted, found);
  return matched === null ? { kind: "undecided" } : decided(matched);
}

function decided({ missing, collateral, exact }: Matching): Decided {
  const equal = missing.length + collateral.length === 0;
  return { kind: "decided", equal, missing: missing.length, collateral: collateral.length, exact };
}

/** The facts that have no counterpart, by position; none exactly when the states are equal. Null: not decided within the work limit. */
function matchFacts(wanted: Structure, found: Structure): Matching | null {
  if (isPlain(wanted) && isPlain(found)) return plainMatching(wanted, found);
  const verdict = compareFacts(wanted, found);
  if (verdict === "undecided") return null;
  return verdict === "equal" ? { missing: [], collateral: [], exact: true } : smallestMatching(wanted, found);
}

/** Are the two states equal? Never a wrong answer: beyond the work limit it is `undecided`. */
export function compareFacts(wanted: Structure, found: Structure, limit: number = workLimit): "equal" | "unequal" | "undecided" {
  if (wanted.facts.length !== found.facts.length || wanted.nodes.length !== found.nodes.length) return "unequal";
  if (isPlain(wanted) && isPlain(found)) return sameLabels(wanted, found) ? "equal" : "unequal";
  const [a, b] = [withoutLeaves(wanted), withoutLeaves(found)];
  if (!sameLabels(a, b)) return "unequal";
  try {
    return areIsomorphic(graphOf(a), graphOf(b), { done: 0, limit }) ? "equal" : "unequal";
  } catch (error) {
    if (error instanceof WorkLimitError) return "undecided";
    throw error;
  }
}

/** Does the multiset of labels agree? Settles every difference but those of arrangement alone. */
function sameLabels(wanted: Structure, found: Structure): boolean {
  if (wanted.nodes.length !== found.nodes.length) return false;
  const left = wanted.facts.map((fact) => fact.label).sort();
  const right = found.facts.map((fact) => fact.label).sort();
  return left.every((label, i) => label === right[i]);
}

function pick(structure: Structure, indexes: readonly number[]): readonly Fact[] {
  return indexes.flatMap((i) => structure.facts[i] ?? []);
}

/** A cell that both sides changed is one line; everything else is a line a fact. */
function explain(view: StateView, missing: readonly Fact[], collateral: readonly Fact[]): readonly DiffRow[] {
  const cellName = (fact: Fact) =>
    fact.source.kind === "changed" ? `${fact.source.table}|${rowKey(tableOf(view, fact), fact.source.before)}|${fact.source.column}` : null;
  const others = new Map(collateral.map((fact) => [cellName(fact), fact]));
  const twoSided = new Set<Fact>();
  const first = missing.map((fact) => {
    const name = cellName(fact);
    const other = name === null ? undefined : others.get(name);
    if (other !== undefined) twoSided.add(other);
    return line(view, { fact, other: other ?? null, side: "wanted" });
  });
  const rest = collateral.filter((fact) => !twoSided.has(fact)).map((fact) => line(view, { fact, other: null, side: "found" }));
  return [...first, ...rest];
}

type Line = { readonly fact: Fact; readonly other: Fact | null; readonly side: "wanted" | "found" };

function line(view: StateView, { fact, other, side }: Line): DiffRow {
  const { source } = fact;
  const table = tableOf(view, fact);
  const head = { table: table.name, key: keyOf(table, source.row) };
  if (source.kind !== "changed") {
    const here = source.kind === "created" ? rowOf(table, source.row) : null;
    const there = source.kind === "created" ? null : rowOf(table, source.row);
    return { ...head, column: null, ...(side === "wanted" ? { wanted: here, found: there } : { wanted: there, found: here }) };
  }
  const value = source.row[source.column] ?? null;
  const opposite = other === null ? source.before[source.column] : other.source.row[source.column];
  const pair = side === "wanted" ? { wanted: value, found: opposite ?? null } : { wanted: opposite ?? null, found: value };
  return { ...head, column: table.columns[source.column] ?? "", ...pair };
}

function tableOf(view: StateView, fact: Fact): TableView {
  const table = view.tables[fact.source.table];
  if (table === undefined)
    throw new RangeError(`Cannot explain a change of table ${fact.source.table}: the view has ${view.tables.length}`);
  return table;
}

function keyOf(table: TableView, row: RawRow): Row {
  if (table.key.length === 0) return { rowid: table.rowid === null ? null : (row.at(-1) ?? null) };
  return Object.fromEntries(table.key.map((i) => [table.columns[i] ?? "", row[i] ?? null]));
}

/** A whole row as people are shown it: its compared columns and its key. */
function rowOf(table: TableView, row: RawRow): Row {
  return Object.fromEntries(table.columns.flatMap((name, i) => (table.compared[i] === "none" ? [] : [[name, row[i] ?? null]])));
}
