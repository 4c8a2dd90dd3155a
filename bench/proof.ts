/** What a proof costs, measured in a fresh process, as the command `prove` is one. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Result } from "./measure.js";

const measuredSchema = z.object({ mutants: z.number(), witnesses: z.number(), mutantsSeconds: z.number(), proofSeconds: z.number() });

/** 120 mutants × 200 witnesses (goal ≤ 1 s), and the proof of `examples/corporate-travel` from nothing (goal ≤ 3 s). @throws {Error} If the process fails. */
export function benchProof(): readonly Result[] {
  const file = fileURLToPath(new URL("proof-process.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", file], { encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot measure a proof: ${stderr}`);
  const { mutants, witnesses, mutantsSeconds, proofSeconds } = measuredSchema.parse(JSON.parse(stdout));
  return [
    { name: `${mutants} mutants × ${witnesses} witnesses, s`, value: mutantsSeconds, goal: "≤ 1", ok: mutantsSeconds <= 1 },
    { name: "whole proof of the case study, s", value: proofSeconds, goal: "≤ 3", ok: proofSeconds <= 3 },
  ];
}
