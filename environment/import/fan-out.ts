/** How many writes one write may set off through triggers. */
import { foldName } from "../sql/tokenize-sql.js";
import type { GatedTrigger } from "../sql/gate-trigger.js";
import type { SqlWrite } from "../sql/read-write.js";

/** A trigger, and the action of a foreign key, as the graph sees them. */
export type FanTrigger = Pick<GatedTrigger, "table" | "event" | "of" | "writes"> & { readonly name: string };

/** A write that sets off more than the bound: `through` are the triggers on the way to the last write counted. */
export interface FanOut {
  readonly table: string;
  readonly event: FanTrigger["event"];
  readonly through: readonly string[];
  readonly message: string;
}

/** Rows that INSERTs make, and statements of all sorts, that one row written by a client may set off. */
const maxInserts = 100;
const maxWrites = 1_000;

/**
 * Counts, for a write of one row to each table, the writes that its triggers make, theirs included, and tells those beyond the
 * bound: 100 rows inserted, 1,000 statements of all sorts.
 *
 * Counted is what the text decides: each INSERT … VALUES by its rows, each INSERT … SELECT, UPDATE and DELETE as one. How many
 * rows these touch depends on the database, which the limits of the child process hold. A trigger is not followed into itself:
 * SQLite does not fire a trigger that is running while `recursive_triggers` is off.
 */
export function findFanOut(triggers: readonly FanTrigger[]): readonly FanOut[] {
  const found: FanOut[] = [];
  const starts = new Map(triggers.map((trigger) => [`${trigger.event} ${foldName(trigger.table)}`, trigger]));
  for (const { table, event } of starts.values()) {
    const count = { inserts: 0, writes: 0, through: [] };
    follow(triggers, { verb: event, table: foldName(table), columns: [], rows: 1 }, { count, path: [], times: 1 });
    if (count.inserts <= maxInserts && count.writes <= maxWrites) continue;
    const what = count.inserts > maxInserts ? `more than ${maxInserts} rows are inserted` : `more than ${maxWrites} statements run`;
    const way = count.through.join(" → ");
    found.push({
      table,
      event,
      through: count.through,
      message: `one ${event.toUpperCase()} on "${table}" sets off too much: ${what} through ${way}; let fewer triggers write to tables that have triggers`,
    });
  }
  return found;
}

interface Count {
  inserts: number;
  writes: number;
  through: readonly string[];
}

/** `columns` empty in an update means all of them: the client may set any. */
function follow(
  triggers: readonly FanTrigger[],
  write: SqlWrite,
  at: { readonly count: Count; readonly path: readonly FanTrigger[]; readonly times: number },
): void {
  const { count, path, times } = at;
  for (const trigger of triggers) {
    if (path.includes(trigger) || !isFiredBy(trigger, write)) continue;
    for (const next of trigger.writes) {
      if (count.inserts > maxInserts || count.writes > maxWrites) return;
      const rows = times * (next.rows ?? 1);
      count.writes += rows;
      if (next.verb === "insert") count.inserts += rows;
      count.through = [...path, trigger].map(({ name }) => name);
      follow(triggers, next, { count, path: [...path, trigger], times: rows });
    }
  }
}

function isFiredBy({ table, event, of }: FanTrigger, { verb, table: target, columns }: SqlWrite): boolean {
  if (foldName(table) !== foldName(target) || event !== verb) return false;
  return of === null || columns.length === 0 || of.some((column) => columns.includes(column));
}
