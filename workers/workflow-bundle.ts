/** The workflow code as one script, built once for all workers and kept under the digest of its sources. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";
import { z } from "zod";
import { withFileLock } from "./file-lock.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Folders that workflow code may import from; a change in any of them makes a new bundle. */
const SOURCE_FOLDERS = ["workflows", "activities", "agents", "environment", "datasets"];

/** Path of the bundle for the workflows in `workflowsPath`, under `<out>/.bundle/`; built if it is not there yet. */
export async function workflowBundle(out: string, workflowsPath = join(ROOT, "workflows", "index.ts")): Promise<string> {
  const folder = join(out, ".bundle");
  const target = join(folder, `${sourceDigest(workflowsPath)}.js`);
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true });
  return withFileLock(join(folder, ".lock"), async () => {
    if (existsSync(target)) return target;
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger("ERROR") });
    writeFileSync(`${target}.building`, code);
    renameSync(`${target}.building`, target);
    return target;
  });
}

function sourceDigest(workflowsPath: string): string {
  const files = [workflowsPath, ...SOURCE_FOLDERS.flatMap((folder) => sourcesOf(join(ROOT, folder)))];
  const digest = createHash("sha256").update(sdkVersion());
  for (const file of files) digest.update(file.startsWith(ROOT) ? file.slice(ROOT.length) : file).update(readFileSync(file));
  return digest.digest("hex").slice(0, 16);
}

function sourcesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return names.sort().map((name) => join(folder, name));
}

/** A bundle must come from the same SDK that runs it. */
function sdkVersion(): string {
  const file = createRequire(import.meta.url).resolve("@temporalio/worker/package.json");
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
