/**
 * The grammar of the typed core, by recursive descent; `docs/rule-sheet.md` prints it. A list of tokens is read once from
 * left to right; what does not fit stops the parse with the offset and what was expected.
 */
import type { Comparison, Expression, Literal, Parsed, RowsExpression } from "./expression.js";
import {
  accept,
  acceptOne,
  expect,
  mismatch,
  Mismatch,
  nested,
  peek,
  type Reader,
  readInteger,
  readPath,
  readSteps,
  readWord,
} from "./expression-reader.js";
import { tokenizeExpression, type Token } from "./tokenize-expression.js";
import { childrenOf, disjunction } from "./walk-expression.js";

/** Larger trees are refused: `band` and `%` repeat their operands, so that a short text could stand for a huge one. */
const maxSize = 2000;

/** Parses the text of an expression; names are not looked up here. */
export function parseExpression(text: string): Parsed {
  const { tokens, stoppedAt } = tokenizeExpression(text);
  if (stoppedAt !== null)
    return { kind: "refused", message: `unexpected character ${JSON.stringify(text[stoppedAt])} at offset ${stoppedAt}`, at: stoppedAt };
  const reader: Reader = { tokens, position: 0, depth: 0 };
  try {
    const expression = readExpression(reader);
    if (peek(reader).kind !== "end") throw mismatch(reader, "the end of the expression");
    if (sizeOf(expression, new Map()) > maxSize) throw new Mismatch(`expected at most ${maxSize} operators and operands`, 0);
    return { kind: "parsed", expression };
  } catch (error) {
    if (error instanceof Mismatch) return { kind: "refused", message: error.message, at: error.at };
    throw error;
  }
}

/** The number of nodes; one that stands in several places counts in each. */
function sizeOf(expression: Expression, known: Map<Expression, number>): number {
  const size = known.get(expression) ?? 1 + childrenOf(expression).reduce((total, part) => total + sizeOf(part, known), 0);
  known.set(expression, size);
  return size;
}

function readExpression(reader: Reader): Expression {
  return nested(reader, (deeper) => readChain(deeper, "or", (inner) => readChain(inner, "and", readNegation)));
}

function readChain(reader: Reader, word: "and" | "or", readOperand: (reader: Reader) => Expression): Expression {
  const first = readOperand(reader);
  const operands = [first];
  while (accept(reader, word)) operands.push(readOperand(reader));
  return operands.length === 1 ? first : { kind: word, operands };
}

function readNegation(reader: Reader): Expression {
  if (!accept(reader, "not")) return readComparison(reader);
  return { kind: "not", operand: nested(reader, readNegation) };
}

function readComparison(reader: Reader): Expression {
  const left = readSum(reader);
  const token = peek(reader);
  if (isComparison(token)) {
    reader.position += 1;
    return { kind: "compare", op: token.value, left, right: readSum(reader) };
  }
  if (accept(reader, "is")) {
    const negated = accept(reader, "not");
    expect(reader, "null");
    return { kind: "is_null", operand: left, negated };
  }
  const negated = accept(reader, "not");
  if (accept(reader, "in")) return readMembership(reader, left, negated ? "not in" : "in");
  if (negated) throw mismatch(reader, '"in"');
  return left;
}

function isComparison(token: Token): token is Token & { value: Comparison } {
  return token.kind === "symbol" && /^(?:=|<>|<=?|>=?)$/.test(token.value);
}

/** A list of literals, or of any values: then it is equality with one of them. */
function readMembership(reader: Reader, operand: Expression, how: "in" | "not in"): Expression {
  expect(reader, "(");
  const listed = [readSum(reader)];
  while (accept(reader, ",")) listed.push(readSum(reader));
  expect(reader, ")");
  const negated = how === "not in";
  const values = listed.flatMap((value) => (value.kind === "literal" && isListed(value.value) ? [value.value] : []));
  if (values.length === listed.length) return { kind: "in", operand, values, negated };
  const isOne = disjunction(listed.map((right): Expression => ({ kind: "compare", op: "=", left: operand, right })));
  return negated ? { kind: "not", operand: isOne } : isOne;
}

function isListed(value: Literal): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function readSum(reader: Reader): Expression {
  let left = readProduct(reader);
  for (;;) {
    const op = acceptOne(reader, ["+", "-"]);
    if (op === null) return left;
    left = { kind: "arithmetic", op, left, right: readProduct(reader) };
  }
}

function readProduct(reader: Reader): Expression {
  let left = readUnary(reader);
  for (;;) {
    const op = acceptOne(reader, ["*", "%"]);
    if (op === null) return left;
    const right = readUnary(reader);
    left = op === "*" ? { kind: "arithmetic", op, left, right } : remainder(left, right);
  }
}

/** What is left of a division rounded down: it has the sign of the divisor. */
function remainder(left: Expression, right: Expression): Expression {
  const quotient: Expression = { kind: "divide", rounding: "floor", dividend: left, divisor: right };
  return { kind: "arithmetic", op: "-", left, right: { kind: "arithmetic", op: "*", left: right, right: quotient } };
}

function readUnary(reader: Reader): Expression {
  if (!accept(reader, "-")) return readAtom(reader);
  if (peek(reader).kind === "integer") return { kind: "literal", value: -readInteger(reader) };
  return { kind: "negate", operand: nested(reader, readUnary) };
}

function readAtom(reader: Reader): Expression {
  const token = peek(reader);
  if (token.kind === "integer") return { kind: "literal", value: readInteger(reader) };
  if (token.kind === "text") {
    reader.position += 1;
    return { kind: "literal", value: token.value };
  }
  if (accept(reader, "(")) {
    const inner = readExpression(reader);
    expect(reader, ")");
    return inner;
  }
  if (token.kind !== "word") throw mismatch(reader, "a value, a path or a function");
  if (token.value === "null" || token.value === "true" || token.value === "false") {
    reader.position += 1;
    return { kind: "literal", value: token.value === "null" ? null : token.value === "true" };
  }
  if (token.value === "case") return readCase(reader);
  return reader.tokens[reader.position + 1]?.value === "(" ? readCall(reader, token) : readPath(reader);
}

function readCase(reader: Reader): Expression {
  expect(reader, "case");
  const branches: { when: Expression; then: Expression }[] = [];
  const operand = peek(reader).value === "when" ? null : readExpression(reader);
  while (accept(reader, "when")) {
    const value = readExpression(reader);
    const when: Expression = operand === null ? value : { kind: "compare", op: "=", left: operand, right: value };
    expect(reader, "then");
    branches.push({ when, then: readExpression(reader) });
  }
  if (branches.length === 0) throw mismatch(reader, '"when"');
  expect(reader, "else");
  const otherwise = readExpression(reader);
  expect(reader, "end");
  return { kind: "case", branches, otherwise };
}

function readCall(reader: Reader, name: Token): Expression {
  reader.position += 2;
  const call = readArguments(reader, name);
  if (call.kind !== "pick") expect(reader, ")");
  return call;
}

function readArguments(reader: Reader, name: Token): Expression {
  switch (name.value) {
    case "count":
    case "exists":
    case "none":
      return { kind: name.value, rows: readRows(reader) };
    case "sum":
    case "min":
    case "max":
    case "distinct": {
      const of = readExpression(reader);
      expect(reader, "for");
      return { kind: "aggregate", function: name.value, of, rows: readRows(reader) };
    }
    case "first":
    case "last":
    case "one":
      return readPick(reader, name.value);
    case "floor":
    case "ceil":
    case "round": {
      const dividend = readSum(reader);
      expect(reader, "/");
      return { kind: "divide", rounding: name.value, dividend, divisor: readUnary(reader) };
    }
    case "abs":
    case "length":
      return { kind: "call", function: name.value, arguments: [readExpression(reader)] };
    case "least":
    case "greatest":
    case "coalesce":
      return { kind: "call", function: name.value, arguments: readTwoOrMore(reader) };
    case "rank": {
      const ladder = readWord(reader, "a ladder");
      expect(reader, ",");
      return { kind: "rank", ladder, operand: readExpression(reader) };
    }
    case "matches":
      return readMatches(reader);
    case "band":
      return readBand(reader);
    case "reaches": {
      const from = readPath(reader);
      expect(reader, ",");
      const column = readWord(reader, "a column");
      expect(reader, ",");
      return { kind: "reaches", from, column, to: readPath(reader) };
    }
    default:
      throw new Mismatch(`unknown function "${name.value}" at offset ${name.at}`, name.at);
  }
}

function readPick(reader: Reader, which: "first" | "last" | "one"): Expression {
  const rows = readRows(reader);
  if (which !== "one") expect(reader, "by");
  const by = which === "one" ? null : readSum(reader);
  expect(reader, ")");
  expect(reader, ".");
  return { kind: "pick", which, rows, by, steps: readSteps(reader) };
}

function readMatches(reader: Reader): Expression {
  const operand = readExpression(reader);
  expect(reader, ",");
  const pattern = peek(reader);
  if (pattern.kind !== "text") throw mismatch(reader, "a 'pattern'");
  reader.position += 1;
  return { kind: "matches", operand, pattern: pattern.value };
}

/** `band(x, 10: a, 5: b, else: c)`: a from 10 on, b from 5 on, else c. */
function readBand(reader: Reader): Expression {
  const of = readExpression(reader);
  const branches: { when: Expression; then: Expression }[] = [];
  let last = Infinity;
  expect(reader, ",");
  while (!accept(reader, "else")) {
    const from = readBound(reader);
    if (from >= last) throw mismatch(reader, "bounds that fall from one band to the next");
    last = from;
    expect(reader, ":");
    branches.push({ when: { kind: "compare", op: ">=", left: of, right: { kind: "literal", value: from } }, then: readExpression(reader) });
    expect(reader, ",");
  }
  expect(reader, ":");
  const otherwise = readExpression(reader);
  if (branches.length === 0) throw mismatch(reader, "a band such as 10: 100");
  // An unknown amount is in no band: without this it would fall into the last.
  return { kind: "case", branches: [{ when: isUnknown(of), then: { kind: "literal", value: null } }, ...branches], otherwise };
}

function isUnknown(operand: Expression): Expression {
  return { kind: "is_null", operand, negated: false };
}

function readBound(reader: Reader): number {
  const minus = accept(reader, "-");
  if (peek(reader).kind !== "integer") throw mismatch(reader, "a whole number");
  return minus ? -readInteger(reader) : readInteger(reader);
}

function readTwoOrMore(reader: Reader): Expression[] {
  const values = [readExpression(reader)];
  do {
    expect(reader, ",");
    values.push(readExpression(reader));
  } while (peek(reader).value === ",");
  return values;
}

function readRows(reader: Reader): RowsExpression {
  const variable = readWord(reader, "a variable");
  expect(reader, "in");
  const table = readWord(reader, "a table");
  const where = accept(reader, "where") ? readExpression(reader) : null;
  return { variable, table, where, before: false };
}
