import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { referenceForm, referenceKey } from "../../environment/compare/reference-key.js";
import { viewOf } from "../../environment/compare/state-view.js";
import type { Value } from "../../environment/core/values.js";

const values: readonly Value[] = [
  ...[0n, 7n, -7n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n],
  ...[0, 7, 7.5, 0.1, 1 / 3, 1e20, 2 ** 53],
  ...["7", "7.0", " 7", "+7", "07", "7e0", "7.", "7x", "", "x", "X", "x ", "0.1", "9007199254740993", "9223372036854775808", "-0", ".5e1"],
  Buffer.from("7"),
];
const types = [
  ...["INTEGER", "BIGINT", "TEXT", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "REAL", "NUMERIC", "BLOB", "ANY", ""].map(
    (type) => `${type} UNIQUE`,
  ),
  "INTEGER PRIMARY KEY",
];

/** By child value: whether SQLite finds the parent. */
function found(db: Database.Database, parent: Value): readonly boolean[] {
  db.exec("DELETE FROM p; DELETE FROM c");
  const bound = (value: Value) => db.prepare("INSERT INTO c VALUES (?)").run(value);
  db.prepare("INSERT INTO p VALUES (?)").run(parent);
  for (const value of values) bound(value);
  const rows = db.prepare<[], { readonly rowid: bigint }>("SELECT rowid FROM pragma_foreign_key_check").all();
  const dangling = new Set(rows.map(({ rowid }) => Number(rowid)));
  return values.map((_, i) => !dangling.has(i + 1));
}

describe("referenceKey()", () => {
  test.each(types)("is the same on both sides exactly when SQLite finds the row, in a column of %s", (type) => {
    const db = new Database(":memory:");
    db.defaultSafeIntegers(true);
    db.pragma("foreign_keys = OFF");
    db.exec(`CREATE TABLE p(k ${type}); CREATE TABLE c(k REFERENCES p(k))`);
    const columns = viewOf(db, {}).tables[0]?.references[0]?.keyColumns ?? [];
    let hits = 0;
    for (const value of values) {
      if (type === "INTEGER PRIMARY KEY" && typeof value !== "bigint") continue;
      const live = found(db, value);
      const parent = db.prepare<[], Value>("SELECT k FROM p").pluck().get() ?? null;
      const alike = values.map((child) => referenceKey([child], columns) === referenceKey([parent], columns));
      expect({ value, alike }).toEqual({ value, alike: live });
      hits += live.filter(Boolean).length;
    }
    expect(hits).toBeGreaterThan(5);
    db.close();
  });
});

describe("referenceForm()", () => {
  test("says how a reference is written, whichever row it leads to", () => {
    expect([7n, 7, "7", " 7", "7.0", "07"].map(referenceForm)).toEqual(["", "number", 't"@"', 't" @"', 't"@.0"', 't"0@"']);
    expect(referenceForm("12.0")).toBe(referenceForm("7.0"));
  });
});
