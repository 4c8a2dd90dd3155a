/** Whether a state can still become the target: nothing is deleted and end states are never left (paper 4.1, termination ii). */
import type { Compiled } from "../compile/compile-sheet.js";
import type { CatalogueTable } from "../core/catalogue.js";
import { quoteIdentifier } from "../core/identifier.js";
import { type Db, openSnapshot } from "../engine/snapshot.js";

/**
 * True when the target can no longer be reached, by facts that nothing undoes: a table holds more rows than the target's,
 * an origin row stands in an end state that the target's does not, or more created rows stand in one than in the target.
 * False says only that no such fact was found.
 */
export function isIrrecoverable({
  compiled,
  origin,
  target,
  state,
}: {
  readonly compiled: Compiled;
  readonly origin: Buffer;
  readonly target: Buffer;
  readonly state: Db;
}): boolean {
  const before = openSnapshot(origin, { readonly: true });
  const wanted = openSnapshot(target, { readonly: true });
  try {
    return Object.values(compiled.catalogue.tables).some((table) => {
      if (table.layer !== "L2") return false;
      if (countRows(state, table) > countRows(wanted, table)) return true;
      return (table.states?.end ?? []).some((end) => strays(table, end, { before, wanted, state }));
    });
  } finally {
    before.close();
    wanted.close();
  }
}

function strays(
  table: CatalogueTable,
  end: string,
  { before, wanted, state }: { readonly before: Db; readonly wanted: Db; readonly state: Db },
): boolean {
  const known = new Set(keys(before, table, null));
  const target = keys(wanted, table, end);
  const found = keys(state, table, end);
  const allowed = new Set(target);
  const created = (list: readonly string[]): number => list.filter((key) => !known.has(key)).length;
  return found.some((key) => known.has(key) && !allowed.has(key)) || created(found) > created(target);
}

function keys(db: Db, table: CatalogueTable, inState: string | null): string[] {
  const columns = table.key.map(quoteIdentifier).join(" || '/' || ");
  const where = inState === null ? "" : ` WHERE ${quoteIdentifier(table.states?.column ?? "")} = ?`;
  return db
    .prepare<unknown[], string>(`SELECT CAST(${columns} AS TEXT) FROM ${quoteIdentifier(table.name)}${where}`)
    .pluck()
    .all(...(inState === null ? [] : [inState]));
}

function countRows(db: Db, table: CatalogueTable): number {
  return Number(
    db
      .prepare(`SELECT count(*) FROM ${quoteIdentifier(table.name)}`)
      .pluck()
      .get(),
  );
}
