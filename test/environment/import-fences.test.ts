import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditCreate, listObjects } from "../../environment/import/audit-schema.js";
import { findFanOut } from "../../environment/import/fan-out.js";
import { loadRaw, type RawFiles } from "../../environment/import/load-raw.js";
import { gateStatement } from "../../environment/sql/gate-statement.js";
import { guardConnection } from "../../environment/sql/guard-connection.js";
import { readStatements } from "../../environment/sql/split-script.js";
import { pureFunctions } from "../../environment/sql/word-lists.js";
import { type Attack, attackedSchema, attacks } from "./corpora/attacks.js";
import { mutateScript, randomBelow } from "./corpora/mutate-script.js";
import { ordinaryScripts } from "./corpora/ordinary.js";

/** The folder in which a file would appear that SQL made. */
let sentinel = "";
const home = process.cwd();

beforeAll(() => {
  sentinel = mkdtempSync(join(tmpdir(), "fences-"));
  writeFileSync(join(sentinel, "kept.txt"), "kept");
  process.chdir(sentinel);
});

afterAll(() => {
  process.chdir(home);
  rmSync(sentinel, { recursive: true });
});

function open(): Database.Database {
  const db = new Database(":memory:");
  guardConnection(db, { maxBytes: 16 * 1024 * 1024 });
  return db;
}

function load(files: Partial<RawFiles>, gate?: typeof gateStatement) {
  const db = open();
  return { db, loaded: loadRaw(db, { schema: attackedSchema, triggers: "", ...files }, gate) };
}

function attack({ file, sql }: Attack, gate?: typeof gateStatement) {
  return load(file === "schema" ? { schema: `${attackedSchema}\n${sql}` } : { [file]: sql }, gate);
}

test.each(attacks.map((each): [string, Attack] => [each.name, each]))("loadRaw() refuses %s", (_, each) => {
  const { db, loaded } = attack(each);
  expect(loaded).toMatchObject({ ok: false, refused: [{ file: `${each.file}.sql`, code: each.code }] });
  expect(loaded.ok || loaded.refused.length).toBe(1);
  expect([db.inTransaction, db.pragma("foreign_keys", { simple: true }), readdirSync(sentinel)]).toEqual([false, 1, ["kept.txt"]]);
});

test.each(ordinaryScripts.map((each) => [each.name, each] as const))(
  "loadRaw() loads ordinary SQL: %s",
  (_, { schema, triggers = "", rows, write, refusedBy }) => {
    const { db, loaded } = load({ schema, triggers, ...(rows === undefined ? {} : { rows }) });
    expect(loaded).toMatchObject({ ok: true });
    const run = () => db.prepare(write).run().changes;
    if (refusedBy === undefined) expect(run()).toBeGreaterThan(0);
    else expect(run).toThrow(refusedBy);
  },
);

test("the corpora hold at least 60 cases each", () => {
  expect([attacks.length >= 60, ordinaryScripts.length >= 60]).toEqual([true, true]);
});

/** Statements of spoilt scripts that gate and SQLite both accept, and all of them that did something else than announced. */
function fuzz(mutants: number, gate: typeof gateStatement) {
  const below = randomBelow(20_260_401);
  const counts = { mutants: 0, statements: 0, gated: 0, run: 0 };
  const wrong: string[] = [];
  const scripts = ordinaryScripts.map(({ schema, triggers = "", rows = "" }) => [schema, triggers, rows] as const);
  for (let round = 0; counts.mutants < mutants; round += 1) {
    const script = scripts[round % scripts.length];
    if (script === undefined) break;
    const db = open();
    const [schema, triggers, rows] = script;
    for (const { text } of readStatements(schema)) if (below(3) > 0) tryRun(db, text);
    for (let i = 0; i < 25; i += 1, counts.mutants += 1) {
      const file = below(4) === 0 && rows !== "" ? "rows" : triggers !== "" && below(3) > 0 ? "triggers" : "schema";
      const source = file === "rows" ? rows : file === "triggers" ? triggers : schema;
      for (const statement of readStatements(mutateScript(source, below))) {
        counts.statements += 1;
        const gated = gate(statement, { file });
        if (gated.kind === "refused") continue;
        counts.gated += 1;
        const effect = effectOf(db, statement.text, gated);
        if (effect === "refused by SQLite") continue;
        counts.run += 1;
        if (effect !== "as announced") wrong.push(`${effect}: ${statement.text}`);
      }
    }
    db.close();
  }
  return { counts, wrong };
}

/** Some statements are left out on purpose, and others need them. */
function tryRun(db: Database.Database, sql: string): void {
  try {
    db.prepare(sql).run();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
  }
}

function effectOf(db: Database.Database, sql: string, gated: Exclude<ReturnType<typeof gateStatement>, { kind: "refused" }>): string {
  const before = listObjects(db);
  db.prepare("SAVEPOINT fuzz").run();
  let outcome = "as announced";
  try {
    db.prepare(sql).run();
  } catch (error) {
    outcome = String(error).includes("more than one statement") ? "two statements" : "refused by SQLite";
  }
  const table = gated.kind === "table" ? gated.name : gated.kind === "insert" ? "" : gated.table;
  const audit = auditCreate(before, listObjects(db), { kind: gated.kind, name: gated.name, table });
  const temporary = db.prepare("SELECT count(*) FROM sqlite_temp_schema").pluck().get();
  const settings = ["foreign_keys", "recursive_triggers", "query_only", "writable_schema"].map((name) => db.pragma(name, { simple: true }));
  const databases = db.prepare("SELECT count(*) FROM pragma_database_list WHERE name <> 'temp'").pluck().get();
  if (!db.inTransaction) return "left its transaction";
  db.prepare("ROLLBACK TO fuzz").run();
  db.prepare("RELEASE fuzz").run();
  if (audit.kind === "other" || (gated.kind === "insert" && audit.kind !== "nothing")) return `other objects ${audit.kind}`;
  if (temporary !== 0) return "temporary objects";
  if (databases !== 1) return "another database";
  return settings.join() === "1,0,0,0" ? outcome : "changed settings";
}

test("20,000 spoilt scripts: what gate and SQLite accept does what it announces, and nothing else", () => {
  const { counts, wrong } = fuzz(20_000, gateStatement);
  console.log(`spoilt scripts ${JSON.stringify(counts)}`);
  expect(wrong).toEqual([]);
  expect(counts.mutants).toBeGreaterThanOrEqual(20_000);
  expect(counts.run).toBeGreaterThan(2_000);
  expect(readdirSync(sentinel)).toEqual(["kept.txt"]);
});

/** A gate without the ban of this code: it takes the statement for a harmless one. */
function gateWithout(code: string): typeof gateStatement {
  return (statement, options) => {
    const gated = gateStatement(statement, options);
    return gated.kind === "refused" && gated.code === code ? { kind: "table", name: "harmless", clockDefaults: [] } : gated;
  };
}

test.each(["STATEMENT", "TEMP", "CREATE_KIND"])("a gate without the ban %s is found out by the spoilt scripts", (code) => {
  const { wrong } = fuzz(2_000, gateWithout(code));
  for (const file of readdirSync(sentinel)) if (file !== "kept.txt") rmSync(join(sentinel, file));
  expect(wrong.length).toBeGreaterThan(0);
});

test("a gate without one ban is found out by the attacks", () => {
  const functions = new Set([...pureFunctions, "random", "zeroblob"]);
  const lenient: typeof gateStatement = (statement, options) => gateStatement(statement, { ...options, functions });
  const through = attacks.filter((each) => attack(each, lenient).loaded.ok || gatePasses(each, lenient)).map(({ name }) => name);
  expect(through).toEqual([
    "chance in a DEFAULT",
    "chance in a CHECK",
    "chance by a quoted name",
    "chance in brackets",
    "zeroblob",
    "chance in a WHEN",
    "chance in rows",
  ]);
});

function gatePasses({ file, sql, code }: Attack, gate: typeof gateStatement): boolean {
  return code === "FUNCTION" && [...readStatements(sql)].every((statement) => gate(statement, { file }).kind !== "refused");
}

test("loadRaw() finds functions off the list behind a gate that lets them through", () => {
  const functions = new Set([...pureFunctions, "random"]);
  const lenient: typeof gateStatement = (statement, options) => gateStatement(statement, { ...options, functions });
  const { loaded } = load({ triggers: "CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE u SET a = random(); END;" }, lenient);
  expect(loaded).toMatchObject({
    ok: false,
    refused: [{ code: "AUDIT", message: 'INSERT on "t" calls function random(), which is not on the list' }],
  });
});

test("loadRaw() finds an object that was not announced behind a gate that lies", () => {
  const { loaded } = load({ schema: `${attackedSchema} CREATE VIEW v AS SELECT 1` }, gateWithout("CREATE_KIND"));
  expect(loaded).toMatchObject({ ok: false, refused: [{ code: "AUDIT" }] });
});

test("loadRaw() tells every refusal with its file, line and first words", () => {
  const triggers =
    "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT random(); END;\n\nCREATE TRIGGER b AFTER INSERT ON t BEGIN SELECT NEW.x; END;\nPRAGMA x";
  const { loaded } = load({
    schema: `${attackedSchema}\nCREATE VIEW v AS SELECT 1;`,
    triggers,
    rows: "INSERT INTO u VALUES (1);\nINSERT INTO u VALUES (1, 2);",
  });
  expect(loaded.ok ? [] : loaded.refused.map(({ file, statement, code }) => [file, statement, code])).toEqual([
    ["schema.sql", "line 2: CREATE VIEW v AS SELECT 1", "CREATE_KIND"],
    ["triggers.sql", "line 1: CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT random();...", "FUNCTION"],
    ["triggers.sql", "line 4: PRAGMA x", "STATEMENT"],
    ["rows.sql", "line 1: INSERT INTO u VALUES (1)", "SQLITE"],
    ["triggers.sql", "line 3: CREATE TRIGGER b AFTER INSERT ON t BEGIN SELECT NEW.x; END", "UNKNOWN_COLUMN"],
  ]);
});

test("loadRaw() loads rows before triggers and leaves no row of a refused file", () => {
  const triggers = "CREATE TRIGGER x BEFORE INSERT ON u BEGIN SELECT RAISE(ABORT, 'no more'); END;";
  const { db, loaded } = load({ triggers, rows: "INSERT INTO u VALUES (1, 2);" });
  expect([loaded.ok, db.prepare("SELECT count(*) FROM u").pluck().get()]).toEqual([true, 1]);
  const bad = load({ rows: "INSERT INTO u VALUES (1, 2); INSERT INTO p VALUES (5);" });
  expect([bad.loaded.ok, bad.db.prepare("SELECT count(*) FROM u").pluck().get()]).toEqual([false, 0]);
});

test("loadRaw() answers when the rows outgrow the database", () => {
  const rows = Array.from({ length: 60 }, (_, i) => `INSERT INTO u VALUES (${i}, '${"x".repeat(500_000)}');`).join("\n");
  const { db, loaded } = load({ rows });
  expect(loaded).toMatchObject({ ok: false, refused: [{ file: "rows.sql", code: "FULL" }] });
  expect(db.inTransaction).toBe(false);
});

test("loadRaw() leaves foreign keys without a target to the findings", () => {
  const { loaded } = load({
    schema: "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id REFERENCES nowhere(id)); CREATE TABLE c (x REFERENCES a (b_id));",
  });
  expect(loaded).toMatchObject({ ok: true });
});

test("loadRaw() names the defaults that read the clock, and the columns a date function reads", () => {
  const { loaded } = load({
    schema: "CREATE TABLE t (a, made TEXT DEFAULT CURRENT_TIMESTAMP, due TEXT, seen DEFAULT (datetime('now')))",
    triggers: "CREATE TRIGGER x BEFORE INSERT ON t WHEN julianday(NEW.due) > 5 BEGIN SELECT RAISE(IGNORE); END",
  });
  expect(loaded).toMatchObject({
    ok: true,
    objects: [
      { kind: "table", name: "t", clockDefaults: ["made", "seen"], file: "schema.sql", line: 1 },
      { kind: "trigger", name: "x", times: ["new.due"], timing: "before", event: "insert" },
    ],
  });
});

test("loadRaw() refuses a trigger whose quotes are lost, as printed in the paper, and reads on behind it", () => {
  const triggers = `-- Trigger: validate
CREATE TRIGGER validate BEFORE UPDATE OF b ON t FOR EACH ROW WHEN NEW.b = 'CANCELLED' BEGIN SELECT CASE WHEN OLD.b = 'TICKETED' THEN RAISE(ABORT, '[A] no') WHEN NEW.a <= 2 AND NEW.c != OLD.c THEN RAISE(ABORT, '[B] within 2 steps gets full refund: || OLD.c) WHEN NEW.a > 2 AND NEW.c != OLD.c / 2 THEN RAISE(ABORT, '[B] Late (>2 steps from booking) gets 50% refund: || (OLD.c / 2)) END; END
-- Trigger: whole
CREATE TRIGGER whole AFTER UPDATE OF b ON t FOR EACH ROW WHEN NEW.b != OLD.b BEGIN UPDATE u SET a = (SELECT COUNT(*) FROM t WHERE b != 'CANCELLED') WHERE a = OLD.a; END`;
  const { loaded } = load({ triggers });
  expect(loaded.ok ? [] : loaded.refused.map(({ statement, message }) => [statement?.slice(0, 31), message.slice(0, 7)])).toEqual([
    ["line 2: CREATE TRIGGER validate", "line 2:"],
  ]);
});

test("findFanOut() counts rows along paths, by columns, and follows no trigger into itself", () => {
  const insert = (table: string, rows: number | null) => ({ verb: "insert", table, columns: [], rows }) as const;
  const update = (table: string, ...columns: string[]) => ({ verb: "update", table, columns, rows: null }) as const;
  const on = (table: string, event: "insert" | "update", writes: readonly (ReturnType<typeof insert> | ReturnType<typeof update>)[]) => ({
    name: `${event} ${table}`,
    table,
    event,
    of: null,
    writes,
  });
  expect(findFanOut([on("a", "insert", [insert("b", 10)]), on("b", "insert", [insert("c", 9)])])).toEqual([]);
  expect(findFanOut([on("A", "insert", [insert("b", 10)]), on("b", "insert", [insert("c", 10)])])).toMatchObject([
    { table: "A", event: "insert", through: ["insert A", "insert b"] },
  ]);
  expect(findFanOut([on("a", "update", [update("a", "x"), insert("a", null)])])).toEqual([]);
  const updates = Array.from({ length: 11 }, (_, i) =>
    on(
      `t${i}`,
      "update",
      Array.from({ length: 4 }, () => update(`t${i + 1}`, "x")),
    ),
  );
  expect(findFanOut(updates)[0]).toMatchObject({ table: "t0", message: expect.stringContaining("1000 statements") as unknown });
  expect(findFanOut(updates.map((trigger) => ({ ...trigger, of: ["y"] })))).toEqual([]);
});
