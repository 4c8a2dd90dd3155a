/**
 * What a proof costs, measured in fresh processes, as the command `prove` is one. It takes seconds, in which no machine is left
 * alone: of several processes, which all do the same, the quickest was disturbed least.
 */
import { z } from "zod";
import { median, type Result } from "./measure.js";
import { measureApart } from "./measure-apart.js";

const measuredSchema = z.object({ mutants: z.number(), witnesses: z.number(), mutantsSeconds: z.number(), proofSeconds: z.number() });

/** Processes measured. */
const processes = 5;

/** 120 mutants × 200 witnesses (goal ≤ 1 s), and the proof of `examples/corporate-travel` from nothing (goal ≤ 3 s). @throws {Error} If the process fails. */
export function benchProof(): readonly Result[] {
  const runs = Array.from({ length: processes }, () => measureApart("proof-process.ts", measuredSchema));
  const [mutantsTimes, proofTimes] = [runs.map((run) => run.mutantsSeconds), runs.map((run) => run.proofSeconds)];
  const [mutantsLeast, proofLeast] = [Math.min(...mutantsTimes), Math.min(...proofTimes)];
  const size = runs.map(({ mutants, witnesses }) => `${mutants} mutants × ${witnesses} witnesses`)[0] ?? "";
  return [
    { name: `${size}, quickest of ${processes}, s`, value: mutantsLeast, goal: "≤ 1", ok: mutantsLeast <= 1 },
    { name: `${size}, median, s`, value: median(mutantsTimes), goal: "", ok: null },
    { name: `whole proof of the case study, quickest of ${processes}, s`, value: proofLeast, goal: "≤ 3", ok: proofLeast <= 3 },
    { name: "whole proof of the case study, median, s", value: median(proofTimes), goal: "", ok: null },
  ];
}
