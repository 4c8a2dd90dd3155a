/** Campaigns by the command, as a person runs them, on the Temporal server of the test run. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterAll, inject, vi } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { type CampaignAnswer, campaignAnswerSchema } from "../../cli/json-shapes.js";
import { type CampaignFolder, campaignFolder } from "../../workers/campaign-folder.js";
import type { WorkerKind } from "../../workers/queues.js";
import { executable, type Finished } from "../cli/command.js";

/** A campaign that a command can run. */
export interface Campaign {
  readonly name: string;
  readonly out: string;
  readonly folder: CampaignFolder;
  readonly args: readonly string[];
  /** Environment variables of its command. */
  readonly env: Readonly<Record<string, string>>;
}

const running = new Set<RunningCommand>();

/** An output folder that is removed after the tests of the calling file, with what a failed test left running. */
export function outputFolder(): string {
  const out = mkdtempSync(join(tmpdir(), "logigen-lifecycle-"));
  afterAll(async () => {
    for (const { kill, finished } of running) {
      kill("SIGKILL");
      await finished;
    }
    rmSync(out, { recursive: true, force: true });
  });
  return out;
}

/** Writes the configuration of a campaign over seeds of the project, named by their paths under `seeds/`. */
export function prepareCampaign(
  out: string,
  config: { readonly name: string } & Readonly<Record<string, unknown>>,
  { seeds, env = {} }: { readonly seeds: readonly string[]; readonly env?: Readonly<Record<string, string>> },
): Campaign {
  const { name } = config;
  const file = join(out, `${name}.yaml`);
  writeFileSync(file, stringify(config));
  const paths = seeds.map((seed) => fileURLToPath(new URL(`../../seeds/${seed}.yaml`, import.meta.url)));
  return {
    name,
    out,
    folder: campaignFolder(out, name),
    args: ["run", ...paths, "--config", file, "--out", out, "--json"],
    env: { TEMPORAL_ADDRESS: inject("temporal"), ...env },
  };
}

/** A command that goes on while the test does something to it. */
export interface RunningCommand {
  readonly kill: (signal: "SIGTERM" | "SIGKILL") => void;
  /** Its exit code (null after a signal that it could not answer) and output. */
  readonly finished: Promise<Finished>;
}

/** Starts the command. */
export function startCommand({ args, env }: Campaign): RunningCommand {
  const child = spawn(process.execPath, [executable, ...args], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      running.delete(command);
      resolve({ code, ...output });
    });
  });
  const command: RunningCommand = { kill: (signal) => child.kill(signal), finished };
  running.add(command);
  return command;
}

/** The last line that the command printed. */
export function answerOf({ stdout }: Finished): CampaignAnswer {
  return campaignAnswerSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}

/** Kills the campaign's worker process of one kind. @throws {RangeError} If there is none. */
export function killWorker({ name, out }: Campaign, kind: WorkerKind): void {
  const { stdout } = spawnSync("ps", ["-axo", "pid=,args="], { encoding: "utf8" });
  const line = stdout.split("\n").find((one) => one.includes(`--out ${out} --campaign ${name} --kind ${kind}`));
  if (line === undefined) throw new RangeError(`No worker "${kind}" runs for campaign "${name}"`);
  process.kill(Number.parseInt(line, 10), "SIGKILL");
}

/** Resolves once the journal holds so many replies. */
export async function repliesReach({ folder }: Campaign, count: number): Promise<void> {
  await vi.waitFor(
    () => {
      const database = new Database(join(folder.store, "store.sqlite"), { readonly: true, fileMustExist: true });
      try {
        const replies = z.int().parse(database.prepare("SELECT count(*) FROM reply").pluck().get());
        if (replies < count) throw new RangeError(`There are ${String(replies)} replies`);
      } finally {
        database.close();
      }
    },
    { timeout: 120_000, interval: 20 },
  );
}
