/** The settings of a connection that runs untrusted SQL. */
import type { Database } from "better-sqlite3";

/**
 * Locks a new connection down: schema untrusted (no application-defined function in it), foreign keys on, recursive triggers off,
 * temporary tables in memory, and at most `maxBytes` of database file or memory (SQLITE_FULL beyond). Defensive mode is
 * better-sqlite3's default. Sorters and temporary tables are not counted: the limits of the child process hold them.
 *
 * @see https://www.sqlite.org/security.html
 */
export function guardConnection(db: Database, { maxBytes }: { readonly maxBytes: number }): void {
  db.pragma("trusted_schema = OFF");
  db.pragma("foreign_keys = ON");
  db.pragma("recursive_triggers = OFF");
  db.pragma("temp_store = MEMORY");
  db.pragma("cell_size_check = ON");
  const pageSize = Number(db.pragma("page_size", { simple: true }));
  db.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
}
