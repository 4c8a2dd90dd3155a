/** What the rows of a SELECT hold. */
import { closeOf, findKeyword, nameOf, splitAt } from "./token-lists.js";
import { foldName, keywordOf, type SqlToken } from "./tokenize-sql.js";
import { keywords } from "./word-lists.js";

/** One value of the rows; `name` is folded, null where nobody gave it one. */
export interface SelectResult {
  readonly name: string | null;
  readonly tokens: readonly SqlToken[];
}

/** The values of a SELECT or VALUES, of each part of a compound one; `*` is left out, its columns keep their names. */
export function resultsOf(tokens: readonly SqlToken[]): readonly SelectResult[] {
  const starts = ["select", "values"];
  const found: SelectResult[] = [];
  for (let at = findKeyword(tokens, starts); at !== -1; at = findKeyword(tokens, starts, at + 1))
    found.push(...(keywordOf(tokens[at]) === "values" ? listed(tokens, at + 1) : selected(tokens, at + 1)));
  return found;
}

function listed(tokens: readonly SqlToken[], from: number): readonly SelectResult[] {
  if (keywordOf(tokens[from]) !== "(") return [];
  const close = closeOf(tokens, from);
  const row = splitAt(tokens.slice(from + 1, close), ",").map((value) => ({ name: null, tokens: value }));
  return keywordOf(tokens[close + 1]) === "," ? [...row, ...listed(tokens, close + 2)] : row;
}

const ends = ["from", "where", "group", "having", "window", "order", "limit", "union", "except", "intersect"];

function selected(tokens: readonly SqlToken[], from: number): readonly SelectResult[] {
  const start = /^(distinct|all)$/.test(keywordOf(tokens[from])) ? from + 1 : from;
  let end = findKeyword(tokens, ends, start);
  while (end !== -1 && keywordOf(tokens[end - 1]) === "distinct") end = findKeyword(tokens, ends, end + 1); // IS DISTINCT FROM
  return splitAt(tokens.slice(start, end === -1 ? tokens.length : end), ",")
    .filter((part) => keywordOf(part.at(-1)) !== "*")
    .map(namedResult);
}

function namedResult(part: readonly SqlToken[]): SelectResult {
  const last = part.at(-1);
  const before = part.at(-2);
  const name = nameOf(last);
  if (keywordOf(before) === "as") return { name, tokens: part.slice(0, -2) };
  if (isName(last) && before !== undefined && isOperandEnd(before)) return { name, tokens: part.slice(0, -1) };
  const isColumn = part.length === 1 || (part.length === 3 && keywordOf(before) === ".");
  return { name: isColumn && isName(last) && last?.kind !== "string" ? name : null, tokens: part };
}

function isName(token: SqlToken | undefined): boolean {
  if (token?.kind === "word") return !keywords.has(foldName(token.value));
  return token?.kind === "quoted" || token?.kind === "string";
}

function isOperandEnd(token: SqlToken): boolean {
  return token.kind === "symbol"
    ? token.value === ")"
    : token.kind !== "word" || /^(end|null|true|false)$/i.test(token.value) || isName(token);
}
