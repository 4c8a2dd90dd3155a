/** What a proof costs: mutants against witnesses, and the whole of it, for an environment of the case study's size. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { type Compiled, compileSheet } from "../environment/compile/compile-sheet.js";
import { mutantsOf } from "../environment/proof/mutants.js";
import { prove } from "../environment/proof/prove.js";
import { type Noticing, runMutants } from "../environment/proof/run-mutants.js";
import { findWitnesses } from "../environment/proof/witness.js";
import { matricesOf } from "../environment/proof/write-matrix.js";
import { createRandom } from "../models/builtin/random.js";

/** One line of the benchmark's table; values are seconds of one core. */
export interface ProofResult {
  readonly name: string;
  readonly value: number;
  readonly goal: string;
  readonly ok: boolean;
}

const MUTANTS = 120;
const WITNESSES = 200;
const WORK = 60_000;

/** 120 mutants × 200 witnesses (goal ≤ 1 s), and the proof of `examples/corporate-travel` from nothing (goal ≤ 3 s). */
export async function benchProof(): Promise<readonly ProofResult[]> {
  const compiled = compiledOf(new URL("../examples/corporate-travel/sheet.yaml", import.meta.url));
  const whole = await secondsOf(() => prove(compiled, { work: WORK, random: randomOf(1) }));
  const { witnesses, matrices } = noticingOf(compiled);
  const all = mutantsOf(compiled);
  const mutants = Array.from({ length: MUTANTS }, (_, index) => all[Math.floor((index * all.length) / MUTANTS)]).flatMap(
    (each) => each ?? [],
  );
  const run = await secondsOf(() => runMutants(compiled, mutants, { witnesses, matrices }));
  return [
    { name: `${mutants.length} mutants × ${witnesses.length} witnesses, s`, value: run, goal: "≤ 1", ok: run <= 1 },
    { name: "whole proof of the case study, s", value: whole, goal: "≤ 3", ok: whole <= 3 },
  ];
}

function compiledOf(file: URL): Compiled {
  const compilation = compileSheet(parse(readFileSync(file, "utf8")));
  if (!compilation.ok) throw new Error(`Cannot measure a sheet that does not compile: ${compilation.errors[0]?.message ?? ""}`);
  return compilation.compiled;
}

function randomOf(seed: number): () => number {
  return createRandom(seed, "proof").next;
}

/** The witnesses of the sheet (where they are fewer, some of them again, each as a witness of its own) and its write matrix. */
function noticingOf(compiled: Compiled): Noticing {
  const { witnesses, state } = findWitnesses(compiled, { work: WORK, random: randomOf(1) });
  const wanted = Array.from({ length: WITNESSES }, (_, index) => witnesses[index % witnesses.length]);
  return {
    witnesses: wanted.flatMap((each) => (each === undefined ? [] : [{ ...each }])),
    matrices: matricesOf(compiled, state, witnesses),
  };
}

/** Time of this process's core, not of the clock: other work on the machine does not count. */
async function secondsOf(work: () => unknown): Promise<number> {
  await Promise.resolve();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
