/**
 * One child process: started behind its fences, greeted, put under its limits; then lines go in and lines come out.
 *
 * It ends when its input does. One that is stuck in SQLite does not read: it is killed by its parent, at the parent's exit
 * too, and where `setpriv` is present by the kernel when the parent was killed itself.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fencePrefix, type Fences, limitProcess, type ProcessLimits } from "./fences.js";
import { greeting } from "./wire.js";

/** How a child is started: its entry, what is said to it on its command line, and what holds it. */
export type ChildCommand = {
  readonly entry: string;
  readonly argument: string;
  readonly fences: Fences;
  readonly limits: ProcessLimits;
};

/** `complaint` is the end of what the child wrote on standard error. */
export type ChildEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly complaint: string };

/** What a child tells its keeper, `said` what it writes once it is ready; `ended` comes last, once. */
export type ChildEvents = {
  readonly ready: () => void;
  readonly said: (chunk: Buffer) => void;
  readonly ended: (end: ChildEnd) => void;
};

export interface RunningChild {
  write(content: string | Buffer): void;
  /** Nothing more is written to it. */
  finish(): void;
  kill(): void;
  pid(): number | undefined;
}

const START_WITHIN_MS = 30_000;
const COMPLAINT_BYTES = 4096;

/** The entry that stands beside this file, in the language that this file is in. */
export function entryBeside(name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
}

/** Starts a child; it may be written to once it is ready. Whatever goes wrong ends in `ended`. */
export function startChild(command: ChildCommand, events: ChildEvents): RunningChild {
  const child = spawnFenced(command);
  const errors = keepEnd(child);
  const starting = setTimeout(kill, START_WITHIN_MS);
  let state: "starting" | "greeting" | "ready" | "ended" = "starting";
  let refused: string | null = null;

  function kill(): void {
    child.kill("SIGKILL");
  }

  function end(code: number | null, signal: NodeJS.Signals | null): void {
    if (state === "ended") return;
    state = "ended";
    clearTimeout(starting);
    events.ended({ code, signal, complaint: refused ?? errors() });
  }

  async function greet(found: string): Promise<void> {
    refused = found === `${greeting}\n` ? await limit(child.pid, command) : `it said ${JSON.stringify(found.slice(0, 100))}`;
    clearTimeout(starting);
    if (refused !== null) kill();
    else if (state === "greeting") {
      state = "ready";
      events.ready();
    }
  }

  /** A child says nothing between its greeting and its first request. */
  function hear(chunk: Buffer): void {
    if (state === "ready") events.said(chunk);
    else if (state === "greeting") kill();
    else if (state === "starting") {
      state = "greeting";
      void greet(chunk.toString());
    }
  }

  child.stdout?.on("data", hear);
  child.stdin?.on("error", () => undefined); // a child that has ended is told of by `close`
  child.once("error", () => {
    end(null, null);
  });
  child.once("close", end);
  return {
    write: (content) => void child.stdin?.write(content),
    finish: () => void child.stdin?.end(),
    kill,
    pid: () => child.pid,
  };
}

/** Empty environment but for the allocator: without these two, freeing after each call costs more than the call. */
const allocator = { MALLOC_TRIM_THRESHOLD_: "268435456", MALLOC_TOP_PAD_: "4194304" };

function spawnFenced({ entry, argument, fences, limits }: ChildCommand): ChildProcess {
  const heap = `--max-old-space-size=${Math.ceil(limits.dataBytes / 2 ** 21)}`;
  const loader = extname(entry) === ".ts" ? ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href] : [];
  const [file = process.execPath, ...rest] = [
    ...fencePrefix(fences),
    process.execPath,
    ...[heap, "--disable-proto=delete", ...loader, entry, argument],
  ];
  return spawn(file, rest, { cwd: "/", env: allocator, stdio: ["pipe", "pipe", "pipe"] });
}

/** Limits come once Node is ready, so that they need not guess what it takes to start. Where they are absent the rest still holds. */
async function limit(pid: number | undefined, { fences, limits }: ChildCommand): Promise<string | null> {
  return pid === undefined ? null : limitProcess(fences.limits, { pid, limits, heldBytes: heldBytes(pid) });
}

function heldBytes(pid: number): number {
  const status = `/proc/${pid}/status`; // absent once the child has ended, which `close` tells
  const found = existsSync(status) ? /^VmData:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8")) : null;
  return Number(found?.[1] ?? 0) * 1024;
}

/** The end of what the child complains of: the rest is dropped as it comes. */
function keepEnd(child: ChildProcess): () => string {
  let end = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    end = (end + chunk.toString()).slice(-COMPLAINT_BYTES);
  });
  return () => end.trim();
}

/** How a child came to its end, in the words that follow its name. */
export function describeEnd({ code, signal, complaint }: ChildEnd): string {
  const isMemory = /out of memory|bad_alloc|heap limit/i.test(complaint);
  if (isMemory) return "ran out of memory";
  const how = signal === null ? `ended with exit code ${code ?? "none"}` : `ended with ${signal}`;
  const said = complaint.split("\n").filter((line) => line.trim() !== "");
  const told = said.find((line) => /^\w*Error\b/.test(line)) ?? said.at(-1);
  return told === undefined ? how : `${how} (${told.trim().slice(0, 200)})`;
}
