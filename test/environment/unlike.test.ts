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
  "CREATE TABLE stop (id INTEGER PRIMARY KEY, word TEXT)",
  "CREATE TABLE badge (code TEXT PRIMARY KEY, rank INTEGER)",
];
const classes = { "trip.stamp": "technical", "leg.memo": "text" } as const;
const noted = [
  { table: "trip", key: ["id"], image: ["name", "stamp"], watched: null },
  { table: "leg", key: ["id"], image: ["trip_id", "cost", "memo"], watched: null },
  { table: "tag", key: ["rowid"], image: ["word"], watched: null },
  { table: "stop", key: ["id"], image: ["word"], watched: null },
  { table: "badge", key: ["code"], image: ["rank"], watched: null },
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

/** As if what a leg costs could be changed, what it is in words could not, and no row taken away. */
const lasts = (table: string, column: string) => table === "leg" && column === "memo";

test.each([
  ["the same rows", wanted, false, false],
  [
    "the same under other keys",
    ["INSERT INTO trip VALUES (8, 'south', 5), (9, 'north', 5)", "INSERT INTO leg VALUES (7, 8, 20, NULL)"],
    false,
    false,
  ],
  [
    "another technical value and another free text",
    ["INSERT INTO trip VALUES (1, 'north', 6)", "INSERT INTO leg VALUES (1, 1, 10, 'x')"],
    false,
    false,
  ],
  ["a row of a table without key", ["INSERT INTO tag VALUES ('new')"], false, false],
  ["a row whose key is NULL", ["INSERT INTO badge VALUES (NULL, 1)"], false, false],
  ["a row with a key of its own", ["INSERT INTO badge VALUES ('x', 1)"], true, false],
  ["a text that is no UTF-8, which the notes do not tell", ["INSERT INTO stop VALUES (1, CAST(x'ff' AS TEXT))"], false, false],
  ["another value", ["INSERT INTO leg VALUES (1, 1, 11, 'by sea')"], true, false],
  ["a free text where there is none", ["INSERT INTO leg VALUES (2, 2, 20, 'x')"], true, false],
  ["a row in a table that has nothing to keep, where the target creates one", ["INSERT INTO trip VALUES (1, 'north', 5)"], false, false],
  ["the same where the target creates none, since one may go again", ["INSERT INTO stop VALUES (1, 'x')"], true, false],
  ["a free text where no row has one", ["INSERT INTO leg VALUES (2, 2, 20, NULL), (3, 1, 10, NULL)"], true, false],
  ["another value that is made good", ["INSERT INTO leg VALUES (1, 1, 11, 'by sea')", "UPDATE leg SET cost = 10"], false, false],
  ["another value that is taken away", ["INSERT INTO leg VALUES (1, 1, 11, 'by sea')", "DELETE FROM leg"], false, false],
])("unlikeOf() sees %s", (_what, writes, isElsewhere, isLost) => {
  const [origin, target, session] = [stateOf(), stateOf(...wanted), stateOf()];
  const view = viewOf(origin, classes);
  const notes = installNotes(session, noted);
  const unlike = unlikeOf({ view, wanted: changesOf(view, origin, target), notes, lasts });
  for (const sql of writes) session.exec(sql);
  expect({ isElsewhere: unlike.isElsewhere(), isLost: unlike.isLost() }).toEqual({ isElsewhere, isLost });
  for (const db of [origin, target, session]) db.close();
});
