/** What a write changed beside its own row, told from the notes of touched rows and from the rows as they are afterwards. */
import type Database from "better-sqlite3";
import { encodeValues } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import { isSameValue, type Row, rowOf, setMember, type Value } from "../core/values.js";
import type { Note, NotedTable, Notes } from "./notes.js";
import type { Db } from "./snapshot.js";

/** A row that a write changed beside its own: its key, and the values after the write of what changed (of a new row, all; of one deleted, none). */
export type Effect = { readonly table: string; readonly key: Row; readonly columns: Row; readonly deleted?: true };

/** The row that a call writes itself; the call's answer shows it. */
export type OwnRow = { readonly table: string; readonly key: readonly Value[] };

/** What the notes of one write tell: the only one of its own row, which has it as it is now, and the effects. */
export type Told = { readonly own: Note | null; readonly effects: readonly Effect[] };

type ToldTable = NotedTable & {
  /** The image of a row as it is now. */
  readonly select: () => Database.Statement<Value[], Value[]>;
};

/**
 * Opens what tells the effects noted from a place in the notes on, in the order in which the rows were first touched. A table
 * without image is not told.
 */
export function openEffectLog(db: Db, notes: Notes): (from: number, own: OwnRow | null) => Told {
  const told = new Map(
    notes.tables.filter(({ image }) => image.length > 0).map((table): [string, ToldTable] => [table.table, toldTable(db, table)]),
  );

  return (from, own) => {
    const { ours, others } = parted(notes.list, { from, own });
    const effects: Effect[] = [];
    for (const row of byRow(others)) {
      const table = told.get(row[0].table);
      const effect = table === undefined ? null : effectOf(table, row);
      if (effect !== null) effects.push(effect);
    }
    return { own: ours.length === 1 ? (ours[0] ?? null) : null, effects };
  };
}

/** The notes of a call's own row, and those of others. */
function parted(notes: readonly Note[], { from, own }: { readonly from: number; readonly own: OwnRow | null }) {
  const ours: Note[] = [];
  const others: Note[] = [];
  for (let i = from; i < notes.length; i += 1) {
    const note = notes[i];
    if (note !== undefined) (isOwn(own, note) ? ours : others).push(note);
  }
  return { ours, others };
}

function isOwn(own: OwnRow | null, { table, key }: Note): boolean {
  if (own?.table !== table) return false;
  for (let i = 0; i < key.length; i += 1) if (!isSameValue(own.key[i] ?? null, key[i] ?? null)) return false;
  return true;
}

type RowNotes = readonly [Note, ...Note[]];

function byRow(notes: readonly Note[]): readonly RowNotes[] {
  const [first] = notes;
  if (first === undefined) return [];
  if (notes.length === 1) return [[first]];
  const rows = new Map<string, [Note, ...Note[]]>();
  for (const note of notes) {
    const name = `${note.table} ${encodeValues(note.key)}`;
    const known = rows.get(name);
    if (known === undefined) rows.set(name, [note]);
    else known.push(note);
  }
  return [...rows.values()];
}

function effectOf(table: ToldTable, notes: RowNotes): Effect | null {
  const [{ key, before }] = notes;
  const now = imageNow(table, notes);
  const name = table.table;
  if (now === null) return before === null ? null : { table: name, key: rowOf(table.key, key), columns: {}, deleted: true };
  const columns = before === null ? rowOf(table.image, now) : changedColumns(table.image, { before, now });
  return columns === null ? null : { table: name, key: rowOf(table.key, key), columns };
}

/** A row that is noted once is as it was noted. */
function imageNow(table: ToldTable, [first, ...rest]: RowNotes): readonly Value[] | null {
  return rest.length === 0 ? first.after : (table.select().get(...first.key) ?? null);
}

/** The columns whose stored value, or its storage class, is another than before, or null if there is none. */
function changedColumns(
  names: readonly string[],
  { before, now }: { readonly before: readonly Value[]; readonly now: readonly Value[] },
): Row | null {
  let changed: Record<string, Value> | null = null;
  for (let i = 0; i < names.length; i += 1) {
    const value = now[i] ?? null;
    const old = before[i] ?? null;
    if (typeof value === typeof old && isSameValue(value, old)) continue;
    changed ??= {};
    setMember(changed, names[i] ?? "", value);
  }
  return changed;
}

/** The statement is prepared when it is first needed: most tables are never touched by an effect. */
function toldTable(db: Db, table: NotedTable): ToldTable {
  const columns = table.image.map(quoteIdentifier).join(", ");
  const address = table.key.map((column) => `${quoteIdentifier(column)} IS ?`).join(" AND ");
  const sql = `SELECT ${columns} FROM main.${quoteIdentifier(table.table)} WHERE ${address}`;
  let select: Database.Statement<Value[], Value[]> | undefined;
  return { ...table, select: () => (select ??= db.prepare<Value[], Value[]>(sql).safeIntegers(true).raw(true)) };
}
