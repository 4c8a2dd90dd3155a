/** `npm run check`: types, lint, direction of imports, dead code, format and unit tests; all are run, each failure is named. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, setup } from "./setup.js";

const FOLDERS = ["environment", "agents", "models", "storage", "datasets", "activities", "workflows", "workers", "cli", "test", "bench"];

const CHECKS = [
  { name: "types", package: "typescript", bin: "tsc", args: ["--noEmit", "-p", "."] },
  { name: "lint", package: "eslint", bin: "eslint", args: [".", "--max-warnings", "0"] },
  { name: "imports", package: "dependency-cruiser", bin: "depcruise", args: ["--config", ".dependency-cruiser.cjs", ...FOLDERS] },
  { name: "dead code", package: "knip", bin: "knip", args: ["--no-progress"] },
  { name: "format", package: "@biomejs/biome", bin: "biome", args: ["format", "."] },
  { name: "unit tests", package: "vitest", bin: "vitest", args: ["run", "--project", "unit"] },
];

await setup();
const failed = CHECKS.filter((check) => !passes(check)).map((check) => check.name);
process.stdout.write(failed.length === 0 ? `All ${CHECKS.length} checks passed\n` : `Failed: ${failed.join(", ")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(check) {
  process.stdout.write(`> ${check.name}\n`);
  const folder = join(ROOT, "node_modules", check.package);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = join(folder, typeof bin === "string" ? bin : bin[check.bin]);
  return spawnSync(process.execPath, [file, ...check.args], { cwd: ROOT, stdio: "inherit" }).status === 0;
}
