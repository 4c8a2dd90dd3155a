/** What a tool call answers, and how a refusal by the database becomes an answer without a word of SQL. */
import Database from "better-sqlite3";
import type { ConstraintError } from "./constraint-words.js";
import type { Effect } from "./effect-log.js";
import { codeOf, toldMessage } from "./raised-message.js";
import type { Row } from "../core/values.js";

/** `LIMIT`: an argument or a result past its byte cap; `INTERNAL`: a defect of the environment, no fault of the agent. */
export type ErrorCode = "POLICY_VIOLATION" | "INVALID_ARGUMENTS" | "UNKNOWN_TOOL" | "NOT_FOUND" | "LIMIT" | "INTERNAL";

export type ToolError = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly violated_rule: string | null;
  readonly hint: string | null;
};

export type Refusal = { readonly ok: false; readonly error: ToolError };

/** Rows found (`cursor` continues where `truncated`), or the row written with what the write changed beside it, or a refusal. */
export type ToolResult =
  | { readonly ok: true; readonly rows: readonly Row[]; readonly truncated: boolean; readonly cursor: string | null }
  | { readonly ok: true; readonly row: Row; readonly effects: readonly Effect[] }
  | Refusal;

/** What a rule says to whoever it refuses, by rule id. */
export type RuleTexts = ReadonlyMap<string, { readonly message: string; readonly hint: string | null }>;

/** A refusal that no rule made. */
export function refuse(code: Exclude<ErrorCode, "POLICY_VIOLATION">, message: string, hint: string | null = null): Refusal {
  return { ok: false, error: { code, message, violated_rule: null, hint } };
}

/**
 * The answer to a write that the database refused: triggers raise the id of the broken rule, those of an import words of their
 * author's. `describe` tells what a broken constraint, which only imports have, is about.
 * @throws Whatever was thrown, if it does not come from SQLite.
 */
export function refusalOf(thrown: unknown, rules: RuleTexts, describe: (error: ConstraintError) => string | null = () => null): Refusal {
  if (!(thrown instanceof Database.SqliteError)) throw thrown;
  if (thrown.code === "SQLITE_CONSTRAINT_TRIGGER") return raisedRefusal(thrown.message, rules);
  const rule = thrown.code.replace("SQLITE_CONSTRAINT_", "schema.").toLowerCase();
  const general = constraints.get(rule);
  if (general === undefined) return refuse("INTERNAL", "The environment failed to carry out this call; nothing was changed");
  return violation(rule, describe(thrown) ?? general);
}

function raisedRefusal(raised: string, rules: RuleTexts): Refusal {
  const text = rules.get(raised);
  if (text !== undefined) return violation(raised, text.message, text.hint);
  const message = toldMessage(raised);
  return violation(codeOf(raised) ?? message, message);
}

function violation(rule: string, message: string, hint: string | null = null): Refusal {
  return { ok: false, error: { code: "POLICY_VIOLATION", message, violated_rule: rule, hint } };
}

/** The refusal of a write that leaves a deferred foreign key pointing at nothing. */
export function brokenReference(describe: (error: ConstraintError) => string | null): Refusal {
  const rule = "schema.foreignkey";
  return violation(rule, describe({ code: "SQLITE_CONSTRAINT_FOREIGNKEY", message: "" }) ?? constraints.get(rule) ?? rule);
}

/** Constraints without a guard are named after their sort. */
const constraints: ReadonlyMap<string, string> = new Map([
  ["schema.notnull", "A required value is missing"],
  ["schema.check", "A value lies outside what its column allows"],
  ["schema.unique", "A row with these values exists already"],
  ["schema.primarykey", "A row with this key exists already"],
  ["schema.rowid", "A row with this key exists already"],
  ["schema.foreignkey", "A value refers to a row that does not exist"],
  ["schema.datatype", "A value has another type than its column"],
]);
