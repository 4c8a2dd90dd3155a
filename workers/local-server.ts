/**
 * The local Temporal server: one background process a database file, which outlives the command that started it.
 * `temporal.sqlite`, `temporal.json` and `temporal.log` lie side by side in the output folder.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "@temporalio/client";
import { withFileLock } from "./file-lock.js";
import type { ServerBinary } from "./find-server.js";
import { freePort, isListening } from "./ports.js";
import { addSearchAttributes, keepHistories } from "./namespace.js";
import type { Notice } from "./notice.js";
import { ServerError } from "./server-error.js";
import { databaseFile, isServing, readServerRecord, type ServerRecord, writeServerRecord } from "./server-record.js";

const HOST = "127.0.0.1";
const DEFAULT_PORT = 7233;
const DEFAULT_UI_PORT = 8233;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const NAMESPACE = "default";

/** A local server that answers; `ui` is null where it has no web page. */
export interface RunningServer extends ServerRecord {
  readonly pid: number;
}

/** What `temporal.json` and the process table say about the server under an output folder. */
export type LocalServerState =
  | { readonly kind: "running"; readonly server: RunningServer }
  | { readonly kind: "stopped"; readonly record: ServerRecord }
  | { readonly kind: "absent" };

/** The state of the server under `out`; a record whose process is gone, or is another program by now, counts as stopped. */
export function localServerState(out: string): LocalServerState {
  const record = readServerRecord(out);
  if (record === null) return { kind: "absent" };
  if (record.pid === null || !isServing(out, record)) return { kind: "stopped", record };
  return { kind: "running", server: { ...record, pid: record.pid } };
}

/** What `startLocalServer` needs; `binary` is asked for only when no server runs yet. */
export interface LocalServerOptions {
  readonly out: string;
  readonly binary: () => Promise<ServerBinary>;
  readonly notice: Notice;
  readonly ui?: "none";
}

/**
 * Returns the server on the database file under `out`, started if none runs. Two commands at once start one.
 * @throws {ServerError} If another server version made the file, or the process does not answer within a minute.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<RunningServer> {
  const state = localServerState(options.out);
  if (state.kind === "running" && (await answers(state.server.address))) return state.server;
  mkdirSync(options.out, { recursive: true });
  return withFileLock(join(options.out, ".temporal.lock"), () => startUnlessRunning(options));
}

/** Stops the server under `out` and waits until its process is gone; false when none ran. */
export async function stopLocalServer(out: string): Promise<boolean> {
  const state = localServerState(out);
  if (state.kind !== "running") return false;
  const { server } = state;
  signal(server.pid, "SIGTERM");
  if (!(await goneWithin(out, server, STOP_WITHIN_MS))) {
    signal(server.pid, "SIGKILL");
    await goneWithin(out, server, STOP_WITHIN_MS);
  }
  writeServerRecord(out, { ...server, pid: null });
  return true;
}

async function startUnlessRunning(options: LocalServerOptions): Promise<RunningServer> {
  const state = localServerState(options.out);
  if (state.kind === "running") {
    await waitUntilReady(options.out, state.server);
    return state.server;
  }
  const binary = await options.binary();
  refuseOtherVersion(options.out, state, binary);
  const server = await launch(options, binary, state);
  await waitUntilReady(options.out, server);
  await prepare(server.address);
  options.notice(`Temporal server ${server.version} at ${server.address}${server.ui === null ? "" : `, UI ${server.ui}`}`);
  return server;
}

/** The development server migrates no schema, so that a file stays with the version that made it. */
function refuseOtherVersion(out: string, state: LocalServerState, binary: ServerBinary): void {
  const file = databaseFile(out);
  if (!existsSync(file)) return;
  const madeBy = state.kind === "stopped" ? state.record.version : null;
  if (madeBy === binary.version) return;
  const maker = madeBy === null ? "a server that left no temporal.json" : `server ${madeBy}`;
  throw new ServerError(
    `Cannot open ${file} with Temporal server ${binary.version} (${binary.path}): it was made by ${maker}`,
    madeBy === null
      ? "move the file away, or use another --out"
      : `put a Temporal CLI with server ${madeBy} on the path, or use another --out`,
  );
}

async function launch({ out, notice, ui }: LocalServerOptions, binary: ServerBinary, state: LocalServerState): Promise<RunningServer> {
  const before = state.kind === "stopped" ? portOf(state.record.address) : DEFAULT_PORT;
  const port = await freePort(before);
  if (port !== before) notice(`Port ${String(before)} is taken; the Temporal server uses ${String(port)}`);
  const uiPort = ui === "none" ? null : await uiPortFor(state, notice);
  const log = openSync(join(out, "temporal.log"), "a");
  const child = spawn(binary.path, serverArguments(out, port, uiPort), { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.unref();
  const pid = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
  const server: RunningServer = {
    pid,
    address: `${HOST}:${String(port)}`,
    ui: uiPort === null ? null : `http://${HOST}:${String(uiPort)}`,
    version: binary.version,
    binary: binary.path,
    started: new Date().toISOString(),
  };
  writeServerRecord(out, server);
  return server;
}

async function uiPortFor(state: LocalServerState, notice: Notice): Promise<number> {
  const before = state.kind === "stopped" && state.record.ui !== null ? portOf(state.record.ui) : DEFAULT_UI_PORT;
  const port = await freePort(before);
  if (port !== before) notice(`Port ${String(before)} is taken; the Temporal UI uses ${String(port)}`);
  return port;
}

/** Write-ahead log and one partition: 190 activities a second on two cores against 64 with the defaults. */
function serverArguments(out: string, port: number, uiPort: number | null): readonly string[] {
  return [
    ...["server", "start-dev", "--ip", HOST, "--port", String(port), "--db-filename", databaseFile(out)],
    ...(uiPort === null ? ["--headless"] : ["--ui-port", String(uiPort), "--ui-disable-news-fetch"]),
    ...["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1"],
    ...["--dynamic-config-value", "matching.numTaskqueueReadPartitions=1"],
    ...["--dynamic-config-value", "matching.numTaskqueueWritePartitions=1"],
    ...["--dynamic-config-value", "frontend.enableServerVersionCheck=false"],
    ...["--log-level", "warn", "--log-format", "json"],
  ];
}

async function waitUntilReady(out: string, server: RunningServer): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(server.address))) {
    if (Date.now() < deadline && isServing(out, server)) {
      await sleep(100);
      continue;
    }
    const log = join(out, "temporal.log");
    const tail = readFileSync(log, "utf8").trim().split("\n").slice(-3).join("\n");
    throw new ServerError(
      `Cannot start the Temporal server at ${server.address}: it ${isServing(out, server) ? "does not answer" : "ended"}`,
      `see ${log}:\n${tail}`,
    );
  }
}

async function answers(address: string): Promise<boolean> {
  // A gRPC channel that meets a closed port backs off for a second; the plain probe does not.
  if (!(await isListening(HOST, portOf(address)))) return false;
  try {
    const connection = await Connection.connect({ address, connectTimeout: 2000 });
    try {
      await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

async function prepare(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await keepHistories(connection, NAMESPACE);
    await addSearchAttributes(connection, NAMESPACE);
  } finally {
    await connection.close();
  }
}

async function goneWithin(out: string, server: RunningServer, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isServing(out, server)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const gone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!gone) throw error;
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
