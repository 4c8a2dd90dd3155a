/**
 * Snapshots of one environment, read in turn through one connection. SQLite parses every trigger of a file that it opens, and
 * prepares anew whatever is asked of it: of a short log that takes longer than to read what it changed.
 *
 * The bytes are laid under the connection, as its file, while it reads nothing. When it next begins to read it sees by the file's
 * change counter that its pages are others, and by the schema cookie whether its schema is. Since anybody may have written a
 * snapshot, under whatever cookie, its schema is compared too: it is read from its pages, as all that is in them.
 *
 * @see https://sqlite.org/fileformat2.html#file_change_counter
 * @see https://sqlite.org/fileformat2.html#schema_cookie
 */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { type Db, prepareConnection } from "../environment/engine/snapshot.js";

export interface SnapshotReader {
  /**
   * The snapshot open for reading, until the next is read; null where its header or its schema is not that of the first, or
   * where it cannot be read in this way: whoever then opens it by itself learns what it is.
   */
  read(bytes: Buffer): Db | null;
  close(): void;
}

/** Opens a reader of snapshots like this one. Where it finds no room for a temporary file, it reads none. */
export function openSnapshotReader(first: Buffer): SnapshotReader {
  try {
    return readerOn(first, openOn(first));
  } catch {
    return { read: () => null, close: () => undefined };
  }
}

type OpenedFile = { readonly file: number; readonly db: Db };

/** The file has no name any more once it is open, so that nothing is left of it however the process ends. */
function openOn(bytes: Buffer): OpenedFile {
  const folder = mkdtempSync(join(tmpdir(), "logigen-reader-"));
  try {
    const path = join(folder, "snapshot.sqlite");
    const file = openSync(path, "wx+");
    writeSync(file, bytes);
    const db = new Database(path, { readonly: true });
    prepareConnection(db);
    return { file, db };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readerOn(first: Buffer, { file, db }: OpenedFile): SnapshotReader {
  const [begin, end] = [db.prepare("BEGIN"), db.prepare("ROLLBACK")];
  const objects = db.prepare<[], unknown[]>("SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_schema ORDER BY rowid").raw();
  const schema = objects.all();
  const counter = Buffer.alloc(4);
  let laid = 0;

  function read(bytes: Buffer): Db | null {
    if (db.inTransaction) end.run();
    if (!isLike(bytes, first)) return null;
    try {
      lay(bytes);
      begin.run();
      return isSame(objects.all(), schema) ? db : null;
    } catch {
      return null;
    }
  }

  function lay(bytes: Buffer): void {
    laid += 1;
    counter.writeUInt32BE(laid);
    if (writeSync(file, bytes, 0, bytes.length, 0) < bytes.length) throw new RangeError("Cannot lay a snapshot: there is no room for it");
    ftruncateSync(file, bytes.length);
    for (const at of counters) writeSync(file, counter, 0, counter.length, at);
  }

  function close(): void {
    db.close();
    closeSync(file);
  }

  return { read, close };
}

/** Where the header has the change counter, and the counter for which its number of pages is valid. */
const counters = [24, 92] as const;

/** What the header says between them of this state alone: its number of pages, and those that are free. */
const ofTheState = [24, 40] as const;

function isLike(bytes: Buffer, first: Buffer): boolean {
  const [changed, valid] = counters.map((at) => bytes.subarray(at, at + 4));
  if (changed === undefined || valid === undefined || changed.length < 4 || !changed.equals(valid)) return false;
  const isEqual = (from: number, to: number) => bytes.subarray(from, to).equals(first.subarray(from, to));
  return isEqual(0, ofTheState[0]) && isEqual(ofTheState[1], counters[1]);
}

function isSame(found: readonly (readonly unknown[])[], wanted: readonly (readonly unknown[])[]): boolean {
  return found.length === wanted.length && found.every((row, i) => row.every((value, at) => value === wanted[i]?.[at]));
}
