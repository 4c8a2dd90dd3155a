/** What a state in memory must agree with: derived columns, counters equal to their count, no effect due. */
import { type Catalogue, type CatalogueTable, CONTEXT_TABLE, tableOf } from "./catalogue.js";
import type { Compiled } from "./compile-sheet.js";
import { type EvaluationScope, evaluateValue } from "./evaluate-expression.js";
import type { Write } from "./interpret-write.js";
import type { CounterEffect } from "./normal-form.js";
import { isSameValue, type Row, type Rows, type Value } from "./values.js";

/** The state with derived columns, counters and marks as the engine would have them; rows that agree already are kept as they are. */
export function settle({ catalogue, normal }: Compiled, state: Rows): Rows {
  const derived = mapRows(state, (table, row) => settleRow(catalogue, table, row));
  const counters = normal.effects.filter((effect) => effect.kind === "counter");
  const counted = counters.reduce((current, counter) => mapRows(current, (table, row) => (table === counter.table ? settleCounter(catalogue, current, { counter, row }) : row)), derived);
  return counted === derived ? derived : mapRows(counted, (table, row) => settleRow(catalogue, table, row));
}

function mapRows(state: Rows, change: (table: string, row: Row) => Row): Rows {
  let isChanged = false;
  const next = Object.entries(state).map(([table, rows]): [string, readonly Row[]] => {
    const mapped = rows.map((row) => change(table, row));
    if (mapped.every((row, index) => row === rows[index])) return [table, rows];
    isChanged = true;
    return [table, mapped];
  });
  return isChanged ? Object.fromEntries(next) : state;
}

function settleRow(catalogue: Catalogue, name: string, row: Row): Row {
  const table = tableOf(catalogue, name);
  const marks = table.marks.map(({ column, of }): readonly [string, Value] => [column, of === null ? "created" : (row[of] ?? null)]);
  return withCells(withDerived(catalogue, table, row), marks);
}

/** The row with its derived columns computed. */
function withDerived(catalogue: Catalogue, table: CatalogueTable, row: Row): Row {
  const cells = table.columns.flatMap(({ name, insert }): (readonly [string, Value])[] =>
    insert.kind === "derived" ? [[name, evaluateValue(insert.expression, rowScope(catalogue, {}, { new: { table: table.name, row } }))]] : [],
  );
  return withCells(row, cells);
}

function settleCounter(catalogue: Catalogue, state: Rows, { counter, row }: { readonly counter: CounterEffect; readonly row: Row }): Row {
  return withCells(row, [[counter.column, evaluateValue(counter.value, rowScope(catalogue, state, { owner: { table: counter.table, row } }))]]);
}

function withCells(row: Row, cells: readonly (readonly [string, Value])[]): Row {
  return cells.every(([column, value]) => row[column] !== undefined && isSameValue(row[column] ?? null, value)) ? row : { ...row, ...Object.fromEntries(cells) };
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
  const filled = table.columns.map(({ name, insert, default: usual }): readonly [string, Value] => [name, write.values[name] ?? (insert.kind === "key" ? nextKey(rows, name) : name in write.values ? null : (usual ?? null))]);
  return withDerived(catalogue, table, Object.fromEntries(filled));
}

function nextKey(rows: readonly Row[], column: string): bigint {
  return rows.reduce((highest, row) => {
    const key = row[column];
    return typeof key === "bigint" && key > highest ? key : highest;
  }, 0n) + 1n;
}
