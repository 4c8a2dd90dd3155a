/** A state in memory while a write and its effects run: the rows as they are, one row's write, and what expressions read of both. */
import { CONTEXT_TABLE, type Catalogue, type CatalogueTable } from "../core/catalogue.js";
import { compareLists } from "../core/compute-values.js";
import { type EvaluationScope, evaluateValue } from "../core/evaluate-expression.js";
import { type Row, type Value, isSameValue } from "../core/values.js";
import { oncePer } from "../core/memo.js";
import type { Guard, NormalForm } from "./normal-form.js";

/** The rows of each table while a write and its effects run. */
export interface Run {
  readonly catalogue: Catalogue;
  readonly normal: NormalForm;
  readonly tables: Map<string, readonly Row[]>;
}

/** One row's write: `old` is null for an insert, `cause` the effect that makes it. */
export interface Step {
  readonly table: CatalogueTable;
  readonly new: Row;
  readonly old: Row | null;
  readonly cause: string | null;
}

/** A refusal on its way out; `interpretWrite` catches it. */
export class Refusal extends Error {
  readonly guard: Pick<Guard, "id" | "message" | "hint">;
  constructor(guard: Pick<Guard, "id" | "message" | "hint">) {
    super(guard.id);
    this.guard = guard;
  }
}

/** A guard's refusal; it is always caught and says the same each time, and an error is dear to make. */
export const refusalBy = oncePer((guard: Guard) => new Refusal(guard));

/** An insert as it reaches the guards: defaults filled in, derived columns computed, a key that the database chooses still −1. @throws {RangeError} If the table has no such column. */
export function insertStep(run: Run, table: CatalogueTable, values: Row, cause: string | null = null): Step {
  refuseUnknown(table, values);
  const given = table.columns.map(({ name, default: value }): [string, Value] => [
    name,
    values[name] === undefined ? (value ?? null) : values[name],
  ]);
  const row: Record<string, Value> = Object.fromEntries(given);
  const [key = ""] = table.key;
  // In a BEFORE INSERT trigger a key that the database has still to choose reads -1.
  if (table.surrogate && row[key] === null) row[key] = -1n;
  return { table, new: withDerived(run, table, row), old: null, cause };
}

/** An update of the row with this key. @throws {Refusal} If there is none. @throws {RangeError} If the table has no such column. */
export function updateStep(
  run: Run,
  table: CatalogueTable,
  { key, set }: { readonly key: Row; readonly set: Row },
  cause: string | null = null,
): Step {
  refuseUnknown(table, set);
  const old = findRow(run, table, key);
  if (old === undefined) throw new Refusal({ id: `${table.name}.key`, message: `There is no such ${table.label}.`, hint: null });
  return { table, new: withDerived(run, table, { ...old, ...set }), old, cause };
}

function refuseUnknown(table: CatalogueTable, values: Row): void {
  const unknown = Object.keys(values).find(
    (name) => !table.columns.some((column) => column.name === name && column.insert.kind !== "derived"),
  );
  if (unknown !== undefined) throw new RangeError(`Column "${unknown}" of table "${table.name}" is absent or derived`);
}

function withDerived(run: Run, table: CatalogueTable, row: Row): Row {
  const derived = table.columns.flatMap(({ name, insert }): [string, Value][] =>
    insert.kind === "derived" ? [[name, evaluateValue(insert.expression, scopeOf(run, { new: { table: table.name, row } }))]] : [],
  );
  return derived.length === 0 ? row : { ...row, ...Object.fromEntries(derived) };
}

/** The row goes into its table, with its key chosen where the database chooses it; the row as stored. */
export function store(run: Run, { table, new: row, old }: Step): Row {
  const rows = rowsOf(run, table.name);
  if (old !== null) {
    run.tables.set(
      table.name,
      rows.map((other) => (isSameRow(table, other, old) ? row : other)),
    );
    return row;
  }
  const [key = ""] = table.key;
  const highest = rows.reduce((most, { [key]: value }) => (typeof value === "bigint" && value > most ? value : most), 0n);
  const stored = table.surrogate && row[key] === -1n ? { ...row, [key]: highest + 1n } : row;
  run.tables.set(table.name, [...rows, stored]);
  return stored;
}

/** The row's effects have run. */
export function mark(run: Run, table: CatalogueTable, key: Row): void {
  if (table.marks.length === 0) return;
  run.tables.set(
    table.name,
    rowsOf(run, table.name).map((row) =>
      isSameRow(table, row, key)
        ? { ...row, ...Object.fromEntries(table.marks.map(({ column, of }) => [column, of === null ? "created" : (row[of] ?? null)])) }
        : row,
    ),
  );
}

/** Whether one of these columns is another than before. */
export function hasChanged({ new: row, old }: Step, columns: readonly string[]): boolean {
  return columns.some((name) => !isSameValue(row[name] ?? null, old?.[name] ?? null));
}

/** What a rule of the written table reads: the row after and before. */
export function stepScope(run: Run, { table, new: row, old, cause }: Step): EvaluationScope {
  return scopeOf(run, { new: { table: table.name, row }, old: { table: table.name, row: old } }, cause);
}

/** A scope over the tables as they are. */
export function scopeOf(run: Run, roots: EvaluationScope["roots"], cause: string | null = null): EvaluationScope {
  return {
    catalogue: run.catalogue,
    roots,
    rows(table) {
      return rowsOf(run, table);
    },
    rowsBefore(table) {
      return rowsOf(run, table);
    },
    context: rowsOf(run, CONTEXT_TABLE)[0] ?? {},
    cause,
  };
}

/** Tables as they are after the write. */
export function overlaid(run: Run, { table, new: row }: Step): (name: string) => readonly Row[] {
  const after = [...rowsOf(run, table.name).filter((other) => !isSameRow(table, other, row)), row];
  return (name) => (name === table.name ? after : rowsOf(run, name));
}

/** The rows of a table. */
export function rowsOf(run: Run, table: string): readonly Row[] {
  return run.tables.get(table) ?? [];
}

/** The row with this key. */
export function findRow(run: Run, table: CatalogueTable, key: Row): Row | undefined {
  return rowsOf(run, table.name).find((row) => isSameRow(table, row, key));
}

/** Whether two rows have one key. */
export function isSameRow(table: CatalogueTable, row: Row, key: Row): boolean {
  return table.key.every((name) => isSameValue(row[name] ?? null, key[name] ?? null));
}

/** The key columns of a row. */
export function keyOf(table: CatalogueTable, row: Row): Row {
  return Object.fromEntries(table.key.map((name) => [name, row[name] ?? null]));
}

/** Rows sorted by columns, as SQLite sorts. */
export function inOrder(rows: readonly Row[], columns: readonly string[]): readonly Row[] {
  const order = (row: Row) => columns.map((name) => row[name] ?? null);
  return [...rows].sort((a, b) => compareLists(order(a), order(b)));
}

/** The order in which SQLite goes through a table: by its integer key, else as the rows were stored. */
export function inRowOrder(table: CatalogueTable, rows: readonly Row[]): readonly Row[] {
  const key = table.columns.find(({ name }) => name === table.key[0]);
  return table.key.length === 1 && key?.type === "integer" ? inOrder(rows, table.key) : rows;
}
