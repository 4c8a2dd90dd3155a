/**
 * What writes touch, noted by TEMP triggers that hand the rows' keys and values over as they are touched. The notes serve the
 * answers of tools (what a write changed beside its row) and the comparison with the origin.
 *
 * TEMP triggers fire ahead of the environment's own, so a row is noted before an AFTER trigger changes it again: the first
 * note of a row has its values before all changes, and the only one also those after. Notes are no part of the database: what
 * is rolled back stays noted until it is cut off. A note too many is harmless to the comparison.
 */
import { quoteIdentifier } from "../core/identifier.js";
import { isSameValue, type Value } from "../core/values.js";
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

/** A write of one row, and its images before and after, null where there was no row; a changed key is a row deleted and one created. */
export type Note = {
  readonly table: string;
  readonly event: "created" | "changed" | "deleted";
  readonly key: readonly Value[];
  readonly before: readonly Value[] | null;
  readonly after: readonly Value[] | null;
};

/** The notes of one connection. */
export interface Notes {
  readonly tables: readonly NotedTable[];
  /** In the order of the writes. */
  readonly list: readonly Note[];
  /** Keeps the first `count`: after a ROLLBACK, those that were there before what it undid. */
  cut(count: number): void;
}

const events = ["created", "changed", "deleted"] as const;

/**
 * Installs the notes on a connection: before a transaction begins, so that its ROLLBACK keeps them in place.
 * @throws {TypeError} If a table has no key and its columns hide the rowid.
 */
export function installNotes(db: Db, tables: readonly NotedTable[]): Notes {
  const list: Note[] = [];

  function note(kind: number, ...values: readonly Value[]): null {
    const noted = tables[Math.floor(kind / events.length)];
    if (noted === undefined) throw new RangeError(`Cannot note a write: there is no table for ${kind}`);
    const { table } = noted;
    const width = noted.key.length;
    const key = values.slice(0, width);
    switch (events[kind % events.length]) {
      case "created":
        list.push({ table, event: "created", key, before: null, after: values.slice(width) });
        break;
      case "deleted":
        list.push({ table, event: "deleted", key, before: values.slice(width), after: null });
        break;
      default:
        list.push(...changed(noted, key, values));
    }
    return null;
  }

  db.function("logigen_note", { varargs: true, safeIntegers: true }, note);
  for (const [i, table] of tables.entries()) for (const sql of noteTriggers(table, i * events.length)) db.prepare(sql).run();
  return {
    tables,
    list,
    cut: (count) => {
      list.length = Math.min(list.length, count);
    },
  };
}

function changed({ table, key: { length: width }, image }: NotedTable, key: readonly Value[], values: readonly Value[]): readonly Note[] {
  const next = values.slice(width, 2 * width);
  const images = 2 * width + image.length;
  const before = values.slice(2 * width, images);
  const after = values.slice(images);
  if (next.every((value, i) => isStoredAlike(value, key[i] ?? null))) return [{ table, event: "changed", key, before, after }];
  return [
    { table, event: "deleted", key, before, after: null },
    { table, event: "created", key: next, before: null, after },
  ];
}

/** A key that was 1 and is 1.0 is another one to the comparison. */
function isStoredAlike(a: Value, b: Value): boolean {
  return typeof a === typeof b && isSameValue(a, b);
}

/** The kind of a note is a REAL, since integers arrive as bigint. */
function noteTriggers({ table, key, image, watched }: NotedTable, kind: number): readonly string[] {
  if (key.length === 0) throw new TypeError(`Cannot note changes of table "${table}": it has no key and its columns hide the rowid`);
  const of = (row: "NEW" | "OLD", columns: readonly string[]) => columns.map((column) => `${row}.${quoteIdentifier(column)}`);
  const trigger = (event: (typeof events)[number], when: string, values: readonly string[]) =>
    `CREATE TEMP TRIGGER ${quoteIdentifier(`logigen_note_${event}_${table}`)} AFTER ${when} ON main.${quoteIdentifier(table)} BEGIN ` +
    `SELECT logigen_note(${[`${kind + events.indexOf(event)}.0`, ...values].join(", ")}); END`;
  const columns = watched === null ? "" : ` OF ${watched.map(quoteIdentifier).join(", ")}`;
  return [
    trigger("created", "INSERT", of("NEW", [...key, ...image])),
    trigger("changed", `UPDATE${columns}`, [...of("OLD", key), ...of("NEW", key), ...of("OLD", image), ...of("NEW", image)]),
    trigger("deleted", "DELETE", of("OLD", [...key, ...image])),
  ];
}
