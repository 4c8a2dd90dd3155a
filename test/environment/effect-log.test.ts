import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { type EffectLog, openEffectLog } from "../../environment/engine/effect-log.js";
import { installNotes } from "../../environment/engine/notes.js";

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

function open(): { db: Database.Database; log: EffectLog } {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.pragma("recursive_triggers = OFF");
  for (const sql of schema) db.prepare(sql).run();
  const noted = [
    { table: "owners", key: ["id"], image: ["total"], watched: null },
    { table: "items", key: ["id"], image: ["owner", "price", "seen"], watched: null },
  ];
  installNotes(db, noted);
  const log = openEffectLog(db, noted);
  return { db, log };
}

describe("openEffectLog()", () => {
  test("tells what changed beside the written row, with its values after the write", () => {
    const { db, log } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 5)").run();
    expect(log.take({ table: "items", key: [1n] })).toEqual([{ table: "owners", key: { id: "ada" }, columns: { total: 5n } }]);
  });

  test("tells a row that was created with all its columns", () => {
    const { db, log } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 50)").run();
    expect(log.take({ table: "items", key: [1n] })).toContainEqual({
      table: "items",
      key: { id: 2n },
      columns: { owner: "bea", price: 1n, seen: 0n },
    });
  });

  test("tells nothing of a row that ends as it was", () => {
    const { db, log } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('bea', 5)").run();
    log.take({ table: "items", key: [1n] });
    db.prepare("UPDATE items SET price = 6").run();
    expect(log.take({ table: "items", key: [1n] })).toEqual([]);
  });

  test("tells the same change once", () => {
    const { db, log } = open();
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 5)").run();
    log.take(null);
    expect(log.take(null)).toEqual([]);
  });

  test("tells nothing of a refused write, and goes on after a rollback", () => {
    const { db, log } = open();
    db.prepare("BEGIN").run();
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 5)").run();
    log.take({ table: "items", key: [1n] });
    expect(() => db.prepare("INSERT INTO items (owner, price) VALUES ('ada', -1)").run()).toThrow("item.price");
    expect(log.take(null)).toEqual([]);
    db.prepare("ROLLBACK").run();
    log.back(0n);
    db.prepare("INSERT INTO items (owner, price) VALUES ('ada', 9)").run();
    expect(log.take({ table: "items", key: [1n] })).toEqual([{ table: "owners", key: { id: "ada" }, columns: { total: 9n } }]);
  });
});
