#!/usr/bin/env node
/**
 * The `logigen` command; it installs nothing. In a clone `npm start` or `npm test` has done so; as somebody's dependency, which
 * comes without the lock file, npm has.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { importTypeScript, ROOT } from "./setup.js";

const isClone = existsSync(join(ROOT, "package-lock.json"));
if (isClone && !existsSync(join(ROOT, "node_modules", ".logigen-installed"))) {
  process.stderr.write("Cannot run logigen: its dependencies are not installed\n  fix: run `npm start` or `npm test` once in its folder\n");
  process.exit(1);
}

const { main } = await importTypeScript("cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
