/** What a write changed beside its own row, told from the notes of touched rows and from the rows as they are afterwards. */
import type Database from "better-sqlite3";
import { encodeValue, encodeValues } from "../core/encode-value.js";
import { isSameValue, type Row, rowOf, setMember, type Value } from "../core/values.js";
import { imageSql, type Note, type NotedTable, openNotes } from "./notes.js";
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

type ToldTable = NotedTable & { readonly current: () => Database.Statement<Value[], Value[]> };

/** Tells the effects of tables whose notes are installed; a table without image is not told. */
export function openEffectLog(db: Db, tables: readonly NotedTable[]): EffectLog {
  const notesSince = openNotes(db, tables);
  const told = new Map(tables.map((table): [string, ToldTable] => [table.table, { ...table, current: currentRow(db, table) }]));
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
  return own?.table === table && own.key.every((value, i) => isSameValue(value, key[i] ?? null));
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
  const isNew = notes.some((note) => note.event === "created") && notes.every((note) => note.event !== "deleted");
  const values = table.current().get(...key, seq);
  const head = { table: table.table, key: rowOf(table.key, key) };
  if (values === undefined) return isNew || event === "created" ? null : { ...head, columns: {}, deleted: true };
  if (isNew) return { ...head, columns: rowOf(table.image, values) };
  const columns: Record<string, Value> = {};
  let isChanged = false;
  for (let i = 0; i < table.image.length; i += 1) {
    const now = values[i] ?? null;
    const before = values[table.image.length + i] ?? null;
    if (before === now || encodeValue(before) === encodeValue(now)) continue;
    setMember(columns, table.image[i] ?? "", now);
    isChanged = true;
  }
  return isChanged ? { ...head, columns } : null;
}

/** Prepared when it is first needed: most tables are never touched by an effect. */
function currentRow(db: Db, table: NotedTable): ToldTable["current"] {
  let statement: Database.Statement<Value[], Value[]> | undefined;
  return () => (statement ??= db.prepare<Value[], Value[]>(imageSql(table)).safeIntegers(true).raw(true));
}
