/**
 * What writes touch, noted by TEMP triggers in the session's own transaction: a refused write leaves no note, a reset drops
 * them all. They serve the answers of tools (what a write changed beside its row) and the comparison with the origin.
 *
 * A note holds a row's key and, of an update or a deletion, its values before: the image is taken BEFORE the write, since AFTER
 * triggers of the environment may change the row again. A note too many is harmless. The table is kept without any
 * constraint and the triggers without OR clause, since an outer conflict clause would override their own.
 */
import { quoteIdentifier, quoteLiteral } from "../core/identifier.js";
import type { Value } from "../core/values.js";
import type { Db } from "./snapshot.js";

/**
 * A table whose writes are noted: what identifies its rows (its key, else the name of its rowid), and the columns kept in images.
 * `watched`: only updates of these columns are noted (null: all), so that hidden marks cost nothing.
 */
export type NotedTable = {
  readonly table: string;
  readonly key: readonly string[];
  readonly image: readonly string[];
  readonly watched: readonly string[] | null;
};

/** A write of one row; a changed key is a row deleted and one created. */
export type Note = {
  readonly seq: bigint;
  readonly table: string;
  readonly event: "created" | "changed" | "deleted";
  readonly key: readonly Value[];
};

const events = ["created", "changed", "deleted", "moved"] as const;

type NoteRow = [mark: string, ...keys: Value[]];

/**
 * Installs the notes on a connection: before a transaction begins, so that its ROLLBACK keeps them in place.
 * @throws {TypeError} If a table has no key and its columns hide the rowid.
 */
export function installNotes(db: Db, tables: readonly NotedTable[]): void {
  const [keys, images] = [widest(tables, "key"), widest(tables, "image")];
  const columns = ["seq INTEGER PRIMARY KEY", "mark", ...slots("k", keys), ...slots("n", keys), ...slots("v", images)];
  db.prepare(`CREATE TEMP TABLE logigen_notes (${columns.join(", ")})`).run();
  for (const table of tables) for (const sql of noteTriggers(table)) db.prepare(sql).run();
}

/** Reads the notes of these tables, which are those installed, with a number above `seen`, in their order. */
export function openNotes(db: Db, tables: readonly NotedTable[]): (seen: bigint) => readonly Note[] {
  const keys = widest(tables, "key");
  const marks = new Map(tables.flatMap((table) => events.map((event) => [markOf(event, table.table), { ...table, event }] as const)));
  const select = (columns: readonly string[], which: string) =>
    db
      .prepare<[bigint], NoteRow>(`SELECT ${columns.join(", ")} FROM temp.logigen_notes WHERE ${which}`)
      .safeIntegers(true)
      .raw(true);
  const since = select(["mark", ...slots("k", keys)], "seq > ? ORDER BY seq");
  const moved = select(["mark", ...slots("n", keys)], "seq = ?");

  return (seen) => {
    const notes: Note[] = [];
    let seq = seen;
    for (const row of since.all(seen)) {
      // Notes are never taken away but from the end, so that their numbers follow each other.
      seq += 1n;
      const found = marks.get(row[0]);
      if (found === undefined) continue;
      const { table, event, key } = found;
      const old = row.slice(1, 1 + key.length);
      if (event !== "moved") notes.push({ seq, table, event, key: old });
      else
        notes.push(
          { seq, table, event: "deleted", key: old },
          { seq, table, event: "created", key: moved.get(seq)?.slice(1, 1 + key.length) ?? [] },
        );
    }
    return notes;
  };
}

/**
 * The text of a SELECT of one text, with a "1" for each column of the image whose value in a row is another than in a note, and a
 * "0" for each other; its parameters are the note's number and the row's key. No row comes where the row is gone.
 */
export function changedSql({ table, key, image }: NotedTable): string {
  const marks = image.map((column, i) => {
    const now = `r.${quoteIdentifier(column)}`;
    return `iif(${now} IS NOT n.v${i} COLLATE BINARY OR typeof(${now}) <> typeof(n.v${i}), '1', '0')`;
  });
  const address = key.map((column) => `r.${quoteIdentifier(column)} IS ?`).join(" AND ");
  return `SELECT ${marks.join(" || ")} FROM main.${quoteIdentifier(table)} AS r, temp.logigen_notes AS n WHERE n.seq = ? AND ${address}`;
}

/** In a BEFORE trigger NEW already has what the update will store. */
function noteTriggers({ table, key, image, watched }: NotedTable): readonly string[] {
  if (key.length === 0) throw new TypeError(`Cannot note changes of table "${table}": it has no key and its columns hide the rowid`);
  const of = (row: "NEW" | "OLD", columns: readonly string[]) => columns.map((column) => `${row}.${quoteIdentifier(column)}`);
  const mark = (event: (typeof events)[number]) => quoteLiteral(markOf(event, table));
  const into = (...columns: readonly string[]) => `INSERT INTO logigen_notes (mark, ${columns.join(", ")}) VALUES`;
  const [oldKey, newKey] = [of("OLD", key), of("NEW", key)];
  const isMoved = newKey.map((value, i) => `${value} IS NOT ${oldKey[i] ?? ""}`).join(" OR ");
  const head = (event: string, time: string) =>
    `CREATE TEMP TRIGGER ${quoteIdentifier(`logigen_note_${event}_${table}`)} ${time} ON main.${quoteIdentifier(table)} BEGIN`;
  const [k, n, v] = [slots("k", key.length), slots("n", key.length), slots("v", image.length)];
  return [
    `${head("created", "AFTER INSERT")} ${into(...k)} (${[mark("created"), ...newKey].join(", ")}); END`,
    `${head("changed", `BEFORE UPDATE${watched === null ? "" : ` OF ${watched.map(quoteIdentifier).join(", ")}`}`)} ${into(...k, ...n, ...v)} (${[
      `CASE WHEN ${isMoved} THEN ${mark("moved")} ELSE ${mark("changed")} END`,
      ...oldKey,
      ...newKey,
      ...of("OLD", image),
    ].join(", ")}); END`,
    `${head("deleted", "BEFORE DELETE")} ${into(...k, ...v)} (${[mark("deleted"), ...oldKey, ...of("OLD", image)].join(", ")}); END`,
  ];
}

function markOf(event: (typeof events)[number], table: string): string {
  return `${event} ${table}`;
}

function slots(letter: "k" | "n" | "v", count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${letter}${i}`);
}

function widest(tables: readonly NotedTable[], part: "key" | "image"): number {
  return Math.max(0, ...tables.map((table) => table[part].length));
}
