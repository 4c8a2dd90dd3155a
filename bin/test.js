/** `npm test`: makes the clone ready, gets the Temporal server, and runs all tests. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { importTypeScript, ROOT, setup } from "./setup.js";

await setup();
const { prepareServer } = await importTypeScript("cli/prepare-server.ts");
if (!(await prepareServer())) process.exit(1);
const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", ...process.argv.slice(2)], { cwd: ROOT, stdio: "inherit" });
process.exitCode = status ?? 1;
