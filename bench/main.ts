/**
 * `npm run bench -- environment [--json]`: a table of what was measured in this run, and on the last line the same as JSON;
 * with `--json` only that line, and the table on standard error. What each row measures stands in docs/benchmarks.md.
 */
import { benchChild } from "./child.js";
import { benchMemory } from "./environment-memory.js";
import { benchPackage } from "./environment-package.js";
import { benchSpeed } from "./environment-speed.js";
import { benchIsomorphism } from "./isomorphism.js";
import { type Result, short } from "./measure.js";
import { benchProof } from "./proof.js";

const groups: readonly { readonly title: string; readonly run: () => Iterable<Result> | Promise<Iterable<Result>> }[] = [
  { title: "Sessions", run: benchSpeed },
  { title: "Packages", run: benchPackage },
  { title: "Comparison", run: benchIsomorphism },
  { title: "Proof", run: benchProof },
  { title: "Memory", run: benchMemory },
  { title: "Child process", run: benchChild },
];

const [subject, ...options] = process.argv.slice(2);
if (subject !== "environment" || options.some((option) => option !== "--json")) {
  process.stderr.write("Usage: npm run bench -- environment [--json]\n");
  process.exitCode = 2;
} else {
  const isJson = options.includes("--json");
  await bench((line) => void (isJson ? process.stderr : process.stdout).write(`${line}\n`));
}

async function bench(say: (line: string) => void): Promise<void> {
  const results: Result[] = [];
  for (const { title, run } of groups) {
    say(`\n${title}`);
    for (const result of await run()) {
      results.push(result);
      say(lineOf(result));
    }
  }
  process.stdout.write(`${JSON.stringify({ results })}\n`);
}

function lineOf({ name, value, goal, ok }: Result): string {
  const verdict = ok === null ? "" : ok ? "met" : "MISSED";
  return `  ${name.padEnd(84)} ${short(value).padStart(10)}  ${goal.padEnd(9)} ${verdict}`.trimEnd();
}
