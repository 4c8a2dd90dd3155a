/** "What SQLite cannot refuse" of docs/rule-sheet.md: each thing is done to a file, and the check that the page names finds it. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { diffStates } from "../../environment/compare/diff.js";
import { classesOf, viewOf } from "../../environment/compare/state-view.js";
import { writeEnvironment } from "../../environment/engine/folder-files.js";
import { readEnvironment } from "../../environment/engine/folder.js";
import { brokenInvariants } from "../../environment/engine/invariants.js";
import { openSession } from "../../environment/engine/session.js";
import { openSnapshot, stateDigest } from "../../environment/engine/snapshot.js";
import { libraryOrigin, toolLibrary } from "../doubles/tool-library.js";
import { hasShell, typeLines } from "./laws/shell.js";

const compiled = toolLibrary();
const origin = libraryOrigin(compiled);
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-cannot-"));
  writeEnvironment(folder, { compiled, origin });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const file = () => join(folder, "origin.sqlite");

/** What a client of the file does; it may be of any sort. */
function asClient(act: (db: Database.Database) => void): void {
  const db = new Database(file());
  try {
    act(db);
  } finally {
    db.close();
  }
}

/** The digest of the file is made to fit again, as one would who wants to hide. */
function coverUp(): void {
  const path = join(folder, "manifest.json");
  const manifest = z.looseObject({ files: z.record(z.string(), z.string()) }).parse(JSON.parse(readFileSync(path, "utf8")));
  const digest = createHash("sha256").update(readFileSync(file())).digest("hex");
  writeFileSync(path, JSON.stringify({ ...manifest, files: { ...manifest.files, "origin.sqlite": digest } }));
}

function broken(): readonly string[] {
  const db = openSnapshot(readFileSync(file()), { readonly: true });
  try {
    return brokenInvariants(db, compiled).map(({ rule }) => rule);
  } finally {
    db.close();
  }
}

function digest(): string {
  const db = openSnapshot(readFileSync(file()), { readonly: true });
  try {
    return stateDigest(db);
  } finally {
    db.close();
  }
}

const thirdLoan =
  "INSERT INTO loans (member_id, tool_code, days, fee, shelf, status) SELECT member_id, tool_code, days, fee, shelf, status FROM loans WHERE id = 1";

describe("what SQLite cannot refuse", () => {
  test("nothing is found in a folder that nobody touched", () => {
    expect(() => readEnvironment(folder)).not.toThrow();
    expect(broken()).toEqual([]);
  });

  test.each([
    ["DROP TRIGGER", "DROP TRIGGER loans_before_insert", /its triggers are not/],
    ["CREATE TRIGGER", "CREATE TRIGGER own BEFORE INSERT ON loans BEGIN SELECT RAISE(IGNORE); END", /its triggers are not/],
    ["ALTER TABLE", "ALTER TABLE loans ADD COLUMN own TEXT", /its tables are not/],
    ["an added index", "CREATE INDEX own ON loans (days)", /its tables are not/],
    ["an added table", "CREATE TABLE own (a)", /its tables are not/],
    ["an added view", "CREATE VIEW own AS SELECT 1", /its tables are not/],
  ])("%s is found by whoever reads the folder, its digests made to fit", (_, sql, message) => {
    asClient((db) => db.exec(sql));
    expect(() => readEnvironment(folder)).toThrow("its digest is not the one");
    coverUp();
    expect(() => readEnvironment(folder)).toThrow(message);
  });

  test("PRAGMA writable_schema is found the same way", () => {
    asClient((db) => {
      db.unsafeMode();
      db.pragma("writable_schema = ON");
      db.prepare("UPDATE sqlite_schema SET sql = replace(sql, 'loans.two', 'loans.own') WHERE type = 'trigger'").run();
    });
    coverUp();
    expect(() => readEnvironment(folder)).toThrow(/its triggers are not/);
  });

  test("an edited page is found by its digest, and by the integrity check among the invariants", () => {
    let page = 0;
    asClient((db) => {
      const found = db
        .prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND sql LIKE '%\"loans\" (\"tool_code\")%'")
        .pluck();
      page = found.get() ?? 0;
    });
    const bytes = readFileSync(file());
    const at = bytes.indexOf("S1", (page - 1) * 4096);
    expect([page > 0, at > 0 && at < page * 4096]).toEqual([true, true]);
    bytes.write("S9", at);
    writeFileSync(file(), bytes);
    expect(() => readEnvironment(folder)).toThrow("its digest is not the one");
    expect(broken()).not.toEqual([]);
  });

  test.skipIf(!hasShell)("triggers switched off in the connection are found by the digest of the state and by the invariants", () => {
    const before = digest();
    expect(typeLines(file(), [".dbconfig enable_trigger off", `${thirdLoan};`]).size).toBe(0);
    expect(digest()).not.toBe(before);
    expect(broken()).toContain("loans.two");
  });

  test("a function that a client puts in the place of SQLite's own is found by the invariants", () => {
    asClient((db) => {
      db.prepare("UPDATE logigen_context SET actor = 'm1', evidence_pin = '1234'").run();
      expect(() => db.prepare(thirdLoan).run()).toThrow("loans.two");
      db.function("count", { deterministic: true, varargs: true }, () => 0);
      db.prepare(thirdLoan).run();
    });
    expect(broken()).toContain("loans.two");
  });

  test("a TEMP trigger makes no write that the rules refuse, and none that the difference from the target overlooks", () => {
    asClient((db) => {
      db.prepare("UPDATE logigen_context SET actor = 'm1', evidence_pin = '1234'").run();
      db.exec(`CREATE TEMP TRIGGER own AFTER UPDATE OF shelf ON main.loans BEGIN ${thirdLoan}; END`);
      expect(() => db.prepare("UPDATE loans SET shelf = 2 WHERE id = 1").run()).toThrow("loans.two");
      db.exec("CREATE TEMP TRIGGER more AFTER UPDATE OF note ON main.loans BEGIN UPDATE loans SET shelf = 7 WHERE id = 2; END");
      db.exec("DROP TRIGGER own");
      db.prepare("UPDATE loans SET note = 'later' WHERE id = 1").run();
    });
    expect(broken()).toEqual([]);
    const states = { origin: openSnapshot(origin), wanted: openSnapshot(origin), found: openSnapshot(readFileSync(file())) };
    const diff = diffStates({ view: viewOf(states.origin, classesOf(compiled.catalogue)), ...states });
    for (const db of Object.values(states)) db.close();
    expect(diff).toMatchObject({ equal: false, rows: [{ table: "loans", key: { id: 2n }, column: "shelf", wanted: 1n, found: 7n }] });
  });

  test("a reader of the file reads the evidence, which no tool shows", () => {
    asClient((db) => {
      expect(db.prepare("SELECT pin FROM members WHERE id = 'm1'").pluck().get()).toBe("1234");
    });
    const session = openSession({ compiled, origin });
    const answer = session.call("query_members", {});
    session.close();
    expect(answer).toMatchObject({ ok: true, rows: [{ id: "m1", name: "Ann" }, { id: "m2" }] });
    expect(JSON.stringify(answer)).not.toContain("1234");
  });

  test("a value of the wrong type is refused in SQLite's own words, and changes nothing", () => {
    const before = digest();
    asClient((db) => {
      expect(() => db.prepare("UPDATE loans SET days = 'many' WHERE id = 1").run()).toThrow(/cannot store TEXT value in INTEGER column/);
      expect(() => db.prepare("INSERT INTO loans (id, tool_code) VALUES ('one', 'D1')").run()).toThrow(/datatype mismatch/);
      expect(() => db.prepare("UPDATE loans SET colour = 1")).toThrow(/no such column/);
    });
    expect(digest()).toBe(before);
  });

  test("a transaction that is never committed leaves the file as it was", () => {
    const bytes = readFileSync(file());
    asClient((db) => {
      db.exec("BEGIN; UPDATE logigen_context SET actor = 'm1', evidence_pin = '1234'");
    });
    expect(readFileSync(file()).equals(bytes)).toBe(true);
  });

  test("an update of nothing is accepted, and leaves the state as it was", () => {
    const before = digest();
    asClient((db) => {
      db.prepare("UPDATE logigen_context SET actor = 'm1', evidence_pin = '1234'").run();
    });
    const authenticated = digest();
    expect(authenticated).not.toBe(before);
    asClient((db) => {
      expect(db.prepare("UPDATE loans SET days = days, shelf = shelf WHERE id = 1").run().changes).toBe(1);
    });
    expect(digest()).toBe(authenticated);
  });
});
