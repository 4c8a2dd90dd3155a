/** What a state in memory must agree with: derived columns, counters equal to their count, no effect due. */
import { type Catalogue, type CatalogueTable, CONTEXT_TABLE, tableOf } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { type EvaluationScope, evaluateValue } from "../core/evaluate-expression.js";
import type { Write } from "../compile/interpret-write.js";
import type { Expression } from "../core/expression.js";
import type { CounterEffect } from "../compile/normal-form.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import { walk } from "../core/walk-expression.js";

/** The state with derived columns, counters and marks as the engine would have them; rows that agree already are kept as they are. */
export function settle(compiled: Compiled, state: Rows): Rows {
  return Object.keys(state).reduce((current, table) => settleTable(compiled, current, table), state);
}

/** The same where only this table has changed: its rows, and the counters that read them or stand in them. */
export function settleTable(compiled: Compiled, state: Rows, table: string): Rows {
  const { catalogue, normal } = compiled;
  const own = mapTable(state, table, (row) => settleRow(catalogue, table, row));
  const counters = normal.effects.filter(
    (effect): effect is CounterEffect => effect.kind === "counter" && (effect.table === table || tablesIn(effect.value).has(table)),
  );
  return counters.reduce(
    (current, counter) =>
      mapTable(current, counter.table, (row) => settleRow(catalogue, counter.table, settleCounter(catalogue, current, { counter, row }))),
    own,
  );
}

function tablesIn(expression: Expression): ReadonlySet<string> {
  return new Set(walk(expression).flatMap((node) => ("rows" in node ? [node.rows.table] : [])));
}

function mapTable(state: Rows, table: string, change: (row: Row) => Row): Rows {
  const rows = state[table] ?? [];
  const mapped = rows.map(change);
  return mapped.every((row, index) => row === rows[index]) ? state : { ...state, [table]: mapped };
}

/** Rows whose own columns agree; most rows of a state outlive many edits. */
const settled = new WeakSet<Row>();

function settleRow(catalogue: Catalogue, name: string, row: Row): Row {
  if (settled.has(row)) return row;
  const table = tableOf(catalogue, name);
  const marks = table.marks.map(({ column, of }): readonly [string, Value] => [column, of === null ? "created" : (row[of] ?? null)]);
  const next = withCells(withDerived(catalogue, table, row), marks);
  settled.add(next);
  return next;
}

/** The row with its derived columns computed. */
function withDerived(catalogue: Catalogue, table: CatalogueTable, row: Row): Row {
  const cells = table.columns.flatMap(({ name, insert }): (readonly [string, Value])[] =>
    insert.kind === "derived"
      ? [[name, evaluateValue(insert.expression, rowScope(catalogue, {}, { new: { table: table.name, row } }))]]
      : [],
  );
  return withCells(row, cells);
}

function settleCounter(catalogue: Catalogue, state: Rows, { counter, row }: { readonly counter: CounterEffect; readonly row: Row }): Row {
  return withCells(row, [
    [counter.column, evaluateValue(counter.value, rowScope(catalogue, state, { owner: { table: counter.table, row } }))],
  ]);
}

function withCells(row: Row, cells: readonly (readonly [string, Value])[]): Row {
  return cells.every(([column, value]) => row[column] !== undefined && isSameValue(row[column] ?? null, value))
    ? row
    : { ...row, ...Object.fromEntries(cells) };
}

/** Expressions over one state, with no write under way. */
function rowScope(catalogue: Catalogue, state: Rows, roots: EvaluationScope["roots"]): EvaluationScope {
  const rows = (table: string): readonly Row[] => state[table] ?? [];
  return { catalogue, roots, rows, rowsBefore: rows, context: state[CONTEXT_TABLE]?.[0] ?? {}, cause: null };
}

/** The row as the write leaves it, before any effect: defaults, the next key and derived columns filled in. */
export function writtenRow({ catalogue }: Compiled, { state, write }: { readonly state: Rows; readonly write: Write }): Row {
  const table = tableOf(catalogue, write.table);
  const rows = state[write.table] ?? [];
  if (write.op === "update") {
    const old = rows.find((row) => Object.entries(write.key).every(([column, value]) => isSameValue(row[column] ?? null, value)));
    return withDerived(catalogue, table, { ...old, ...write.set });
  }
  const filled = table.columns.map(({ name, insert, default: usual }): readonly [string, Value] => [
    name,
    write.values[name] ?? (insert.kind === "key" ? nextKey(rows, name) : name in write.values ? null : (usual ?? null)),
  ]);
  return withDerived(catalogue, table, Object.fromEntries(filled));
}

function nextKey(rows: readonly Row[], column: string): bigint {
  return (
    rows.reduce((highest, row) => {
      const key = row[column];
      return typeof key === "bigint" && key > highest ? key : highest;
    }, 0n) + 1n
  );
}
