/**
 * `npm run bench -- <subject>`: what is counted and measured apart from the tests, anew in this run.
 *
 * - `environment [--json]`: what sessions, rewards, proofs and the child process cost
 * - `laws [writes] [seed]`: the laws of the environment, tried at length
 * - `misread`: how many misread policies the Verifier's clause examples find
 * - `proofs [sheet.yaml …]`: what proofs of sheets show that were written from the documentation alone
 * - `isomorphism`: what the exact comparison costs on hard structures
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT, setup } from "./setup.js";

const FILES = { environment: "main.ts", laws: "laws.ts", misread: "misread.ts", proofs: "proofs.ts", isomorphism: "isomorphism.ts" };

const [subject = "", ...options] = process.argv.slice(2);
const file = Object.hasOwn(FILES, subject) ? FILES[subject] : null;
if (file === null) {
  process.stderr.write(`Usage: npm run bench -- ${Object.keys(FILES).join("|")}\n`);
  process.exitCode = 2;
} else {
  await setup();
  // With the allocator's defaults the heap is trimmed and grown again within single statements.
  const env = { ...process.env, MALLOC_TRIM_THRESHOLD_: "268435456", MALLOC_TOP_PAD_: "4194304" };
  const args = ["--import", "tsx", join("bench", file), ...(file === "main.ts" ? [subject] : []), ...options];
  process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: "inherit" }).status ?? 1;
}
