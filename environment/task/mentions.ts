/** Does a text hold a value, as a person would write it? */
import type { Value } from "../core/values.js";

const numberWords = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/**
 * True when the value stands in the text as a whole word: a number in digits, with thousands separators or (to twelve) as a
 * word; a text as it is, or in other case with blanks for underscores. `phrase` is what a person calls the act of giving
 * this value ("cancel a booking"): then its verb does.
 */
export function mentions(text: string, value: Value, phrase: string | null = null): boolean {
  const spoken = text.toLowerCase();
  const verb = phrase?.toLowerCase().split(" ")[0];
  return [...formsOf(value), ...(verb === undefined ? [] : [verb])].some((form) => hasWord(spoken, form));
}

function formsOf(value: Value): readonly string[] {
  if (value === null || Buffer.isBuffer(value)) return [];
  if (typeof value === "string") return [value.toLowerCase(), value.toLowerCase().replaceAll("_", " ")];
  const word = numberWords[Number(value)];
  return [String(value), grouped(String(value)), ...(word === undefined ? [] : [word])];
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A word of a phrase may be inflected ("cancelled", "booking"); nothing may stand before it, and no digit after a digit. */
function hasWord(text: string, form: string): boolean {
  let at = text.indexOf(form);
  for (; at !== -1; at = text.indexOf(form, at + 1)) {
    const before = text[at - 1] ?? " ";
    const after = text.slice(at + form.length);
    const isNumber = /[0-9]$/.test(form);
    if (!/[\p{L}\p{N}]/u.test(before) && !(isNumber && /^([0-9]|[.,][0-9])/.test(after))) return true;
  }
  return false;
}
