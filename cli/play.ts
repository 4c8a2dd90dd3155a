/** `logigen play`: an environment's tools at a prompt, or over NDJSON. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { checkSchema, readListed } from "../environment/engine/folder.js";
import { playLines } from "./play-lines.js";
import { playPrompt } from "./play-prompt.js";
import { openPlayable, type Playable } from "./playable.js";
import { named, readFolder } from "./read-folder.js";

type PlayOptions = { readonly ndjson?: true; readonly actor?: string };

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
    .action(async (folder: string, options: PlayOptions) => {
      const playable = openFolder(resolve(folder), options.actor);
      try {
        if (options.ndjson === true) await playLines(playable, { input: process.stdin, output: process.stdout });
        else await playPrompt(playable, { input: process.stdin, output: process.stdout });
      } finally {
        playable.session.close();
      }
    });
}

/** Opens a folder to be played. @throws {UsageError} If it is no sound environment or package. */
function openFolder(folder: string, actor: string | undefined): Playable {
  const environment = readFolder(folder);
  const target = named(folder, () => readTarget(folder, environment));
  return openPlayable({ ...environment, target, actor: actor ?? null });
}

function readTarget(folder: string, { compiled, manifest }: ReturnType<typeof readFolder>): Buffer | null {
  if (!existsSync(join(folder, targetFile))) return null;
  const target = readListed(folder, targetFile, manifest);
  checkSchema(targetFile, { compiled, origin: target });
  return target;
}
