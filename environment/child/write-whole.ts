/** What a child says, written before anything else is done. */
import { writeSync } from "node:fs";

const OUTPUT = 1;

/** A full pipe is tried again after as many milliseconds; meanwhile the parent empties it. */
const FULL_MS = 1;
const nobody = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes all of it to standard output, however slowly it is read.
 *
 * A loader may have set the pipe to refuse what it has no room for, which Node cannot undo.
 *
 * @throws {Error} If nobody reads any more.
 */
export function writeWhole(bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) {
    const size = writeSome(bytes, written);
    if (size === 0) Atomics.wait(nobody, 0, 0, FULL_MS);
    written += size;
  }
}

/** How many bytes there was room for. */
function writeSome(bytes: Buffer, from: number): number {
  try {
    return writeSync(OUTPUT, bytes, from);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}
