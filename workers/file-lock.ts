/**
 * A lock that several commands share: an exclusive transaction on a small SQLite file.
 * The operating system releases it when its holder dies, so that no lock is ever stale.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";

const RETRY_MS = 100;

/** Runs `work` while no other holder of `path` runs; `waiting` is called once if another one does. */
export async function withFileLock<Result>(path: string, work: () => Promise<Result>, waiting?: () => void): Promise<Result> {
  mkdirSync(dirname(path), { recursive: true });
  const lock = new Database(path, { timeout: 0 });
  try {
    let told = false;
    while (!acquires(lock)) {
      if (!told) waiting?.();
      told = true;
      await sleep(RETRY_MS);
    }
    return await work();
  } finally {
    lock.close();
  }
}

function acquires(lock: Database.Database): boolean {
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY")) return false;
    throw error;
  }
}
