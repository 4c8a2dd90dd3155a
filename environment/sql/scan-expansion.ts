/** How large a statement grows when SQLite copies subqueries into the places that read them. */
import type { SqlRegion } from "./scan-walk.js";
import { nameOf, type SqlRefusal } from "./token-lists.js";
import { foldName, keywordOf, type SqlToken } from "./tokenize-sql.js";
import { keywords } from "./word-lists.js";

/** Copies of common table expressions, and words after all columns of subqueries are written out. */
const maxCopies = 256;
const maxSize = 1_000_000;

/**
 * Refuses a statement that would not be prepared in reasonable time or memory. SQLite copies a common table expression for each
 * place that reads it, and a column of a subquery in FROM for each place that names it; nested, both grow exponentially (six
 * levels of ten mentions took 9 s and 0.9 GB to prepare). The bound is an upper one: each level multiplies by the mentions of
 * its most mentioned name.
 */
export function refuseExpansion(
  tokens: readonly SqlToken[],
  regions: readonly SqlRegion[],
  reads: readonly { readonly name: string; readonly at: number }[],
): readonly SqlRefusal[] {
  if (regions.length === 0) return [];
  const known = new Map<SqlRegion, { copies: number; size: number }>();
  const within = ({ from, to }: SqlRegion, at: number) => at >= from && at < to;
  const open = new Set<SqlRegion>();

  function measure(region: SqlRegion): { copies: number; size: number } {
    const found = known.get(region);
    if (found !== undefined) return found;
    // A common table expression that reads itself is refused elsewhere; here it only must not be followed for ever.
    if (open.has(region)) return { copies: 1, size: 1 };
    open.add(region);
    const inner = regions.filter((other) => other !== region && other.from >= region.from && other.to <= region.to);
    const isOwn = (at: number) => within(region, at) && !inner.some((other) => within(other, at));
    const own = tokens.filter((_, at) => isOwn(at));
    const direct = inner.filter((other) => other.name === null && !inner.some((third) => third !== other && within(third, other.from)));
    const named = reads
      .filter(({ at }) => isOwn(at))
      .flatMap(({ name }) => regions.findLast((other) => other.name === name && other !== region) ?? []);
    const parts = [...direct, ...named].map(measure);
    const total = {
      copies: 1 + sum(parts.map(({ copies }) => copies)),
      size: own.length + mentions(own) * sum(parts.map(({ size }) => size)),
    };
    open.delete(region);
    known.set(region, total);
    return total;
  }

  const whole = measure({ name: null, from: 0, to: tokens.length });
  if (whole.copies <= maxCopies && whole.size <= maxSize) return [];
  return [
    {
      code: "EXPANSION",
      message: "its subqueries read each other so often that the statement grows out of bounds; use fewer levels, or name each column once",
    },
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** How often the most mentioned name occurs. */
function mentions(tokens: readonly SqlToken[]): number {
  const counts = new Map<string, number>();
  tokens.forEach((token, at) => {
    const name = token.kind === "string" ? null : nameOf(token);
    const owner = keywordOf(tokens[at - 1]) === "." ? nameOf(tokens[at - 2]) : null;
    const after = keywordOf(tokens[at + 1]);
    if (name === null || owner === "new" || owner === "old" || after === "." || after === "(") return;
    if (token.kind === "word" && keywords.has(foldName(token.value))) return;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return Math.max(1, ...counts.values());
}
