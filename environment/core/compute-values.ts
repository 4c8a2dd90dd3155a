/** What operators and functions of the typed core make of values, as SQLite computes them: 64-bit integers, text by its bytes, NULL for what is unknown. */
import type { Comparison } from "./expression.js";
import { holds } from "./holds.js";
import { type Value, isSameValue } from "./values.js";

/** A result: a stored value, or a condition's truth. */
export type Result = Value | boolean;

/** A comparison of two results; unknown where one is. Text is ordered by its UTF-8 bytes. */
export function compare(op: Comparison, a: Result, b: Result): boolean | null {
  if (a === null || b === null) return null;
  const order = isSameValue(stored(a), stored(b)) ? 0 : isBelow(stored(a), stored(b)) ? -1 : 1;
  return holds(op, order);
}

/** The order of two lists of values, as SQLite sorts: NULL first, then numbers, then text. */
export function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? null;
    if (isSameValue(value, other)) continue;
    if (value === null) return -1;
    if (other === null) return 1;
    return compare("<", value, other) === true ? -1 : 1;
  }
  return 0;
}

function stored(result: Result): Value {
  return typeof result === "boolean" ? (result ? 1n : 0n) : result;
}

function isBelow(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  if (typeof a === "string" || typeof b === "string") return typeof b === "string";
  return a !== null && b !== null && a < b;
}

/** SQLite's integers have 64 bits; what leaves them becomes a REAL. */
export function calculate(op: "+" | "-" | "*", a: Result, b: Result): Value {
  if (!isNumeric(a) || !isNumeric(b)) return null;
  if (typeof a === "bigint" && typeof b === "bigint") {
    const exact = op === "+" ? a + b : op === "-" ? a - b : a * b;
    if (BigInt.asIntN(64, exact) === exact) return exact;
  }
  const [x, y] = [Number(a), Number(b)];
  return op === "+" ? x + y : op === "-" ? x - y : x * y;
}

/** A sum of integers; unknown where it, or one of them, leaves 64 bits. */
export function exactSum(values: readonly Value[]): Value {
  const integers = values.filter((value) => typeof value === "bigint");
  const total = integers.reduce((sum, value) => sum + value, 0n);
  return integers.length === values.length && BigInt.asIntN(64, total) === total ? total : null;
}

function isNumeric(result: Result): result is bigint | number {
  return typeof result === "bigint" || typeof result === "number";
}

/** The one integer that has no counterpart of the other sign. */
const smallest = -(2n ** 63n);

/** The number with the other sign. */
export function negate(result: Result): Value {
  if (result === smallest) return -Number(smallest);
  return isNumeric(result) ? -result : null;
}

/** An integer quotient, rounded; half away from zero. NULL by zero, and where the smallest integer takes part. */
export function divide(rounding: "floor" | "ceil" | "round", a: Result, b: Result): Value {
  if (typeof a !== "bigint" || typeof b !== "bigint" || b === 0n || a === smallest || b === smallest) return null;
  const isExact = a % b === 0n;
  const isNegative = a < 0n !== b < 0n;
  if (rounding === "floor") return a / b - (!isExact && isNegative ? 1n : 0n);
  if (rounding === "ceil") return a / b + (!isExact && !isNegative ? 1n : 0n);
  const [x, y] = [magnitude(a), magnitude(b)];
  return (isNegative ? -1n : 1n) * ((2n * x + y) / (2n * y));
}

function magnitude<T extends bigint | number>(value: T): T {
  // The negation of a T is a T; the language cannot say so.
  return value < 0 ? (-value as T) : value;
}

/** The result of a function. */
export function call(name: "abs" | "least" | "greatest" | "coalesce" | "length", values: readonly Result[]): Result {
  if (name === "coalesce") return values.find((value) => value !== null) ?? null;
  const [first = null] = values;
  if (values.includes(null)) return null;
  switch (name) {
    case "abs":
      return isNumeric(first) && first !== smallest ? magnitude(first) : null;
    case "length":
      return typeof first === "string" ? BigInt(Array.from(first.split("\0", 1)[0] ?? "").length) : null;
    case "least":
      return values.reduce((least, value) => (compare("<", value, least) === true ? value : least));
    case "greatest":
      return values.reduce((most, value) => (compare(">", value, most) === true ? value : most));
  }
}
