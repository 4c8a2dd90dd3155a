/** Which rules are effects, and what each of them writes; known from the sheet alone, before any expression is read. */
import { foldName, keywordOf, type SqlToken, SqlTextError, tokenizeSql } from "../sql/tokenize-sql.js";
import type { Rule, Sheet } from "./sheet.js";

/** Rules that write. */
export type EffectRule = Extract<Rule, { kind: "counter" | "propagate" | "promote" | "spawn" | "stamp" | "rollup" | "custom_effect" }>;

/** Effects that write what agents may not, and so leave a mark. */
export type Act = Exclude<EffectRule, { kind: "counter" }>;

/** A table, whether rows are made or changed there, and the columns written, in the sheet's order. */
export interface RuleWrites {
  readonly table: string;
  readonly on: "insert" | "update";
  readonly columns: readonly string[];
}

/** Whether a rule writes; all others refuse. */
export function isEffectRule(rule: Rule): rule is EffectRule {
  return rule.kind === "counter" || isAct(rule);
}

/** Whether a rule is an effect other than a counter. */
export function isAct(rule: Rule): rule is Act {
  switch (rule.kind) {
    case "propagate":
    case "promote":
    case "spawn":
    case "stamp":
    case "rollup":
    case "custom_effect":
      return true;
    default:
      return false;
  }
}

/** What a rule writes; null for a guard, and where what it names is not there. */
export function writesOf(rule: Rule, sheet: Pick<Sheet, "tables">): RuleWrites | null {
  switch (rule.kind) {
    case "counter":
      return { table: rule.table, on: "update", columns: [rule.column] };
    case "propagate":
      return { table: rule.rows.from, on: "update", columns: Object.keys(rule.set) };
    case "promote":
      return { table: rule.pick.from, on: "update", columns: Object.keys(rule.set) };
    case "spawn":
      return { table: rule.into, on: "insert", columns: Object.keys(rule.values) };
    case "stamp":
      return { table: rule.table, on: "update", columns: Object.keys(rule.set) };
    case "rollup": {
      const owner = sheet.tables[rule.table]?.columns[rule.owner]?.references;
      return owner === undefined ? null : { table: owner, on: "update", columns: Object.keys(rule.set) };
    }
    case "custom_effect": {
      const writes = sqlWrites(rule.sql, Object.keys(sheet.tables));
      return writes === null ? null : { ...writes, columns: Object.keys(writes.columns) };
    }
    default:
      return null;
  }
}

/** What one INSERT or UPDATE writes: each column with the text it is set to, or null where that is no constant. */
export interface SqlWrites {
  readonly table: string;
  readonly on: "insert" | "update";
  readonly columns: Readonly<Record<string, string | null>>;
}

/** What a custom effect writes; null where its text is neither INSERT nor UPDATE of one of these tables. */
export function sqlWrites(sql: string, tables: readonly string[]): SqlWrites | null {
  const tokens = tokensOf(sql);
  const on = keywordOf(tokens[0]) === "insert" ? "insert" : keywordOf(tokens[0]) === "update" ? "update" : null;
  if (on === null) return null;
  const at = on === "insert" ? 2 : 1;
  const table = tables.find((name) => name === nameOf(tokens[at]));
  if (table === undefined) return null;
  return { table, on, columns: on === "insert" ? listedColumns(tokens.slice(at + 1)) : setColumns(tokens.slice(at + 1)) };
}

/** The words of an SQL text; none where it is no SQL (the gate says why). */
function tokensOf(sql: string): readonly SqlToken[] {
  try {
    return tokenizeSql(sql);
  } catch (error) {
    if (error instanceof SqlTextError) return [];
    throw error;
  }
}

function nameOf(token: SqlToken | undefined): string {
  return token?.kind === "word" || token?.kind === "quoted" ? foldName(token.value) : "";
}

/** The names between the first brackets. */
function listedColumns(tokens: readonly SqlToken[]): SqlWrites["columns"] {
  if (keywordOf(tokens[0]) !== "(") return {};
  const end = tokens.findIndex((token) => keywordOf(token) === ")");
  return Object.fromEntries(tokens.slice(1, end).flatMap((token) => (nameOf(token) === "" ? [] : [[nameOf(token), null]])));
}

/** The names before each `=` of the SET clause, those of a list in brackets too, and the texts that stand alone behind them. */
function setColumns(tokens: readonly SqlToken[]): SqlWrites["columns"] {
  const columns: Record<string, string | null> = {};
  let depth = 0;
  let isTarget = false;
  for (const [index, token] of tokens.entries()) {
    const word = keywordOf(token);
    if (depth === 0 && !isTarget && endsOfSet.has(word)) break;
    if (word === "(") depth += 1;
    else if (word === ")") depth -= 1;
    else if (word === "set" || (word === "," && depth === 0)) isTarget = true;
    else if (word === "=" && depth === 0) isTarget = false;
    else if (isTarget && nameOf(token) !== "") columns[nameOf(token)] = depth === 0 ? constantAfter(tokens, index) : null;
  }
  return columns;
}

const endsOfSet = new Set(["where", "from", "returning", ";"]);

function constantAfter(tokens: readonly SqlToken[], index: number): string | null {
  const value = tokens[index + 2];
  const next = keywordOf(tokens[index + 3]);
  const isAlone = tokens[index + 3] === undefined || next === "," || endsOfSet.has(next);
  return value?.kind === "string" && isAlone ? value.value : null;
}
