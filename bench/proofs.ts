/**
 * `npm run bench -- proofs [sheet.yaml …]`: proves sheets that were written from the documentation alone, every kind of rule among
 * them (`bench/sheets`, unless others are named), and prints what was found and which small slips nobody noticed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type Compiled, compileSheet } from "../environment/compile/compile-sheet.js";
import { prove, type Proof } from "../environment/proof/prove.js";
import { createRandom } from "../models/builtin/random.js";

/** Interpreted writes, as many as `logigen prove` may take. */
const WORK = 60_000;

const folder = new URL("sheets/", import.meta.url);
const own = readdirSync(folder)
  .sort()
  .map((name) => fileURLToPath(new URL(name, folder)));
const named = process.argv.slice(2);

for (const file of named.length > 0 ? named : own) {
  const compiled = compiledOf(file);
  const before = process.cpuUsage();
  const proof = prove(compiled, { work: WORK, random: createRandom(1, "proof").next });
  const { user, system } = process.cpuUsage(before);
  say(`${basename(file)}: ${summary(compiled, proof)}; ${((user + system) / 1e6).toFixed(1)} s`);
  for (const { rule, message } of [...proof.witnesses.failed, ...proof.matrix.failed]) say(`  failed: ${rule}: ${message}`);
  for (const { rule, operator, change } of proof.mutants.survivors) say(`  not noticed: ${rule}: ${operator}, ${change}`);
}

function summary({ sheet }: Compiled, { witnesses, matrix, mutants }: Proof): string {
  const share = `${(100 * mutants.score).toFixed(1)} %`;
  return `${sheet.rules.length} rules; witnesses ${witnesses.run}, failed ${witnesses.failed.length}; matrix ${matrix.run}, failed ${matrix.failed.length}; mutants noticed ${mutants.killed} of ${mutants.total}, ${share}`;
}

/** @throws {Error} If the file holds no sheet that compiles. */
function compiledOf(file: string): Compiled {
  const compilation = compileSheet(parse(readFileSync(file, "utf8")));
  if (compilation.ok) return compilation.compiled;
  throw new Error(`Cannot prove ${file}: ${compilation.errors.map(({ path, message }) => `${path}: ${message}`).join("; ")}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
