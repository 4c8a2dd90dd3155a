/**
 * `prepare`: emits `dist/`, the library that other packages import as `logigen/environment`, as plain JavaScript with types.
 *
 * npm runs it after an install in a clone, before packing, and for installs from git. Types are not checked here, so that an
 * install does not fail over a draft: `npm run check` does that. Without the development tools there is nothing to emit with,
 * and nobody who left them out needs it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

if (existsSync(tsc)) {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} else {
  process.stderr.write("dist/ is not built: typescript is not installed here (npm ci --include=dev installs it)\n");
}
