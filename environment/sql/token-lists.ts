/** Moving about in a list of tokens. */
import { foldName, keywordOf, type SqlToken } from "./tokenize-sql.js";
import { collations } from "./word-lists.js";

/** Why a text is refused: a short upper-case code, and a sentence that names the construct and the fix. */
export interface SqlRefusal {
  readonly code: string;
  readonly message: string;
}

/** The folded name that the token may stand for (SQLite takes a string for a name as well), or null. */
export function nameOf(token: SqlToken | undefined): string | null {
  if (token === undefined || (token.kind !== "word" && token.kind !== "quoted" && token.kind !== "string")) return null;
  return foldName(token.value);
}

/** The index of the bracket that closes the one at `open`; the list's length if none does. */
export function closeOf(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i += 1) {
    const mark = keywordOf(tokens[i]);
    if (mark === "(") depth += 1;
    if (mark === ")") depth -= 1;
    if (depth === 0) return i;
  }
  return tokens.length;
}

/** The parts of a list between its separators outside all brackets; no part for an empty list. */
export function splitAt(tokens: readonly SqlToken[], separator: "," | ";" | "and"): readonly (readonly SqlToken[])[] {
  if (tokens.length === 0) return [];
  const parts: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const mark = keywordOf(token);
    if (mark === "(") depth += 1;
    if (mark === ")") depth -= 1;
    if (mark === separator && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** The index of the first of these keywords outside all brackets at or after `from`, or −1; a name after a dot is none. */
export function findKeyword(tokens: readonly SqlToken[], wanted: readonly string[], from = 0): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i += 1) {
    const mark = keywordOf(tokens[i]);
    if (mark === "(") depth += 1;
    else if (mark === ")") depth -= 1;
    else if (depth === 0 && wanted.includes(mark) && keywordOf(tokens[i - 1]) !== ".") return i;
  }
  return -1;
}

/** What is wrong with a name that stands for a table, an index, a trigger or a column, or null. `folded` as by `foldName`. */
export function refuseName(folded: string): SqlRefusal | null {
  if (folded === "") return { code: "NAME", message: "a name is empty; give it at least one letter" };
  if (folded === "__proto__") return { code: "NAME", message: 'the name "__proto__" is reserved; choose another' };
  const prefix = ["sqlite_", "logigen_", "pragma_"].find((reserved) => folded.startsWith(reserved));
  return prefix === undefined
    ? null
    : { code: "RESERVED_NAME", message: `name "${shorten(folded)}": names that start with ${prefix} are reserved; choose another` };
}

/** What is wrong with the name behind COLLATE, or null. */
export function refuseCollation(token: SqlToken | undefined): SqlRefusal | null {
  const name = nameOf(token) ?? "";
  if (collations.has(name)) return null;
  return { code: "COLLATION", message: `collation "${shorten(name)}" is unknown; use BINARY, NOCASE or RTRIM` };
}

/** A name or a text short enough for a message. */
export function shorten(text: string): string {
  const line = text.replaceAll(/[ \t\n\f\r]+/g, " ").trim();
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`;
}
