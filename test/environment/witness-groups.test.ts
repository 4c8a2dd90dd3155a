import { describe, expect, test } from "vitest";
import { prove } from "../../environment/proof/prove.js";
import { createRandom } from "../../models/builtin/random.js";
import { compiledOf } from "../doubles/lending-desk.js";

const rows = (label: string, rest: object) => ({
  ...{ label, plural: `${label}s`, layer: "L2", key: "id", create: { by: "agent" }, duplicates: ["1"] },
  ...rest,
});
const move = (from: string, to: string) => ({ from, to, when: "free" });

const tables = {
  sites: { label: "site", plural: "sites", layer: "L0", key: "id", clauses: ["1"], columns: { id: { type: "text" } } },
  bags: rows("bag", {
    states: {
      ...{ column: "status", start: "STORED", end: ["USED", "LOST"] },
      moves: [move("STORED", "RESERVED"), move("RESERVED", "STORED"), move("STORED", "USED"), move("STORED", "LOST")],
    },
    live: ["STORED", "RESERVED"],
    columns: {
      id: { type: "integer" },
      site_id: { type: "text", references: "sites" },
      flag: { type: "integer", unit: "flag", default: 0, insert: "system", update: "system" },
      status: { type: "text" },
    },
  }),
  nurses: rows("nurse", {
    states: { column: "status", start: "ON", end: ["OFF"], moves: [move("ON", "OFF")] },
    live: ["ON"],
    columns: {
      id: { type: "integer" },
      site_id: { type: "text", references: "sites" },
      shift: { type: "integer", min: 1, max: 9 },
      status: { type: "text" },
    },
  }),
  tests: rows("test", {
    columns: {
      id: { type: "integer" },
      bag_id: { type: "integer", references: "bags" },
      kind: { type: "text", values: ["VIRUS", "GROUP", "IRON"] },
      result: { type: "text", values: ["FINE", "BAD"] },
    },
  }),
};

const sameSite = { site_id: "new.site_id" };
const count = (states: readonly string[]) => ({ count: { from: "bags", states, match: sameSite } });
const refusal = { clauses: ["1"], message: "Refused." };

function proofOf(...rules: readonly object[]): ReturnType<typeof prove> {
  const policy = [{ id: "1", kind: "enforceable", text: "All." }];
  const sheet = { logigen: 1, id: "bank", title: "Bank", policy, actor: { mode: "columns" }, tables, rules };
  return prove(compiledOf(sheet), { work: 20_000, random: createRandom(1, "groups").next });
}

const survivorsOf = (rule: object): readonly string[] =>
  proofOf(rule).mutants.survivors.map(({ operator, change }) => `${operator}: ${change}`);

describe("prove() on groups of rows", () => {
  const share = { ...refusal, id: "bag.reserve", kind: "ratio", table: "bags", at: "STORED>RESERVED" };
  const parts = { part: count(["RESERVED"]), of: count(["STORED", "RESERVED"]) };

  test.each([
    ["at_most", [1, 10], "accept"],
    ["above", [1, 3], "refuse"],
    ["at_least", [1, 5], "accept"],
  ])("notices every slip of a share that is %s %j, nothing being to %s", (bound, limit, empty) => {
    expect(survivorsOf({ ...share, ...parts, [bound]: limit, empty })).toEqual([]);
  });

  test("asks of a share of nothing only where it would be answered otherwise without", () => {
    const must = (rule: object): string => {
      const policy = [{ id: "1", kind: "enforceable", text: "All." }];
      const sheet = { logigen: 1, id: "bank", title: "Bank", policy, actor: { mode: "columns" }, tables, rules: [rule] };
      return compiledOf(sheet).normal.guards.find(({ id }) => id === "bag.reserve")?.must.kind ?? "";
    };
    expect(must({ ...share, ...parts, at_most: [1, 10], empty: "accept" })).toBe("compare");
    expect(must({ ...share, part: parts.of, of: parts.part, at_most: [1, 10], empty: "accept" })).toBe("or");
    expect(must({ ...share, ...parts, above: [1, 10], empty: "accept" })).toBe("or");
  });

  test("notices every slip of who is left, where only the state says who is there", () => {
    const keep = { ...refusal, id: "nurse.keep", kind: "keep", table: "nurses", per: ["site_id", "shift"], states: ["ON"], min: 2 };
    expect(survivorsOf(keep)).toEqual([]);
  });

  test("fills a quota with rows that have ended where another rule has few that have not", () => {
    const stored = { ...refusal, id: "bag.stored", kind: "quota", table: "bags", holds: ["STORED"], per: ["site_id"], max: 2 };
    const all = {
      ...refusal,
      id: "bag.all",
      kind: "quota",
      table: "bags",
      at: "create",
      per: ["site_id"],
      states: ["STORED", "USED"],
      max: 5,
    };
    const { witnesses, mutants } = proofOf(stored, all);
    expect(witnesses.failed).toEqual([]);
    expect(mutants.score).toBeGreaterThan(0.95);
  });

  test("notices every slip of a custom effect's own condition", () => {
    const sql = "UPDATE bags SET flag = 1 - flag WHERE id = NEW.bag_id";
    const when = "new.result = 'BAD' and new.kind <> 'IRON'";
    const effect = { id: "test.bad", kind: "custom_effect", table: "tests", at: "create", clauses: ["1"], when, sql };
    expect(survivorsOf(effect)).toEqual([]);
  });
});
