/** A plain `sqlite3` shell on a file: a script typed into it, and what it answered to each line. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";

const sqlite3 = "sqlite3";

/** Whether there is one on the path, of whatever version. */
export const hasShell = spawnSync(sqlite3, ["--version"]).status === 0;

/** Runs with a copy of a database in a file of its own, which is gone afterwards. */
export function withFile<T>(bytes: Buffer, use: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "logigen-shell-"));
  try {
    const file = join(folder, "origin.sqlite");
    writeFileSync(file, bytes);
    return use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the shell said against each line of a script, by line from 0; a line is one statement or more. */
export function typeLines(file: string, lines: readonly string[]): ReadonlyMap<number, string> {
  const { stderr, status, error } = spawnSync(sqlite3, ["-batch", file], {
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw new Error("Cannot run the sqlite3 shell", { cause: error });
  const said = new Map<number, string>();
  for (const [, line, message = ""] of stderr.matchAll(/^(?:Runtime|Parse) error near line (\d+): (.*)$/gm))
    said.set(Number(line) - 1, message);
  if (status === null || (stderr !== "" && said.size === 0))
    throw new Error(`Cannot read the shell's answer ${JSON.stringify(stderr.slice(0, 500))}`);
  return said;
}

/** The version of the shell's own SQLite. */
export function shellVersion(): string {
  return spawnSync(sqlite3, [":memory:", "SELECT sqlite_version()"], { encoding: "utf8" }).stdout.trim();
}

/** Opens a file to look at it. */
export function look<T>(file: string, see: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    db.defaultSafeIntegers(true);
    return see(db);
  } finally {
    db.close();
  }
}
