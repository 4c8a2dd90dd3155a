/**
 * A candidate (a state and a write on it) seen from a rule: which rows the rule's roots stand for, and how a cell that it
 * reads can be given another value. Candidates are never changed; every edit makes a new one, or none where it cannot be.
 */
import { type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE, findColumn, tableOf } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { encodeValues } from "../core/encode-value.js";
import type { PathExpression } from "../core/expression.js";
import type { Write } from "../compile/interpret-write.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import { freshValue } from "./witness-sample.js";
import { countersOf, settleChange, writtenRow } from "./witness-settle.js";

export interface Candidate {
  readonly state: Rows;
  readonly write: Write;
}

/** Where a root's row lies: it is the row written (after, or as it was before), or a row of the state, found by its key. */
export type Place =
  | { readonly kind: "after" | "before"; readonly table: string }
  | { readonly kind: "stored"; readonly table: string; readonly key: string };

/** A candidate with the rows that a rule's roots and variables stand for. */
export interface Scene {
  readonly compiled: Compiled;
  readonly candidate: Candidate;
  readonly roots: Readonly<Record<string, Place>>;
  /** What is left of the edits that may be thought out from here on, counted down as they are; without it there is no end. */
  readonly effort?: { left: number };
}

/** The row at a place, or undefined where there is none (before an insert). */
export function rowAt(scene: Scene, place: Place): Row | undefined {
  const { compiled, candidate } = scene;
  if (place.kind === "after") return viewOf(scene).written;
  if (place.kind === "stored") return storedRows(compiled, place.table, candidate.state).get(place.key);
  const { write } = candidate;
  return write.op === "insert" ? undefined : (candidate.state[place.table] ?? []).find((row) => hasKey(row, write.key));
}

/** What a candidate's write makes of its state: computed once, since a search reads it thousands of times. */
interface View {
  readonly written: Row;
  readonly rows: Map<string, readonly PlacedRow[]>;
}

export interface PlacedRow {
  readonly row: Row;
  readonly place: Place;
}

const views = new WeakMap<Candidate, View>();

function viewOf({ compiled, candidate }: Scene): View {
  const known = views.get(candidate);
  if (known !== undefined) return known;
  const view: View = { written: writtenRow(compiled, candidate), rows: new Map() };
  views.set(candidate, view);
  return view;
}

const indexes = new WeakMap<readonly Row[], ReadonlyMap<string, Row>>();

function storedRows(compiled: Compiled, table: string, state: Rows): ReadonlyMap<string, Row> {
  const rows = state[table] ?? [];
  const known = indexes.get(rows);
  if (known !== undefined) return known;
  const index = new Map(rows.map((row) => [keyText(compiled, table, row), row]));
  indexes.set(rows, index);
  return index;
}

/** The place of a stored row; the row that the write updates is the one written. */
export function placeOf({ compiled, candidate }: Scene, table: string, row: Row): Place {
  const { write } = candidate;
  if (write.op === "update" && write.table === table && hasKey(row, write.key)) return { kind: "after", table };
  return { kind: "stored", table, key: keyText(compiled, table, row) };
}

/** The root `actor` of a candidate's state, where somebody is authenticated. */
export function actorRoot(compiled: Compiled, candidate: Candidate): Scene["roots"] {
  const { actor } = compiled.catalogue;
  const key = candidate.state[CONTEXT_TABLE]?.[0]?.["actor"] ?? null;
  const row =
    actor === null || key === null ? undefined : candidate.state[actor.table]?.find((each) => isSameValue(each[actor.key] ?? null, key));
  return actor === null || row === undefined ? {} : { actor: placeOf({ compiled, candidate, roots: {} }, actor.table, row) };
}

/** The rows of a table as a guard sees them, after the write, each with its place. */
export function rowsAfter(scene: Scene, table: string): readonly PlacedRow[] {
  const { candidate } = scene;
  const { written, rows } = viewOf(scene);
  const known = rows.get(table);
  if (known !== undefined) return known;
  const stored = (candidate.state[table] ?? []).map((row): PlacedRow => {
    const place = placeOf(scene, table, row);
    return { row: place.kind === "after" ? written : row, place };
  });
  const isInserted = candidate.write.op === "insert" && candidate.write.table === table;
  const placed: readonly PlacedRow[] = isInserted ? [...stored, { row: written, place: { kind: "after", table } }] : stored;
  rows.set(table, placed);
  return placed;
}

/** The cell that a path ends in, and the reference that leads to its row, where one does. */
export interface Cell {
  readonly place: Place | null;
  readonly column: CatalogueColumn;
  readonly table: CatalogueTable;
  readonly through: { readonly place: Place; readonly column: CatalogueColumn } | null;
}

/** Follows a path to its cell; `place` is null where a reference on the way leads to no row. Null for a path that has no column. */
export function cellOf(scene: Scene, { root, steps }: PathExpression): Cell | null {
  const start = scene.roots[root];
  if (start === undefined) return null;
  let place: Place | null = start;
  let table = tableOf(scene.compiled.catalogue, start.table);
  let through: Cell["through"] = null;
  for (const [index, step] of steps.entries()) {
    const column = findColumn(table, step);
    if (column === undefined) return null;
    if (index === steps.length - 1) return { place, column, table, through };
    if (column.references === null) return null;
    const next = tableOf(scene.compiled.catalogue, column.references);
    const value: Value = place === null ? null : (rowAt(scene, place)?.[step] ?? null);
    through = place === null ? through : { place, column };
    const row: Row | undefined =
      value === null ? undefined : rowsAfter(scene, next.name).find((each) => isSameValue(each.row[next.key[0] ?? ""] ?? null, value))?.row;
    place = row === undefined ? null : placeOf({ ...scene }, next.name, row);
    table = next;
  }
  return null;
}

/** The candidate with one cell changed: in the write where the write gives that cell or may give it, else in the state. */
export function setCell(scene: Scene, place: Place, column: CatalogueColumn, value: Value): Candidate | null {
  const { candidate, compiled } = scene;
  const { write } = candidate;
  if (column.insert.kind === "derived" || column.insert.kind === "mark" || (value === null && !column.nullable && place.kind === "stored"))
    return null;
  if (place.kind === "after" && write.op === "insert")
    return column.insert.kind === "key" ? null : { ...candidate, write: { ...write, values: { ...write.values, [column.name]: value } } };
  if (place.kind === "after" && write.op === "update" && (column.name in write.set || column.update.by === "agent"))
    return { ...candidate, write: { ...write, set: { ...write.set, [column.name]: value } } };
  if (value === null && !column.nullable) return null;
  const row = rowAt(scene, place.kind === "after" ? { kind: "before", table: place.table } : place);
  if (row === undefined || column.insert.kind === "key" || keyColumn(compiled, place.table, column.name)) return null;
  if (!isAllowed(column, value) || isDangling(scene, column, value)) return null;
  const changed = { ...row, [column.name]: value };
  const others = (candidate.state[place.table] ?? []).filter(
    (each) => keyText(compiled, place.table, each) !== keyText(compiled, place.table, row),
  );
  if (collides(tableOf(compiled.catalogue, place.table), others, changed)) return null;
  return changeState(compiled, candidate, { table: place.table, column: column.name }, (rows) =>
    rows.map((each) => (each === row || keyText(compiled, place.table, each) === keyText(compiled, place.table, row) ? changed : each)),
  );
}

/** A new row of the table, like the model (by default the first one there is) save for these values, with a key and unique values of its own. */
export function addRow(
  scene: Scene,
  table: CatalogueTable,
  values: Row,
  model: Row | undefined = scene.candidate.state[table.name]?.[0],
): { readonly candidate: Candidate; readonly place: Place } | null {
  const { compiled, candidate } = scene;
  const rows = candidate.state[table.name] ?? [];
  if (model === undefined || table.columns.some((column) => isDangling(scene, column, values[column.name] ?? null))) return null;
  const own = new Set(Object.keys(values));
  const row: Record<string, Value> = { ...model, ...values };
  for (let attempt = 1; attempt < 60 && collides(table, rows, row); attempt += 1) {
    for (const column of table.columns)
      if (!own.has(column.name) && isFree(table, column)) row[column.name] = freshValue(column, rows.length + attempt);
  }
  if (collides(table, rows, row)) return referring(scene, table, { row, own });
  const place: Place = { kind: "stored", table: table.name, key: keyText(compiled, table.name, row) };
  const changed = changeState(compiled, candidate, { table: table.name, column: null }, (all) => [...all, row]);
  return changed === null ? null : { candidate: changed, place };
}

/** The row with a reference of its key turned to a row that is still free, or to a new one. */
function referring(
  scene: Scene,
  table: CatalogueTable,
  { row, own }: { readonly row: Row; readonly own: ReadonlySet<string> },
): ReturnType<typeof addRow> {
  const { compiled, candidate } = scene;
  const turned = table.columns.find(({ name, references }) => references !== null && table.key.includes(name) && !own.has(name));
  if (turned === undefined || turned.references === null || turned.references === table.name) return null;
  const target = tableOf(compiled.catalogue, turned.references);
  const key = target.key[0] ?? "";
  const given = Object.fromEntries([...own, ...table.key].map((name) => [name, row[name] ?? null]));
  const free = (candidate.state[target.name] ?? []).find(
    (each) => !collides(table, candidate.state[table.name] ?? [], { ...row, [turned.name]: each[key] ?? null }),
  );
  if (free !== undefined) return addRow(scene, table, { ...given, [turned.name]: free[key] ?? null }, row);
  const added = addRow(scene, target, {});
  const next = added === null ? null : { ...scene, candidate: added.candidate };
  const made = next === null ? undefined : next.candidate.state[target.name]?.at(-1);
  return next === null || made === undefined ? null : addRow(next, table, { ...given, [turned.name]: made[key] ?? null }, row);
}

/** The candidate without a stored row, or null for the row that the write is about. */
export function removeRow({ compiled, candidate }: Scene, place: Place): Candidate | null {
  if (place.kind !== "stored") return null;
  return changeState(compiled, candidate, { table: place.table, column: null }, (rows) =>
    rows.filter((row) => keyText(compiled, place.table, row) !== place.key),
  );
}

/** Null where the state could not be laid: a count beyond what its column's own bounds allow. */
function changeState(
  compiled: Compiled,
  { state, write }: Candidate,
  { table, column }: { readonly table: string; readonly column: string | null },
  change: (rows: readonly Row[]) => readonly Row[],
): Candidate | null {
  const settled = settleChange(compiled, state, { table, column, rows: change(state[table] ?? []) });
  const isWithin = countersOf(compiled, table, column).every((counter) => {
    const counted = findColumn(tableOf(compiled.catalogue, counter.table), counter.column);
    return counted === undefined || (settled[counter.table] ?? []).every((row) => isAllowed(counted, row[counter.column] ?? null));
  });
  return isWithin ? { state: settled, write } : null;
}

/** Whether a reference would lead to no row: to one that the write has still to make, mostly. */
function isDangling({ compiled, candidate }: Scene, { references }: CatalogueColumn, value: Value): boolean {
  if (references === null || value === null) return false;
  const key = tableOf(compiled.catalogue, references).key[0] ?? "";
  return !(candidate.state[references] ?? []).some((row) => isSameValue(row[key] ?? null, value));
}

/** Whether a column's own declarations allow a value in a row that lies there. */
export function isAllowed({ nullable, values, min, max, maxLength, type }: CatalogueColumn, value: Value): boolean {
  if (value === null) return nullable;
  if (type === "text" ? typeof value !== "string" : typeof value === "string") return false;
  if (type === "integer" && typeof value !== "bigint") return false;
  if (values !== null && !values.some((each) => isSameValue(typeof each === "number" ? BigInt(each) : each, value))) return false;
  if (typeof value === "string") return maxLength === null || value.length <= maxLength;
  return (min === null || Number(value) >= min) && (max === null || Number(value) <= max);
}

function collides(table: CatalogueTable, rows: readonly Row[], row: Row): boolean {
  const uniques = [table.key, ...table.unique.map(({ columns }) => columns)];
  return uniques.some((columns) =>
    rows.some((other) => columns.every((column) => isSameValue(other[column] ?? null, row[column] ?? null) && row[column] !== null)),
  );
}

function isFree(table: CatalogueTable, column: CatalogueColumn): boolean {
  const isUnique = table.key.includes(column.name) || table.unique.some(({ columns }) => columns.includes(column.name));
  return isUnique && column.references === null && column.values === null;
}

function keyColumn({ catalogue }: Compiled, table: string, column: string): boolean {
  return table === CONTEXT_TABLE || tableOf(catalogue, table).key.includes(column);
}

const keyTexts = new WeakMap<Row, string>();

/** A text that rows of a table share exactly when they have one key. */
function keyText({ catalogue }: Compiled, table: string, row: Row): string {
  const text = keyTexts.get(row) ?? encodeValues(tableOf(catalogue, table).key.map((column) => row[column] ?? null));
  keyTexts.set(row, text);
  return text;
}

function hasKey(row: Row, key: Row): boolean {
  for (const column of Object.keys(key)) if (!isSameValue(row[column] ?? null, key[column] ?? null)) return false;
  return true;
}
