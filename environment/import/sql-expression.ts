/**
 * Expressions of raw SQL as trees, for the findings of an import: what a condition compares, and what it leaves open.
 *
 * Sub-selects and whatever else is not understood stay opaque: an `opaque` node stands for any value and keeps its words.
 */
import { closeOf, splitAt } from "../sql/token-lists.js";
import { foldName, keywordOf, type SqlToken } from "../sql/tokenize-sql.js";

/** `row` is `new`, `old`, another qualifier, or null; names are folded. */
export type SqlColumnName = { readonly kind: "column"; readonly row: string | null; readonly name: string };

export type CompareOperator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "is" | "is not" | "like" | "not like";

export type SqlExpression =
  | SqlColumnName
  | { readonly kind: "literal"; readonly value: string | number | null }
  | { readonly kind: "logic"; readonly op: "and" | "or"; readonly operands: readonly SqlExpression[] }
  | { readonly kind: "not"; readonly operand: SqlExpression }
  | { readonly kind: "compare"; readonly op: CompareOperator; readonly left: SqlExpression; readonly right: SqlExpression }
  /** `list` is null for a sub-select, which then stands in `parts`. */
  | {
      readonly kind: "in";
      readonly op: "in" | "not in";
      readonly operand: SqlExpression;
      readonly list: readonly SqlExpression[] | null;
      readonly parts: readonly SqlExpression[];
    }
  /** `ops` stand between the parts, in the order of the text whatever binds closer; one before a single part. */
  | { readonly kind: "reckoning"; readonly ops: readonly string[]; readonly parts: readonly SqlExpression[] }
  | { readonly kind: "call"; readonly name: string; readonly parts: readonly SqlExpression[] }
  | {
      readonly kind: "case";
      readonly base: SqlExpression | null;
      readonly branches: readonly { readonly when: SqlExpression; readonly then: SqlExpression }[];
      readonly otherwise: SqlExpression | null;
    }
  | { readonly kind: "raise"; readonly action: string; readonly message: string | null }
  | { readonly kind: "exists"; readonly select: readonly SqlToken[] }
  | { readonly kind: "opaque"; readonly tokens: readonly SqlToken[] };

interface Cursor {
  readonly tokens: readonly SqlToken[];
  at: number;
}

/** The expression that these words are; words that are none, in part or whole, make it opaque. */
export function parseSqlExpression(tokens: readonly SqlToken[]): SqlExpression {
  const cursor: Cursor = { tokens, at: 0 };
  const parsed = readOr(cursor);
  return cursor.at === tokens.length ? parsed : { kind: "opaque", tokens };
}

function word(cursor: Cursor, ahead = 0): string {
  return keywordOf(cursor.tokens[cursor.at + ahead]);
}

function take(cursor: Cursor, ...words: readonly string[]): boolean {
  if (!words.every((each, i) => word(cursor, i) === each)) return false;
  cursor.at += words.length;
  return true;
}

function readOr(cursor: Cursor): SqlExpression {
  const operands = [readAnd(cursor)];
  while (take(cursor, "or")) operands.push(readAnd(cursor));
  return logic("or", operands);
}

function readAnd(cursor: Cursor): SqlExpression {
  const operands = [readNot(cursor)];
  while (take(cursor, "and")) operands.push(readNot(cursor));
  return logic("and", operands);
}

function logic(op: "and" | "or", operands: readonly SqlExpression[]): SqlExpression {
  const [first] = operands;
  return operands.length === 1 && first !== undefined ? first : { kind: "logic", op, operands };
}

function readNot(cursor: Cursor): SqlExpression {
  if (word(cursor) === "not" && word(cursor, 1) !== "exists") {
    cursor.at += 1;
    return { kind: "not", operand: readNot(cursor) };
  }
  return readEquality(cursor);
}

const equalities: Readonly<Record<string, CompareOperator>> = { "=": "=", "==": "=", "!=": "!=", "<>": "!=" };
const orders: Readonly<Record<string, CompareOperator>> = { "<": "<", "<=": "<=", ">": ">", ">=": ">=" };

function readEquality(cursor: Cursor): SqlExpression {
  let left = readOrder(cursor);
  for (;;) {
    const next = readEqualityRest(cursor, left);
    if (next === null) return left;
    left = next;
  }
}

function readEqualityRest(cursor: Cursor, left: SqlExpression): SqlExpression | null {
  const op = equalities[word(cursor)];
  if (op !== undefined) {
    cursor.at += 1;
    return { kind: "compare", op, left, right: readOrder(cursor) };
  }
  if (take(cursor, "isnull")) return isNull(left, "is");
  if (take(cursor, "notnull") || take(cursor, "not", "null")) return isNull(left, "is not");
  if (take(cursor, "is", "not", "distinct", "from") || (word(cursor, 1) !== "not" && word(cursor, 1) !== "distinct" && take(cursor, "is")))
    return { kind: "compare", op: "is", left, right: readOrder(cursor) };
  if (take(cursor, "is", "distinct", "from") || take(cursor, "is", "not"))
    return { kind: "compare", op: "is not", left, right: readOrder(cursor) };
  const isNegated = word(cursor) === "not" && ["in", "like", "glob", "between", "match", "regexp"].includes(word(cursor, 1));
  if (isNegated) cursor.at += 1;
  if (take(cursor, "in")) return readIn(cursor, left, isNegated ? "not in" : "in");
  if (take(cursor, "between")) return readBetween(cursor, left, isNegated ? "outside" : "inside");
  if (take(cursor, "like") || take(cursor, "glob") || take(cursor, "match") || take(cursor, "regexp")) {
    const right = readOrder(cursor);
    if (take(cursor, "escape")) readOrder(cursor);
    return { kind: "compare", op: isNegated ? "not like" : "like", left, right };
  }
  return null;
}

function isNull(left: SqlExpression, op: "is" | "is not"): SqlExpression {
  return { kind: "compare", op, left, right: { kind: "literal", value: null } };
}

function readIn(cursor: Cursor, operand: SqlExpression, op: "in" | "not in"): SqlExpression {
  const inner = readParenthesised(cursor);
  if (inner === null) {
    const table = cursor.tokens[cursor.at];
    cursor.at += 1;
    return { kind: "in", op, operand, list: null, parts: table === undefined ? [] : [{ kind: "opaque", tokens: [table] }] };
  }
  if (["select", "values", "with"].includes(keywordOf(inner[0])))
    return { kind: "in", op, operand, list: null, parts: [{ kind: "opaque", tokens: inner }] };
  const list = splitAt(inner, ",").map(parseSqlExpression);
  return { kind: "in", op, operand, list, parts: list };
}

function readBetween(cursor: Cursor, operand: SqlExpression, side: "inside" | "outside"): SqlExpression {
  const low = readOrder(cursor);
  take(cursor, "and");
  const high = readOrder(cursor);
  const inside: SqlExpression = {
    kind: "logic",
    op: "and",
    operands: [
      { kind: "compare", op: ">=", left: operand, right: low },
      { kind: "compare", op: "<=", left: operand, right: high },
    ],
  };
  return side === "inside" ? inside : { kind: "not", operand: inside };
}

function readOrder(cursor: Cursor): SqlExpression {
  let left = readReckoning(cursor);
  for (;;) {
    const op = orders[word(cursor)];
    if (op === undefined) return left;
    cursor.at += 1;
    left = { kind: "compare", op, left, right: readReckoning(cursor) };
  }
}

const arithmetic: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>", "->", "->>"]);

function readReckoning(cursor: Cursor): SqlExpression {
  const parts = [readUnary(cursor)];
  const ops: string[] = [];
  for (let op = word(cursor); arithmetic.has(op); op = word(cursor)) {
    cursor.at += 1;
    ops.push(op);
    parts.push(readUnary(cursor));
  }
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind: "reckoning", ops, parts };
}

function readUnary(cursor: Cursor): SqlExpression {
  if (take(cursor, "-")) {
    const operand = readUnary(cursor);
    return operand.kind === "literal" && typeof operand.value === "number"
      ? { kind: "literal", value: -operand.value }
      : { kind: "reckoning", ops: ["-"], parts: [operand] };
  }
  const sign = word(cursor);
  if (take(cursor, "+") || take(cursor, "~")) return { kind: "reckoning", ops: [sign], parts: [readUnary(cursor)] };
  const operand = readPrimary(cursor);
  if (take(cursor, "collate")) cursor.at += 1;
  return operand;
}

function readPrimary(cursor: Cursor): SqlExpression {
  const token = cursor.tokens[cursor.at];
  if (token === undefined) return { kind: "opaque", tokens: [] };
  const inner = readParenthesised(cursor);
  if (inner !== null) return isSelect(inner) ? { kind: "opaque", tokens: inner } : parseSqlExpression(inner);
  if (take(cursor, "not", "exists")) return { kind: "not", operand: { kind: "exists", select: readParenthesised(cursor) ?? [] } };
  if (take(cursor, "exists")) return { kind: "exists", select: readParenthesised(cursor) ?? [] };
  if (take(cursor, "case")) return readCase(cursor);
  cursor.at += 1;
  switch (token.kind) {
    case "string":
      return { kind: "literal", value: token.value };
    case "number":
      return { kind: "literal", value: Number(token.value) };
    case "blob":
    case "symbol":
      return { kind: "opaque", tokens: [token] };
    case "word":
    case "quoted":
      return readNamed(cursor, token);
  }
}

function readNamed(cursor: Cursor, token: SqlToken): SqlExpression {
  const keyword = keywordOf(token);
  if (keyword === "null") return { kind: "literal", value: null };
  if (keyword === "true" || keyword === "false") return { kind: "literal", value: keyword === "true" ? 1 : 0 };
  if (word(cursor) === ".") {
    const column = cursor.tokens[cursor.at + 1];
    cursor.at += 2;
    return { kind: "column", row: foldName(token.value), name: foldName(column?.value ?? "") };
  }
  const inner = token.kind === "word" ? readParenthesised(cursor) : null;
  if (inner === null) return { kind: "column", row: null, name: foldName(token.value) };
  const parts = splitAt(inner, ",");
  if (keyword === "raise") return { kind: "raise", action: keywordOf(inner[0]), message: messageOf(parts[1]) };
  if (keyword === "cast") return { kind: "call", name: keyword, parts: [parseSqlExpression(inner.slice(0, lastAs(inner)))] };
  return { kind: "call", name: keyword, parts: parts.map(parseSqlExpression) };
}

function messageOf(tokens: readonly SqlToken[] | undefined): string | null {
  const [only, ...rest] = tokens ?? [];
  return only !== undefined && rest.length === 0 && (only.kind === "string" || only.kind === "quoted" || only.kind === "word")
    ? only.value
    : null;
}

function lastAs(tokens: readonly SqlToken[]): number {
  return tokens.findLastIndex((token) => keywordOf(token) === "as");
}

function readCase(cursor: Cursor): SqlExpression {
  const base = word(cursor) === "when" ? null : readOr(cursor);
  const branches: { when: SqlExpression; then: SqlExpression }[] = [];
  while (take(cursor, "when")) {
    const when = readOr(cursor);
    if (!take(cursor, "then")) break;
    branches.push({ when, then: readOr(cursor) });
  }
  const otherwise = take(cursor, "else") ? readOr(cursor) : null;
  take(cursor, "end");
  return { kind: "case", base, branches, otherwise };
}

/** The words between a parenthesis here and the one that closes it, or null where none opens. */
function readParenthesised(cursor: Cursor): readonly SqlToken[] | null {
  if (word(cursor) !== "(") return null;
  const close = closeOf(cursor.tokens, cursor.at);
  const inner = cursor.tokens.slice(cursor.at + 1, close);
  cursor.at = close + 1;
  return inner;
}

function isSelect(tokens: readonly SqlToken[]): boolean {
  return ["select", "values", "with"].includes(keywordOf(tokens[0]));
}
