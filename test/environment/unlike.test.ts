import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { changesOf } from "../../environment/compare/changes.js";
import { viewOf } from "../../environment/compare/state-view.js";
import { unlikeOf } from "../../environment/compare/unlike.js";
import { installNotes } from "../../environment/engine/notes.js";

const schema = [
  "CREATE TABLE trip (id INTEGER PRIMARY KEY, name TEXT, stamp INTEGER)",
  "CREATE TABLE leg (id INTEGER PRIMARY KEY, trip_id INTEGER REFERENCES trip (id), cost INTEGER, memo TEXT)",
  "CREATE TABLE tag (word TEXT)",
];
const classes = { "trip.stamp": "technical", "leg.memo": "text" } as const;
const noted = [
  { table: "trip", key: ["id"], image: ["name", "stamp"], watched: null },
  { table: "leg", key: ["id"], image: ["trip_id", "cost", "memo"], watched: null },
  { table: "tag", key: ["rowid"], image: ["word"], watched: null },
];

function stateOf(...statements: readonly string[]): Database.Database {
  const db = new Database(":memory:");
  db.pragma("foreign_keys = OFF");
  db.defaultSafeIntegers(true);
  for (const sql of [...schema, ...statements]) db.exec(sql);
  return db;
}

const wanted = [
  "INSERT INTO trip VALUES (1, 'north', 5), (2, 'south', 5)",
  "INSERT INTO leg VALUES (1, 1, 10, 'by sea'), (2, 2, 20, NULL)",
  "INSERT INTO tag VALUES ('old')",
];

test.each([
  ["the same rows", wanted, false],
  [
    "the same under other keys",
    ["INSERT INTO trip VALUES (8, 'south', 5), (9, 'north', 5)", "INSERT INTO leg VALUES (7, 8, 20, NULL)"],
    false,
  ],
  [
    "another technical value and another free text",
    ["INSERT INTO trip VALUES (1, 'north', 6)", "INSERT INTO leg VALUES (1, 1, 10, 'x')"],
    false,
  ],
  ["a row of a table without key", ["INSERT INTO tag VALUES ('new')"], false],
  ["another value", ["INSERT INTO leg VALUES (1, 1, 11, 'by sea')"], true],
  ["a free text where there is none", ["INSERT INTO leg VALUES (2, 2, 20, 'x')"], true],
  ["another value that is made good", ["INSERT INTO leg VALUES (1, 1, 11, 'by sea')", "UPDATE leg SET cost = 10"], false],
  ["another value that is taken away", ["INSERT INTO leg VALUES (1, 1, 11, 'by sea')", "DELETE FROM leg"], false],
])("unlikeOf() sees %s", (_what, writes, isUnlike) => {
  const [origin, target, session] = [stateOf(), stateOf(...wanted), stateOf()];
  const view = viewOf(origin, classes);
  const notes = installNotes(session, noted);
  const unlike = unlikeOf(view, changesOf(view, origin, target), notes);
  for (const sql of writes) session.exec(sql);
  expect(unlike()).toBe(isUnlike);
  for (const db of [origin, target, session]) db.close();
});
