/** The fence before the SQL of a `custom` rule: the words of an import's triggers, and fewer statements. */
import { readWrites } from "./read-write.js";
import { scanTokens } from "./scan-tokens.js";
import { findKeyword } from "./token-lists.js";
import { keywordOf, SqlTextError, tokenizeSql, type SqlToken } from "./tokenize-sql.js";

/** The words of a rule's SQL, or why it is refused. */
export type GatedCustom = { readonly ok: true; readonly tokens: readonly SqlToken[] } | { readonly ok: false; readonly message: string };

const maxLength = 16 * 1024;

/** Judges a guard: one boolean expression over NEW and OLD, which may hold SELECTs in brackets. */
export function gateCustomGuard(sql: string): GatedCustom {
  return gate(sql, (tokens) => {
    if (tokens.length === 0) return "expected an expression, got none";
    const fault = strayWord(tokens);
    return fault === null ? null : `expected one boolean expression, but "${fault}" stands outside all brackets`;
  });
}

/** Judges an effect: one INSERT or UPDATE without a conflict clause. */
export function gateCustomEffect(sql: string): GatedCustom {
  return gate(sql, (tokens) => {
    const start = keywordOf(tokens[0]);
    if ((start !== "insert" && start !== "update") || readWrites(tokens).length === 0)
      return `expected one INSERT or UPDATE, got ${tokens.length === 0 ? "nothing" : `"${tokens[0]?.value ?? ""}"`}`;
    const hasConflict =
      keywordOf(tokens[1]) === "or" || tokens.some((token, i) => keywordOf(token) === "on" && keywordOf(tokens[i + 1]) === "conflict");
    if (hasConflict) return "an effect may not say what happens on a conflict; leave OR … and ON CONFLICT out";
    return findKeyword(tokens, ["returning"]) === -1 ? null : "an effect returns nothing; leave RETURNING out";
  });
}

const clauses = new Set(
  "select insert update delete with values create begin from where group order having limit offset union intersect except as set into on using returning".split(
    " ",
  ),
);

/** The first word outside all brackets that would end the expression where the compiler puts it. */
function strayWord(tokens: readonly SqlToken[]): string | null {
  let depth = 0;
  let cases = 0;
  for (const [i, token] of tokens.entries()) {
    const word = keywordOf(token);
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    if (depth > 0 || keywordOf(tokens[i - 1]) === ".") continue;
    if (word === "case") cases += 1;
    const isStray = cases === 0 ? /^(when|then|else|end|,)$/.test(word) : word === ",";
    const isCompared = word === "from" && keywordOf(tokens[i - 1]) === "distinct";
    if (isStray || (clauses.has(word) && !isCompared)) return token.value;
    if (word === "end") cases -= 1;
  }
  return cases === 0 ? null : "CASE";
}

function gate(sql: string, faultOf: (tokens: readonly SqlToken[]) => string | null): GatedCustom {
  if (sql.length > maxLength) return { ok: false, message: `the SQL has ${sql.length} characters, at most ${maxLength} are read` };
  try {
    const tokens = tokenizeSql(sql);
    const { refusals } = scanTokens(tokens, { clock: "stored", raise: "refused", key: "none" });
    const message = refusals[0]?.message ?? faultOf(tokens) ?? faultBehind(sql, tokens);
    return message === null ? { ok: true, tokens } : { ok: false, message };
  } catch (error) {
    if (error instanceof SqlTextError) return { ok: false, message: `${error.message}, at offset ${error.offset}` };
    throw error;
  }
}

/** A comment behind the last word would swallow what the compiler writes after it. */
function faultBehind(sql: string, tokens: readonly SqlToken[]): string | null {
  return /[^ \t\n\f\r]/.test(sql.slice(tokens.at(-1)?.end ?? 0)) ? "a comment stands behind the last word; put it before" : null;
}
