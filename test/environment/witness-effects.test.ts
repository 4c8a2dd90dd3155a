import { describe, expect, test } from "vitest";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { prove } from "../../environment/proof/prove.js";
import { createRandom } from "../../models/builtin/random.js";
import { compiledOf } from "../doubles/lending-desk.js";

const sheet = { logigen: 1, id: "shop", title: "A small shop", policy: [{ id: "1", kind: "enforceable", text: "All of it." }] };
const actor = { mode: "columns" };
const created = { layer: "L2", key: "id", create: { by: "agent" }, duplicates: ["1"] };

function compile(parts: object): Compiled {
  return compiledOf({ ...sheet, actor, ...parts });
}

function proofOf(compiled: Compiled): ReturnType<typeof prove> {
  return prove(compiled, { work: 20_000, random: createRandom(1, "effects").next });
}

const orders = {
  ...created,
  label: "order",
  plural: "orders",
  live: ["D", "A"],
  columns: {
    id: { type: "integer" },
    seen: { type: "integer", unit: "flag", default: 0, insert: "system", update: "system" },
    status: { type: "text" },
  },
  states: {
    column: "status",
    start: "D",
    moves: [
      { from: "D", to: "A", when: "free" },
      { from: "A", to: "X", when: "free" },
    ],
    end: ["X"],
  },
};
const checks = {
  ...created,
  label: "check",
  plural: "checks",
  columns: {
    id: { type: "integer" },
    order_id: { type: "integer", references: "orders" },
    result: { type: "text", values: ["PENDING", "PASS", "FAIL"], default: "PENDING", update: "agent" },
    defects: { type: "integer", min: 0, null: "none", update: "agent" },
  },
};

describe("prove() on effects that write what a row may hold already", () => {
  test.each(["0", "1"])("shows a rollup that sets a flag to %s, and every part of it", (value) => {
    const seen = {
      id: "order.seen",
      kind: "rollup",
      table: "checks",
      at: { change: ["result"] },
      owner: "order_id",
      all: "row.result <> 'PENDING'",
      in: ["A"],
      set: { seen: value },
      clauses: ["1"],
    };
    const { witnesses, mutants } = proofOf(compile({ tables: { orders, checks }, rules: [seen] }));
    expect([witnesses.failed, mutants.survivors.filter(({ rule }) => rule === "order.seen")]).toEqual([[], []]);
  });

  test("shows effects that move a row to the states it may stand in", () => {
    const move = { table: "issues", kind: "propagate", rows: { from: "units", match: { id: "new.unit_id" } }, clauses: ["1"] };
    const units = {
      label: "unit",
      plural: "units",
      layer: "L1",
      key: "id",
      clauses: ["1"],
      live: ["S", "R"],
      columns: { id: { type: "integer" }, status: { type: "text" } },
      states: {
        column: "status",
        start: "S",
        moves: [
          { from: "S", to: "R", by: "system", when: "free" },
          { from: "R", to: "S", by: "system", when: "free" },
          { from: "R", to: "U", by: "system", when: "free" },
        ],
        end: ["U"],
      },
    };
    const issues = {
      ...created,
      label: "issue",
      plural: "issues",
      live: ["OUT"],
      columns: { id: { type: "integer" }, unit_id: { type: "integer", references: "units" }, status: { type: "text" } },
      states: {
        column: "status",
        start: "OUT",
        moves: [
          { from: "OUT", to: "BACK", when: "free" },
          { from: "OUT", to: "GIVEN", when: "free" },
        ],
        end: ["BACK", "GIVEN"],
      },
    };
    const rules = [
      { ...move, id: "unit.reserve", at: "create", set: { status: "'R'" } },
      { ...move, id: "unit.give", at: "OUT>GIVEN", set: { status: "'U'" } },
      { ...move, id: "unit.back", at: "OUT>BACK", set: { status: "'S'" } },
    ];
    const { ok, witnesses } = proofOf(compile({ tables: { units, issues }, rules }));
    expect([ok, witnesses.failed]).toEqual([true, []]);
  });
});

describe("prove() on effects of the sheet's own SQL", () => {
  test.each([
    ["a condition and the state of the row", "new.result = 'FAIL' and new.defects > 10", "where id = NEW.order_id and status = 'A'"],
    ["no condition", undefined, "where orders.id = NEW.order_id and (status = 'A' and 10 < NEW.defects)"],
    ["a list and a flag", "new.result = 'FAIL'", "where id = NEW.order_id and status in ('A') and seen is not 1"],
  ])("shows one that writes on %s", (_name, when, where) => {
    const scrap = { id: "order.scrap", kind: "custom_effect", table: "checks", at: { change: ["result"] }, clauses: ["1"] };
    const sql = `update orders set status = 'X' ${where}`;
    const moves = orders.states.moves.map((move) => (move.to === "X" ? { ...move, by: "system" } : move));
    const shop = { orders: { ...orders, states: { ...orders.states, moves } }, checks };
    const { ok, witnesses } = proofOf(compile({ tables: shop, rules: [{ ...scrap, when, sql }] }));
    expect([ok, witnesses.failed]).toEqual([true, []]);
  });
});
