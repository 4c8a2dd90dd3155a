/**
 * `prepare`: emits `dist/`, the library that other packages import as `logigen/environment`, as plain JavaScript with types.
 *
 * npm runs it after an install in a clone, before packing, and for installs from git. Types are not checked here: `npm run check`
 * does that. A draft that cannot be emitted, or development tools left out, stop no install, since the command needs no `dist/`;
 * but they do stop packing.
 */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const isPacking = ["pack", "publish"].includes(process.env.npm_command ?? "");

const fault = build();
if (fault !== null) {
  process.stderr.write(`Cannot build dist/, so that "logigen/environment" cannot be imported: ${fault}\n`);
  process.exitCode = isPacking ? 1 : 0;
}

function build() {
  if (!existsSync(tsc)) return "typescript is not installed here (npm ci --include=dev installs it)";
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });
  if (status === 0) return null;
  rmSync(join(root, "dist"), { recursive: true, force: true });
  return "the compiler objects, as above";
}
