/** The cost table of a campaign, like the paper's Table 5. Pure: no store, no clock. */
import type { LedgerRow } from "./ledger.js";

/** One line: a module as a whole (`agent` null), or one agent within it. Means are per run, and null where there is none. */
export interface CostLine {
  readonly module: string;
  readonly agent: string | null;
  readonly calls: number;
  readonly runs: number;
  /** Accepted runs over runs that ended, 0 to 1; null while none has. */
  readonly successRate: number | null;
  /** Calls a run. */
  readonly meanTurns: number;
  readonly meanPromptTokens: number;
  readonly meanCompletionTokens: number;
  /** In `currency`, of all runs. */
  readonly cost: number;
  /** Null where nothing was charged. */
  readonly currency: string | null;
}

/** Lines in the order in which modules, and agents within them, first appear: each module, then its agents. */
export function costTable(rows: readonly LedgerRow[]): readonly CostLine[] {
  return [...groups(rows, (row) => row.module)].flatMap(([module, ofModule]) => [
    lineOf(module, null, ofModule),
    ...[...groups(ofModule, (row) => row.role)].map(([role, ofRole]) => lineOf(module, role, ofRole)),
  ]);
}

function lineOf(module: string, agent: string | null, rows: readonly LedgerRow[]): CostLine {
  const verdicts = [...groups(rows, (row) => row.run)].map(([, ofRun]) => ofRun[0]?.verdict ?? null);
  const ended = verdicts.filter((verdict) => verdict !== null).length;
  const accepted = verdicts.filter((verdict) => verdict === "accepted").length;
  const sum = (part: (row: LedgerRow) => number): number => rows.reduce((total, row) => total + part(row), 0);
  return {
    module,
    agent,
    calls: rows.length,
    runs: verdicts.length,
    successRate: ended === 0 ? null : accepted / ended,
    meanTurns: rows.length / verdicts.length,
    meanPromptTokens: sum((row) => row.prompt) / verdicts.length,
    meanCompletionTokens: sum((row) => row.completion) / verdicts.length,
    cost: sum((row) => row.costNanos) / 1_000_000_000,
    currency: rows.find((row) => row.currency !== null)?.currency ?? null,
  };
}

/** Never empty groups, in the order of their first rows. */
function groups(rows: readonly LedgerRow[], nameOf: (row: LedgerRow) => string): ReadonlyMap<string, readonly LedgerRow[]> {
  const found = new Map<string, LedgerRow[]>();
  for (const row of rows) {
    const group = found.get(nameOf(row));
    if (group === undefined) found.set(nameOf(row), [row]);
    else group.push(row);
  }
  return found;
}
