/** What a proof costs, measured in a fresh process, as the command `prove` is one. */
import { z } from "zod";
import type { Result } from "./measure.js";
import { measureApart } from "./measure-apart.js";

const measuredSchema = z.object({ mutants: z.number(), witnesses: z.number(), mutantsSeconds: z.number(), proofSeconds: z.number() });

/** 120 mutants × 200 witnesses (goal ≤ 1 s), and the proof of `examples/corporate-travel` from nothing (goal ≤ 3 s). @throws {Error} If the process fails. */
export function benchProof(): readonly Result[] {
  const { mutants, witnesses, mutantsSeconds, proofSeconds } = measureApart("proof-process.ts", measuredSchema);
  return [
    { name: `${mutants} mutants × ${witnesses} witnesses, s`, value: mutantsSeconds, goal: "≤ 1", ok: mutantsSeconds <= 1 },
    { name: "whole proof of the case study, s", value: proofSeconds, goal: "≤ 3", ok: proofSeconds <= 3 },
  ];
}
