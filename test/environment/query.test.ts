import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Argument } from "../../environment/engine/arguments.js";
import { cursorAfter, planQuery, type QueryTable } from "../../environment/engine/query.js";
import type { Value } from "../../environment/core/values.js";

const source: QueryTable = {
  table: "t",
  columns: ["id", "a", "b"],
  key: ["id"],
  filters: new Map([
    ["a", { column: "a", compare: "equals" }],
    ["a_min", { column: "a", compare: "min" }],
    ["a_max", { column: "a", compare: "max" }],
    ["b_contains", { column: "b", compare: "contains" }],
  ]),
};

type Cells = readonly [bigint | null, string | null];

function open(rows: readonly Cells[]): Database.Database {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.prepare("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT) STRICT").run();
  const insert = db.prepare("INSERT INTO t (a, b) VALUES (?, ?)");
  for (const row of rows) insert.run(...row);
  return db;
}

function select(db: Database.Database, given: Readonly<Record<string, Argument>>): { rows: Value[][]; next: string } {
  const planned = planQuery(source, new Map(Object.entries(given)));
  if (!planned.ok) throw new RangeError(planned.message);
  const { sql, values, limit, sort } = planned.query;
  const found = db
    .prepare<Value[], Value[]>(sql)
    .raw(true)
    .all(...values);
  const rows = found.slice(0, limit);
  return { rows, next: found.length > limit ? cursorAfter(source, sort, rows.at(-1) ?? []) : "" };
}

function ids(rows: readonly (readonly Value[])[]): readonly Value[] {
  return rows.map(([id]) => id ?? null);
}

const five: readonly Cells[] = [
  [3n, "Sea Salt"],
  [1n, null],
  [null, "salt"],
  [3n, "50%_'x"],
  [2n, "Pepper"],
];

describe("planQuery()", () => {
  test.each([
    ["equality", { a: 3n }, [1n, 4n]],
    ["a range with both ends in it", { a_min: 1n, a_max: 2n }, [2n, 5n]],
    ["text whatever the case of its letters", { b_contains: "SALT" }, [1n, 3n]],
    ["text with the wildcards of LIKE as plain text", { b_contains: "%_'" }, [4n]],
    ["several filters at once", { a: 3n, b_contains: "sea" }, [1n]],
    ["all rows by key", {}, [1n, 2n, 3n, 4n, 5n]],
    ["ascending order with NULL first and ties by key", { sort_by: "a" }, [3n, 2n, 5n, 1n, 4n]],
    ["descending order with NULL last and ties by key", { sort_by: "a", descending: true }, [1n, 4n, 5n, 2n, 3n]],
  ])("finds by %s", (_name, given, found) => {
    expect(ids(select(open(five), given).rows)).toEqual(found);
  });

  test.each([0n, 201n, -1n])("refuses the limit %s", (limit) => {
    expect(planQuery(source, new Map([["limit", limit]]))).toMatchObject({ ok: false });
  });

  test.each([
    ["no base64", "***"],
    ["another query's sorting", cursorAfter(source, { by: "a", descending: false }, [1n, 3n, "x", 1n])],
    ["a value that is none", Buffer.from('[null,false,"i9x"]').toString("base64url")],
    ["no list", Buffer.from('{"a":1}').toString("base64url")],
  ])("refuses a cursor that is %s", (_name, cursor) => {
    expect(planQuery(source, new Map([["cursor", cursor]]))).toMatchObject({ ok: false });
  });

  test("continues after the row before, whatever was written since", () => {
    const db = open(five);
    const first = select(db, { sort_by: "a", limit: 2n });
    db.prepare("INSERT INTO t (a, b) VALUES (NULL, 'new')").run();
    expect(ids(select(db, { sort_by: "a", limit: 9n, cursor: first.next }).rows)).toEqual([5n, 1n, 4n]);
  });

  test("gives every row once over all pages, in the order of one page", () => {
    const cell = fc.option(fc.bigInt({ min: -2n, max: 2n }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, fc.option(fc.constantFrom("x", "y", "z"))), { maxLength: 12 }),
        fc.constantFrom("a", "b", "id"),
        fc.boolean(),
        fc.bigInt({ min: 1n, max: 4n }),
        (rows, sort_by, descending, limit) => {
          const db = open(rows);
          const paged: Value[][] = [];
          let cursor: string | undefined;
          do {
            const page = select(db, { sort_by, descending, limit, ...(cursor !== undefined && { cursor }) });
            paged.push(...page.rows);
            cursor = page.next;
          } while (cursor !== "");
          expect(paged).toEqual(select(db, { sort_by, descending, limit: 200n }).rows);
          expect(paged).toHaveLength(rows.length);
          db.close();
        },
      ),
    );
  });
});
