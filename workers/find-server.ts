/**
 * Where the Temporal server comes from, in this order: an address the user named; a `temporal` on the
 * path; one in the user's cache; the SDK's download site; a build with Go; else an error that names all of these.
 */
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildServer, findGo } from "./build-server.js";
import type { NamedServer, ProcessConfig } from "./config.js";
import { downloadServer } from "./download-server.js";
import { withFileLock } from "./file-lock.js";
import type { Notice } from "./notice.js";
import { ServerError } from "./server-error.js";

/** The pinned Temporal CLI; `server/go.mod` names the same. */
export const CLI_VERSION = "1.8.2";

/** A Temporal CLI on this machine and the version of the server inside it ("1.31.2"). */
export interface ServerBinary {
  readonly kind: "binary";
  readonly from: "path" | "cache" | "download" | "build";
  readonly path: string;
  readonly version: string;
}

/** A server that already runs somewhere, or the program to run one. */
export type ServerSource = { readonly kind: "named"; readonly server: NamedServer } | ServerBinary;

/** A source at hand, or the way by which one would be got. */
export type LocatedSource =
  | ServerSource
  | { readonly kind: "absent"; readonly next: "download or build" | "download"; readonly go: string };

type Places = Pick<ProcessConfig, "namedServer" | "searchPath" | "cacheFolder" | "downloadSite">;

/** Looks without fetching or building anything. */
export async function locateServer(places: Places): Promise<LocatedSource> {
  if (places.namedServer !== null) return { kind: "named", server: places.namedServer };
  const onPath = places.searchPath.map((folder) => join(folder, programName())).find(isExecutable);
  if (onPath !== undefined) return binaryAt(onPath, "path");
  const cached = cachedBinary(places.cacheFolder);
  if (isExecutable(cached)) return binaryAt(cached, "cache");
  const go = await findGo();
  if (go.kind === "usable") return { kind: "absent", next: "download or build", go: go.version };
  return { kind: "absent", next: "download", go: go.kind === "old" ? `${go.version}, too old` : "not installed" };
}

/**
 * Finds the server, fetching or building it when there is none; two commands at once do that once.
 * @throws {ServerError} If no way leads to a server; the message names all that were tried.
 */
export async function findServer(places: Places, notice: Notice): Promise<ServerSource> {
  const located = await locateServer(places);
  if (located.kind !== "absent") return located;
  const waiting = (): void => {
    notice("Another command is getting the Temporal server; waiting for it");
  };
  return withFileLock(join(places.cacheFolder, "server.lock"), () => obtainServer(places, notice), waiting);
}

async function obtainServer(places: Places, notice: Notice): Promise<ServerSource> {
  const located = await locateServer(places);
  if (located.kind !== "absent") return located;
  const target = cachedBinary(places.cacheFolder);
  notice(`Asking ${places.downloadSite} for the Temporal server`);
  const download = await downloadServer(places.downloadSite, CLI_VERSION, target);
  if (download.kind === "downloaded") return binaryAt(target, "download");
  if (located.next === "download") throw nothingFound(places, download.reason, located.go);
  notice(`No download (${download.reason}); Go ${located.go} is here`);
  await buildServer(target, notice);
  return binaryAt(target, "build");
}

function nothingFound(places: Places, downloadReason: string, go: string): ServerError {
  const tried = [
    "no address in TEMPORAL_ADDRESS or in Temporal's configuration file",
    `no "temporal" on the path`,
    `none in the cache at ${cachedBinary(places.cacheFolder)}`,
    `no download from ${places.downloadSite} (${downloadReason})`,
    `no build: Go is ${go}`,
  ];
  return new ServerError(
    `Cannot find a Temporal server: ${tried.join("; ")}`,
    "install the Temporal CLI or Go 1.21 or newer, or set TEMPORAL_ADDRESS",
  );
}

async function binaryAt(path: string, from: ServerBinary["from"]): Promise<ServerBinary> {
  const { stdout } = await promisify(execFile)(path, ["--version"]).catch((cause: unknown) => {
    throw new ServerError(`Cannot run the Temporal CLI at ${path}`, "remove it, so that the next source is used", { cause });
  });
  const version = /Server (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version !== undefined) return { kind: "binary", from, path, version };
  throw new ServerError(
    `Cannot tell the server version of ${path}: it says "${stdout.trim()}"`,
    "remove it, so that the next source is used",
  );
}

function cachedBinary(cacheFolder: string): string {
  return join(cacheFolder, `temporal-${CLI_VERSION}`, programName());
}

function programName(): string {
  return process.platform === "win32" ? "temporal.exe" : "temporal";
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
