/**
 * What text an expression may be, as far as it may be one of a few words: those by which a date function reads the clock or the
 * time zone. What cannot be told counts as possible.
 */
import { resultsOf } from "./select-results.js";
import { closeOf, nameOf, splitAt } from "./token-lists.js";
import { foldName, keywordOf, type SqlToken } from "./tokenize-sql.js";
import { dateFunctions, keywords } from "./word-lists.js";

/** What an expression may be beside NULL. */
export interface Spelling {
  /** `word`: it may be one of the words; `unknown`: that cannot be told; null: it is none, unless a column of `columns` holds one. */
  readonly fault: "word" | "unknown" | null;
  /** Whether something is always in it that is part of no word, so that whatever is joined to it is no word. */
  readonly alien: boolean;
  /** Whether it is put together, so that a piece of it may be a word where nothing that is written is. */
  readonly built: boolean;
  /** Columns whose text it may be, or be cut from, as written and folded: "new.due". */
  readonly columns: readonly string[];
}

const number: Spelling = { fault: null, alien: true, built: false, columns: [] };
const unknown: Spelling = { fault: "unknown", alien: false, built: true, columns: [] };

/** Judges an expression by its words. `words` are folded. */
export function spellText(tokens: readonly SqlToken[], words: readonly string[]): Spelling {
  const operators = operatorsOf(tokens);
  if (operators.some((at) => !/^(\|\||->|->>)$/.test(keywordOf(tokens[at])))) return number;
  const last = operators.at(-1);
  if (last === undefined) return spellOperand(tokens, words);
  const left = tokens.slice(0, last);
  const right = tokens.slice(last + 1);
  if (keywordOf(tokens[last]) !== "||") return spellCut([left, right], words);
  if (isEmptyText(right)) return spellText(left, words);
  return isEmptyText(left) ? spellOperand(right, words) : spellJoin([left, right], words);
}

/** Where operators of two sides stand outside all brackets, and words that make the whole a truth value. */
function operatorsOf(tokens: readonly SqlToken[]): readonly number[] {
  let depth = 0;
  return tokens.flatMap((token, at) => {
    const mark = keywordOf(token);
    const before = tokens[at - 1];
    if (keywordOf(before) === ".") return [];
    if (mark === "(" || mark === "case") depth += 1;
    if (mark === ")" || mark === "end") depth -= 1;
    if (depth > 0 || /^[().,]$/.test(mark)) return [];
    if (token.kind !== "symbol") return /^(and|or|not|is|in|like|glob|between|isnull|notnull|match|regexp|exists)$/.test(mark) ? [at] : [];
    return before === undefined || (before.kind === "symbol" && before.value !== ")") ? [] : [at];
  });
}

function isEmptyText([only, ...rest]: readonly SqlToken[]): boolean {
  return rest.length === 0 && only?.kind === "string" && only.value === "";
}

function spellOperand(tokens: readonly SqlToken[], words: readonly string[]): Spelling {
  if (keywordOf(tokens.at(-2)) === "collate") return spellOperand(tokens.slice(0, -2), words);
  const [first, second, third] = tokens;
  if (first === undefined) return unknown;
  if (tokens.length === 1) return spellToken(first, words);
  const mark = keywordOf(first);
  if (mark === "-" || mark === "~") return number;
  if (mark === "+") return spellOperand(tokens.slice(1), words);
  if (mark === "(") return closeOf(tokens, 0) === tokens.length - 1 ? spellInner(tokens.slice(1, -1), words) : unknown;
  if (mark === "case") return anyOf(valuesOfCase(tokens), words);
  if (keywordOf(second) === ".") return tokens.length === 3 ? column(`${nameOf(first) ?? ""}.${nameOf(third) ?? ""}`) : unknown;
  return keywordOf(second) === "(" ? spellCall(foldName(first.value), tokens, words) : unknown;
}

function spellToken(token: SqlToken, words: readonly string[]): Spelling {
  switch (token.kind) {
    case "string":
      return literal(token.value, words);
    case "blob":
      return literal(Buffer.from(token.value, "hex").toString("latin1"), words);
    case "number":
      return number;
    case "symbol":
      return unknown;
    case "word":
    case "quoted":
      return token.kind === "word" && (keywords.has(foldName(token.value)) || /^(null|current_\w+)$/i.test(token.value))
        ? number
        : column(foldName(token.value));
  }
}

/** SQLite reads a text up to its first NUL. */
function literal(value: string, words: readonly string[]): Spelling {
  const text = foldName(value.split("\0")[0] ?? "");
  const isPart = words.some((word) => word.includes(text)) || value.includes("\0");
  return { fault: words.includes(text) ? "word" : null, alien: !isPart, built: false, columns: [] };
}

function column(name: string): Spelling {
  return { fault: null, alien: false, built: false, columns: [name] };
}

/** One of several, whichever it is. */
function anyOf(parts: readonly (readonly SqlToken[])[], words: readonly string[]): Spelling {
  const each = parts.map((part) => spellText(part, words));
  const fault = each.some((spelling) => spelling.fault === "word") ? "word" : each.some((spelling) => spelling.fault === "unknown");
  return {
    fault: fault === true ? "unknown" : fault === false ? null : fault,
    alien: each.every(({ alien }) => alien),
    built: each.some(({ built }) => built),
    columns: each.flatMap(({ columns }) => columns),
  };
}

/** Texts one behind the other; with a NUL in it the whole would end there. */
function spellJoin(parts: readonly (readonly SqlToken[])[], words: readonly string[]): Spelling {
  const mayEnd = parts.flat().some((token) => token.kind === "blob" || /^(char|unhex)$/i.test(token.value));
  const isAlien = !mayEnd && parts.some((part) => spellText(part, words).alien);
  return isAlien ? { ...number, built: true } : unknown;
}

/** A part of the first, chosen by the others; a backslash may hide letters in JSON. */
function spellCut([whole = [], ...rest]: readonly (readonly SqlToken[])[], words: readonly string[]): Spelling {
  const spelling = spellText(whole, words);
  const holdsWord = [whole, ...rest]
    .flat()
    .some(({ kind, value }) => kind === "blob" || (kind === "string" && [...words, "\\"].some((word) => foldName(value).includes(word))));
  return spelling.built || spelling.fault !== null || holdsWord ? unknown : { ...spelling, alien: false };
}

function spellInner(tokens: readonly SqlToken[], words: readonly string[]): Spelling {
  if (!/^(select|values|with)$/.test(keywordOf(tokens[0]))) return splitAt(tokens, ",").length === 1 ? spellText(tokens, words) : unknown;
  const results = resultsOf(tokens);
  return results.length === 0
    ? unknown
    : anyOf(
        results.map((result) => result.tokens),
        words,
      );
}

/** What stands behind each THEN and behind ELSE. */
function valuesOfCase(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const values: SqlToken[][] = [];
  let depth = 0;
  let isValue = false;
  for (const [at, token] of tokens.entries()) {
    const mark = keywordOf(tokens[at - 1]) === "." ? "" : keywordOf(token);
    if (mark === ")" || mark === "end") depth -= 1;
    if (depth === 1 && (mark === "then" || mark === "else")) {
      isValue = true;
      values.push([]);
    } else if (depth === 1 && mark === "when") isValue = false;
    else if (depth > 0 && isValue) values.at(-1)?.push(token);
    if (mark === "(" || mark === "case") depth += 1;
  }
  return values;
}

const numeric = new Set([
  ...[...dateFunctions].filter((name) => name !== "strftime"),
  ..."abs ceil ceiling floor mod pow power round sign sqrt trunc length octet_length instr unicode count sum total avg".split(" "),
]);

/** A call, and what may stand behind an aggregate's. */
function spellCall(name: string, tokens: readonly SqlToken[], words: readonly string[]): Spelling {
  const close = closeOf(tokens, 1);
  if (close < tokens.length - 1 && !/^(filter|over)$/.test(keywordOf(tokens[close + 1]))) return unknown;
  if (numeric.has(name)) return number;
  const inner = tokens.slice(2, close);
  const given = splitAt(inner, ",");
  const [first = [], second = [], third = []] = given;
  switch (name) {
    case "cast":
      return spellText(
        inner.slice(
          0,
          inner.findLastIndex((token) => keywordOf(token) === "as"),
        ),
        words,
      );
    case "coalesce":
    case "ifnull":
    case "min":
    case "max":
      return anyOf(given, words);
    case "iif":
    case "if":
      return anyOf(
        given.filter((_, at) => at % 2 === 1 || at === given.length - 1),
        words,
      );
    case "lag":
    case "lead":
      return anyOf(third.length === 0 ? [first] : [first, third], words);
    case "nullif":
    case "likely":
    case "unlikely":
    case "likelihood":
    case "first_value":
    case "last_value":
    case "nth_value":
    case "upper":
    case "lower":
    case "strftime": // each of its directives writes a digit, a % or a letter of "am" and "pm"
      return spellText(first, words);
    case "trim":
    case "ltrim":
    case "rtrim":
      return given.length === 1 ? spellCut(given, words) : unknown;
    case "substr":
    case "substring":
      return isLongHead(second, third, words) ? spellCut(given, words) : unknown;
    case "json_extract":
      return spellCut(given, words);
    case "replace":
      return spellText(third, words).alien && third[0]?.kind === "string" ? { ...spellText(first, words), built: true } : unknown;
    case "concat":
      return given.some((part) => part.length === 1 && part[0]?.kind === "string") ? spellJoin(given.filter(isText), words) : unknown;
    case "concat_ws":
      return isText(first) && spellText(first, words).alien ? { ...anyOf(given.slice(1), words), built: true } : unknown;
    default:
      return unknown;
  }
}

/** One literal: of what is joined by a function, NULL is left out. */
function isText(part: readonly SqlToken[]): boolean {
  return part.length === 1 && part[0]?.kind === "string";
}

/** The first letters, more than a word has: they are a word only where the whole is. */
function isLongHead([start, ...more]: readonly SqlToken[], length: readonly SqlToken[], words: readonly string[]): boolean {
  if (start?.value !== "1" || more.length > 0) return false;
  const [count, ...rest] = length;
  return count === undefined || (rest.length === 0 && words.every((word) => Number(count.value) > word.length));
}
