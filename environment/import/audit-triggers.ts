/** Triggers that compile and never fire. */
import type { Database } from "better-sqlite3";
import type { SqlTable } from "../engine/sql-tables.js";
import type { GatedTrigger } from "../sql/gate-trigger.js";
import { findKeyword, shorten, splitAt } from "../sql/token-lists.js";
import { foldName, keywordOf, type SqlToken } from "../sql/tokenize-sql.js";

/** Why a trigger can never fire, as a sentence, or null: its UPDATE OF names no column that can be set, or its WHEN is never true. */
export function refuseSilence(
  db: Database,
  trigger: GatedTrigger,
  table: SqlTable,
): { readonly code: string; readonly message: string } | null {
  const found = (trigger.of ?? []).map((name) => table.columns.find((column) => foldName(column.name) === name));
  const unknown = found.indexOf(undefined);
  if (unknown !== -1) {
    const name = shorten(trigger.of?.[unknown] ?? "");
    return {
      code: "UPDATE_OF",
      message: `UPDATE OF names "${name}", which table "${table.name}" has not: it would never fire for it; correct the name`,
    };
  }
  if (found.length > 0 && found.every((column) => column?.generated === true))
    return {
      code: "UPDATE_OF",
      message: "UPDATE OF names generated columns only, which no UPDATE sets; name the columns they are computed from",
    };
  const conjunct = (trigger.when === null ? [] : conjunctsOf(trigger.when)).find((part) => isNeverTrue(db, part));
  if (conjunct === undefined) return null;
  const text = shorten(conjunct.map(textOf).join(" "));
  const fix = isNullComparison(conjunct)
    ? "a comparison with NULL is never true, write IS NULL or IS NOT NULL"
    : "it is false for every row";
  return { code: "NEVER_FIRES", message: `WHEN ${text}: ${fix}` };
}

/** The parts that AND joins outside brackets; the whole where the text is more than that. */
function conjunctsOf(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  if (findKeyword(tokens, ["or", "between", "case", "not"]) !== -1) return [tokens];
  return splitAt(tokens, "and");
}

function isNeverTrue(db: Database, tokens: readonly SqlToken[]): boolean {
  if (isNullComparison(tokens)) return true;
  if (tokens.length === 0 || !tokens.every(isConstant)) return false;
  try {
    return (
      db
        .prepare(`SELECT (${tokens.map(textOf).join(" ")}) IS TRUE`)
        .pluck()
        .get() === 0
    );
  } catch {
    // What is no expression was refused by SQLite when the trigger was created.
    return false;
  }
}

/** `x = NULL` and its like, with nothing else in it that could make the whole true. */
function isNullComparison(tokens: readonly SqlToken[]): boolean {
  const marks = tokens.map(keywordOf);
  const isEqual = (mark: string | undefined) => mark !== undefined && /^(=|==|<>|!=)$/.test(mark);
  if (findKeyword(tokens, ["or", "and", "is", "not", "case", "between", "isnull", "notnull", "in"]) !== -1) return false;
  return (marks.at(-1) === "null" && isEqual(marks.at(-2))) || (marks[0] === "null" && isEqual(marks[1]));
}

function isConstant(token: SqlToken): boolean {
  if (token.kind === "word") return /^(null|true|false|not|and|or|is)$/i.test(token.value);
  return token.kind === "number" || token.kind === "string" || (token.kind === "symbol" && /^([=<>!]+|[()+-])$/.test(token.value));
}

function textOf(token: SqlToken): string {
  if (token.kind === "string") return `'${token.value.replaceAll("'", "''")}'`;
  return token.kind === "quoted" ? `"${token.value}"` : token.value;
}
