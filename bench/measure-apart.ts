/** Measuring in a process of its own, which other measurements leave alone. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { z } from "zod";

/** What a file beside this one prints as JSON, run by a fresh Node with these options. @throws {Error} If the process fails. */
export function measureApart<Schema extends z.ZodType>(file: string, schema: Schema, options: readonly string[] = []): z.infer<Schema> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, "--import", "tsx", path], { encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot measure by ${file}: ${stderr}`);
  return schema.parse(JSON.parse(stdout));
}
