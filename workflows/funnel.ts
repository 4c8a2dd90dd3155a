/** Counting what went into each stage, what came out and why the rest did not. Pure. */
import { type FunnelLine, type Rounds, type StageEvent, stages } from "../activities/contract.js";

/** The funnel after more events; a duplicate had been accepted and is taken back. */
export function counted(funnel: readonly FunnelLine[], events: readonly StageEvent[]): FunnelLine[] {
  return stages.map((stage) => {
    const before = funnel.find((line) => line.stage === stage) ?? { stage, in: 0, out: 0, rejected: {} };
    const here = events.filter((event) => event.stage === stage);
    const rejected: Record<string, number> = { ...before.rejected };
    for (const { outcome } of here) if (outcome !== "accepted") rejected[outcome] = (rejected[outcome] ?? 0) + 1;
    const twins = here.filter((event) => event.outcome === "duplicate").length;
    return {
      stage,
      in: before.in + here.length - twins,
      out: before.out + here.filter((event) => event.outcome === "accepted").length - twins,
      rejected,
    };
  });
}

/** The funnel as a Markdown table, for the current details of a workflow. */
export function funnelTable(funnel: readonly FunnelLine[]): string {
  const reasons = (line: FunnelLine): string =>
    Object.entries(line.rejected)
      .map(([reason, count]) => `${reason} ${String(count)}`)
      .join(", ");
  return [
    "| stage | in | out | rejected |",
    "| --- | --- | --- | --- |",
    ...funnel
      .filter((line) => line.in > 0)
      .map((line) => `| ${line.stage} | ${String(line.in)} | ${String(line.out)} | ${reasons(line)} |`),
  ].join("\n");
}

/** Sums of corrective rounds. */
export function addRounds(a: Rounds, b: Rounds): Rounds {
  return {
    drafts: a.drafts + b.drafts,
    corrections: a.corrections + b.corrections,
    injected: a.injected + b.injected,
    found: a.found + b.found,
    repaired: a.repaired + b.repaired,
    missed: a.missed + b.missed,
  };
}
