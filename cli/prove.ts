/** `logigen prove`: witnesses, write matrix and mutation score of an environment folder. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { type Proof, prove } from "../environment/proof/prove.js";
import { createRandom } from "../models/builtin/random.js";
import { writeAnswer } from "./answer.js";
import { EXIT } from "./command-error.js";
import { proveAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption, type SharedOptions } from "./options.js";
import { readCompiledFolder } from "./read-folder.js";
import { expectShortRun } from "./short-run.js";

/** Interpreted writes that a proof may take: some seconds for an environment of the case study's size. */
const WORK = 60_000;

/** Adds `prove`. */
export function addProve(program: Command): void {
  program
    .command("prove")
    .description("show by executed witnesses that an environment does what its sheet says; exit 1 when one fails")
    .argument("<folder>", "an environment folder")
    .addOption(jsonOption())
    .action((folder: string, options: Pick<SharedOptions, "json">) => {
      expectShortRun();
      const { compiled } = readCompiledFolder(resolve(folder));
      const random = createRandom(1, "proof");
      const proof = prove(compiled, { work: WORK, random: () => random.next() });
      writeAnswer(
        formOf(options),
        proveAnswerSchema,
        {
          ok: proof.ok,
          witnesses: { run: proof.witnesses.run, failed: [...proof.witnesses.failed] },
          matrix: { run: proof.matrix.run, failed: [...proof.matrix.failed] },
          mutants: {
            ...proof.mutants,
            survivors: [...proof.mutants.survivors],
            equivalent: [...proof.mutants.equivalent],
            few: [...proof.mutants.few],
          },
        },
        proofText(proof),
      );
      if (!proof.ok) process.exitCode = EXIT.internal;
    });
}

function proofText({ ok, witnesses, matrix, mutants }: Proof): string {
  const operators = Object.entries(mutants.by_operator).map(
    ([operator, { total, killed }]) => `  ${operator.padEnd(24)} ${killed} of ${total}`,
  );
  const failed = [...witnesses.failed, ...matrix.failed].map(({ message }) => `  ${message}`);
  const survivors = mutants.survivors.map(({ rule, operator, change }) => `  ${rule}: ${operator} (${change})`);
  const equivalent = mutants.equivalent.map(({ rule, operator, change, why }) => `  ${rule}: ${operator} (${change}): ${why}`);
  const few = mutants.few.map(({ rule, mutants: tried }) => `  ${rule}: ${tried}`);
  return [
    ok ? "holds" : "FAILS",
    `witnesses  ${witnesses.run} run, ${witnesses.failed.length} failed`,
    `matrix     ${matrix.run} statements, ${matrix.failed.length} failed`,
    ...failed,
    `mutants    ${mutants.killed} of ${mutants.total} noticed (${(100 * mutants.score).toFixed(1)} %)`,
    ...operators,
    ...(survivors.length > 0 ? ["not noticed:", ...survivors] : []),
    ...(equivalent.length > 0 ? ["proven equivalent, not counted:", ...equivalent] : []),
    ...(few.length > 0 ? ["fewer than four mutants:", ...few] : []),
  ].join("\n");
}
