/**
 * The changes of a state as facts over unnamed nodes: every row created under a key that the database chose is a node, and
 * a cell that refers to such a row holds the node instead of the key. Two states that come from one origin are equal
 * exactly when a bijection of nodes, table by table, maps the facts of one onto the facts of the other.
 */
import { encodeCompared, type Changes, type RawRow, rowKey } from "./changes.js";
import { encodeValue } from "../core/encode-value.js";
import { referenceForm, referenceKey } from "./reference-key.js";
import type { Reference, StateView, TableView } from "./state-view.js";
import type { Value } from "../core/values.js";

/** Where a fact comes from, for the explanation of a difference. */
export type FactSource =
  | { readonly kind: "created" | "deleted"; readonly table: number; readonly row: RawRow }
  | { readonly kind: "changed"; readonly table: number; readonly row: RawRow; readonly before: RawRow; readonly column: number };

/** `label` holds everything that is no node, with the places of the nodes; `nodes` are those, in order. */
export type Fact = { readonly label: string; readonly nodes: readonly number[]; readonly source: FactSource };

export type Structure = {
  /** The table of each node, by position in the view. */
  readonly nodes: readonly number[];
  readonly facts: readonly Fact[];
};

type Resolver = {
  /** Whether the column stands in a foreign key to a table with created rows. */
  readonly mayRefer: (table: number, column: number) => boolean;
  readonly nodeOf: (table: number, row: RawRow) => number | undefined;
  /** The created row that a foreign key with these values refers to. */
  readonly find: (reference: Reference, values: readonly Value[]) => RawRow | undefined;
};

/** The facts of a state's changes; one fact is one change. */
export function factsOf(view: StateView, changes: Changes): Structure {
  const nodes: number[] = [];
  const nodeOfRow = new Map<RawRow, number>();
  changes.forEach((change, table) => {
    if ((view.tables[table]?.surrogate ?? null) === null) return;
    for (const row of change.created) nodeOfRow.set(row, nodes.push(table) - 1);
  });
  const mayRefer: Resolver["mayRefer"] = (table, column) => {
    for (const reference of view.tables[table]?.references ?? [])
      if ((changes[reference.table]?.created.length ?? 0) > 0 && reference.from.includes(column)) return true;
    return false;
  };
  const resolver: Resolver = { mayRefer, nodeOf: (_, row) => nodeOfRow.get(row), find: finder(changes) };
  const facts: Fact[] = [];
  for (let table = 0; table < view.tables.length; table += 1) tableFacts(view, { table, changes, resolver }, facts);
  return { nodes, facts };
}

/** Whether nothing refers to a created row: then each is what its fact says, and states are equal exactly when their labels are. */
export function isPlain({ nodes, facts }: Structure): boolean {
  const uses = new Uint8Array(nodes.length);
  let used = 0;
  for (const fact of facts)
    for (const node of fact.nodes) {
      if (uses[node] === 1) return false;
      uses[node] = 1;
      used += 1;
    }
  return used === nodes.length;
}

/**
 * The same without the nodes that stand in one fact alone, at one place: a row that nothing refers to is what its fact says, and
 * needs no name. Bijections of the structure and of what is left of it go together.
 */
export function withoutLeaves({ nodes, facts }: Structure): Structure {
  const uses = new Int32Array(nodes.length);
  for (const fact of facts) for (const node of fact.nodes) uses[node] = (uses[node] ?? 0) + 1;
  const name = new Int32Array(nodes.length);
  const kept = nodes.filter((_, node) => uses[node] !== 1);
  let next = 0;
  uses.forEach((count, node) => {
    name[node] = count === 1 ? -1 : next++;
  });
  return {
    nodes: kept,
    facts: facts.map((fact) => {
      const named = fact.nodes.map((node) => name[node] ?? -1);
      if (!named.includes(-1)) return { ...fact, nodes: named };
      return {
        ...fact,
        label: `${fact.label}|-${named.flatMap((node, place) => (node === -1 ? [place] : [])).join(".")}`,
        nodes: named.filter((node) => node !== -1),
      };
    }),
  };
}

type Scope = { readonly table: number; readonly changes: Changes; readonly resolver: Resolver };

function tableFacts(view: StateView, scope: Scope, facts: Fact[]): void {
  const table = view.tables[scope.table];
  const change = scope.changes[scope.table];
  if (table === undefined || change === undefined) return;
  for (const row of change.created) facts.push(createdFact(view, scope, row));
  for (const row of change.deleted) {
    const label = `D|${scope.table}|${rowKey(table, row)}`;
    facts.push({ label, nodes: [], source: { kind: "deleted", table: scope.table, row } });
  }
  for (const pair of change.changed) facts.push(...changedFacts(view, scope, pair));
}

function createdFact(view: StateView, scope: Scope, row: RawRow): Fact {
  const table = tableAt(view, scope.table);
  const nodes: number[] = [];
  let label = `I|${scope.table}|`;
  for (let column = 0; column < table.columns.length; column += 1) {
    const how = table.compared[column] ?? "none";
    // Most cells are plain values, whose text is all there is to them.
    const mayBeNode = how === "self" || (how === "value" && scope.resolver.mayRefer(scope.table, column));
    if (column > 0) label += ",";
    label += mayBeNode ? cell(view, scope, { row, column, nodes }) : encodeCompared(how, row[column] ?? null);
  }
  return { label: withPattern(label, nodes), nodes, source: { kind: "created", table: scope.table, row } };
}

/** A fact for each compared column that changed, or that refers to a created row although its stored value is the old one. */
function changedFacts(
  view: StateView,
  scope: Scope,
  { before, after }: { readonly before: RawRow; readonly after: RawRow },
): readonly Fact[] {
  const table = tableAt(view, scope.table);
  const facts: Fact[] = [];
  for (let column = 0; column < table.columns.length; column += 1) {
    const how = table.compared[column] ?? "none";
    if (how === "none" || how === "self") continue;
    // Most cells are the origin's, which is quick to see where no reference can lead to a created row.
    if (before[column] === after[column] && !scope.resolver.mayRefer(scope.table, column)) continue;
    const nodes: number[] = [];
    const text = cell(view, scope, { row: after, column, nodes });
    if (nodes.length === 0 && encodeCompared(how, before[column] ?? null) === text) continue;
    const label = withPattern(`U|${scope.table}|${rowKey(table, before)}|${column}|${text}`, nodes);
    facts.push({ label, nodes, source: { kind: "changed", table: scope.table, row: after, before, column } });
  }
  return facts;
}

/** One cell's text, `@` for each node that is appended to `nodes`. */
function cell(
  view: StateView,
  scope: Scope,
  { row, column, nodes }: { readonly row: RawRow; readonly column: number; readonly nodes: number[] },
): string {
  const table = tableAt(view, scope.table);
  const value = row[column] ?? null;
  const how = table.compared[column] ?? "none";
  if (how === "self") {
    const own = scope.resolver.nodeOf(scope.table, row);
    if (own === undefined) return "";
    nodes.push(own);
    return "@";
  }
  if (how !== "value" || value === null || !scope.resolver.mayRefer(scope.table, column)) return encodeCompared(how, value);
  const found = resolve(view, scope, { row, column, depth: 0 });
  if (found.nodes.length === 0) return encodeValue(value);
  nodes.push(...found.nodes);
  const stored = found.constant ? encodeValue(value) : referenceForm(value);
  return `${"@".repeat(found.nodes.length)}${stored}`;
}

const maxHops = 16;

/** The nodes that a cell refers to, one for each foreign key it stands in; `constant` where one of them holds a plain value. */
function resolve(
  view: StateView,
  scope: Scope,
  { row, column, depth }: { readonly row: RawRow; readonly column: number; readonly depth: number },
): { readonly nodes: readonly number[]; readonly constant: boolean } {
  const nodes: number[] = [];
  let constant = false;
  for (const reference of tableAt(view, scope.table).references) {
    const place = reference.from.indexOf(column);
    const values = reference.from.map((i) => row[i] ?? null);
    if (place === -1 || values.includes(null)) continue;
    const target = scope.resolver.find(reference, values);
    const targetColumn = reference.to[place] ?? -1;
    if (target === undefined) constant = true;
    else if (tableAt(view, reference.table).surrogate === targetColumn) nodes.push(scope.resolver.nodeOf(reference.table, target) ?? -1);
    else if (depth < maxHops) {
      const next = resolve(view, { ...scope, table: reference.table }, { row: target, column: targetColumn, depth: depth + 1 });
      nodes.push(...next.nodes);
      if (next.constant || next.nodes.length === 0) constant = true;
    } else constant = true;
  }
  return { nodes, constant };
}

/** Looks created rows up by what refers to them; the index for a foreign key is made when it is first needed. */
function finder(changes: Changes): Resolver["find"] {
  const indexes = new Map<Reference, Map<string, RawRow>>();
  return (reference, values) => {
    const created = changes[reference.table]?.created ?? [];
    if (created.length === 0) return undefined;
    const { to, keyColumns } = reference;
    let index = indexes.get(reference);
    if (index === undefined) {
      const keyOf = (row: RawRow) => to.map((i) => row[i] ?? null);
      index = new Map(created.map((row) => [referenceKey(keyOf(row), keyColumns), row]));
      indexes.set(reference, index);
    }
    return index.get(referenceKey(values, keyColumns));
  };
}

/** Which of a fact's nodes are the same one is part of what it says. */
function withPattern(label: string, nodes: readonly number[]): string {
  return nodes.length < 2 || new Set(nodes).size === nodes.length
    ? label
    : `${label}|${nodes.map((node) => nodes.indexOf(node)).join(".")}`;
}

function tableAt(view: StateView, table: number): TableView {
  const found = view.tables[table];
  if (found === undefined) throw new RangeError(`Cannot read table ${table}: the view has ${view.tables.length}`);
  return found;
}
