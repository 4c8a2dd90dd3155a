/**
 * What parent and child say to each other, one line each.
 *
 * Request: `<id> <op> <seat> <rest>`, answer: `<id> <flag> <payload>`. Values cross exactly, in JSON whose every string says by
 * its first letter what it stands for: `i` an integer, `r` a real, `t` text, `b` a blob in base64.
 */

/**
 * `open` a seat, `call` with exact arguments, `text`: a call as the model wrote it, answered as it is shown to the model,
 * `reset`, `log`, `reward`, `diff`, `shut` a seat.
 */
export type Op = "open" | "call" | "text" | "reset" | "log" | "reward" | "diff" | "shut";

/** `written`: an accepted write, to be made again when the seat is rebuilt; `failed`: the payload says why, as a JSON string. */
export type Flag = (typeof flags)[number];
const flags = ["done", "written", "failed"] as const;

/** Reads a line of a child's: null where it is no answer. */
export function parseAnswer(line: string): { readonly id: number; readonly flag: Flag; readonly payload: string } | null {
  const first = line.indexOf(" ");
  const second = line.indexOf(" ", first + 1);
  if (first < 0 || second < 0) return null;
  const word = line.slice(first + 1, second);
  const flag = flags.find((each) => each === word);
  return flag === undefined ? null : { id: Number(line.slice(0, first)), flag, payload: line.slice(second + 1) };
}

/**
 * Requests are answered in their order, and answers wait for more of their kind up to this many, written together: so what a
 * child was at when it ended is among as many of those that it was sent and has not answered.
 */
export const answersHeld = 32;

/** The first line of a child that is ready for requests. */
export const greeting = "ready";

/** What crosses: JSON with integers, reals and blobs told apart; its objects have no prototype once they are read. */
export type Exact = null | boolean | string | bigint | number | Buffer | readonly Exact[] | { readonly [key: string]: Exact };

/** Levels of nesting: an argument has none, the rows of a difference have four. */
const maxDepth = 32;

/** Writes a value on one line. @throws {TypeError} If it has no JSON form, or is nested deeper than 32 levels. */
export function encodeExact(value: unknown, depth = 0): string {
  switch (typeof value) {
    case "bigint":
      return `"i${value}"`;
    case "number":
      return Object.is(value, -0) ? '"r-0"' : `"r${value}"`;
    case "string":
      return JSON.stringify(`t${value}`);
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : encodeObject(value, depth + 1);
    default:
      throw new TypeError(`Cannot send a value: no JSON form for a ${typeof value}`);
  }
}

function encodeObject(value: object, depth: number): string {
  if (depth > maxDepth) throw new TypeError(`Cannot send a value: it is nested deeper than ${maxDepth}`);
  if (Buffer.isBuffer(value)) return `"b${value.toString("base64")}"`;
  if (Array.isArray(value)) return `[${value.map((each) => encodeExact(each, depth)).join(",")}]`;
  let members = "";
  for (const [key, member] of Object.entries(value)) {
    members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${encodeExact(member, depth)}`;
  }
  return `{${members}}`;
}

/** Reads what {@link encodeExact} wrote. @throws {SyntaxError} If it is something else. */
export function decodeExact(text: string): Exact {
  return restore(JSON.parse(text), 0);
}

function restore(value: unknown, depth: number): Exact {
  if (depth > maxDepth) throw new SyntaxError(`Cannot read a line: nested deeper than ${maxDepth}`);
  if (typeof value === "string") return restoreScalar(value);
  if (value === null || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((each) => restore(each, depth + 1));
  if (typeof value !== "object") throw new SyntaxError("Cannot read a line: a number stands bare in it");
  const object: Record<string, Exact> = Object.create(null) as Record<string, Exact>; // create() is typed any
  for (const [key, member] of Object.entries(value)) object[key] = restore(member, depth + 1);
  return object;
}

function restoreScalar(text: string): bigint | number | string | Buffer {
  const rest = text.slice(1);
  switch (text[0]) {
    case "i":
      return BigInt(rest);
    case "r":
      return Number(rest);
    case "t":
      return rest;
    case "b":
      return Buffer.from(rest, "base64");
    default:
      throw new SyntaxError("Cannot read a line: a string does not say what it stands for");
  }
}

/** A tool's name as one word; names of tools are words already, whatever else an agent asks for is escaped and cut. */
export function encodeTool(tool: string): string {
  return /^[A-Za-z0-9_]+$/.test(tool) ? tool : `%${Buffer.from(tool.slice(0, 256)).toString("base64url")}`;
}

/** Reads what {@link encodeTool} wrote. */
export function decodeTool(word: string): string {
  return word.startsWith("%") ? Buffer.from(word.slice(1), "base64url").toString() : word;
}
