/** Loads `rows.sql`: after the tables, before the triggers. */
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { gateStatement } from "../sql/gate-statement.js";
import { readStatements, splitScript } from "../sql/split-script.js";
import { shorten } from "../sql/token-lists.js";
import { explainError, placeOf, type RawRefusal } from "./audit-refusal.js";

const maxStatements = 1_000_000;
/** Refusals told; a file with one slip in its writing has it in every line. */
const maxRefusals = 50;

const violationSchema = z.object({
  table: z.string(),
  rowid: z.union([z.number(), z.bigint(), z.null()]),
  parent: z.string(),
});

/**
 * Runs the INSERTs in one transaction and checks the foreign keys of all rows at its end, so that rows may stand in any order.
 * Nothing stays where one is refused. Foreign keys must be off.
 */
export function loadRows(db: Database, text: string, gate: typeof gateStatement): readonly RawRefusal[] {
  const refused: RawRefusal[] = [];
  const refuse = (statement: string | null, code: string, message: string) => {
    refused.push({ file: "rows.sql", statement, code, message });
  };
  if (text.includes("\0")) {
    refuse(null, "NUL", "the file holds a NUL character, at which SQLite stops reading; take it out");
    return refused;
  }
  db.prepare("BEGIN").run();
  let count = 0;
  for (const statement of readStatements(text)) {
    count += 1;
    if (count > maxStatements) {
      refuse(placeOf(statement), "SIZE", `the file has more than ${maxStatements} statements; put several rows into one INSERT`);
      break;
    }
    const gated = gate(statement, { file: "rows" });
    if (gated.kind === "refused") refuse(placeOf(statement), gated.code, gated.message);
    else {
      const fault = insert(db, statement.text, gated.name);
      if (fault !== null) refuse(placeOf(statement), fault.code, fault.message);
    }
    if (!db.inTransaction) break;
    if (refused.length >= maxRefusals) {
      refuse(null, "MORE", `reading stopped after ${maxRefusals} refusals`);
      break;
    }
  }
  // No row is a state, but a comment that swallowed its INSERTs may not pass for one.
  const script = count === 0 ? splitScript(text) : null;
  if (script?.kind === "refused" && script.code === "COMMENT_ONLY") refuse(null, script.code, script.message);
  if (refused.length === 0) for (const message of danglingRows(db)) refuse(null, "FOREIGN_KEY", message);
  // Out of space, SQLite has rolled back by itself.
  if (db.inTransaction) db.prepare(refused.length === 0 ? "COMMIT" : "ROLLBACK").run();
  return refused;
}

function insert(db: Database, sql: string, table: string): { readonly code: string; readonly message: string } | null {
  const what = `cannot insert into "${shorten(table)}"`;
  try {
    const statement = db.prepare(sql);
    if (statement.reader) return { code: "STATEMENT", message: `${what}: RETURNING has nobody to return to; leave it out` };
    statement.run();
    return null;
  } catch (error) {
    if (error instanceof Error) return explainError(what, error.message);
    throw error;
  }
}

/** Rows that point at none, table by table; a foreign key without any target is a finding, and its NULLs are no fault. */
function danglingRows(db: Database): readonly string[] {
  const tables = z
    .array(z.string())
    .parse(
      db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
        .pluck()
        .all(),
    );
  return tables
    .flatMap((table) => {
      try {
        return z
          .array(violationSchema)
          .parse(db.prepare('SELECT "table", rowid, parent FROM pragma_foreign_key_check(?) LIMIT 20').all(table));
      } catch (error) {
        if (error instanceof Error && error.message.includes("foreign key mismatch")) return [];
        throw error;
      }
    })
    .slice(0, 20)
    .map(({ table, rowid, parent }) => {
      const row = rowid === null ? `a row of "${table}"` : `row ${rowid.toString()} of "${table}"`;
      return `${row} points at a row of "${parent}" that is not there; insert that row, or correct the reference`;
    });
}
