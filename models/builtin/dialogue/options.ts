/** Options in words: one line a row, "district: Harbour; rent: 900", labels for columns and nothing where there is no value. */
import { hideQuotes, readValue, reveal, type Said, sayValue } from "./plain-text.js";
import type { Wish } from "./wishes.js";

/** What is told of one row, by label. */
export type Attributes = Readonly<Record<string, Said>>;

/** "district: Harbour; rent: 900" */
export function sayAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([label, value]) => `${label}: ${sayValue(value)}`)
    .join("; ");
}

/** The attributes of a line that {@link sayAttributes} wrote; parts that are none are left out. */
export function readAttributes(line: string): Attributes {
  const pairs = hideQuotes(line)
    .split("; ")
    .map((part) => /^([^:]+): (.+)$/.exec(part.trim()))
    .filter((found) => found !== null);
  return Object.fromEntries(pairs.map(([, label = "", value = ""]) => [reveal(label), readValue(value)]));
}

/** The rows that fit: filters first, then each superlative among what is left (nothing counts as neither lowest nor highest). */
export function fitting<Row>(
  rows: readonly Row[],
  wishes: readonly Wish[],
  valueOf: (row: Row, column: string) => Said | null,
): readonly Row[] {
  const filters = wishes.filter(({ comparison }) => !isSuperlative(comparison));
  const left = rows.filter((row) => filters.every((wish) => fits(valueOf(row, wish.column), wish)));
  return wishes
    .filter(({ comparison }) => isSuperlative(comparison))
    .reduce<readonly Row[]>((rest, wish) => extremes(rest, wish, valueOf), left);
}

/** True of the comparisons that rank rows instead of filtering them. */
export function isSuperlative(comparison: Wish["comparison"]): boolean {
  return comparison === "lowest" || comparison === "highest";
}

/** True where a value meets a filter; nothing meets none. */
export function fits(value: Said | null, { comparison, value: wanted }: Wish): boolean {
  if (value === null || wanted === undefined) return false;
  switch (comparison) {
    case "=":
      return same(value, wanted);
    case "<>":
      return !same(value, wanted);
    case "contains":
      return String(value).toLowerCase().includes(String(wanted).toLowerCase());
    case "<":
      return compare(value, wanted) < 0;
    case "<=":
      return compare(value, wanted) <= 0;
    case ">":
      return compare(value, wanted) > 0;
    case ">=":
      return compare(value, wanted) >= 0;
    default:
      return true;
  }
}

function same(value: Said, wanted: Said): boolean {
  return value === wanted || String(value) === String(wanted);
}

function compare(a: Said, b: Said): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

function extremes<Row>(
  rows: readonly Row[],
  { column, comparison }: Wish,
  valueOf: (row: Row, column: string) => Said | null,
): readonly Row[] {
  const values = rows.map((row) => valueOf(row, column)).filter((value) => value !== null);
  const sorted = values.toSorted(compare);
  const end = comparison === "lowest" ? sorted[0] : sorted.at(-1);
  return end === undefined ? [] : rows.filter((row) => valueOf(row, column) === end);
}
