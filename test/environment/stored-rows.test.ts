import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Changes, changesOf, changesOfSnapshots } from "../../environment/compare/changes.js";
import { viewOf } from "../../environment/compare/state-view.js";
import { type Db, openSnapshot, writeSnapshot } from "../../environment/engine/snapshot.js";
import { type OpenedSnapshot, rowsApart } from "../../environment/engine/stored-rows.js";
import type { Value } from "../../environment/core/values.js";

const schema = [
  "CREATE TABLE notes (id INTEGER PRIMARY KEY, body ANY, rank REAL) STRICT",
  "CREATE TABLE words (word TEXT PRIMARY KEY, n INTEGER)",
  "CREATE TABLE pairs (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID",
  "CREATE TABLE loose (a, b)",
];

type Edit = {
  readonly kind: "put" | "drop";
  readonly table: "notes" | "words" | "pairs" | "loose";
  readonly at: number;
  readonly value: Value;
};

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.constantFrom(0, -0, 1, 1.5),
  fc.constantFrom("", "a", "é", "x".repeat(300), "y".repeat(3700), "z".repeat(9000)),
  fc.constantFrom(Buffer.from([0xff]), Buffer.alloc(0)),
);
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("put", "put", "drop"),
  table: fc.constantFrom("notes", "words", "pairs", "loose"),
  at: fc.integer({ min: -2, max: 60 }),
  value,
});
const edits = fc.array(edit, { maxLength: 12 });

const putting: Readonly<Record<Edit["table"], string>> = {
  notes: "INSERT OR REPLACE INTO notes VALUES (@at, @value, @at / 2)",
  words: "INSERT OR REPLACE INTO words VALUES (iif(@at % 3 = 0, NULL, 'w' || @at), length(@value))",
  pairs: "INSERT OR REPLACE INTO pairs VALUES (@at, coalesce(@value, 0))",
  loose: "INSERT INTO loose VALUES (@at, @value)",
};
const dropping: Readonly<Record<Edit["table"], string>> = {
  notes: "DELETE FROM notes WHERE id = @at",
  words: "DELETE FROM words WHERE word = 'w' || @at",
  pairs: "DELETE FROM pairs WHERE a = @at",
  loose: "DELETE FROM loose WHERE a = @at",
};

function apply(db: Db, list: readonly Edit[]): void {
  for (const { kind, table, at, value: given } of list)
    if (kind === "put") db.prepare(putting[table]).run({ at: BigInt(at), value: given });
    else db.prepare(dropping[table]).run({ at: BigInt(at) });
}

/** A database with rows on many pages. */
function filled(list: readonly Edit[]): Db {
  const db = new Database(":memory:");
  for (const sql of schema) db.prepare(sql).run();
  for (let i = 0; i < 60; i += 1)
    for (const sql of Object.values(putting)) db.prepare(sql).run({ at: BigInt(i), value: "t".repeat(i * 7) });
  apply(db, list);
  return db;
}

function opened(bytes: Buffer): OpenedSnapshot {
  return { db: openSnapshot(bytes, { readonly: true }), bytes };
}

/** The first half of the edits leads to the origin, all of them to the state; each a canonical file or as SQLite laid it. */
function withBoth<T>(edits: readonly (readonly Edit[])[], save: (db: Db) => Buffer, ask: (a: OpenedSnapshot, b: OpenedSnapshot) => T): T {
  const db = filled(edits[0] ?? []);
  const a = opened(save(db));
  apply(db, edits[1] ?? []);
  const b = opened(save(db));
  try {
    return ask(a, b);
  } finally {
    for (const each of [db, a.db, b.db]) each.close();
  }
}

/** Hidden rowids are no part of a row. */
function sorted(changes: Changes): unknown {
  const text = (row: readonly Value[] | undefined) =>
    JSON.stringify(row, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each));
  return changes.map(({ created, deleted, changed }) => [
    created.map(text).sort(),
    deleted.map(text).sort(),
    changed.map(({ before, after }) => [text(before), text(after)].join(">")).sort(),
  ]);
}

const ways = [
  ["canonical files", writeSnapshot],
  ["files as SQLite laid them", (db: Db) => db.serialize()],
] as const;

describe("changesOfSnapshots()", () => {
  test.each(ways)("finds what reading every row finds, in %s", (_, save) => {
    fc.assert(
      fc.property(edits, edits, (before, after) => {
        withBoth([before, after], save, (origin, state) => {
          const view = viewOf(origin.db, {});
          const found = changesOfSnapshots(view, { origin, state, dangling: new Set() });
          expect(sorted(found)).toEqual(sorted(changesOf(view, origin.db, state.db)));
        });
      }),
      { numRuns: 60 },
    );
  });
});

/** Null where SQLite finds the table malformed. */
function rowsOf(db: Db): string | null {
  try {
    return JSON.stringify(db.prepare("SELECT CAST(id AS TEXT), typeof(body), hex(body), rank FROM notes").raw().all());
  } catch {
    return null;
  }
}

describe("rowsApart()", () => {
  const notes = (list: readonly Edit[]) => withBoth([[], list], writeSnapshot, (a, b) => rowsApart(a, b)("notes"));
  const put = (at: number, given: Value): Edit => ({ kind: "put", table: "notes", at, value: given });

  test("names the rows that differ, among hundreds, and no other", () => {
    expect(notes([])).toEqual([]);
    expect(notes([put(7, "other"), put(900, "new"), { kind: "drop", table: "notes", at: 31, value: null }])?.toSorted()).toEqual([
      31n,
      7n,
      900n,
    ]);
  });

  test("leaves to SQLite what it does not read: long records, rowids below 0, tables of another statement, without rowids or absent", () => {
    expect(notes([put(3, "z".repeat(5000))])).toBeNull();
    expect(notes([put(-1, "x")])).toBeNull();
    withBoth([[], []], writeSnapshot, (a, b) => {
      expect(rowsApart(a, b)("pairs")).toBeNull();
      expect(rowsApart(a, b)("nowhere")).toBeNull();
      const other = openSnapshot(b.bytes);
      other.prepare("ALTER TABLE loose ADD COLUMN c DEFAULT 5").run();
      const altered = opened(other.serialize());
      expect(rowsApart(a, altered)("loose")).toBeNull();
      expect(rowsApart(a, altered)("words")).toEqual([]);
    });
  });

  test("answers of malformed pages without failing, and never that rows agree which SQLite reads as others", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }), (spoiling) => {
        withBoth([[], []], writeSnapshot, (a) => {
          const bytes = Buffer.from(a.bytes);
          // The first page is the schema's, by which the file is opened.
          for (const [at, byte] of spoiling) bytes[4096 + (at % (bytes.length - 4096))] = byte;
          const spoilt = opened(bytes);
          const apart = rowsApart(a, spoilt)("notes");
          if (apart?.length === 0) expect([rowsOf(a.db), null]).toContain(rowsOf(spoilt.db));
          spoilt.db.close();
        });
      }),
      { numRuns: 150 },
    );
  });
});
