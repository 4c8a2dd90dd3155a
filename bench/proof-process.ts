/**
 * A process of its own that proves the case study from nothing, and then runs mutants of its sheet against witnesses; it prints
 * what each took of its processor, in seconds, as JSON.
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { type Compiled, compileSheet } from "../environment/compile/compile-sheet.js";
import { mutantsOf } from "../environment/proof/mutants.js";
import { prove } from "../environment/proof/prove.js";
import { type Noticing, runMutants, sortMutants } from "../environment/proof/run-mutants.js";
import { findWitnesses } from "../environment/proof/witness.js";
import { matricesOf } from "../environment/proof/write-matrix.js";
import { expectShortRun } from "../cli/short-run.js";
import { createRandom } from "../models/builtin/random.js";

const MUTANTS = 120;
const WITNESSES = 200;
const WORK = 60_000;

expectShortRun();
const compiled = compiledOf(new URL("../examples/corporate-travel/sheet.yaml", import.meta.url));
const proofSeconds = secondsOf(() => prove(compiled, { work: WORK, random: randomOf(1) }));
const noticing = noticingOf(compiled);
const all = mutantsOf(compiled);
const mutants = Array.from({ length: MUTANTS }, (_, index) => all[Math.floor((index * all.length) / MUTANTS)]).flatMap(
  (each) => each ?? [],
);
const mutantsSeconds = secondsOf(() => runMutants(compiled, sortMutants(compiled, mutants).live, noticing));
process.stdout.write(JSON.stringify({ mutants: mutants.length, witnesses: noticing.witnesses.length, mutantsSeconds, proofSeconds }));

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
function secondsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
