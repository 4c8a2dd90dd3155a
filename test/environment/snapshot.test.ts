import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { type Db, openSnapshot, schemaOf, stateDigest, writeSnapshot } from "../../environment/engine/snapshot.js";

const schema = [
  "CREATE TABLE members (id INTEGER PRIMARY KEY, name TEXT NOT NULL, total INTEGER NOT NULL AS (fine * 2), fine INTEGER NOT NULL DEFAULT 0) STRICT",
  "CREATE TABLE codes (code TEXT PRIMARY KEY, member_id INTEGER REFERENCES members (id), weight REAL) STRICT",
  "CREATE INDEX codes_member ON codes (member_id)",
  "CREATE TRIGGER members_bd BEFORE DELETE ON members BEGIN SELECT RAISE(ABORT, 'members.no_delete'); END",
];

function library(statements: readonly string[]): Db {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  for (const sql of [...schema, ...statements]) db.prepare(sql).run();
  return db;
}

const straight = [
  "INSERT INTO members (id, name, fine) VALUES (1, 'Ada', 3), (2, 'Béa', 9007199254740993)",
  "INSERT INTO codes VALUES ('A', 1, 0.0), ('B', NULL, 1.5)",
];
const roundabout = [
  "INSERT INTO codes VALUES ('B', NULL, 9.5), ('C', NULL, 1.0), ('A', NULL, -0.0)",
  "INSERT INTO members (id, name, fine) VALUES (2, 'Béa', 0)",
  "INSERT INTO members (id, name, fine) VALUES (1, 'Eve', 3)",
  "DELETE FROM codes WHERE code = 'C'",
  "UPDATE codes SET weight = 1.5 WHERE code = 'B'",
  "UPDATE codes SET member_id = 1 WHERE code = 'A'",
  "UPDATE members SET name = 'Ada' WHERE id = 1",
  "UPDATE members SET fine = 9007199254740993 WHERE id = 2",
];

describe("writeSnapshot()", () => {
  test("gives equal bytes for two histories that end in equal states", () => {
    expect(writeSnapshot(library(roundabout)).equals(writeSnapshot(library(straight)))).toBe(true);
  });

  test("gives other bytes for another state", () => {
    const other = [...straight, "UPDATE members SET fine = 4 WHERE id = 1"];
    expect(writeSnapshot(library(other)).equals(writeSnapshot(library(straight)))).toBe(false);
  });

  test("gives the same bytes again after a round trip, and inside an open transaction", () => {
    const bytes = writeSnapshot(library(straight));
    const db = openSnapshot(bytes);
    db.prepare("BEGIN").run();
    expect(writeSnapshot(db).equals(bytes)).toBe(true);
  });

  test("keeps schema, triggers and generated columns", () => {
    const db = openSnapshot(writeSnapshot(library(straight)));
    expect(schemaOf(db, "trigger")).toEqual([schema[3]]);
    expect(db.prepare("SELECT total FROM members WHERE id = 2").pluck().get()).toBe(18014398509481986n);
    expect(() => db.prepare("DELETE FROM members").run()).toThrow("members.no_delete");
  });

  test("keeps the next key of a table with AUTOINCREMENT", () => {
    const db = new Database(":memory:");
    for (const sql of [
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a)",
      "INSERT INTO t (a) VALUES (1), (2)",
      "DELETE FROM t WHERE id = 2",
    ])
      db.prepare(sql).run();
    const copy = openSnapshot(writeSnapshot(db));
    expect(copy.prepare("INSERT INTO t (a) VALUES (3)").run().lastInsertRowid).toBe(3n);
  });

  test.runIf(existsSync("/usr/bin/sqlite3"))("opens in the system's sqlite3 shell", () => {
    const folder = mkdtempSync(join(tmpdir(), "snapshot-"));
    writeFileSync(join(folder, "state.sqlite"), writeSnapshot(library(straight)));
    const answer = execFileSync("/usr/bin/sqlite3", [
      join(folder, "state.sqlite"),
      "PRAGMA integrity_check; SELECT name FROM members ORDER BY id;",
    ]);
    rmSync(folder, { recursive: true });
    expect(answer.toString()).toBe("ok\nAda\nBéa\n");
  });
});

describe("openSnapshot()", () => {
  test("leaves the bytes as they were when the opened state is written", () => {
    const bytes = writeSnapshot(library(straight));
    const before = Buffer.from(bytes);
    openSnapshot(bytes).prepare("UPDATE members SET fine = 0").run();
    expect(bytes.equals(before)).toBe(true);
  });

  test("refuses writes when opened to be read only", () => {
    const db = openSnapshot(writeSnapshot(library(straight)), { readonly: true });
    expect(() => db.prepare("UPDATE members SET fine = 0").run()).toThrow(/readonly/);
  });
});

describe("stateDigest()", () => {
  test("depends on the state and not on how it was reached", () => {
    expect(stateDigest(library(roundabout))).toBe(stateDigest(library(straight)));
  });

  test("tells an integer from a real of the same value", () => {
    const table = (value: string): Db => {
      const db = new Database(":memory:");
      for (const sql of ["CREATE TABLE t (id INTEGER PRIMARY KEY, a ANY) STRICT", `INSERT INTO t VALUES (1, ${value})`])
        db.prepare(sql).run();
      return db;
    };
    expect(stateDigest(table("1"))).not.toBe(stateDigest(table("1.0")));
  });
});
