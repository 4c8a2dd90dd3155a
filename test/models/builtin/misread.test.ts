import { describe, expect, test } from "vitest";
import { misread, misreadReport } from "../../../bench/misread.js";
import { misreadings } from "../../../bench/misreadings.js";

const sheet = {
  tables: { loans: { clauses: ["1"], columns: { days: { update: "fixed" } }, moves: [{ from: "A" }, { from: "B" }] } },
  rules: [
    { id: "one", table: "loans", clauses: ["2"], max: 1 },
    { id: "two", table: "loans", clauses: ["3"], max: 2 },
  ],
};

describe("misread()", () => {
  test("makes each sort of edit on a copy", () => {
    const before = structuredClone(sheet);
    const found = misread(sheet, [
      { kind: "set", at: ["tables", "loans", "columns", "days", "update"], to: "agent" },
      { kind: "set", at: ["rules", "two", "max"], to: 3 },
      { kind: "unset", at: ["tables", "loans", "moves", 0] },
      { kind: "add", at: ["tables", "loans", "moves"], item: { from: "C" } },
      { kind: "drop", rule: "one" },
    ]);
    expect(found).toEqual({
      tables: { loans: { clauses: ["1", "2"], columns: { days: { update: "agent" } }, moves: [{ from: "B" }, { from: "C" }] } },
      rules: [{ id: "two", table: "loans", clauses: ["3"], max: 3 }],
    });
    expect(sheet).toEqual(before);
  });

  test("refuses an edit whose place is not there", () => {
    expect(() => misread(sheet, [{ kind: "set", at: ["rules", "three", "max"], to: 1 }])).toThrow('there is no "three"');
    expect(() => misread(sheet, [{ kind: "unset", at: ["tables", "loans", "columns", "days", "stamp"] }])).toThrow("there is no");
  });
});

describe("misreadings", () => {
  test("are thirty, each with a name of its own and a share that is counted", () => {
    expect(new Set(misreadings.map(({ name }) => name)).size).toBe(30);
    const report = misreadReport(misreadings.map((misreading, i) => ({ ...misreading, by: i < 21 ? ["4.1 one"] : [] })));
    expect(report).toMatch(/^misread policies: 21 of 30 found/);
    expect(report.match(/^MISSED/gm)).toHaveLength(9);
  });
});
