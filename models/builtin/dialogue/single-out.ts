/** Which words single out one row among several: as few as will do, those that people would use before codes and exact numbers. */
import { type Attributes, fitting, isSuperlative } from "./options.js";
import type { Said } from "./plain-text.js";
import type { Wish } from "./wishes.js";

interface Candidate {
  readonly wish: Wish;
  readonly cost: number;
}

/** Combinations that are looked at, at most. */
const LIMIT = 4000;

/**
 * Wishes that exactly one of the rows fits, `meant`; filters first. Where no few do, all its attributes.
 *
 * @param pick a number in [0, 1) that chooses among combinations about as good as the best.
 */
export function singleOut(
  rows: readonly Attributes[],
  meant: Attributes,
  options: { readonly pick: number; readonly superlatives: "allowed" | "avoided" },
): readonly Wish[] {
  const filters = filtersFor(rows, meant);
  const ends = options.superlatives === "allowed" ? endsFor(rows, meant) : [];
  const sets = combinations(filters, ends).filter(({ wishes }) => isSingledOut(rows, meant, wishes));
  const best = Math.min(...sets.map(({ cost }) => cost));
  const good = sets.filter(({ cost }) => cost <= best + 1);
  return good[Math.floor(options.pick * good.length)]?.wishes ?? filters.map(({ wish }) => wish);
}

/** True where the wishes leave that row alone. */
export function isSingledOut(rows: readonly Attributes[], meant: Attributes, wishes: readonly Wish[]): boolean {
  const left = fitting(rows, wishes, attributeOf);
  return left.length === 1 && left[0] === meant;
}

/** The value under a label, null where there is none. */
export function attributeOf(row: Attributes, label: string): Said | null {
  return row[label] ?? null;
}

function filtersFor(rows: readonly Attributes[], meant: Attributes): readonly Candidate[] {
  return Object.entries(meant).map(([column, value]) => {
    const unique = rows.filter((row) => row[column] === value).length === 1;
    const code = typeof value === "string" && /[0-9_]/.test(value);
    return { wish: { column, comparison: "=", value }, cost: typeof value === "number" ? 2.5 : code && unique ? 4 : 1.2 };
  });
}

function endsFor(rows: readonly Attributes[], meant: Attributes): readonly Candidate[] {
  return Object.entries(meant).flatMap(([column, value]) => {
    const values = new Set(rows.map((row) => row[column]).filter((each) => each !== undefined));
    if (typeof value !== "number" || values.size < 2) return [];
    return (["lowest", "highest"] as const).map((comparison) => ({ wish: { column, comparison }, cost: 1 }));
  });
}

/** Up to three filters, each set alone and with one superlative; none, with one or two superlatives. */
function combinations(
  filters: readonly Candidate[],
  ends: readonly Candidate[],
): readonly { readonly wishes: readonly Wish[]; readonly cost: number }[] {
  const none: readonly Candidate[] = [];
  const subsets = filters.reduce<readonly (readonly Candidate[])[]>(
    (sets, filter) => [...sets, ...sets.filter((set) => set.length < 3).map((set) => [...set, filter])],
    [none],
  );
  const pairs = ends.flatMap((first) => ends.filter((second) => second.wish.column !== first.wish.column).map((second) => [first, second]));
  const sets = [
    ...subsets,
    ...subsets.flatMap((set) => ends.filter((end) => set.every(({ wish }) => wish.column !== end.wish.column)).map((end) => [...set, end])),
    ...pairs,
  ];
  return sets
    .filter((set) => set.length > 0)
    .slice(0, LIMIT)
    .map((set) => ({ wishes: set.map(({ wish }) => wish), cost: set.reduce((sum, { cost }) => sum + cost, 0) }));
}

/** A first, vaguer part of the wishes: without the superlatives where there are filters, else the first alone. */
export function vaguer(wishes: readonly Wish[]): readonly Wish[] {
  const filters = wishes.filter(({ comparison }) => !isSuperlative(comparison));
  if (filters.length > 0 && filters.length < wishes.length) return filters;
  return wishes.slice(0, Math.max(1, wishes.length - 1));
}
