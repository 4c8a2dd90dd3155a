import { describe, expect, test } from "vitest";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { prove } from "../../environment/proof/prove.js";
import { findWitnesses } from "../../environment/proof/witness.js";
import { createRandom } from "../../models/builtin/random.js";
import { compiledOf } from "../doubles/lending-desk.js";

const options = () => {
  const random = createRandom(1, "test");
  return { work: 10_000, random: () => random.next() };
};

/** Orders with operations of 1 to 40 hours, and one rule on them. */
function workshop(rule: object): Compiled {
  return compiledOf({
    logigen: 1,
    id: "workshop",
    title: "Workshop",
    policy: [{ id: "1", kind: "enforceable", text: "All." }],
    actor: { mode: "columns" },
    tables: {
      orders: { label: "order", plural: "orders", layer: "L1", key: "id", clauses: ["1"], columns: { id: { type: "integer" } } },
      ops: {
        label: "operation",
        plural: "operations",
        layer: "L2",
        key: "id",
        create: { by: "agent" },
        duplicates: ["1"],
        columns: {
          id: { type: "integer" },
          order_id: { type: "integer", references: "orders" },
          hours: { type: "integer", unit: "count", min: 1, max: 40 },
        },
      },
    },
    rules: [{ table: "ops", at: "create", clauses: ["1"], message: "Too much.", ...rule }],
  });
}

function sumLimit(max: number): Compiled {
  const rows = { from: "ops", match: { order_id: "new.order_id" }, states: "any", not_self: false };
  return workshop({ id: "op.hours", kind: "limit", sum: { of: "row.hours", rows }, max });
}

describe("findWitnesses() of a sum", () => {
  test.each([41, 79, 80, 200])("lays as many rows as a sum of %i needs, each within what its column allows", (max) => {
    const compiled = sumLimit(max);
    const { witnesses, unshown } = findWitnesses(compiled, options());
    expect(unshown).toEqual([]);
    const sums = witnesses.flatMap(({ rule, state, write, expected }) => {
      if (rule !== "op.hours" || write.op !== "insert") return [];
      const hours = (state["ops"] ?? []).filter((row) => row["order_id"] === write.values["order_id"]).map((row) => Number(row["hours"]));
      return [`${hours.reduce((sum, each) => sum + each, Number(write.values["hours"]))} ${expected.kind}`];
    });
    expect(sums).toEqual(expect.arrayContaining([`${max} accepted`, `${max + 1} refused`]));
    expect(prove(compiled, options()).mutants.score).toBe(1);
  });
});
