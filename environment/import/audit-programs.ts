/** Has SQLite compile every write to every table, triggers included, without running any. */
import type { Database } from "better-sqlite3";
import { z } from "zod";
import { quoteIdentifier } from "../core/identifier.js";
import type { SqlTable } from "../engine/sql-tables.js";
import { dateFunctions, clockWords, pureFunctions } from "../sql/word-lists.js";

/** One write that SQLite cannot compile, or that calls a function off the list. */
export interface ProgramFault {
  readonly table: string;
  readonly event: "insert" | "update" | "delete";
  readonly kind: "uncompiled" | "function";
  /** SQLite's words, or the function's name. */
  readonly detail: string;
}

const opcodeSchema = z.object({ opcode: z.string(), p4: z.unknown() });

/**
 * Compiles INSERT, DELETE, and UPDATE of every column of a table by EXPLAIN, which finds unknown names in the bodies of triggers,
 * foreign keys without a target, and every function that these programs call.
 *
 * @see https://www.sqlite.org/opcode.html
 */
export function auditPrograms(
  db: Database,
  table: Pick<SqlTable, "name" | "columns">,
  events: readonly ProgramFault["event"][] = ["insert", "update", "delete"],
): readonly ProgramFault[] {
  const name = quoteIdentifier(table.name);
  const updates = table.columns
    .filter(({ generated }) => !generated)
    .map((column) => `UPDATE ${name} SET ${quoteIdentifier(column.name)} = ${quoteIdentifier(column.name)}`);
  const writes = { insert: [`INSERT INTO ${name} DEFAULT VALUES`], update: updates, delete: [`DELETE FROM ${name}`] };
  return events.flatMap((event) =>
    writes[event].flatMap((sql) => explain(db, sql).map((fault) => ({ table: table.name, event, ...fault }))),
  );
}

function explain(db: Database, sql: string): readonly Pick<ProgramFault, "kind" | "detail">[] {
  let rows: unknown[];
  try {
    rows = db.prepare(`EXPLAIN ${sql}`).all();
  } catch (error) {
    if (error instanceof Error) return [{ kind: "uncompiled", detail: error.message }];
    throw error;
  }
  const called = z.array(opcodeSchema).parse(rows).flatMap(functionOf);
  return [...new Set(called)].filter((name) => !isListed(name)).map((detail) => ({ kind: "function", detail }));
}

/** "json_extract(2)" as the fourth operand of an opcode that calls a function. */
function functionOf({ opcode, p4 }: z.infer<typeof opcodeSchema>): readonly string[] {
  if (!/^(Function|PureFunc|Agg)/.test(opcode) || typeof p4 !== "string") return [];
  const name = /^(.*)\(-?[0-9]+\)$/.exec(p4)?.[1];
  return name === undefined ? [] : [name];
}

/** Operators call functions too: LIKE, GLOB, -> and ->>; `last_insert_rowid` only got past the gate where it may stand. */
function isListed(name: string): boolean {
  return (
    pureFunctions.has(name) ||
    dateFunctions.has(name) ||
    clockWords.has(name) ||
    ["->", "->>", "last_insert_rowid", "subtype"].includes(name)
  );
}
