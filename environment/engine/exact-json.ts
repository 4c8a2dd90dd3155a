/**
 * JSON in which integers stay exact: `JSON.parse` rounds beyond 2^53 and lets the last of two equal keys win in silence.
 *
 * Reading gives a bigint for every number written without fraction and exponent, and refuses what no argument may be:
 * duplicate keys, text that is not well-formed Unicode, NUL, nesting and size past their caps.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */

import { quoteText } from "../core/quote-text.js";

/** What {@link parseExactJson} returns; its objects inherit nothing, so that `__proto__` is a key like any other. */
export type ExactJson = null | boolean | string | bigint | number | readonly ExactJson[] | { readonly [key: string]: ExactJson };

/** Caps on what is read: bytes of UTF-8, and levels of nesting (a scalar has depth 0). */
export type JsonLimits = { readonly maxBytes: number; readonly maxDepth: number };

/** The caps of one tool call or one line of NDJSON. */
export const callLimits: JsonLimits = { maxBytes: 65_536, maxDepth: 32 };

/** A text that is not exact JSON: `position` counts UTF-16 units from 0; `reason` "limit" says that only a cap was passed. */
export class ExactJsonError extends SyntaxError {
  override readonly name = "ExactJsonError";
  readonly position: number;
  readonly reason: "syntax" | "limit";

  constructor(message: string, position: number, reason: "syntax" | "limit") {
    super(`${message} at position ${position}`);
    this.position = position;
    this.reason = reason;
  }
}

/** Whether the text is no well-formed Unicode: SQLite would store it as invalid UTF-8. */
export function hasLoneSurrogate(text: string): boolean {
  // Most texts have no surrogate at all, which is quick to see.
  return /[\uD800-\uDFFF]/.test(text) && /\p{Surrogate}/u.test(text);
}

/** What objects read inherit from: nothing. An object created with it, unlike one without prototype, is quick to fill and to walk. */
const nothing: object = Object.freeze(Object.create(null) as object); // create() is typed any

type Cursor = { readonly text: string; at: number; readonly maxDepth: number };

const numeral = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const plain = /[ !#-[\]-\uffff]+/y;
const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/**
 * Reads one JSON document.
 * @throws {ExactJsonError} If the text is no JSON, has a duplicate key, a lone surrogate, a NUL or an infinite number, or passes a cap.
 */
export function parseExactJson(text: string, limits: JsonLimits): ExactJson {
  if (Buffer.byteLength(text) > limits.maxBytes)
    throw new ExactJsonError(`Cannot read JSON: more than ${limits.maxBytes} bytes`, 0, "limit");
  const cursor: Cursor = { text, at: 0, maxDepth: limits.maxDepth };
  const value = readValue(cursor, 0);
  skipBlanks(cursor);
  if (cursor.at < text.length) throw unexpected(cursor, "the end");
  return value;
}

function readValue(cursor: Cursor, depth: number): ExactJson {
  skipBlanks(cursor);
  switch (cursor.text[cursor.at]) {
    case "{":
      return readObject(cursor, depth + 1);
    case "[":
      return readArray(cursor, depth + 1);
    case '"':
      return readString(cursor);
    case "t":
      return readWord(cursor, "true", true);
    case "f":
      return readWord(cursor, "false", false);
    case "n":
      return readWord(cursor, "null", null);
    default:
      return readNumber(cursor);
  }
}

function readObject(cursor: Cursor, depth: number): ExactJson {
  enter(cursor, depth);
  const object: Record<string, ExactJson> = Object.create(nothing) as Record<string, ExactJson>; // as above
  if (take(cursor, "}")) return object;
  do {
    skipBlanks(cursor);
    const start = cursor.at;
    if (cursor.text[start] !== '"') throw unexpected(cursor, "a key");
    const key = readString(cursor);
    if (Object.hasOwn(object, key)) throw new ExactJsonError(`Cannot read JSON: duplicate key ${JSON.stringify(key)}`, start, "syntax");
    if (!take(cursor, ":")) throw unexpected(cursor, '":"');
    object[key] = readValue(cursor, depth);
  } while (take(cursor, ","));
  if (!take(cursor, "}")) throw unexpected(cursor, '"," or "}"');
  return object;
}

function readArray(cursor: Cursor, depth: number): ExactJson {
  enter(cursor, depth);
  const array: ExactJson[] = [];
  if (take(cursor, "]")) return array;
  do array.push(readValue(cursor, depth));
  while (take(cursor, ","));
  if (!take(cursor, "]")) throw unexpected(cursor, '"," or "]"');
  return array;
}

function enter(cursor: Cursor, depth: number): void {
  if (depth > cursor.maxDepth) throw new ExactJsonError(`Cannot read JSON: nested deeper than ${cursor.maxDepth}`, cursor.at, "limit");
  cursor.at += 1;
}

function readString(cursor: Cursor): string {
  return readSimpleString(cursor) ?? readAnyString(cursor);
}

/** Most strings are ASCII without escapes, and are seen whole in one pass. */
function readSimpleString(cursor: Cursor): string | null {
  const { text, at } = cursor;
  for (let end = at + 1; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === 34) {
      cursor.at = end + 1;
      return text.slice(at + 1, end);
    }
    if (code < 32 || code === 92 || code > 126) return null;
  }
  return null;
}

function readAnyString(cursor: Cursor): string {
  const start = cursor.at;
  cursor.at += 1;
  let value = "";
  for (;;) {
    const from = cursor.at;
    plain.lastIndex = from;
    if (plain.test(cursor.text)) cursor.at = plain.lastIndex;
    if (cursor.at > from) value += cursor.text.slice(from, cursor.at);
    const next = cursor.text[cursor.at];
    if (next === "\\") value += readEscape(cursor);
    else if (next === '"') break;
    else throw unexpected(cursor, "the end of the string");
  }
  cursor.at += 1;
  if (hasLoneSurrogate(value)) throw new ExactJsonError("Cannot read JSON: lone surrogate in a string", start, "syntax");
  if (value.includes("\0")) throw new ExactJsonError("Cannot read JSON: NUL in a string", start, "syntax");
  return value;
}

function readEscape(cursor: Cursor): string {
  const letter = cursor.text[cursor.at + 1] ?? "";
  const short = escapes.get(letter);
  if (short !== undefined) {
    cursor.at += 2;
    return short;
  }
  const hex = cursor.text.slice(cursor.at + 2, cursor.at + 6);
  if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(hex)) throw unexpected(cursor, "an escape");
  cursor.at += 6;
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function readWord<T extends ExactJson>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) throw unexpected(cursor, "a value");
  cursor.at += word.length;
  return value;
}

function readNumber(cursor: Cursor): bigint | number {
  return readSmallInteger(cursor) ?? readAnyNumber(cursor);
}

/** Most numbers are integers without sign that a double holds exactly, and are read digit by digit. */
function readSmallInteger(cursor: Cursor): bigint | null {
  const { text, at } = cursor;
  let value = 0;
  let end = at;
  for (let code = text.charCodeAt(end); code >= 48 && code <= 57; code = text.charCodeAt(end)) {
    value = value * 10 + code - 48;
    end += 1;
  }
  const isPlain = end > at && end - at < 16 && (end - at === 1 || text.charCodeAt(at) !== 48);
  if (!isPlain || isPartOfReal(text.charCodeAt(end))) return null;
  cursor.at = end;
  return BigInt(value);
}

/** `.`, `E` or `e`. */
function isPartOfReal(code: number): boolean {
  return code === 46 || code === 69 || code === 101;
}

function readAnyNumber(cursor: Cursor): bigint | number {
  const start = cursor.at;
  const found = match(cursor, numeral);
  if (found === null) throw unexpected(cursor, "a value");
  if (found[1] === undefined && found[2] === undefined) return BigInt(found[0]);
  const value = Number(found[0]);
  if (!Number.isFinite(value)) throw new ExactJsonError("Cannot read JSON: number out of range", start, "syntax");
  return value;
}

function skipBlanks(cursor: Cursor): void {
  const { text } = cursor;
  for (let code = text.charCodeAt(cursor.at); code === 32 || code === 10 || code === 13 || code === 9; ) {
    cursor.at += 1;
    code = text.charCodeAt(cursor.at);
  }
}

function take(cursor: Cursor, mark: string): boolean {
  skipBlanks(cursor);
  if (cursor.text[cursor.at] !== mark) return false;
  cursor.at += 1;
  return true;
}

function match(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found !== null) cursor.at = pattern.lastIndex;
  return found;
}

function unexpected(cursor: Cursor, wanted: string): ExactJsonError {
  const found = cursor.at < cursor.text.length ? JSON.stringify(cursor.text[cursor.at]) : "the end";
  return new ExactJsonError(`Cannot read JSON: expected ${wanted}, found ${found}`, cursor.at, "syntax");
}

const exactInDouble = 2n ** 53n;

/**
 * Writes one JSON document: an integer beyond 2^53 as a string, a blob as `{"base64"}`, an infinite real as a numeral
 * past the range of a double; members that are undefined are left out.
 * @throws {TypeError} If a value is none that JSON or SQLite knows.
 */
export function stringifyExactJson(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return stringifyInteger(value);
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : infinity(value);
    case "string":
      return quoteText(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : stringifyObject(value);
    default:
      throw new TypeError(`Cannot write JSON: no form for a ${typeof value}`);
  }
}

/** Small integers, which most are, are written as numbers, whose texts the runtime keeps. */
function stringifyInteger(value: bigint): string {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return String(number);
  return value > exactInDouble || value < -exactInDouble ? `"${value}"` : String(value);
}

function infinity(value: number): string {
  if (Number.isNaN(value)) throw new TypeError("Cannot write JSON: no form for NaN");
  return value > 0 ? "1e999" : "-1e999";
}

function stringifyObject(value: object): string {
  if (Array.isArray(value)) return stringifyArray(value);
  if (Buffer.isBuffer(value)) return `{"base64":"${value.toString("base64")}"}`;
  const record = value as Readonly<Record<string, unknown>>; // any object is one
  let text = "{";
  for (const key of Object.keys(record)) {
    const member = record[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += keyText(key);
    text += stringifyExactJson(member);
  }
  return `${text}}`;
}

function stringifyArray(values: readonly unknown[]): string {
  let text = "[";
  for (const value of values) {
    if (text.length > 1) text += ",";
    text += stringifyExactJson(value);
  }
  return `${text}]`;
}

const keyTexts = new Map<string, string>();

/** Keys kept in writing, and how long each may be. */
const keptKeys = { most: 4096, longest: 64 } as const;

/** A key with its colon: the same few hundred are written again and again. */
function keyText(key: string): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `${quoteText(key)}:`;
  if (key.length > keptKeys.longest) return text;
  if (keyTexts.size >= keptKeys.most) keyTexts.clear();
  keyTexts.set(key, text);
  return text;
}
