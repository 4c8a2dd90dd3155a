import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lendingSheet } from "../doubles/lending-sheet.js";
import { executable } from "./command.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-diff-"));
  mkdirSync(join(folder, "environment"));
  writeFileSync(join(folder, "environment", "columns.json"), JSON.stringify({ "line.note": "text" }));
  save("origin");
  save("wanted", "INSERT INTO orders VALUES(2, 'bob'), (3, 'cid')", "INSERT INTO line VALUES(1, 2, 'a'), (2, 3, '')");
  save("same", "INSERT INTO orders VALUES(2, 'cid'), (5, 'bob')", "INSERT INTO line VALUES(1, 2, NULL), (2, 5, 'b')");
  save(
    "other",
    "UPDATE orders SET name = 'eve'",
    "INSERT INTO orders VALUES(2, 'bob'), (3, 'cid')",
    "INSERT INTO line VALUES(1, 2, 'a'), (9007199254740993, 3, 'b')",
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function save(name: string, ...statements: readonly string[]): void {
  const db = new Database(join(folder, `${name}.sqlite`));
  for (const sql of [
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, name TEXT)",
    "CREATE TABLE line(id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders, note TEXT)",
    "INSERT INTO orders VALUES(1, 'ann')",
    ...statements,
  ])
    db.prepare(sql).run();
  db.close();
}

const file = (name: string) => join(folder, `${name}.sqlite`);
const request = (wanted: string, found: string) =>
  JSON.stringify({ environment: join(folder, "environment"), origin: file("origin"), wanted: file(wanted), found: file(found) });

function logigen(args: readonly string[], input = "") {
  return spawnSync(process.execPath, [executable, ...args], { input, encoding: "utf8" });
}

const refused = (code: string) => ({ ok: false, error: expect.objectContaining({ code }) as unknown });

describe("logigen diff --batch", () => {
  test("answers each line, bad ones too, and goes on", () => {
    const lines = [request("wanted", "same"), "{", '{"environment":1}', request("wanted", "absent"), request("wanted", "other")];
    const { stdout, status } = logigen(["diff", "--batch"], `${lines.join("\n")}\n`);
    const answers = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(status).toBe(0);
    expect(answers).toEqual([
      { equal: true, missing: 0, collateral: 0, rows: [] },
      refused("BAD_REQUEST"),
      refused("BAD_REQUEST"),
      refused("UNREADABLE"),
      {
        equal: false,
        missing: 1,
        collateral: 2,
        rows: [
          { table: "line", key: { id: 2 }, column: null, wanted: { id: 2, order_id: 3, note: "" }, found: null },
          {
            table: "line",
            key: { id: "9007199254740993" },
            column: null,
            wanted: null,
            found: { id: "9007199254740993", order_id: 3, note: "b" },
          },
          { table: "orders", key: { id: 1 }, column: "name", wanted: "ann", found: "eve" },
        ],
      },
    ]);
  });
});

describe("logigen diff --batch", () => {
  const create = "CREATE TABLE s(id INTEGER PRIMARY KEY, v)";
  const lay = (name: string, sql: string) => {
    const db = new Database(file(name)).unsafeMode();
    db.exec(sql);
    db.close();
  };

  test.each([
    [
      "a view that never ends in place of a table",
      'Cannot compare "FOUND": "s" is a view or a virtual table',
      "CREATE VIEW s AS WITH RECURSIVE c(id, v) AS (SELECT 1, 1 UNION ALL SELECT id + 1, 1 FROM c) SELECT id, v FROM c",
    ],
    ["a virtual table beside the tables", '"t" is a view or a virtual table', `${create}; CREATE VIRTUAL TABLE t USING fts5(a)`],
    [
      "a view that calls itself a table",
      'Cannot read "FOUND": malformed database schema',
      "CREATE VIEW s AS SELECT 1 AS id, 1 AS v; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET type = 'table'",
    ],
    ["a table more", 'its tables are not those of "ORIGIN": "more" is of this file alone', `${create}; CREATE TABLE more(a)`],
    ["a table that is another", '"s" has other columns, keys or references', "CREATE TABLE s(id INTEGER PRIMARY KEY, w)"],
    ["another table", '"s" is missing, "r" is of this file alone', "CREATE TABLE r(id INTEGER PRIMARY KEY, v)"],
    ["nothing", "it holds no table", ""],
    ["a column computed by what no import may call", "zeroblob", "CREATE TABLE s(id INTEGER PRIMARY KEY, v AS /**/ (hex(zeroblob(id))))"],
  ])("refuses a state that holds %s, wherever it stands, and answers the next line", (name, message, sql) => {
    mkdirSync(join(folder, "plain"), { recursive: true });
    writeFileSync(join(folder, "plain", "columns.json"), "{}");
    const [mine, other] = ["mine", "other"].map((which) => `${name} ${which}`);
    lay(mine ?? "", create);
    lay(other ?? "", sql);
    const ask = (...[origin, wanted, found]: readonly string[]) =>
      JSON.stringify({
        environment: join(folder, "plain"),
        origin: file(origin ?? ""),
        wanted: file(wanted ?? ""),
        found: file(found ?? ""),
      });
    const sound = [mine, mine, mine].map(String);
    const lines = [0, 1, 2].map((at) => ask(...sound.map((each, i) => (i === at ? String(other) : each))));
    const { stdout } = spawnSync(process.execPath, [executable, "diff", "--batch"], {
      input: `${[...lines, ask(...sound)].join("\n")}\n`,
      encoding: "utf8",
      timeout: 60_000,
    });
    const answers = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(answers).toEqual([...lines.map(() => refused("UNREADABLE")), { equal: true, missing: 0, collateral: 0, rows: [] }]);
    const last = JSON.stringify(answers[2]).replaceAll("\\", "").replaceAll('"', "");
    expect(last).toContain(
      message
        .replace("FOUND", file(String(other)))
        .replace("ORIGIN", file(String(mine)))
        .replaceAll('"', ""),
    );
  });

  test("compares states whose tables are written in another way, with indexes and triggers or without", () => {
    const plain = join(folder, "plain");
    mkdirSync(plain, { recursive: true });
    writeFileSync(join(plain, "columns.json"), "{}");
    lay("bare", create);
    lay("dressed", 'CREATE TABLE "s" ("id" INTEGER PRIMARY KEY,\n "v"); CREATE INDEX fast ON s (v)');
    expect(logigen(["diff", plain, file("bare"), file("bare"), file("dressed")])).toMatchObject({ status: 0, stdout: "equal\n" });
  });

  test("refuses states that agree with each other and not with the environment's schema", () => {
    const environment = join(folder, "compiled");
    writeFileSync(join(folder, "sheet.json"), JSON.stringify(lendingSheet));
    expect(logigen(["compile", join(folder, "sheet.json"), "--out", environment])).toMatchObject({ status: 0 });
    const own = join(environment, "origin.sqlite");
    expect(logigen(["diff", environment, own, own, own])).toMatchObject({ status: 0, stdout: "equal\n" });
    const { status, stderr } = logigen(["diff", environment, file("origin"), file("origin"), file("origin")]);
    expect(status).toBe(2);
    expect(stderr).toContain(`its tables are not those of "${environment}"`);
  });
});

describe("logigen diff", () => {
  test("tells people table, key, column, wanted and found, and exits 1", () => {
    const { stdout, status } = logigen(["diff", join(folder, "environment"), file("origin"), file("wanted"), file("other")]);
    expect(stdout).toContain('orders {"id":1}.name: wanted "ann", found "eve"');
    expect(status).toBe(1);
    expect(logigen(["diff", join(folder, "environment"), file("origin"), file("wanted"), file("same")])).toMatchObject({
      stdout: "equal\n",
      status: 0,
    });
  });
});

describe("logigen diff", () => {
  const run = (columns: string, state: string) => {
    mkdirSync(join(folder, "strange"), { recursive: true });
    writeFileSync(join(folder, "strange", "columns.json"), columns);
    return logigen(["diff", join(folder, "strange"), file(state), file(state), file(state)]);
  };

  test.each([
    ["no JSON", "{"],
    ["no class", '{"line.note":"private"}'],
  ])("names a columns.json that holds %s", (_name, columns) => {
    const { stderr, status } = run(columns, "origin");
    expect(stderr).toMatch(/^error: Cannot read ".*columns\.json": [^]*\n {2}fix: write \{"table\.column"/);
    expect(stderr).not.toContain("LOGIGEN_DEBUG");
    expect(status).toBe(2);
  });

  test("refuses a state whose columns are computed by what no import may call, and takes one that may", () => {
    const computed = (name: string, expression: string) => {
      const db = new Database(file(name));
      db.exec(`CREATE TABLE bomb (id INTEGER PRIMARY KEY, n INTEGER, b GENERATED ALWAYS AS (${expression}) VIRTUAL)`);
      db.exec("INSERT INTO bomb (n) VALUES (10)");
      db.close();
    };
    computed("hostile", "hex(zeroblob(n))");
    computed("harmless", "n + 1");
    expect(run("{}", "hostile")).toMatchObject({ status: 2, stderr: expect.stringContaining("zeroblob") as string });
    expect(run("{}", "harmless")).toMatchObject({ status: 0, stdout: "equal\n" });
  });
});
