import { quoteText } from "./quote-text.js";
import type { Value } from "./values.js";

/**
 * An injective text for one SQLite value: two values have the same text exactly when the engine returns the same storage
 * class and the same value; −0.0 is 0.0, nothing is folded or rounded.
 *
 * Integers are bigint, REALs are number (`r1` is not `i1`); text is quoted as JSON, so texts can be joined by commas.
 */
export function encodeValue(value: Value): string {
  if (value === null) return "n";
  switch (typeof value) {
    case "bigint":
      return `i${digitsOf(value)}`;
    case "number":
      return value === 0 ? "r0" : `r${value}`;
    case "string":
      return `t${quoteText(value)}`;
    default:
      return `b${value.toString("hex")}`;
  }
}

/** The texts of several values, joined: injective for lists of one length. */
export function encodeValues(values: readonly Value[]): string {
  let text = "";
  for (const value of values) text += `${encodeValue(value)},`;
  return text;
}

/** The runtime keeps the texts of small numbers, not those of big integers. */
function digitsOf(value: bigint): string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? String(number) : String(value);
}
