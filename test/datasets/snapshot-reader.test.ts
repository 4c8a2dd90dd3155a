import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Db, openSnapshot, prepareKept, stateDigest, writeSnapshot } from "../../environment/engine/snapshot.js";
import { openSnapshotReader } from "../../datasets/snapshot-reader.js";

const schema = [
  "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT UNIQUE) STRICT",
  "CREATE TABLE words (word TEXT PRIMARY KEY, note INTEGER REFERENCES notes (id)) STRICT",
  "CREATE TRIGGER notes_stay BEFORE DELETE ON notes BEGIN SELECT RAISE(ABORT, 'Notes stay.'); END",
];

function snapshotOf(rows: number, statements: readonly string[] = schema): Buffer {
  const db = new Database(":memory:");
  try {
    for (const sql of statements) db.prepare(sql).run();
    const insert = db.prepare("INSERT INTO notes VALUES (?, ?)");
    for (let id = 1; id <= rows; id += 1) insert.run(id, `${id} ${"x".repeat(id % 90)}`);
    return writeSnapshot(db);
  } finally {
    db.close();
  }
}

/** All that a verifier asks of a snapshot, or that it is none. */
function toldOf(db: Db): string {
  const ask = (sql: string) =>
    JSON.stringify(prepareKept(db, sql).all(), (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  try {
    return [stateDigest(db), ...["SELECT * FROM pragma_integrity_check", "SELECT body FROM notes ORDER BY body"].map(ask)].join("\n");
  } catch (error) {
    return error instanceof Database.SqliteError ? "unreadable" : String(error);
  }
}

function toldAlone(bytes: Buffer): string {
  const db = openSnapshot(bytes, { readonly: true });
  try {
    return toldOf(db);
  } finally {
    db.close();
  }
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("openSnapshotReader()", () => {
  test("reads snapshots in turn as each is opened alone, larger and smaller ones", () => {
    const reader = openSnapshotReader(snapshotOf(3));
    for (const rows of [3, 400, 0, 20, 400, 401]) {
      const bytes = snapshotOf(rows);
      const db = reader.read(bytes);
      expect(db && toldOf(db)).toBe(toldAlone(bytes));
      expect(toldAlone(bytes)).toContain("ok");
    }
    reader.close();
  });

  test.each([
    ["another schema", snapshotOf(3, schema.slice(0, 2))],
    ["objects in another order", snapshotOf(3, [schema[1], schema[0], schema[2]].map(String))],
    ["no SQLite file", Buffer.from("no file")],
    ["nothing", Buffer.alloc(0)],
    ["a file that is cut off", snapshotOf(3).subarray(0, 5000)],
    [
      "a journal mode that needs a file beside it",
      edited(snapshotOf(3), [
        [18, 2],
        [19, 2],
      ]),
    ],
    ["counters that differ", edited(snapshotOf(3), [[92, 9]])],
  ])("leaves %s to others, and reads the next", (_what, bytes) => {
    const reader = openSnapshotReader(snapshotOf(3));
    expect(reader.read(bytes)).toBeNull();
    const next = reader.read(snapshotOf(7));
    expect(next && toldOf(next)).toBe(toldAlone(snapshotOf(7)));
    reader.close();
  });

  test("tells of any bytes what they show when they are opened alone, or leaves them to others", () => {
    const sound = snapshotOf(120);
    const reader = openSnapshotReader(sound);
    const counts = { left: 0, same: 0, other: 0 };
    const edits = fc.array(fc.tuple(fc.oneof(fc.nat(sound.length - 1), fc.nat(120)), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(edits, (list) => {
        const bytes = edited(sound, list);
        const db = reader.read(bytes);
        if (db === null) counts.left += 1;
        else expect(toldOf(db)).toBe(toldAlone(bytes));
        if (db !== null) counts[toldAlone(bytes) === toldAlone(sound) ? "same" : "other"] += 1;
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(100);
    reader.close();
  });

  test("leaves no file behind, and where there is room for none reads nothing", () => {
    const folder = mkdtempSync(join(tmpdir(), "logigen-test-"));
    vi.stubEnv("TMPDIR", folder);
    const reader = openSnapshotReader(snapshotOf(3));
    expect(reader.read(snapshotOf(5))).not.toBeNull();
    expect(readdirSync(folder)).toEqual([]);
    reader.close();
    vi.stubEnv("TMPDIR", join(folder, "none"));
    expect(openSnapshotReader(snapshotOf(3)).read(snapshotOf(3))).toBeNull();
    rmSync(folder, { recursive: true });
  });
});

function edited(bytes: Buffer, edits: readonly (readonly [number, number])[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, byte] of edits) copy[at] = byte;
  return copy;
}
