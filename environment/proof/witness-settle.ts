/** What a state in memory must agree with: derived columns, counters equal to their count, no effect due. */
import { type Catalogue, type CatalogueTable, CONTEXT_TABLE, tableOf } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { type EvaluationScope, evaluateValue, isTrue } from "../core/evaluate-expression.js";
import type { Write } from "../compile/interpret-write.js";
import type { CounterEffect, NormalForm } from "../compile/normal-form.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import { walk } from "../core/walk-expression.js";

/** The state with derived columns, counters and marks as the engine would have them; rows that agree already are kept as they are. */
export function settle(compiled: Compiled, state: Rows): Rows {
  return Object.keys(state).reduce((current, table) => {
    const own = settleOwn(compiled, current, table);
    return countersOf(compiled, table, null).reduce((counted, counter) => recount(compiled, counted, counter, () => true), own);
  }, state);
}

/** A table of a settled state with other rows; `column` where they differ in no other. */
export interface TableChange {
  readonly table: string;
  readonly column: string | null;
  readonly rows: readonly Row[];
}

/** A settled state with rows changed, settled again: those rows, and the counts of the owners that they concern. */
export function settleChange(compiled: Compiled, state: Rows, { table, column, rows }: TableChange): Rows {
  const known = new Set(state[table]);
  const kept = new Set(rows);
  const changed = [...rows.filter((row) => !known.has(row)), ...(state[table] ?? []).filter((row) => !kept.has(row))];
  const own = settleOwn(compiled, { ...state, [table]: rows }, table);
  return countersOf(compiled, table, column).reduce((current, counter) => {
    const sources = counter.sources.filter((source) => source.table === table);
    return recount(
      compiled,
      current,
      counter,
      (owner) =>
        (counter.table === table && !known.has(owner)) ||
        sources.some(({ concerned: link }) =>
          changed.some((row) => {
            const roots = { owner: { table: counter.table, row: owner }, written: { table, row }, before: { table, row: null } };
            return link === null || isTrue(link, rowScope(compiled.catalogue, current, roots));
          }),
        ),
    );
  }, own);
}

function settleOwn({ catalogue }: Compiled, state: Rows, table: string): Rows {
  return mapTable(state, table, (row) => settleRow(catalogue, table, row));
}

function recount({ catalogue }: Compiled, state: Rows, counter: CounterEffect, isStale: (owner: Row) => boolean): Rows {
  return mapTable(state, counter.table, (row) =>
    isStale(row) ? settleRow(catalogue, counter.table, settleCounter(catalogue, state, { counter, row })) : row,
  );
}

const concerned = new WeakMap<NormalForm, Map<string, readonly CounterEffect[]>>();

/** The counters that a table's rows, or one column of them, may move; what feeds a derived column may move any of the table's. */
export function countersOf({ normal, catalogue }: Compiled, table: string, column: string | null): readonly CounterEffect[] {
  const known = concerned.get(normal) ?? new Map<string, readonly CounterEffect[]>();
  concerned.set(normal, known);
  const read = tableOf(catalogue, table).columns.some(({ insert }) => insert.kind === "derived") ? null : column;
  const key = `${table} ${read ?? ""}`;
  const found =
    known.get(key) ?? normal.effects.filter((effect): effect is CounterEffect => effect.kind === "counter" && isMoved(effect, table, read));
  known.set(key, found);
  return found;
}

function isMoved(counter: CounterEffect, table: string, column: string | null): boolean {
  const nodes = walk(counter.value);
  const isNear = counter.table === table || nodes.some((node) => "rows" in node && node.rows.table === table);
  return (
    isNear && (column === null || counter.column === column || nodes.some((node) => node.kind === "path" && node.steps.includes(column)))
  );
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
  return {
    catalogue,
    roots,
    rows(table) {
      return state[table] ?? [];
    },
    rowsBefore(table) {
      return state[table] ?? [];
    },
    context: state[CONTEXT_TABLE]?.[0] ?? {},
    cause: null,
  };
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
