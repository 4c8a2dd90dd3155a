/**
 * Arguments of a tool call, checked against its parameters: strict types, nothing coerced, nothing unknown.
 *
 * Two readings are no coercion: a JavaScript integer stands for a bigint, and an integer beyond 2^53 may come as the
 * decimal string that {@link stringifyExactJson} writes for it.
 */
import { callLimits, hasLoneSurrogate } from "./exact-json.js";

/**
 * One parameter of a tool; `enum` closes its values, integers in it are plain numbers. `timed`: a date function reads it, so that
 * no text may be given from which SQLite would read the clock.
 */
export type Parameter = {
  readonly name: string;
  readonly type: "integer" | "number" | "string" | "boolean";
  readonly description: string;
  readonly enum?: readonly (string | number)[];
  readonly required: boolean;
  readonly timed?: true;
};

/** A checked argument: an integer is a bigint within 64 bits, a number is finite, a string is well-formed without NUL. */
export type Argument = bigint | number | string | boolean;

/** Checked arguments by parameter name, in the order in which they were given. */
export type Arguments = ReadonlyMap<string, Argument>;

/** Why a call's arguments are refused. */
export type ArgumentFault = { readonly code: "INVALID_ARGUMENTS" | "LIMIT"; readonly message: string };

type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: ArgumentFault };

/** The arguments by name, or the first fault; a value that is null counts as wrong, since an argument is left out instead. */
export function checkArguments(parameters: ReadonlyMap<string, Parameter>, given: unknown): Checked<Arguments> {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return invalid(`Arguments must be an object, found ${kindOf(given)}`);
  const values = new Map<string, Argument>();
  let bytes = 0;
  const record = given as Readonly<Record<string, unknown>>; // any object is one
  for (const name of Object.keys(record)) {
    const value = record[name];
    const parameter = parameters.get(name);
    if (parameter === undefined) return invalid(`Unknown argument ${JSON.stringify(name)}; known: ${[...parameters.keys()].join(", ")}`);
    if (typeof value === "string") bytes += Buffer.byteLength(value);
    if (bytes > callLimits.maxBytes)
      return { ok: false, fault: { code: "LIMIT", message: `Arguments hold more than ${callLimits.maxBytes} bytes of text` } };
    const checked = checkArgument(parameter, value);
    if (!checked.ok) return checked;
    values.set(name, checked.value);
  }
  for (const { name, required } of parameters.values()) if (required && !values.has(name)) return invalid(`Missing argument "${name}"`);
  return { ok: true, value: values };
}

/** What a date function takes for the present, alone or as a word that is cut out; JSON may hide one behind backslashes. */
const clockText = /(?<![a-z0-9_])(?:now|subsec|subsecond)(?![a-z0-9_])|\\/i;

function checkArgument(parameter: Parameter, value: unknown): Checked<Argument> {
  const read = readArgument(parameter, value);
  if (parameter.timed === true && typeof value === "string" && clockText.test(value))
    return invalid(`Argument "${parameter.name}" is read as a date: it may hold neither "now" nor "subsec" as a word, nor a backslash`);
  if (!read.ok || parameter.enum === undefined) return read;
  const known = parameter.enum.some((each) => (typeof each === "number" ? BigInt(each) === read.value : each === read.value));
  return known ? read : invalid(`Argument "${parameter.name}" must be one of ${parameter.enum.join(", ")}`);
}

function readArgument({ name, type }: Parameter, value: unknown): Checked<Argument> {
  switch (type) {
    case "integer":
      return readInteger(name, value);
    case "number":
      return readNumber(name, value);
    case "string":
      return readText(name, value);
    case "boolean":
      return typeof value === "boolean" ? { ok: true, value } : wrongType(name, "a boolean", value);
  }
}

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;
const exactInDouble = 2n ** 53n;

function readInteger(name: string, value: unknown): Checked<bigint> {
  const integer = integerOf(value);
  if (integer === undefined) return wrongType(name, "an integer", value);
  return integer >= smallest && integer <= largest ? { ok: true, value: integer } : invalid(`Argument "${name}" lies outside 64 bits`);
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== "string" || !/^-?[1-9][0-9]{15,18}$/.test(value)) return undefined;
  const integer = BigInt(value);
  return integer > exactInDouble || integer < -exactInDouble ? integer : undefined;
}

function readNumber(name: string, value: unknown): Checked<number> {
  if (typeof value === "bigint" && value <= exactInDouble && value >= -exactInDouble) return { ok: true, value: Number(value) };
  return typeof value === "number" && Number.isFinite(value) ? { ok: true, value } : wrongType(name, "a number", value);
}

function readText(name: string, value: unknown): Checked<string> {
  if (typeof value !== "string") return wrongType(name, "a string", value);
  if (hasLoneSurrogate(value)) return invalid(`Argument "${name}" holds a lone surrogate`);
  return value.includes("\0") ? invalid(`Argument "${name}" holds a NUL`) : { ok: true, value };
}

function wrongType(name: string, wanted: string, value: unknown): Checked<never> {
  return invalid(`Argument "${name}" must be ${wanted}, found ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "bigint") return "an integer";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function invalid(message: string): Checked<never> {
  return { ok: false, fault: { code: "INVALID_ARGUMENTS", message } };
}
