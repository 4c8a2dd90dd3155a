import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { compileFiles } from "../../cli/compile.js";
import { stringifyExactJson } from "../../environment/engine/exact-json.js";
import { readEnvironment } from "../../environment/engine/folder.js";
import { openSession } from "../../environment/engine/session.js";
import { lendingRows, lendingSheet } from "../doubles/lending-sheet.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "compile-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function compile(sheet: string, rows?: string) {
  return compileFiles(file("sheet.yaml", sheet), {
    out: join(folder, "out"),
    now: 7n,
    ...(rows !== undefined && { rows: file("rows.json", rows) }),
  });
}

describe("compileFiles()", () => {
  test("writes an environment that a session can start from, integers exact", () => {
    const rows = stringifyExactJson({ ...lendingRows, implements: [] }).replace(
      '"implements":[]',
      '"implements":[{"code":"saw","weight":2,"price":9007199254740993}]',
    );
    expect(compile(stringify(lendingSheet), rows)).toEqual({ ok: true, environment: join(folder, "out") });
    const session = openSession(readEnvironment(join(folder, "out")));
    expect(session.call("query_implements", {})).toMatchObject({ rows: [{ code: "saw", weight: 2, price: 9007199254740993n, limit: 1n }] });
    session.call("authenticate", { id: "m1", pin: "1111" });
    expect(session.call("insert_loans", { code: "saw", days: 1 })).toMatchObject({ ok: true, row: { lent_step: 7n } });
  });

  test.each([
    ["text that is no YAML", "a: [", /./],
    ["a sheet of another version", stringify({ ...lendingSheet, logigen: 2 }), /^logigen/],
    [
      "a reference to no table",
      stringify({
        ...lendingSheet,
        tables: {
          ...lendingSheet.tables,
          implements: {
            ...lendingSheet.tables.implements,
            columns: { ...lendingSheet.tables.implements.columns, other: { type: "text", references: "nothing" } },
          },
        },
      }),
      /^tables\.implements\.columns\.other/,
    ],
  ])("says where %s is wrong, and writes nothing", (_name, sheet, path) => {
    const answer = compile(sheet);
    expect(answer.ok ? [] : answer.errors.map((error) => `${error.path}: ${error.message}`)).toEqual(
      expect.arrayContaining([expect.stringMatching(path) as string]),
    );
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  test.each([
    ["no JSON", "{", "rows"],
    ["a list", "[]", "rows"],
    ["no list of rows", '{"members":{}}', "rows.members"],
    ["a row that is none", '{"members":[1]}', "rows.members[0]"],
    ["a boolean", '{"members":[{"id":true}]}', "rows.members[0].id"],
    ["an unknown table", '{"things":[]}', "rows.things"],
    ["a missing value", '{"members":[{"id":"m1","pin":"1"}]}', "rows.members[0].name"],
    ["a broken invariant", '{"members":[{"id":"m1","pin":"1","name":"A","loans_out":1}]}', "rows.members[id=m1]"],
  ])("says which rows are wrong: %s", (_name, rows, path) => {
    const answer = compile(stringify(lendingSheet), rows);
    expect(answer.ok ? [] : answer.errors.map((error) => error.path)).toContain(path);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });
});
