import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openRewardedSession } from "../../environment/compare/rewarded-session.js";
import { classesOf, viewOf } from "../../environment/compare/state-view.js";
import { diffStates } from "../../environment/compare/diff.js";
import { addressOf, tableOf } from "../../environment/core/catalogue.js";
import type { Row } from "../../environment/core/values.js";
import { contextSql, type DeclaredClasses, type Imported, importedEngine } from "../../environment/engine/imported.js";
import { openSession, type Session, type ToolResult } from "../../environment/engine/session.js";
import { openSnapshot, stateDigest, writeSnapshot } from "../../environment/engine/snapshot.js";
import { toolsOf } from "../../environment/engine/tools.js";

type Source = { readonly compiled: Imported; readonly origin: Buffer };

/** An imported environment made of these statements; the gate is left out. */
function imported(statements: readonly string[], classes: DeclaredClasses = {}): Source {
  const db = new Database(":memory:");
  for (const sql of [...statements, contextSql.table, contextSql.row, ...contextSql.triggers]) db.prepare(sql).run();
  const origin = writeSnapshot(db);
  db.close();
  const snapshot = openSnapshot(origin, { readonly: true });
  const compiled = importedEngine(snapshot, classes);
  snapshot.close();
  return { compiled, origin };
}

const rowsOf = (result: ToolResult): readonly Row[] => (result.ok && "rows" in result ? result.rows : []);
const errorOf = (result: ToolResult) => (result.ok ? null : result.error);

/** Every row that a query gives, page by page. */
function paged(session: Session, tool: string, given: Readonly<Record<string, unknown>>): readonly Row[] {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const page = session.call(tool, { ...given, ...(cursor !== null && { cursor }) });
    if (!page.ok || !("rows" in page)) throw new Error(JSON.stringify(page));
    rows.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== null);
  return rows;
}

describe("Session.call() on an import", () => {
  const late = (time: string, from = "") => `BEGIN SELECT RAISE(ABORT, 'LATE') ${from} WHERE date(${time}) > '2026-01-01'; END`;
  const tables = ["CREATE TABLE r (id INTEGER PRIMARY KEY, s TEXT, note TEXT)", "CREATE TABLE q (id INTEGER PRIMARY KEY, s TEXT, j TEXT)"];

  test.each([
    ["NEW's column", late("NEW.s"), { s: "now" }],
    ["NEW's column, in capitals", late("NEW.s"), { s: "NOW" }],
    ["a part of a second", late("coalesce(NEW.s, '2020-01-01')"), { s: "subsec" }],
    ["a text that is cut out", late("trim(NEW.s)"), { s: " now " }],
    ["JSON", late("NEW.s ->> '$.due'"), { s: '{"due":"now"}' }],
    ["JSON that hides it", late("NEW.s ->> '$.due'"), { s: '{"due":"n\\u006fw"}' }],
    ["another table's column", late("q.s", "FROM q"), { s: "now" }],
    ["a subquery's column", late("x.d", "FROM (SELECT s AS d FROM r) AS x"), { s: "now" }],
  ])("refuses a text from which a date function would read the clock, by %s", (_how, body, given) => {
    const session = openSession(imported([...tables, `CREATE TRIGGER x BEFORE INSERT ON r ${body}`]));
    expect(errorOf(session.call("insert_r", given))).toMatchObject({
      code: "INVALID_ARGUMENTS",
      message: 'Argument "s" is read as a date: it may hold neither "now" nor "subsec" as a word, nor a backslash',
    });
    expect(session.call("insert_r", { s: '"unknown"', note: "now" })).toMatchObject({ ok: true });
    expect(errorOf(session.call("update_r", { id: 1n, s: "now" }))).toMatchObject({ code: "INVALID_ARGUMENTS" });
    session.close();
  });

  test("takes any text where no date function reads it", () => {
    const session = openSession(imported([...tables, `CREATE TRIGGER x BEFORE INSERT ON r ${late("NEW.note")}`]));
    expect(session.call("insert_r", { s: "now" })).toMatchObject({ ok: true });
    expect(session.call("insert_q", { j: "now" })).toMatchObject({ ok: true });
    session.close();
  });
});

describe("toolsOf() an import", () => {
  const types = (columns: string, ...rows: readonly string[]) => {
    const { compiled } = imported([`CREATE TABLE t (${columns})`, ...rows.map((row) => `INSERT INTO t VALUES (${row})`)]);
    const insert = toolsOf(compiled).find(({ name }) => name === "insert_t");
    const properties = insert === undefined ? [] : Object.entries(insert.parameters.properties);
    return Object.fromEntries(properties.map(([name, { type, enum: values }]) => [name, values === undefined ? type : values.join()]));
  };

  test("has types by affinity, and by name where the affinity keeps anything", () => {
    expect(
      types(
        "a INT, b VARCHAR(10), c DOUBLE PRECISION, d BOOLEAN, e DECIMAL(10,2), f DATE, g DATETIME, h, i BIGINT, j CLOB, k NUMERIC, l BLOB, m TEXT",
      ),
    ).toEqual({
      ...{
        a: "integer",
        b: "string",
        c: "number",
        d: "0,1",
        e: "number",
        f: "string",
        g: "string",
        h: "string",
        i: "integer",
        j: "string",
      },
      ...{ k: "number", m: "string" },
    });
  });

  test("lets the stored rows speak where they contradict the name", () => {
    expect(types("a DATE, b BOOLEAN, c, d, e BLOB", "1700000000, 't', 1, 1.5, 'text'")).toEqual({
      a: "integer",
      b: "string",
      c: "integer",
      d: "number",
      e: "string",
    });
    expect(types("a DATE, e BLOB", "'2024-01-01', x'00'")).toEqual({ a: "string" });
  });

  test("asks for what has no default, and for no column that the database fills", () => {
    const columns =
      "id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL DEFAULT 'x', c TEXT, d INT GENERATED ALWAYS AS (id + 1), e TEXT DEFAULT CURRENT_TIMESTAMP";
    const [, insert, update] = toolsOf(imported([`CREATE TABLE t (${columns})`]).compiled);
    expect(Object.keys(insert?.parameters.properties ?? {})).toEqual(["a", "b", "c"]);
    expect(insert?.parameters.required).toEqual(["a"]);
    expect(Object.keys(update?.parameters.properties ?? {})).toEqual(["id", "a", "b", "c"]);
    expect(update?.parameters.required).toEqual(["id"]);
  });

  test("gives no insert tool where a blob would have to be given", () => {
    expect(toolsOf(imported(["CREATE TABLE t (a TEXT, b BLOB NOT NULL)"]).compiled).map(({ name }) => name)).toEqual([
      "query_t",
      "update_t",
      "transfer_to_human_agents",
    ]);
  });

  test("names tools within the portable characters, each its own", () => {
    const tables = ["my table", "my-table", "日本語", "x".repeat(80), "select", "__proto__"];
    const names = toolsOf(imported(tables.map((name) => `CREATE TABLE "${name}" (a TEXT)`)).compiled).map(({ name }) => name);
    expect(new Set(names).size).toBe(3 * tables.length + 1);
    expect(names.filter((name) => !/^[A-Za-z0-9_]{1,64}$/.test(name))).toEqual([]);
    expect(names).toContain("query_select");
  });
});

describe("a session on an import", () => {
  const odd = ["__proto__", "constructor", "limit", "sort_by", "rowid", "a b", "größe", 'quo"te', "select"];
  const wide = `CREATE TABLE odd (${odd.map((name) => `"${name.replaceAll('"', '""')}" INTEGER`).join(", ")})`;

  test("takes, stores, shows and logs columns of any name", () => {
    const session = openSession(imported([wide]));
    const given = Object.fromEntries(odd.map((name, i) => [name, i + 1]));
    const written = session.call("insert_odd", given);
    expect(written).toEqual({
      ok: true,
      row: { oid: 1n, ...Object.fromEntries(odd.map((name, i) => [name, BigInt(i + 1)])) },
      effects: [],
    });
    expect(written.ok && "row" in written ? Object.keys(written.row) : []).toEqual(["oid", ...odd]);
    expect(rowsOf(session.call("query_odd", { limit_: 3, rowid: 5, sort_by: "größe", limit: 1 }))).toHaveLength(1);
    expect(Object.keys(session.log()[0]?.arguments ?? {})).toEqual(odd);
    session.close();
  });

  test("pages through tables with a key, without one, and WITHOUT ROWID, each row once and in order", () => {
    const cell = fc.option(fc.integer({ min: 0, max: 2 }), { nil: null });
    const tables = [
      "(a INTEGER, b TEXT)",
      "(a INTEGER, b TEXT PRIMARY KEY)",
      "(a INTEGER, b TEXT, k TEXT, rowid TEXT, PRIMARY KEY (k, b)) WITHOUT ROWID",
      "(a, b COLLATE NOCASE)",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...tables),
        fc.array(fc.tuple(cell, fc.option(fc.constantFrom("x", "X", "y"))), { maxLength: 10 }),
        fc.record({ sort_by: fc.constantFrom(undefined, "a", "b"), descending: fc.boolean(), limit: fc.integer({ min: 1, max: 4 }) }),
        (columns, rows, { sort_by, descending, limit }) => {
          const isKeyed = columns.includes("WITHOUT");
          const source = imported([
            `CREATE TABLE t ${columns}`,
            ...rows.map(([a, b], i) => {
              const value =
                columns.includes("PRIMARY KEY)") && b !== null ? `'${b}${i}'` : b === null ? (isKeyed ? "''" : "NULL") : `'${b}'`;
              return `INSERT INTO t (a, b${isKeyed ? ", k" : ""}) VALUES (${String(a)}, ${value}${isKeyed ? `, '${i}'` : ""})`;
            }),
          ]);
          const session = openSession(source);
          const order = { ...(sort_by !== undefined && { sort_by }), descending };
          const all = rowsOf(session.call("query_t", { ...order, limit: 200 }));
          expect(all).toHaveLength(rows.length);
          expect(paged(session, "query_t", { ...order, limit })).toEqual(all);
          session.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test("finds by range and text in dates, and shows blobs as they are", () => {
    const session = openSession(
      imported(["CREATE TABLE t (d DATE, b BLOB)", "INSERT INTO t VALUES ('2024-01-05', x'ff'), ('2024-02-01', NULL)"]),
    );
    expect(rowsOf(session.call("query_t", { d_min: "2024-02", d_max: "2024-03" }))).toMatchObject([{ d: "2024-02-01" }]);
    expect(rowsOf(session.call("query_t", { d_contains: "-01-" }))).toMatchObject([{ b: Buffer.from([255]) }]);
    session.close();
  });

  test("changes the row of a table without a key by its rowid, and the others not", () => {
    const session = openSession(imported(["CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('x'), ('x')"]));
    expect(session.call("update_t", { rowid: 2, a: "y" })).toMatchObject({ ok: true, row: { rowid: 2n, a: "y" } });
    expect(errorOf(session.call("update_t", { rowid: 9, a: "y" }))).toMatchObject({ code: "NOT_FOUND" });
    expect(rowsOf(session.call("query_t", {})).map(({ a }) => a)).toEqual(["x", "y"]);
    session.close();
  });
});

describe("refusals of an import", () => {
  const strict = `CREATE TABLE t (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, n INTEGER CHECK (n > 0), lo INTEGER, hi INTEGER, p INTEGER REFERENCES p (id),
    u INTEGER, v INTEGER, CONSTRAINT ordered CHECK (lo <= hi), UNIQUE (u, v)) STRICT`;
  const other = "CREATE TABLE p (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0))";
  const rise = (message: string) => `CREATE TRIGGER g BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, '${message}'); END`;
  const row = "INSERT INTO t (code, u, v) VALUES ('a', 1, 2)";

  test.each([
    ["a value that must be unique", { code: "a" }, "schema.unique", 'There is a row of "t" with this "code" already'],
    [
      "values that must be unique together",
      { code: "b", u: 1, v: 2 },
      "schema.unique",
      'There is a row of "t" with this "u" and "v" already',
    ],
    ["a value outside a CHECK that another table has as well", { code: "b", n: 0 }, "schema.check", '"n" of "t" does not allow this value'],
    ["values against a named CHECK", { code: "b", lo: 2, hi: 1 }, "schema.check", 'The values of "lo" and "hi" of "t" do not go together'],
    ["a reference to nothing", { code: "b", p: 7 }, "schema.foreignkey", '"p" of "t" refers to a row that does not exist'],
  ])("tell %s with table and column", (_name, given, rule, message) => {
    const session = openSession(imported([other, strict, row]));
    const before = stateDigest(session.db);
    expect(session.call("insert_t", given)).toEqual({
      ok: false,
      error: { code: "POLICY_VIOLATION", message, violated_rule: rule, hint: null },
    });
    expect(stateDigest(session.db)).toBe(before);
    session.close();
  });

  test("tell a value that an effect leaves out", () => {
    const effect = "CREATE TRIGGER e AFTER INSERT ON p BEGIN INSERT INTO t (n) VALUES (1); END";
    const session = openSession(imported([other, strict, effect]));
    expect(errorOf(session.call("insert_p", {}))).toMatchObject({
      code: "POLICY_VIOLATION",
      message: '"code" of "t" must have a value',
      violated_rule: "schema.notnull",
    });
    session.close();
  });

  test.each([
    ["[QUOTA_EXCEEDED] at most 3", "QUOTA_EXCEEDED", "[QUOTA_EXCEEDED] at most 3"],
    ["QUOTA: at most 3", "QUOTA", "QUOTA: at most 3"],
    ["rent.quota", "rent.quota", "rent.quota"],
    ["At most three, please", "At most three, please", "At most three, please"],
    ["", "The environment refuses this write", "The environment refuses this write"],
    ["x".repeat(900), `${"x".repeat(500)}…`, `${"x".repeat(500)}…`],
  ])("tell what a trigger raises (%#)", (raised, rule, message) => {
    const session = openSession(imported([other, strict, row, rise(raised)]));
    expect(errorOf(session.call("update_t", { id: 1, n: 1 }))).toEqual({
      code: "POLICY_VIOLATION",
      message,
      violated_rule: rule,
      hint: null,
    });
    session.close();
  });

  test("come for a deferred foreign key with the write, which leaves nothing", () => {
    const child = "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED)";
    const session = openSession(imported([other, child, "INSERT INTO p VALUES (1, 1)"]));
    const before = stateDigest(session.db);
    expect(errorOf(session.call("insert_c", { p: 2 }))).toMatchObject({
      code: "POLICY_VIOLATION",
      message: '"p" of "c" refers to a row that does not exist',
    });
    expect(stateDigest(session.db)).toBe(before);
    expect(session.call("insert_c", { p: 1 }).ok).toBe(true);
    expect(tableOf(imported([other, child]).compiled.catalogue, "c").deferred).toBe(true);
    session.close();
  });

  test("never hold SQLite's own words", () => {
    const session = openSession(imported([other, strict, row]));
    const answers = [{ code: "a" }, { code: "b", n: 0 }, { code: "b", p: 7 }, { code: "b", lo: 2, hi: 1 }].map((given) =>
      JSON.stringify(session.call("insert_t", given)),
    );
    expect(answers.filter((answer) => /constraint|failed|sqlite/i.test(answer))).toEqual([]);
    session.close();
  });
});

describe("comparing states of an import", () => {
  const tables = [
    "CREATE TABLE trips (id INTEGER PRIMARY KEY, name TEXT, note TEXT)",
    "CREATE TABLE legs (trip INTEGER REFERENCES trips, place TEXT)",
    "CREATE TABLE marks (a TEXT, b INTEGER, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID",
    "INSERT INTO trips VALUES (1, 'old', NULL)",
  ];
  const source = imported(tables, { "trips.note": "text" });

  function stateAfter(calls: readonly (readonly [tool: string, given: object])[]): Buffer {
    const session = openSession(source);
    for (const [tool, given] of calls) expect(session.call(tool, given)).toMatchObject({ ok: true });
    const bytes = writeSnapshot(session.db);
    session.close();
    return bytes;
  }

  const wanted = [
    ["insert_trips", { name: "a", note: "see you" }],
    ["insert_trips", { name: "b" }],
    ["insert_legs", { trip: 2, place: "x" }],
    ["insert_marks", { a: "k", b: 1 }],
    ["transfer_to_human_agents", { summary: "please" }],
  ] as const;

  test("pays for each call on the way, and finds the same state by other keys and words equal", () => {
    const session = openRewardedSession({ ...source, target: stateAfter(wanted) });
    expect(session.reward().default).toMatchObject({ missing: 6, collateral: 0, success: 0 });
    for (const [tool, given] of [
      ["insert_trips", { name: "b" }],
      ["insert_trips", { name: "a", note: "until then" }],
      ["insert_legs", { trip: 3, place: "x" }],
      ["insert_marks", { a: "k", b: 1 }],
      ["transfer_to_human_agents", { summary: "help" }],
    ] as const) {
      expect(session.call(tool, given).ok).toBe(true);
      const found = openSnapshot(writeSnapshot(session.db), { readonly: true });
      const origin = openSnapshot(source.origin, { readonly: true });
      const target = openSnapshot(stateAfter(wanted), { readonly: true });
      const whole = diffStates({ view: viewOf(origin, classesOf(source.compiled.catalogue)), origin, wanted: target, found });
      expect(session.diff()).toEqual(whole);
    }
    expect(session.reward().default).toMatchObject({ success: 1, missing: 0, collateral: 0 });
    session.close();
  });

  test("counts a transfer that nobody wanted, and a leg of the other trip", () => {
    const session = openRewardedSession({ ...source, target: stateAfter(wanted.slice(0, 4)) });
    for (const [tool, given] of wanted) session.call(tool, { ...given, ...(tool === "insert_legs" && { trip: 3 }) });
    expect(session.diff()).toMatchObject({
      equal: false,
      rows: expect.arrayContaining([expect.objectContaining({ table: "logigen_context", column: "transferred" })]) as unknown,
    });
    expect(session.reward().default.success).toBe(0);
    session.close();
  });

  test("follows rows whose key is NULL, which effects write", () => {
    const bookings = imported([
      "CREATE TABLE bookings (code TEXT PRIMARY KEY, seat INTEGER NOT NULL)",
      "CREATE TABLE orders (id INTEGER PRIMARY KEY, seat INTEGER NOT NULL)",
      "CREATE TRIGGER book AFTER INSERT ON orders BEGIN INSERT INTO bookings (seat) VALUES (NEW.seat); END",
    ]);
    const seats = [5, 6].map((seat) => ["insert_orders", { seat }] as const);
    const guide = openSession(bookings);
    for (const [tool, given] of seats) guide.call(tool, given);
    const session = openRewardedSession({ ...bookings, target: writeSnapshot(guide.db) });
    const rewards = seats.map(([tool, given]) => {
      session.call(tool, given);
      return session.reward().default;
    });
    expect(rewards).toMatchObject([
      { missing: 2, collateral: 0, success: 0 },
      { missing: 0, collateral: 0, success: 1 },
    ]);
    session.reset();
    expect(session.reward().default).toMatchObject({ missing: 4, collateral: 0 });
    for (const each of [guide, session]) each.close();
  });

  test("addresses rows as the tools do", () => {
    expect(["trips", "legs", "marks"].map((name) => addressOf(tableOf(source.compiled.catalogue, name)))).toEqual([
      ["id"],
      ["rowid"],
      ["a", "b"],
    ]);
  });
});
