/**
 * The grammar of the typed core, by recursive descent; `docs/rule-sheet.md` prints it. A list of tokens is read once from
 * left to right; what does not fit stops the parse with the offset and what was expected.
 */
import type { Comparison, Expression, Parsed, PathExpression, RowsExpression } from "./expression.js";
import { tokenizeExpression, type Token } from "./tokenize-expression.js";

/** Deeper nesting is refused: SQLite's own limit is 1000, and no rule that a person can read comes near. */
const maxDepth = 40;

class Mismatch extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

interface Reader {
  readonly tokens: readonly Token[];
  position: number;
  depth: number;
}

/** Parses the text of an expression; names are not looked up here. */
export function parseExpression(text: string): Parsed {
  const { tokens, stoppedAt } = tokenizeExpression(text);
  if (stoppedAt !== null)
    return { kind: "refused", message: `unexpected character ${JSON.stringify(text[stoppedAt])} at offset ${stoppedAt}`, at: stoppedAt };
  const reader: Reader = { tokens, position: 0, depth: 0 };
  try {
    const expression = readExpression(reader);
    if (peek(reader).kind !== "end") throw mismatch(reader, "the end of the expression");
    return { kind: "parsed", expression };
  } catch (error) {
    if (error instanceof Mismatch) return { kind: "refused", message: error.message, at: error.at };
    throw error;
  }
}

function readExpression(reader: Reader): Expression {
  reader.depth += 1;
  if (reader.depth > maxDepth) throw new Mismatch(`expected at most ${maxDepth} levels of nesting`, peek(reader).at);
  const expression = readChain(reader, "or", (inner) => readChain(inner, "and", readNegation));
  reader.depth -= 1;
  return expression;
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
  if (accept(reader, "in")) return { kind: "in", operand: left, values: readLiterals(reader), negated };
  if (negated) throw mismatch(reader, '"in"');
  return left;
}

function isComparison(token: Token): token is Token & { value: Comparison } {
  return token.kind === "symbol" && /^(?:=|<>|<=?|>=?)$/.test(token.value);
}

function readLiterals(reader: Reader): (string | number)[] {
  expect(reader, "(");
  const values = [readListed(reader)];
  while (accept(reader, ",")) values.push(readListed(reader));
  expect(reader, ")");
  return values;
}

function readListed(reader: Reader): string | number {
  const minus = accept(reader, "-");
  const token = peek(reader);
  if (token.kind === "integer") return minus ? -readInteger(reader) : readInteger(reader);
  if (token.kind !== "text" || minus) throw mismatch(reader, "a number or a 'text'");
  reader.position += 1;
  return token.value;
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
  while (accept(reader, "*")) left = { kind: "arithmetic", op: "*", left, right: readUnary(reader) };
  return left;
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
  while (accept(reader, "when")) {
    const when = readExpression(reader);
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
  const by = which === "one" ? null : readPath(reader);
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

function readPath(reader: Reader): PathExpression {
  const root = readWord(reader, "a path such as new.status");
  return { kind: "path", root, steps: accept(reader, ".") ? readSteps(reader) : [] };
}

function readSteps(reader: Reader): string[] {
  const steps = [readWord(reader, "a column")];
  while (accept(reader, ".")) steps.push(readWord(reader, "a column"));
  return steps;
}

const reserved = new Set("and or not is in null true false case when then else end where for by".split(" "));

function readWord(reader: Reader, expected: string): string {
  const token = peek(reader);
  // After a dot a reserved word is a column's name.
  const isStep = reader.tokens[reader.position - 1]?.value === ".";
  if (token.kind !== "word" || (reserved.has(token.value) && !isStep)) throw mismatch(reader, expected);
  reader.position += 1;
  return token.value;
}

function readInteger(reader: Reader): number {
  const token = peek(reader);
  const value = Number(token.value);
  if (!Number.isSafeInteger(value)) throw new Mismatch(`expected an integer below 2^53, got ${token.value}`, token.at);
  reader.position += 1;
  return value;
}

function nested(reader: Reader, read: (reader: Reader) => Expression): Expression {
  reader.depth += 1;
  if (reader.depth > maxDepth) throw new Mismatch(`expected at most ${maxDepth} levels of nesting`, peek(reader).at);
  const expression = read(reader);
  reader.depth -= 1;
  return expression;
}

function peek(reader: Reader): Token {
  return reader.tokens[reader.position] ?? { kind: "end", value: "", at: 0 };
}

function accept(reader: Reader, value: string): boolean {
  return acceptOne(reader, [value]) !== null;
}

function acceptOne<T extends string>(reader: Reader, values: readonly T[]): T | null {
  const token = peek(reader);
  const found = token.kind === "word" || token.kind === "symbol" ? values.find((value) => value === token.value) : undefined;
  if (found === undefined) return null;
  reader.position += 1;
  return found;
}

function expect(reader: Reader, value: string): void {
  if (!accept(reader, value)) throw mismatch(reader, `"${value}"`);
}

function mismatch(reader: Reader, expected: string): Mismatch {
  const token = peek(reader);
  return new Mismatch(`expected ${expected} at offset ${token.at}, got ${token.kind === "end" ? "the end" : `"${token.value}"`}`, token.at);
}
