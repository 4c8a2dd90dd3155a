/** Check–Fix–Verify (paper 3.3.1): draft, check, send the report back, a bounded number of times. */
import type { Checked, CorrectionRefs, Drafted, Ref, Rounds } from "../activities/contract.js";

export interface Refinement {
  /** Corrective rounds after the first draft. */
  readonly corrections: number;
  readonly draft: (correction: CorrectionRefs | null, round: number) => Promise<Drafted>;
  /** Physical check first, then the Verifier; each is asked only if the one before passed. */
  readonly checks: readonly ((artefact: Ref, round: number) => Promise<Checked>)[];
}

export type Refined =
  | { readonly kind: "accepted"; readonly artefact: Ref; readonly line: string; readonly rounds: Rounds }
  | { readonly kind: "rejected"; readonly report: Ref; readonly line: string; readonly rounds: Rounds };

/** Runs the loop; running out of rounds is an outcome that carries the last report. */
export async function refine({ corrections, draft, checks }: Refinement): Promise<Refined> {
  let correction: CorrectionRefs | null = null;
  let rounds: Rounds = { drafts: 0, corrections: 0, injected: 0, found: 0, repaired: 0, missed: 0 };
  let open = 0;
  let last = { report: "", line: "" };
  for (let round = 0; round <= corrections; round += 1) {
    const drafted = await draft(correction, round);
    const injected = drafted.injected === null ? 0 : 1;
    rounds = { ...rounds, drafts: rounds.drafts + 1, corrections: round, injected: rounds.injected + injected };
    if (drafted.kind === "malformed") {
      rounds = { ...rounds, found: rounds.found + injected };
      open += injected;
      last = drafted;
      correction = { previous: drafted.reply, report: drafted.report };
      continue;
    }
    const failed = await firstFailure(checks, drafted.artefact, round);
    if (failed === null) {
      return {
        kind: "accepted",
        artefact: drafted.artefact,
        line: drafted.line,
        rounds: { ...rounds, repaired: rounds.repaired + open, missed: rounds.missed + injected },
      };
    }
    rounds = { ...rounds, found: rounds.found + injected };
    open += injected;
    last = failed;
    correction = { previous: drafted.reply, report: failed.report };
  }
  return { kind: "rejected", report: last.report, line: last.line, rounds };
}

async function firstFailure(checks: Refinement["checks"], artefact: Ref, round: number): Promise<{ report: Ref; line: string } | null> {
  for (const check of checks) {
    const outcome = await check(artefact, round);
    if (outcome.kind === "failed") return outcome;
  }
  return null;
}
