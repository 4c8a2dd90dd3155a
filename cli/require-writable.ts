import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "./command-error.js";

/** Makes an output folder unless it is there. @throws {UsageError} If it cannot be made or written. */
export function requireWritable(out: string): void {
  try {
    makeFolder(out);
    accessSync(out, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    throw new UsageError(
      `Cannot write the output folder ${out}${reason}`,
      { key: "--out", fix: "make it writable, or use another --out" },
      { cause },
    );
  }
}

/** One folder at a time: Node's recursive way never returns where a file system refuses new folders with ENOENT, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new TypeError("it is no folder");
    return;
  }
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}
