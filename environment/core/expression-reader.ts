/** Reading an expression's words one after another: what every rule of the grammar is written with. */
import type { Expression, PathExpression } from "./expression.js";
import type { Token } from "./tokenize-expression.js";

/** Deeper nesting is refused: SQLite's own limit is 1000, and no rule that a person can read comes near. */
const maxDepth = 40;

/** What does not fit stops the parse, at an offset of the text. */
export class Mismatch extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** The words, and how far and how deep reading has come. */
export interface Reader {
  readonly tokens: readonly Token[];
  position: number;
  depth: number;
}

/** A root and its columns. */
export function readPath(reader: Reader): PathExpression {
  const root = readWord(reader, "a path such as new.status");
  return { kind: "path", root, steps: accept(reader, ".") ? readSteps(reader) : [] };
}

/** Columns with dots between them. */
export function readSteps(reader: Reader): string[] {
  const steps = [readWord(reader, "a column")];
  while (accept(reader, ".")) steps.push(readWord(reader, "a column"));
  return steps;
}

const reserved = new Set("and or not is in null true false case when then else end where for by".split(" "));

/** A name that is no reserved word. */
export function readWord(reader: Reader, expected: string): string {
  const token = peek(reader);
  // After a dot a reserved word is a column's name.
  const isStep = reader.tokens[reader.position - 1]?.value === ".";
  if (token.kind !== "word" || (reserved.has(token.value) && !isStep)) throw mismatch(reader, expected);
  reader.position += 1;
  return token.value;
}

/** A whole number below 2^53. */
export function readInteger(reader: Reader): number {
  const token = peek(reader);
  const value = Number(token.value);
  if (!Number.isSafeInteger(value)) throw new Mismatch(`expected an integer below 2^53, got ${token.value}`, token.at);
  reader.position += 1;
  return value;
}

/** Reads one level deeper. */
export function nested(reader: Reader, read: (reader: Reader) => Expression): Expression {
  reader.depth += 1;
  if (reader.depth > maxDepth) throw new Mismatch(`expected at most ${maxDepth} levels of nesting`, peek(reader).at);
  const expression = read(reader);
  reader.depth -= 1;
  return expression;
}

/** The next word; past the last one, the end. */
export function peek(reader: Reader): Token {
  return reader.tokens[reader.position] ?? { kind: "end", value: "", at: 0 };
}

/** Takes the word if it is the next one. */
export function accept(reader: Reader, value: string): boolean {
  return acceptOne(reader, [value]) !== null;
}

/** Takes the next word if it is one of these; null if not. */
export function acceptOne<T extends string>(reader: Reader, values: readonly T[]): T | null {
  const token = peek(reader);
  const found = token.kind === "word" || token.kind === "symbol" ? values.find((value) => value === token.value) : undefined;
  if (found === undefined) return null;
  reader.position += 1;
  return found;
}

/** Takes the word, which must be the next one. */
export function expect(reader: Reader, value: string): void {
  if (!accept(reader, value)) throw mismatch(reader, `"${value}"`);
}

/** The next word is not what was expected. */
export function mismatch(reader: Reader, expected: string): Mismatch {
  const token = peek(reader);
  return new Mismatch(`expected ${expected} at offset ${token.at}, got ${token.kind === "end" ? "the end" : `"${token.value}"`}`, token.at);
}
