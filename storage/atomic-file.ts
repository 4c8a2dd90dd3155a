/** Files that are there whole or not at all, whatever dies in between. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** `<name>.tmp-<process id>-<random>`, beside the file it is to become. */
const temporaryName = /\.tmp-(\d+)-[0-9a-f]{12}$/;
/** A process id may be given anew, so age decides as well. */
const abandonedAfterMs = 60 * 60_000;

/**
 * Writes a file and its folders: bytes to a temporary file beside it, fsync, rename, fsync of the folder. A file of that name is replaced.
 *
 * @throws {Error} Of the file system (ENOSPC, EACCES, …); nothing is left behind then.
 */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const folder = dirname(path);
  makeFolder(folder);
  const temporary = `${path}.tmp-${process.pid}-${randomBytes(6).toString("hex")}`;
  try {
    const file = openSync(temporary, "wx");
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** Removes temporary files under a folder that no living process is writing; returns how many. */
export function sweepTemporaryFiles(folder: string, nowMs: number): number {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const abandoned = names.map((name) => join(folder, name)).filter((path) => isAbandoned(path, nowMs));
  for (const path of abandoned) rmSync(path, { force: true });
  return abandoned.length;
}

function isAbandoned(path: string, nowMs: number): boolean {
  const owner = temporaryName.exec(path)?.[1];
  if (owner === undefined) return false;
  if (!isAlive(Number(owner))) return true;
  const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modifiedMs !== undefined && nowMs - modifiedMs > abandonedAfterMs;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A folder that was just made is durable only once the folder above it is written. */
function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
