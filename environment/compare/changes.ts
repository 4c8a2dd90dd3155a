/**
 * What a state has changed since its origin, table by table, with the rows as the engine returns them.
 *
 * Rows with a key are known by it, on both sides. A key that holds a NULL identifies nothing (many rows of a rowid table may have
 * it): such rows, and those of a table without a key, are compared by content. Rows whose columns are all equal are left out, save where the origin has references to nothing: a row created later may be what they point at.
 */
import type Database from "better-sqlite3";
import { encodeValue, encodeValues } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import { eachRow, isLong, prepareKept } from "../engine/snapshot.js";
import { type OpenedSnapshot, type RowsApart, rowsApart } from "../engine/stored-rows.js";
import type { StateView, TableView } from "./state-view.js";
import type { Value } from "../core/values.js";

/** One row: the values of the view's columns, in order; for tables with a rowid that is no surrogate, the rowid last. */
export type RawRow = readonly Value[];

export type TableChanges = {
  readonly created: readonly RawRow[];
  readonly deleted: readonly RawRow[];
  readonly changed: readonly { readonly before: RawRow; readonly after: RawRow }[];
};

/** By position of the table in the view. */
export type Changes = readonly TableChanges[];

/** The changes of a whole state; reads every row of both databases. */
export function changesOf(view: StateView, origin: Database.Database, state: Database.Database): Changes {
  return changesApart(view, { origin, state, apart: () => null, dangling: danglingTables(view, origin) });
}

/** The same of two snapshots: reads rows only of tables that they store in different bytes. */
export function changesOfSnapshots(
  view: StateView,
  { origin, state, dangling }: { readonly origin: OpenedSnapshot; readonly state: OpenedSnapshot; readonly dangling: ReadonlySet<number> },
): Changes {
  return changesApart(view, { origin: origin.db, state: state.db, apart: rowsApart(origin, state), dangling });
}

function changesApart(
  view: StateView,
  { apart, dangling, ...states }: States & { readonly apart: RowsApart; readonly dangling: ReadonlySet<number> },
): Changes {
  return view.tables.map((table, i) => {
    const sort = sorter(table, { keepEqual: dangling.has(i) });
    const rowids = dangling.has(i) ? null : apart(table.name);
    const pairing = { ...states, add: sort.add };
    if (table.surrogate === null) {
      if (rowids?.length !== 0) matchByKey(table, pairing);
    } else if (rowids === null) mergeBySurrogate(table, pairing);
    else pairBySurrogate(table, rowids, pairing);
    return sort.done();
  });
}

type States = { readonly origin: Database.Database; readonly state: Database.Database };

type Pairing = States & {
  readonly add: (before: RawRow | null, after: RawRow | null) => void;
};

/** Walks both sides in the order of their rowids; of a long table holding one row of each. */
function mergeBySurrogate(table: TableView, { origin, state, add }: Pairing): void {
  const at = table.surrogate ?? 0;
  const order = `TRUE ORDER BY ${quoteIdentifier(table.columns[at] ?? "")}`;
  const before = selectRows(origin, table, order).each()[Symbol.iterator]();
  const after = selectRows(state, table, order).each()[Symbol.iterator]();
  const next = (rows: Iterator<RawRow, undefined>): RawRow | null => rows.next().value ?? null;
  let old = next(before);
  let now = next(after);
  while (old !== null || now !== null) {
    const a = old?.[at] ?? null;
    const b = now?.[at] ?? null;
    const isOld = a !== null && (b === null || a <= b);
    const isNow = b !== null && (a === null || b <= a);
    add(isOld ? old : null, isNow ? now : null);
    if (isOld) old = next(before);
    if (isNow) now = next(after);
  }
}

function pairBySurrogate(table: TableView, rowids: readonly bigint[], { origin, state, add }: Pairing): void {
  if (rowids.length === 0) return;
  const where = `${quoteIdentifier(table.columns[table.surrogate ?? 0] ?? "")} = ?`;
  const [before, after] = [selectRows(origin, table, where), selectRows(state, table, where)];
  for (const rowid of rowids) add(before.all(rowid)[0] ?? null, after.all(rowid)[0] ?? null);
}

function matchByKey(table: TableView, { origin, state, add }: Pairing): void {
  const before = rowMap(table, selectRows(origin, table).each());
  for (const row of selectRows(state, table).each()) add(before.get(rowKey(table, row))?.pop() ?? null, row);
  for (const rows of before.values()) for (const row of rows) add(row, null);
}

/** Tables of the origin with a reference to nothing, by position; an origin that the engine checked has none. */
export function danglingTables(view: StateView, origin: Database.Database): ReadonlySet<number> {
  const found = view.tables.flatMap((table, i) => (table.references.length > 0 && hasDangling(origin, table) ? [i] : []));
  return new Set(found);
}

/** A prepared statement over the view's columns of one table (raw arrays, exact integers); `where` is put behind WHERE. */
export function selectRows(db: Database.Database, table: TableView, where?: string): RowReader {
  const rowid = table.rowid === null || table.surrogate !== null ? [] : [table.rowid];
  const columns = [...table.columns.map(quoteIdentifier), ...rowid];
  const from = `FROM main.${quoteIdentifier(table.name)}${where === undefined ? "" : ` WHERE ${where}`}`;
  const text = `SELECT ${columns.join(", ")} ${from}`;
  const textWithBytes = () => `SELECT ${[...columns, ...columns.map(bytesOfText)].join(", ")} ${from}`;
  const statement = prepareKept(db, text);
  return {
    all: (...key) => {
      const rows = statement.all(...key);
      for (const row of rows)
        if (isAnySuspect(row))
          return prepareKept(db, textWithBytes())
            .all(...key)
            .map(toldApart);
      return rows;
    },
    each: () => {
      const rows = rowsOf(db, table.name, text);
      const exact = () => rowsOf(db, table.name, textWithBytes());
      if (!isList(rows)) return eachToldApart(rows, exact);
      return rows.some(isAnySuspect) ? Array.from(exact(), toldApart) : rows;
    },
  };
}

/** Null for what is no text. */
function bytesOfText(column: string): string {
  return `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) END`;
}

function rowsOf(db: Database.Database, table: string, text: string): Iterable<Value[]> {
  const length = isLong(db, table);
  return eachRow(length === "short" ? prepareKept(db, text) : db.prepare<[], Value[]>(text).safeIntegers().raw(), length);
}

function isList(rows: Iterable<Value[]>): rows is Value[][] {
  return Array.isArray(rows);
}

/** From the first row on that needs it, rows are read with their bytes: the same columns, and so in the same order. */
function* eachToldApart(rows: Iterable<Value[]>, exact: () => Iterable<Value[]>): Generator<RawRow, undefined> {
  let done = 0;
  for (const row of rows) {
    if (isAnySuspect(row)) {
      yield* restToldApart(exact(), done);
      return undefined;
    }
    done += 1;
    yield row;
  }
  return undefined;
}

function* restToldApart(rows: Iterable<Value[]>, done: number): Generator<RawRow> {
  let at = 0;
  for (const row of rows) {
    if (at >= done) yield toldApart(row);
    at += 1;
  }
}

export type RowReader = {
  readonly all: (...key: readonly Value[]) => readonly RawRow[];
  /** All rows, one after another; of a long table holding one. */
  readonly each: () => Iterable<RawRow, undefined>;
};

/** Takes pairs of a row before and after, and sorts them into the kinds of change. */
export function sorter(
  table: TableView,
  options: { readonly keepEqual: boolean },
): { readonly add: (before: RawRow | null, after: RawRow | null) => void; readonly done: () => TableChanges } {
  const created: RawRow[] = [];
  const deleted: RawRow[] = [];
  const changed: { before: RawRow; after: RawRow }[] = [];
  function add(before: RawRow | null, after: RawRow | null): void {
    if (before !== null && after !== null) {
      if (options.keepEqual || !sameRow(table, before, after)) changed.push({ before, after });
    } else if (after !== null) created.push(after);
    else if (before !== null) deleted.push(before);
  }
  return { add, done: () => ({ created, deleted, changed }) };
}

/** What identifies a row: its key, or its compared content where the table has none or the key holds a NULL. */
export function rowKey(table: TableView, row: RawRow): string {
  const key = keyValues(table, row);
  return isIdentifying(key) ? encodeValues(key) : contentKey(table, row);
}

/** The values of a row's key. */
export function keyValues(table: TableView, row: RawRow): readonly Value[] {
  return table.key.map((i) => row[i] ?? null);
}

/** Whether no two rows of a table have this key. @see https://sqlite.org/lang_createtable.html#the_primary_key */
export function isIdentifying(key: readonly Value[]): boolean {
  return key.length > 0 && !key.includes(null);
}

/** The compared columns of a row as one text: `text` columns as empty or not, ignored ones left out. */
export function contentKey(table: TableView, row: RawRow): string {
  let text = "";
  for (let i = 0; i < table.compared.length; i += 1)
    text += `${i === 0 ? "" : ","}${encodeCompared(table.compared[i] ?? "none", row[i] ?? null)}`;
  return text;
}

/** One column's text for comparison; empty where it is not compared. */
export function encodeCompared(how: TableView["compared"][number], value: Value): string {
  switch (how) {
    case "value":
      return encodeValue(value);
    case "text":
      return value === null || value === "" ? "e" : "f";
    case "self":
    case "none":
      return "";
  }
}

function rowMap(table: TableView, rows: Iterable<RawRow>): Map<string, RawRow[]> {
  const map = new Map<string, RawRow[]>();
  for (const row of rows) {
    const key = rowKey(table, row);
    const list = map.get(key);
    if (list === undefined) map.set(key, [row]);
    else list.push(row);
  }
  return map;
}

function sameRow(table: TableView, a: RawRow, b: RawRow): boolean {
  for (let i = 0; i < table.columns.length; i += 1) {
    if (a[i] !== b[i] && encodeValue(a[i] ?? null) !== encodeValue(b[i] ?? null)) return false;
  }
  return true;
}

function hasDangling(origin: Database.Database, table: TableView): boolean {
  try {
    return (origin.pragma(`foreign_key_check(${quoteIdentifier(table.name)})`) as unknown[]).length > 0; // an array of rows
  } catch (error) {
    if (error instanceof Error && error.message.includes("mismatch")) return true; // the parent's columns are no key: SQLite cannot tell
    throw error;
  }
}

/** Whether a row, or a key, has a text that may have been decoded from bytes that are no UTF-8. */
export function isAnySuspect(values: readonly Value[]): boolean {
  for (const value of values) if (isSuspect(value)) return true;
  return false;
}

function isSuspect(value: Value): value is string {
  return typeof value === "string" && value.includes("\uFFFD");
}

/**
 * A row from its values and, behind them, the bytes of its texts. Bytes that are no UTF-8 all decode to U+FFFD; such a text is told
 * apart by its bytes, behind a lone surrogate that no stored text has.
 */
function toldApart(valuesAndBytes: readonly Value[]): RawRow {
  const width = valuesAndBytes.length / 2;
  return valuesAndBytes.slice(0, width).map((value, i) => {
    const bytes = valuesAndBytes[width + i];
    return isSuspect(value) && Buffer.isBuffer(bytes) && !bytes.equals(Buffer.from(value)) ? `\uFFFD\uDC00${bytes.toString("hex")}` : value;
  });
}
