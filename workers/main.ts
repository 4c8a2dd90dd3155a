/** The file that `logigen run` starts as a worker process: `--out DIR --campaign NAME --kind models|environments`. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { runWorkerProcess } from "./worker-process.js";

const argumentsSchema = z.strictObject({ out: z.string(), campaign: z.string(), kind: z.enum(["models", "environments"]) });

const { values } = parseArgs({ options: { out: { type: "string" }, campaign: { type: "string" }, kind: { type: "string" } } });
await runWorkerProcess(argumentsSchema.parse(values), (line) => process.stdout.write(`${line}\n`));
if (process.connected) process.disconnect();
