/** Statements of the write matrix: under every conflict clause, and as text with literals for a plain shell. */
import { quoteLiteral } from "../core/identifier.js";
import type { Value } from "../core/values.js";

/** One statement as a client sends it: a `?` for each value. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** One statement that must be refused, on a state. */
export interface MatrixCase extends Statement {
  readonly rule: string;
  readonly shows: string;
  /** Statements run ahead of it, refused or not. */
  readonly first: readonly Statement[];
  /** Whether it must be refused by `rule`, or by whichever rule of the sheet comes first: rows of several sorts are written. */
  readonly names: "rule" | "any";
  /** Whether the same is tried without a conflict clause, of which this is a variant. */
  readonly form: "plain" | "variant";
}

/** What a statement can ask to happen on a conflict; none may let it through. @see https://www.sqlite.org/lang_conflict.html */
const clauses = ["OR REPLACE", "OR IGNORE", "OR FAIL", "OR ABORT", "OR ROLLBACK"];

/** A case as it is, and under each conflict clause. */
export function underEveryClause(each: MatrixCase): readonly MatrixCase[] {
  return [
    each,
    ...clauses.map(
      (clause): MatrixCase => ({ ...each, sql: each.sql.replace(/^(?:INSERT|UPDATE)/, (verb) => `${verb} ${clause}`), form: "variant" }),
    ),
  ];
}

/** A case with nothing before it, named by its rule. */
export function plainCase(parts: Pick<MatrixCase, "rule" | "shows" | "sql" | "values">): MatrixCase {
  return { ...parts, first: [], names: "rule", form: "plain" };
}

/** A statement as one line of SQL with its values as literals, without a last semicolon. */
export function literalText({ sql, values }: Statement): string {
  let at = 0;
  return sql.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\?/g, (token) => {
    if (token !== "?") return token;
    const value = values[at] ?? null;
    at += 1;
    return literalOf(value);
  });
}

function literalOf(value: Value): string {
  if (Buffer.isBuffer(value)) return `X'${value.toString("hex")}'`;
  return quoteLiteral(value);
}
