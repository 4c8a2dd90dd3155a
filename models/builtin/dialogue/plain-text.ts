/**
 * Plain English that reads back: values in quotes where they need them, sentences, and a choice among wordings.
 *
 * While a line is read, the characters inside quotes are moved to a private range of Unicode, so that no pattern mistakes
 * a word of a value for a word of the sentence.
 */
import { createHash } from "node:crypto";

/** A value as people say it: text or a number. */
export type Said = string | number;

/** Picks one of several wordings. */
export type Wording = (variants: readonly [string, ...string[]]) => string;

const PRIVATE = 0xe000;
const PLAIN_WORD = "[\\p{L}\\p{N}][\\p{L}\\p{N}@.+/-]*";
const PLAIN = new RegExp(`^${PLAIN_WORD}(?: [\\p{Lu}\\p{N}][\\p{L}\\p{N}@.+/-]*){0,3}$`, "u");
/** One pass from left to right: a quote inside the other sort of quotes opens nothing. */
const QUOTED = /(?<=^|[\s(:])('(?:[^'\n]|'')*'|"[^"\n]*")(?=$|[\s.,;:?!)])/g;
const NUMBER = /^-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]+)?$/;
const RESERVED = /(?:^| )(?:and|or|with|whose|as|is|of|at|the|an?|other|more|less|not|my|your|it|its|instead|please|yes|no)(?: |$)/i;

/** A full stop behind a word of it: the sentence would seem to end there. */
const STOPPED = /\.(?: |$)/;

/** The value as it stands in a sentence; reads back by {@link readValue}. */
export function sayValue(value: Said): string {
  if (typeof value === "number") return String(value);
  if (PLAIN.test(value) && !NUMBER.test(value) && !RESERVED.test(value) && !STOPPED.test(value)) return value;
  return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("'", "''")}'`;
}

/** The value that {@link sayValue} wrote, from a hidden line. */
export function readValue(text: string): Said {
  const trimmed = text.trim();
  const quote = trimmed[0];
  if (trimmed.length >= 2 && (quote === "'" || quote === '"') && trimmed.endsWith(quote)) {
    const inner = reveal(trimmed.slice(1, -1));
    return quote === "'" ? inner.replaceAll("''", "'") : inner;
  }
  const plain = reveal(trimmed);
  return NUMBER.test(plain) ? Number(plain) : plain;
}

/** The line with what stands in quotes hidden from patterns. */
export function hideQuotes(text: string): string {
  return text.replace(QUOTED, (whole, inner: string) => `${whole.slice(0, 1)}${shift(inner.slice(1, -1), PRIVATE)}${whole.slice(0, 1)}`);
}

/** The text as it was before {@link hideQuotes}. */
export function reveal(hidden: string): string {
  return shift(hidden, -PRIVATE);
}

function shift(text: string, by: number): string {
  return Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    const inside = by > 0 ? code < 0x100 : code >= PRIVATE && code < PRIVATE + 0x100;
    return inside ? String.fromCharCode(code + by) : character;
  }).join("");
}

/** Sentences and list lines of a hidden text, without their closing mark save a question mark. */
export function sentencesOf(hidden: string): readonly string[] {
  return hidden
    .split(/\n|(?<=[.!?])\s+/)
    .map((sentence) => sentence.trim().replace(/[.!]+$/, ""))
    .filter((sentence) => sentence !== "");
}

/** A list value such as IN_TRANSIT in words; any other value as it is. */
export function inWords(value: Said): Said {
  return typeof value === "string" && /^[A-Z0-9]+(?:_[A-Z0-9]+)+$/.test(value) ? value.toLowerCase().replaceAll("_", " ") : value;
}

/** True where somebody who said `said` can mean `value`: equal, or equal in words whatever the case. */
export function meansValue(said: Said, value: Said): boolean {
  if (said === value) return true;
  return fold(said) === fold(value);
}

function fold(value: Said): string {
  return String(inWords(value)).toLowerCase();
}

/** "a, b and c" */
export function enumerate(parts: readonly string[], last: "and" | "or"): string {
  return parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} ${last} ${parts.at(-1) ?? ""}`;
}

/** The noun with its indefinite article. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`;
}

/** A number in [0, 1) that depends on the text alone. */
export function chanceOf(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** Wordings chosen by a random number: the first pick, the second and so on are independent of each other. */
export function wordingOf(random: number): Wording {
  let picks = 0;
  return (variants) => {
    picks += 1;
    return variants[Math.floor(chanceOf(`${random}/${picks}`) * variants.length)] ?? variants[0];
  };
}
