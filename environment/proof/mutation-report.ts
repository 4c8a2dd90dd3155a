/** How many small slips of a sheet were noticed, by operator, and which were not. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Live, SortedMutants, Survivor } from "./run-mutants.js";

export interface MutationReport {
  readonly total: number;
  readonly killed: number;
  /** Killed of total, from 0 to 1, by the evidence that holds; where there are none, 1 if all of it holds, else 0. */
  readonly score: number;
  readonly by_operator: Readonly<Record<string, { readonly total: number; readonly killed: number }>>;
  readonly survivors: readonly Survivor[];
  /** Unnoticed, and proven to answer as the original does; not in `total`. */
  readonly equivalent: readonly Survivor[];
  /** Rules of which fewer than four mutants were tried. */
  readonly few: readonly { readonly rule: string; readonly mutants: number }[];
}

/** A rule with fewer mutants than this is told. */
const FEW = 4;

/** What came of the mutants; `checks` is the number of witnesses and matrix cases that they were held against. */
export function mutationReport(
  { sheet }: Compiled,
  { live, equivalent }: SortedMutants,
  { unnoticed, checks, ok }: { readonly unnoticed: readonly Live[]; readonly checks: number; readonly ok: boolean },
): MutationReport {
  const left = new Set(unnoticed);
  const [total, killed] = [live.length, live.length - left.size];
  const tally = new Map<string, { total: number; killed: number }>();
  const byRule = new Map<string, number>();
  for (const each of live) {
    const { rule, operator } = each.mutant;
    const count = tally.get(operator) ?? { total: 0, killed: 0 };
    tally.set(operator, { total: count.total + 1, killed: count.killed + Number(!left.has(each)) });
    byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
  }
  const why = `none of ${checks} witnesses and matrix cases answers otherwise`;
  return {
    total,
    killed,
    score: total === 0 ? Number(ok) : killed / total,
    by_operator: Object.fromEntries([...tally].sort(([a], [b]) => (a < b ? -1 : 1))),
    survivors: unnoticed.map(({ mutant: { rule, operator, change } }) => ({ rule, operator, change, why })),
    equivalent,
    few: sheet.rules.map(({ id }) => ({ rule: id, mutants: byRule.get(id) ?? 0 })).filter(({ mutants }) => mutants < FEW),
  };
}
