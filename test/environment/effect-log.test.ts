import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { openEffectLog } from "../../environment/engine/effect-log.js";
import { installNotes, type Notes } from "../../environment/engine/notes.js";

const schema = [
  "CREATE TABLE owners (id TEXT PRIMARY KEY, total INTEGER NOT NULL DEFAULT 0, hidden INTEGER) STRICT",
  "CREATE TABLE items (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, price INTEGER NOT NULL, seen INTEGER NOT NULL DEFAULT 0) STRICT",
  "INSERT INTO owners (id) VALUES ('ada'), ('bea')",
  `CREATE TRIGGER items_ai AFTER INSERT ON items BEGIN
     SELECT CASE WHEN NEW.price < 0 THEN RAISE(ABORT, 'item.price') END;
     UPDATE owners SET total = total + NEW.price, hidden = 1 WHERE id = NEW.owner;
     UPDATE items SET seen = 1 WHERE id = NEW.id;
     INSERT INTO items (owner, price) SELECT 'bea', 1 WHERE NEW.price = 50;
   END`,
  "CREATE TRIGGER items_au AFTER UPDATE OF price ON items BEGIN UPDATE owners SET total = 7 WHERE id = 'ada'; UPDATE owners SET total = 0 WHERE id = 'ada'; END",
];

type Opened = { readonly db: Database.Database; readonly notes: Notes; readonly tell: ReturnType<typeof openEffectLog> };

function open(): Opened {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.pragma("recursive_triggers = OFF");
  for (const sql of schema) db.prepare(sql).run();
  const noted = [
    { table: "owners", key: ["id"], image: ["total"], watched: null },
    { table: "items", key: ["id"], image: ["owner", "price", "seen"], watched: null },
  ];
  const notes = installNotes(db, noted);
  return { db, notes, tell: openEffectLog(db, notes) };
}

describe("openEffectLog()", () => {
  test("tells what changed beside the written row, with its values after the write", () => {
    const { db, tell } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 5)").run();
    expect(tell(0, { table: "items", key: [1n] }).effects).toEqual([{ table: "owners", key: { id: "ada" }, columns: { total: 5n } }]);
  });

  test("tells a row that was created with all its columns", () => {
    const { db, tell } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 50)").run();
    expect(tell(0, { table: "items", key: [1n] }).effects).toContainEqual({
      table: "items",
      key: { id: 2n },
      columns: { owner: "bea", price: 1n, seen: 0n },
    });
  });

  test("has the written row only where nothing changed it again", () => {
    const { db, notes, tell } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 5)").run();
    expect(tell(0, { table: "items", key: [1n] }).own).toBeNull();
    const { length } = notes.list;
    db.prepare("UPDATE items SET price = 6").run();
    expect(tell(length, { table: "items", key: [1n] }).own).toMatchObject({ before: ["ada", 5n, 1n], after: ["ada", 6n, 1n] });
  });

  test("tells nothing of a row that ends as it was, though it was changed and changed back", () => {
    const { db, notes, tell } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('bea', 5)").run();
    const { length } = notes.list;
    db.prepare("UPDATE items SET price = 6").run();
    expect(notes.list.slice(length).map(({ table }) => table)).toEqual(["items", "owners", "owners"]);
    expect(tell(length, { table: "items", key: [1n] }).effects).toEqual([]);
  });

  test("tells a row that was taken away, and one whose key was changed as taken away and created", () => {
    const { db, tell } = open();
    db.prepare("UPDATE owners SET id = 'eve' WHERE id = 'ada'").run();
    db.prepare("DELETE FROM owners WHERE id = 'bea'").run();
    expect(tell(0, null).effects).toEqual([
      { table: "owners", key: { id: "ada" }, columns: {}, deleted: true },
      { table: "owners", key: { id: "eve" }, columns: { total: 0n } },
      { table: "owners", key: { id: "bea" }, columns: {}, deleted: true },
    ]);
  });

  test("tells the first image of a row that an AFTER trigger of the environment changes again", () => {
    const { db, notes } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('bea', 50)").run();
    db.prepare(
      "CREATE TRIGGER owners_au AFTER UPDATE OF hidden ON owners BEGIN UPDATE owners SET total = total + 1 WHERE id = NEW.id; END",
    ).run();
    const { length } = notes.list;
    db.prepare("UPDATE owners SET total = 9, hidden = 2 WHERE id = 'ada'").run();
    expect(notes.list.slice(length)).toMatchObject([
      { key: ["ada"], before: [0n], after: [9n] },
      { key: ["ada"], before: [9n], after: [10n] },
    ]);
  });

  test("tells nothing of a refused write whose notes are cut off, and goes on after a rollback", () => {
    const { db, notes, tell } = open();
    db.prepare("BEGIN").run();
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 5)").run();
    const { length } = notes.list;
    expect(() => db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 3), ('ada', -1)").run()).toThrow("item.price");
    expect(notes.list.length).toBeGreaterThan(length);
    notes.cut(length);
    expect(tell(length, null).effects).toEqual([]);
    db.prepare("ROLLBACK").run();
    notes.cut(0);
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 9)").run();
    expect(tell(0, { table: "items", key: [1n] }).effects).toEqual([{ table: "owners", key: { id: "ada" }, columns: { total: 9n } }]);
  });
});
