/** A policy that the user brings: kept word for word, its clauses numbered and classed, what was no clause reported. */
import type { Policy } from "./architect-policy.js";

export interface PolicyReading {
  readonly policy: Policy;
  /** What was not taken as a clause, or was numbered anew, by line; for the user to look at. */
  readonly gaps: readonly string[];
}

/**
 * Reads Markdown: `#` headings make sections, every other line or list item is a clause. A line that starts with a number such
 * as `3.2` keeps it; the others are numbered in their section. `[conduct]` at the end of a clause classes it, else it is enforceable.
 */
export function policyFromText(text: string): PolicyReading {
  const gaps: string[] = [];
  const clauses: Policy["clauses"] = [];
  const taken = new Set<string>();
  let title: string | undefined;
  let heading: string | undefined;
  let section = 0;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    const where = `line ${String(index + 1)}`;
    if (line === "") continue;
    const head = /^(#{1,6})\s+(.+)$/.exec(line);
    if (head !== null) {
      if (title === undefined && head[1] === "#") title = head[2];
      else {
        heading = head[2];
        section += 1;
      }
      continue;
    }
    const { id: own, words } = numbered(line);
    if (words.length < 3) {
      gaps.push(`${where}: "${words}" is too short for a clause`);
      continue;
    }
    const conduct = /^(.*\S)\s*\[conduct\]$/.exec(words);
    const id = own !== null && !taken.has(own) ? own : freeId(Math.max(1, section), taken);
    if (own !== id) gaps.push(own === null ? `${where}: had no number and is clause ${id}` : `${where}: number ${own} stands twice; this one is clause ${id}`);
    taken.add(id);
    clauses.push({ id, kind: conduct === null ? "enforceable" : "conduct", text: conduct?.[1] ?? words, ...(heading === undefined ? {} : { heading: heading.slice(0, 120) }) });
  }
  return { policy: { title: (title ?? "Policy").slice(0, 120).padEnd(3), clauses }, gaps };
}

/** A leading clause number or list mark, and the words after it. */
function numbered(line: string): { id: string | null; words: string } {
  const match = /^(?:[-*+]\s+)?(?:(\d+(?:\.\d+){0,2})\.?[\s)]+)?(.*)$/.exec(line);
  return { id: match?.[1] ?? null, words: match?.[2] ?? line };
}

function freeId(section: number, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const id = `${String(section)}.${String(number)}`;
    if (!taken.has(id)) return id;
  }
}
