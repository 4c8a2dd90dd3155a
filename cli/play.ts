/** `logigen play`: an environment's tools at a prompt, or over NDJSON. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { readPackageManifest, readTask } from "../datasets/package.js";
import { checkSchema, readListed, type ReadEnvironment } from "../environment/engine/folder.js";
import type { Environment } from "../environment/engine/folder-files.js";
import { refusalReads, type RefusalReads } from "../environment/task/refusal-reads.js";
import { UsageError } from "./command-error.js";
import { playLines } from "./play-lines.js";
import { playPrompt } from "./play-prompt.js";
import { openImported, openPlayable, type Playable } from "./playable.js";
import { named, readFolder } from "./read-folder.js";

type PlayOptions = { readonly ndjson?: true; readonly actor?: string; readonly target?: string };

/** What a task package has beside its environment's files. */
const targetFile = "target.sqlite";

/** Adds the command `play`. */
export function addPlay(program: Command): void {
  program
    .command("play")
    .description("call an environment's tools, see refusals, the diff so far and the reward")
    .argument("<folder>", "task package or environment folder")
    .option("--ndjson", "one JSON line out for each line in, nothing else on standard output")
    .option("--actor <key>", "authenticate this user first, with the evidence that the database holds")
    .option("--target <file>", "SQLite file of the state to be reached; by default the package's own")
    .action(async (folder: string, options: PlayOptions) => {
      const playable = await openFolder(resolve(folder), options);
      try {
        if (options.ndjson === true) await playLines(playable, { input: process.stdin, output: process.stdout });
        else await playPrompt(playable, { input: process.stdin, output: process.stdout });
      } finally {
        playable.close();
      }
    });
}

/** Opens a folder to be played. @throws {UsageError} If it is no sound environment or package, or the target is none of it. */
async function openFolder(folder: string, options: PlayOptions): Promise<Playable> {
  const { compiled, origin, manifest } = readFolder(folder);
  const path = options.target === undefined ? ownTarget(folder) : resolve(options.target);
  const target = path === null ? null : readTarget(folder, path, { compiled, manifest });
  if (compiled.sheet !== undefined) {
    const reads = "package" in manifest ? readsOf(folder, { compiled, origin }) : null;
    return openPlayable({ compiled, origin, target, actor: options.actor ?? null, reads });
  }
  if (options.actor !== undefined)
    throw new UsageError("Cannot authenticate: an imported environment knows no actor", { fix: "leave --actor out" });
  return openImported({ title: manifest.title, compiled, folder, target: path });
}

/** Of a package whose task is refused: the reads that the refusal stands on. */
function readsOf(folder: string, environment: Environment): RefusalReads | null {
  return named(folder, () => {
    const { description, log } = readTask(folder, readPackageManifest(folder));
    return description.refusal === null ? null : refusalReads({ ...environment, log, refusal: description.refusal });
  });
}

function ownTarget(folder: string): string | null {
  const path = join(folder, targetFile);
  return existsSync(path) ? path : null;
}

function readTarget(folder: string, path: string, { compiled, manifest }: Pick<ReadEnvironment, "compiled" | "manifest">): Buffer {
  if (!existsSync(path)) throw new UsageError(`There is no file "${path}"`, { file: path, fix: "name a SQLite file" });
  const read = () => (path === ownTarget(folder) ? readListed(folder, targetFile, manifest) : readFileSync(path));
  return named(folder, () => {
    const target = read();
    checkSchema(targetFile, { compiled, origin: target });
    return target;
  });
}
