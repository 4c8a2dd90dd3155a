/**
 * What a session has changed, at a cost that grows with the rows touched and not with the database.
 *
 * TEMP triggers note the keys of touched rows and nothing else; images are read from the origin and from the session when
 * they are asked for, so the order of triggers and what they do to each other's rows does not matter. A note too many is
 * harmless. The notes are part of the session's transaction: a refused write leaves none, a reset drops them all.
 */
import type Database from "better-sqlite3";
import { type Changes, contentKey, danglingTables, type RawRow, rowKey, selectRows, sorter, type TableChanges } from "./changes.js";
import { encodeValues } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import type { StateView, TableView } from "./state-view.js";
import type { Value } from "../core/values.js";

export interface ChangeLog {
  /** Everything that differs from the origin now; equal to `changesOf` but for the order of rows. */
  changes(): Changes;
}

/** Installs the notes on a session's connection: before its transaction begins, so that a ROLLBACK keeps them in place. */
export function installChangeNotes(db: Database.Database, view: StateView): void {
  for (const [i, table] of view.tables.entries()) {
    const names = noteColumns(table);
    db.prepare(`CREATE TEMP TABLE ${noteTable(i)}(${names.map((_, k) => `k${k}`).join(", ")})`).run();
    for (const sql of noteTriggers(table, i)) db.prepare(sql).run();
  }
}

/** Reads the notes of a session beside its origin, which is only read and may be shared by many sessions. */
export function openChangeLog({
  view,
  origin,
  session,
}: {
  readonly view: StateView;
  readonly origin: Database.Database;
  readonly session: Database.Database;
}): ChangeLog {
  const dangling = danglingTables(view, origin);
  const readers = view.tables.map((table, i) => tableReader({ table, index: i, origin, session, whole: dangling.has(i) }));
  return { changes: () => readers.map((read) => read()) };
}

type ReaderSource = {
  readonly table: TableView;
  readonly index: number;
  readonly origin: Database.Database;
  readonly session: Database.Database;
  readonly whole: boolean;
};

function tableReader({ table, index, origin, session, whole }: ReaderSource): () => TableChanges {
  const names = noteColumns(table);
  const where = names.map((name) => `${name} IS ?`).join(" AND ");
  const notes = session
    .prepare<[], Value[]>(`SELECT DISTINCT * FROM temp.${noteTable(index)}`)
    .safeIntegers()
    .raw();
  const before = selectRows(origin, table, where);
  const after = selectRows(session, table, where);
  // The origin's references to nothing may come to point at something without the row being touched.
  const every = whole ? selectRows(origin, table) : null;
  const keyAt = (row: RawRow) => (table.key.length > 0 ? table.key.map((i) => row[i] ?? null) : [row.at(-1) ?? null]);
  return () => {
    const sort = sorter(table, { keepEqual: whole });
    const keys = [...notes.all(), ...(every === null ? [] : every.all().map(keyAt))];
    const distinct = new Map(keys.map((key) => [encodeValues(key), key]));
    if (table.key.length > 0)
      for (const [name, key] of distinct) sort.add(exact(table, before.all(...key), name), exact(table, after.all(...key), name));
    else
      for (const [old, row] of byContent(
        table,
        [...distinct.values()].flatMap((key) => before.all(...key)),
        [...distinct.values()].flatMap((key) => after.all(...key)),
      ))
        sort.add(old, row);
    return sort.done();
  };
}

/** The row with exactly this key: the column's collation may find another. */
function exact(table: TableView, rows: readonly RawRow[], name: string): RawRow | null {
  return rows.find((row) => rowKey(table, row) === name) ?? null;
}

/** Pairs rows of equal content; what is left over is created or deleted. */
function byContent(
  table: TableView,
  before: readonly RawRow[],
  after: readonly RawRow[],
): readonly (readonly [RawRow | null, RawRow | null])[] {
  const rest = new Map<string, RawRow[]>();
  for (const row of before) {
    const key = contentKey(table, row);
    rest.set(key, [...(rest.get(key) ?? []), row]);
  }
  const pairs = after.map((row): [RawRow | null, RawRow | null] => [rest.get(contentKey(table, row))?.pop() ?? null, row]);
  return [...pairs, ...[...rest.values()].flat().map((row): [RawRow | null, RawRow | null] => [row, null])];
}

function noteTable(index: number): string {
  return quoteIdentifier(`logigen_notes_${index}`);
}

/** What identifies a row in the notes: its key, else its rowid. */
function noteColumns(table: TableView): readonly string[] {
  if (table.key.length > 0) return table.key.map((i) => quoteIdentifier(table.columns[i] ?? ""));
  if (table.rowid === null)
    throw new TypeError(`Cannot note changes of table "${table.name}": it has no key and its columns hide the rowid`);
  return [table.rowid];
}

/** No constraint and no OR clause: an outer conflict clause would override them and break the environment's own writes. */
function noteTriggers(table: TableView, index: number): readonly string[] {
  const names = noteColumns(table);
  const note = (row: "NEW" | "OLD") => `INSERT INTO ${noteTable(index)} VALUES (${names.map((name) => `${row}.${name}`).join(", ")});`;
  const head = (event: string) =>
    `CREATE TEMP TRIGGER ${quoteIdentifier(`logigen_note_${event}_${index}`)} AFTER ${event} ON main.${quoteIdentifier(table.name)}`;
  return [
    `${head("INSERT")} BEGIN ${note("NEW")} END`,
    `${head("UPDATE")} BEGIN ${note("OLD")} ${note("NEW")} END`,
    `${head("DELETE")} BEGIN ${note("OLD")} END`,
  ];
}
