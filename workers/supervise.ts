/**
 * Worker processes as children of the command: one that dies is started again, all end gracefully with the command.
 * A child whose parent was killed ends by itself when the channel between them closes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Notice } from "./notice.js";

/** A worker process to keep alive: a TypeScript file and its arguments. */
export interface WorkerCommand {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

export interface Supervisor {
  /** Rejects when a worker cannot be kept alive. */
  readonly failed: Promise<never>;
  /** Process ids of the workers that live. */
  pids(): readonly number[];
  /** Asks all workers to end and waits; after `limitMs` they are killed. */
  stop(limitMs?: number): Promise<void>;
}

export interface SuperviseOptions {
  readonly commands: readonly WorkerCommand[];
  /** The workers' log, appended to. */
  readonly logFile: string;
  readonly notice: Notice;
}

/** A worker that runs away dies and is started again, before the machine suffers. */
const HEAP_LIMIT = "--max-old-space-size=2048";

const SHORT_LIFE_MS = 5000;
const SHORT_LIVES_ALLOWED = 3;
const RESTART_AFTER_MS = 250;
const STOP_WITHIN_MS = 80_000;

/** A worker process ends again and again as soon as it has started. */
export class WorkerLost extends Error {
  override readonly name = "WorkerLost";
  readonly fix: string;

  constructor(worker: string, how: string, logFile: string) {
    const lines = readFileSync(logFile, "utf8").split("\n");
    const complaint = lines.findLast((line) => /^\s*[A-Za-z]*Error\b/.test(line)) ?? "";
    super(`Cannot keep the worker "${worker}" alive: it ended with ${how}${complaint === "" ? "" : `: ${complaint.trim()}`}`);
    this.fix = `see ${logFile}`;
  }
}

/** Starts the workers and keeps them alive until `stop`. */
export function superviseWorkers({ commands, logFile, notice }: SuperviseOptions): Supervisor {
  const children = new Map<string, ChildProcess>();
  let stopping = false;
  let giveUp: (reason: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  failed.catch(() => undefined);

  function start(command: WorkerCommand, shortLives: number): void {
    const started = Date.now();
    const child = spawnWorker(command, logFile);
    children.set(command.name, child);
    child.once("error", giveUp);
    child.once("exit", (code, signal) => {
      children.delete(command.name);
      if (stopping) return;
      const lives = Date.now() - started < SHORT_LIFE_MS ? shortLives + 1 : 0;
      const how = signal ?? `exit code ${String(code)}`;
      if (lives > SHORT_LIVES_ALLOWED) {
        giveUp(new WorkerLost(command.name, how, logFile));
        return;
      }
      notice(`The worker "${command.name}" ended with ${how}; starting it again`);
      setTimeout(() => {
        if (!stopping) start(command, lives);
      }, RESTART_AFTER_MS);
    });
  }

  async function stop(limitMs = STOP_WITHIN_MS): Promise<void> {
    stopping = true;
    for (const child of children.values()) child.kill("SIGTERM");
    const deadline = Date.now() + limitMs;
    while (children.size > 0 && Date.now() < deadline) await sleep(20);
    for (const child of children.values()) child.kill("SIGKILL");
    while (children.size > 0) await sleep(20);
  }

  for (const command of commands) start(command, 0);
  return { failed, stop, pids: () => [...children.values()].flatMap((child) => (child.pid === undefined ? [] : [child.pid])) };
}

/** In a process group of its own, so that Ctrl-C reaches the command alone, which then ends its workers in order. */
function spawnWorker({ file, args }: WorkerCommand, logFile: string): ChildProcess {
  const log = openSync(logFile, "a");
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const child = spawn(process.execPath, [HEAP_LIMIT, "--import", loader, file, ...args], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  return child;
}
