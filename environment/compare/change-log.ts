/**
 * What a session has changed, at a cost that grows with the rows touched and not with the database. A touched row whose key holds a
 * NULL stands for all that have its key.
 *
 * The notes name touched rows, and images are read from the origin and from the session, so the order of triggers and what
 * they do to each other's rows does not matter. A row is read again only when it is noted again, its origin once.
 */
import type Database from "better-sqlite3";
import { installNotes, type Notes, type NotedTable } from "../engine/notes.js";
import {
  type Changes,
  danglingTables,
  isAnySuspect,
  isIdentifying,
  keyValues,
  type RawRow,
  rowKey,
  selectRows,
  sorter,
  type TableChanges,
} from "./changes.js";
import { encodeValue, encodeValues } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import type { StateView, TableView } from "./state-view.js";
import type { Value } from "../core/values.js";

export interface ChangeLog {
  /** Everything that differs from the origin now; equal to `changesOf` but for the order of rows. */
  changes(): Changes;
  /**
   * To be called after a ROLLBACK of writes that were seen by `changes`, whose notes are cut off: to a state with so many notes; none:
   * to the origin.
   */
  forget(to?: number): void;
}

/** What changes: a connection, and the notes of what was touched on it; a session is one. */
export type Noted = { readonly db: Database.Database; readonly notes: Notes };

/** Installs the notes on a connection without an executor, which installs its own: before a transaction begins. */
export function installChangeNotes(db: Database.Database, view: StateView): Noted {
  return { db, notes: installNotes(db, view.tables.map(notedTable)) };
}

/** Reads the notes of a session beside its origin, which is only read and may be shared by many sessions. */
export function openChangeLog({
  view,
  origin,
  session,
  dangling = danglingTables(view, origin),
}: {
  readonly view: StateView;
  readonly origin: Database.Database;
  readonly session: Noted;
  /** What `danglingTables` says of the origin, where it is known. */
  readonly dangling?: ReadonlySet<number>;
}): ChangeLog {
  const readers = view.tables.map((table, i) => tableReader({ table, origin, session: session.db, whole: dangling.has(i) }));
  const readerOf = new Map(view.tables.map((table, i) => [table.name, readers[i]]));
  let seen = 0;

  function changes(): Changes {
    const { list } = session.notes;
    for (; seen < list.length; seen += 1) {
      const note = list[seen];
      if (note !== undefined) readerOf.get(note.table)?.touch(note.key, seen + 1);
    }
    return readers.map((reader) => reader.changes());
  }

  function forget(to = 0): void {
    seen = Math.min(seen, to);
    for (const reader of readers) reader.forget(to);
  }

  return { changes, forget };
}

type TableReader = {
  readonly touch: (key: readonly Value[], seq: number) => void;
  readonly changes: () => TableChanges;
  readonly forget: (to: number) => void;
};

/**
 * A touched row on both sides, with its first and last note; `after` is read when it is asked for, and again when the row was touched
 * since. `isOne`: its key identifies it; else there may be more rows than one.
 */
type Touched = {
  readonly key: readonly Value[];
  readonly isOne: boolean;
  readonly before: readonly RawRow[];
  after: readonly RawRow[] | null;
  readonly first: number;
  last: number;
};

/** Rows of the origin kept from episode to episode, by table. */
const mostKept = 1000;

type ReaderSource = {
  readonly table: TableView;
  readonly origin: Database.Database;
  readonly session: Database.Database;
  /** Whether every row of the origin counts as touched. */
  readonly whole: boolean;
};

function tableReader({ table, origin, session, whole }: ReaderSource): TableReader {
  const inOrigin = rowsByKey(origin, table);
  const inSession = rowsByKey(session, table);
  const before = new Map<string, readonly RawRow[]>();
  const touched = new Map<string, Touched>();
  let known: TableChanges | null = { created: [], deleted: [], changed: [] };

  function touch(key: readonly Value[], seq: number): void {
    const isTold = !isAnySuspect(key);
    const name = isTold ? encodeValues(key) : untold;
    const found = touched.get(name);
    if (found === undefined) {
      const isOne = isTold && table.key.length > 0 && isIdentifying(key);
      touched.set(name, { key, isOne, before: beforeOf(name, key), after: null, first: seq, last: seq });
    } else {
      found.after = null;
      found.last = seq;
    }
    known = null;
  }

  function beforeOf(name: string, key: readonly Value[]): readonly RawRow[] {
    const kept = before.get(name);
    if (kept !== undefined) return kept;
    const rows = inOrigin(key);
    before.set(name, rows);
    return rows;
  }

  function changes(): TableChanges {
    if (known !== null) return known;
    for (const row of touched.values()) row.after ??= inSession(row.key);
    known = sorted(table, [...touched.values()], { keepEqual: whole });
    return known;
  }

  /** Rows whose last note still stands are as they were read. */
  function forget(to: number): void {
    if (before.size > mostKept) before.clear();
    for (const [name, row] of touched) {
      if (row.last <= to) continue;
      known = null;
      if (row.first > to) touched.delete(name);
      row.after = null;
      row.last = to;
    }
  }

  // The origin's references to nothing may come to point at something without the row being touched.
  function touchAll(): void {
    const keyOf = (row: RawRow) => (table.key.length > 0 ? keyValues(table, row) : [row.at(-1) ?? null]);
    for (const row of selectRows(origin, table).all()) touch(keyOf(row), 0);
  }

  if (whole) touchAll();
  return { touch, changes, forget };
}

/** The name of all keys that are no UTF-8: a note does not tell them apart. */
const untold = "\uFFFD";

/** Reads the rows with exactly a noted key (the column's collation may find others); of a key that is untold, all that have such a one. */
function rowsByKey(db: Database.Database, table: TableView): (key: readonly Value[]) => readonly RawRow[] {
  const where = notedTable(table)
    .key.map((name) => `${quoteIdentifier(name)} IS ?`)
    .join(" AND ");
  const byKey = lazily(() => selectRows(db, table, where));
  return (key) => {
    if (isAnySuspect(key)) return [...selectRows(db, table).each()].filter((row) => isAnySuspect(keyValues(table, row)));
    const rows = byKey().all(...key);
    // Mostly there is one, and it is exact.
    for (const row of rows) if (!isExact(table, row, key)) return rows.filter((each) => isExact(table, each, key));
    return rows;
  };
}

function isExact({ key: columns }: TableView, row: RawRow, key: readonly Value[]): boolean {
  for (let i = 0; i < columns.length; i += 1) if (!isEncodedAlike(row[columns[i] ?? 0] ?? null, key[i] ?? null)) return false;
  return true;
}

function sorted(table: TableView, touched: readonly Touched[], options: { readonly keepEqual: boolean }): TableChanges {
  const sort = sorter(table, options);
  const others: Touched[] = [];
  for (const row of touched)
    if (row.isOne) sort.add(row.before[0] ?? null, row.after?.[0] ?? null);
    else others.push(row);
  if (others.length > 0) for (const [old, row] of paired(table, others)) sort.add(old, row);
  return sort.done();
}

function isEncodedAlike(a: Value, b: Value): boolean {
  return a === b || encodeValue(a) === encodeValue(b);
}

/** Pairs rows of one key, or of equal content where that identifies nothing; what is left over is created or deleted. */
function paired(table: TableView, touched: readonly Touched[]): readonly (readonly [RawRow | null, RawRow | null])[] {
  const rest = new Map<string, RawRow[]>();
  for (const row of touched.flatMap(({ before }) => before)) {
    const key = rowKey(table, row);
    rest.set(key, [...(rest.get(key) ?? []), row]);
  }
  const after = touched.flatMap((row) => row.after ?? []);
  const pairs = after.map((row): [RawRow | null, RawRow | null] => [rest.get(rowKey(table, row))?.pop() ?? null, row]);
  return [...pairs, ...[...rest.values()].flat().map((row): [RawRow | null, RawRow | null] => [row, null])];
}

/** What identifies a row in the notes: its key, else its rowid. */
function notedTable(table: TableView): NotedTable {
  const rowid = table.rowid === null ? [] : [table.rowid];
  return { table: table.name, key: table.key.length > 0 ? table.key.map((i) => table.columns[i] ?? "") : rowid, image: [], watched: null };
}

/** Most tables are never touched: their statements are prepared when they are first needed. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
