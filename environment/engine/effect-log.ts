/** What a write changed beside its own row, told from the notes of touched rows and from the rows as they are afterwards. */
import type Database from "better-sqlite3";
import { encodeValues } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import { isSameValue, type Row, rowOf, type Value } from "../core/values.js";
import { changedSql, type Note, type NotedTable, openNotes } from "./notes.js";
import type { Db } from "./snapshot.js";

/** A row that a write changed beside its own: its key, and the values after the write of what changed (of a new row, all; of one deleted, none). */
export type Effect = { readonly table: string; readonly key: Row; readonly columns: Row; readonly deleted?: true };

/** The row that a call writes itself; the call's answer shows it. */
type OwnRow = { readonly table: string; readonly key: readonly Value[] };

export interface EffectLog {
  /** The effects noted since the last call of this or of `back`, in the order in which the rows were first touched. */
  take(own: OwnRow | null): readonly Effect[];
  /** The number of the last note seen. */
  seen(): bigint;
  /** To be called after a ROLLBACK, which drops notes: those up to this number were seen. */
  back(seen: bigint): void;
}

type ToldTable = NotedTable & {
  /** Which columns of a row differ from its image in a note, as {@link changedSql} says it. */
  readonly changed: () => Database.Statement<Value[], string>;
  /** A row's values of the columns so marked. */
  readonly marked: (marks: string) => Marked;
};

type Marked = { readonly columns: readonly string[]; readonly values: Database.Statement<Value[], Value[]> };

/** Tells the effects of tables whose notes are installed; a table without image is not told. */
export function openEffectLog(db: Db, tables: readonly NotedTable[]): EffectLog {
  const notesSince = openNotes(db, tables);
  const told = new Map(tables.map((table): [string, ToldTable] => [table.table, toldTable(db, table)]));
  let last = 0n;

  function take(own: OwnRow | null): readonly Effect[] {
    const notes = notesSince(last);
    last = notes.at(-1)?.seq ?? last;
    const effects: Effect[] = [];
    for (const row of byRow(notes, own)) {
      const table = told.get(row[0].table);
      const effect = table === undefined || table.image.length === 0 ? null : effectOf(table, row);
      if (effect !== null) effects.push(effect);
    }
    return effects;
  }

  function back(seen: bigint): void {
    last = seen;
  }

  return { take, seen: () => last, back };
}

function isOwn(own: OwnRow | null, { table, key }: Note): boolean {
  if (own?.table !== table) return false;
  for (let i = 0; i < key.length; i += 1) if (!isSameValue(own.key[i] ?? null, key[i] ?? null)) return false;
  return true;
}

type RowNotes = readonly [Note, ...Note[]];

/** The notes of other rows than a call's own, row by row. */
function byRow(notes: readonly Note[], own: OwnRow | null): readonly RowNotes[] {
  const others: Note[] = [];
  for (const note of notes) if (!isOwn(own, note)) others.push(note);
  const [first] = others;
  if (first === undefined) return [];
  if (others.length === 1) return [[first]];
  const rows = new Map<string, [Note, ...Note[]]>();
  for (const note of others) {
    const name = `${note.table} ${encodeValues(note.key)}`;
    const known = rows.get(name);
    if (known === undefined) rows.set(name, [note]);
    else known.push(note);
  }
  return [...rows.values()];
}

/** A row created and changed again may be noted as changed first: the changes that its own triggers make are noted before it is. */
function effectOf(table: ToldTable, notes: RowNotes): Effect | null {
  const [{ seq, key, event }] = notes;
  const isNew = isNoted(notes, "created") && !isNoted(notes, "deleted");
  const head = { table: table.table, key: rowOf(table.key, key) };
  const marks = isNew ? "1".repeat(table.image.length) : table.changed().get(seq, ...key);
  if (marks === undefined) return event === "created" ? null : { ...head, columns: {}, deleted: true };
  if (!marks.includes("1")) return null;
  const { columns, values } = table.marked(marks);
  const found = values.get(...key);
  return found === undefined ? null : { ...head, columns: rowOf(columns, found) };
}

function isNoted(notes: RowNotes, event: Note["event"]): boolean {
  for (const note of notes) if (note.event === event) return true;
  return false;
}

/** Statements are prepared when they are first needed: most tables are never touched by an effect. */
function toldTable(db: Db, table: NotedTable): ToldTable {
  let changed: Database.Statement<Value[], string> | undefined;
  const known = new Map<string, Marked>();
  const address = table.key.map((column) => `${quoteIdentifier(column)} IS ?`).join(" AND ");

  function prepareMarked(marks: string): Marked {
    const columns = table.image.filter((_, i) => marks[i] === "1");
    const sql = `SELECT ${columns.map(quoteIdentifier).join(", ")} FROM main.${quoteIdentifier(table.table)} WHERE ${address}`;
    return { columns, values: db.prepare<Value[], Value[]>(sql).safeIntegers(true).raw(true) };
  }

  function marked(marks: string): Marked {
    const found = known.get(marks) ?? prepareMarked(marks);
    known.set(marks, found);
    return found;
  }

  return { ...table, changed: () => (changed ??= db.prepare<Value[], string>(changedSql(table)).pluck(true)), marked };
}
