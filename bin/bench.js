/** `npm run bench -- environment [--json]`: what the environment costs, measured in this run. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT, setup } from "./setup.js";

await setup();
// With the allocator's defaults the heap is trimmed and grown again within single statements.
const env = { ...process.env, MALLOC_TRIM_THRESHOLD_: "268435456", MALLOC_TOP_PAD_: "4194304" };
const args = ["--import", "tsx", join("bench", "main.ts"), ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: "inherit" }).status ?? 1;
