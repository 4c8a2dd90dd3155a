/** `npm start`: makes the clone ready and runs the first campaign; the same code as `logigen run`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importTypeScript, ROOT, setup } from "./setup.js";

await setup();
const folder = join(ROOT, "examples", "first-campaign");
const seeds = readFileSync(join(folder, "seeds.txt"), "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "");
const { main } = await importTypeScript("cli/main.ts");
process.exitCode = await main([
  "run",
  ...seeds.map((seed) => join(ROOT, seed.trim())),
  "--config",
  join(folder, "campaign.yaml"),
  ...process.argv.slice(2),
]);
