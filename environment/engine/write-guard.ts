/**
 * How a write is carried out so that a refused one changes nothing: one statement, which SQLite undoes whole.
 *
 * Deferred foreign keys, which imports may have, would be checked at a commit that a session never makes. Where there are any,
 * each write stands in a savepoint, and their tables are checked before it is answered.
 *
 * @see https://sqlite.org/foreignkeys.html#fk_deferred
 */
import type { Engine } from "../compile/compile-sheet.js";
import { quoteIdentifier, quoteLiteral } from "../core/identifier.js";
import { describeConstraint } from "./constraint-words.js";
import { brokenReference, type Refusal, refusalOf, type RuleTexts, type ToolResult } from "./tool-result.js";

export interface WriteGuard {
  /** Runs the write of this table; what the database refuses is answered. @throws Whatever does not come from SQLite. */
  attempt(write: () => ToolResult, table?: string): ToolResult;
  /** Within an attempt, when its statement has run: the refusal that a deferred foreign key asks for. */
  broken(): Refusal | null;
}

type Statements = (sql: string) => { readonly run: () => unknown; readonly get: () => unknown; readonly all: () => readonly unknown[] };

/** Opens the guard of one connection. */
export function openWriteGuard(
  { catalogue, schemaSql }: Engine,
  { rules, prepare }: { readonly rules: RuleTexts; readonly prepare: Statements },
): WriteGuard {
  const checks = Object.values(catalogue.tables)
    .filter(({ deferred }) => deferred)
    .map(({ name }) => ({ name, sql: `PRAGMA main.foreign_key_check(${quoteIdentifier(name)})` }));

  const constraints = { catalogue, schemaSql, referring };

  function referring(table: string): readonly string[] {
    const found = prepare(`SELECT DISTINCT "from" FROM pragma_foreign_key_list(${quoteLiteral(table)}, 'main')`).all();
    return found.flatMap((row) => (Array.isArray(row) ? row.map(String) : []));
  }

  function attempt(write: () => ToolResult, table?: string): ToolResult {
    try {
      return write();
    } catch (thrown) {
      return refusalOf(thrown, rules, (error) => describeConstraint(constraints, error, table ?? null));
    }
  }

  function attemptInSavepoint(write: () => ToolResult, table?: string): ToolResult {
    prepare("SAVEPOINT logigen_call").run();
    const result = attempt(write, table);
    if (!result.ok) prepare("ROLLBACK TO logigen_call").run();
    prepare("RELEASE logigen_call").run();
    return result;
  }

  function broken(): Refusal | null {
    const found = checks.find(({ sql }) => prepare(sql).get() !== undefined);
    return found === undefined ? null : brokenReference((error) => describeConstraint(constraints, error, found.name));
  }

  return checks.length === 0 ? { attempt, broken: () => null } : { attempt: attemptInSavepoint, broken };
}
