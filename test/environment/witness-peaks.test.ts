import { describe, expect, test } from "vitest";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { isEquivalent } from "../../environment/proof/equivalent.js";
import { mutantsOf } from "../../environment/proof/mutants.js";
import { scenesOf } from "../../environment/proof/witness-search.js";
import { compiledOf } from "../doubles/lending-desk.js";

/** Operations that take a machine from one step until another, or for good, and a rule on how many there are at once. */
function workshop(parts: object = {}, columns: object = {}): Compiled {
  const step = { type: "integer", unit: "step", step: "planned" };
  return compiledOf({
    logigen: 1,
    id: "workshop",
    title: "Workshop",
    policy: [{ id: "1", kind: "enforceable", text: "All." }],
    actor: { mode: "columns" },
    tables: {
      ops: {
        label: "operation",
        plural: "operations",
        layer: "L2",
        key: "id",
        create: { by: "agent" },
        duplicates: ["1"],
        live: ["OPEN"],
        columns: {
          id: { type: "integer" },
          machine: { type: "text", values: ["A", "B"] },
          heavy: { type: "integer", unit: "flag" },
          load: { type: "integer", unit: "count", min: 1, max: 9 },
          start_at: step,
          end_at: { ...step, null: "open" },
          status: { type: "text" },
          ...columns,
        },
        states: { column: "status", start: "OPEN", moves: [{ from: "OPEN", to: "DONE", when: "free" }], end: ["DONE"] },
      },
    },
    rules: [
      {
        id: "op.capacity",
        kind: "peak",
        table: "ops",
        holds: ["OPEN"],
        per: ["machine"],
        span: ["start_at", "end_at"],
        max: 2,
        clauses: ["1"],
        message: "The machine is full then.",
        ...parts,
      },
    ],
  });
}

/** The proofs for the mutants of the rule's other rows so changed, those of what it counts left out. */
function proofsOf(compiled: Compiled, change: string): readonly (string | null)[] {
  const found = mutantsOf(compiled).filter((each) => each.rule === "op.capacity" && each.change === change);
  return found.map((each) => {
    const mutated = each.read();
    return mutated === null ? null : isEquivalent(compiled, mutated);
  });
}

const begins: unknown = expect.stringContaining("where one of the counted rows begins");

describe("scenesOf()", () => {
  test.each([
    ["OPEN", 1],
    ["DONE", 3],
  ])("judges another row for an update to %s only where that changes what it looks at", (status, scenes) => {
    const compiled = workshop({ max: "new.heavy" });
    const [guard] = compiled.normal.guards.filter(({ id }) => id === "op.capacity");
    const row = (id: bigint) => ({ id, machine: "A", heavy: 0n, load: 1n, start_at: 10n, end_at: null, status: "OPEN" });
    const write = { op: "update", table: "ops", key: { id: 1n }, set: { status } } as const;
    const candidate = { state: { ops: [row(1n), row(2n)] }, write };
    expect(guard === undefined ? [] : scenesOf(compiled, candidate, guard)).toHaveLength(scenes);
  });
});

describe("isEquivalent() of a rule on what is there at once", () => {
  test("proves that rows which do not count may be looked at too, and must still not count", () => {
    expect(proofsOf(workshop(), "operand 1 of and is dropped")).toEqual([begins, null]);
    expect(proofsOf(workshop(), "operand 2 of and is dropped")).toEqual([begins, null]);
    expect(proofsOf(workshop(), '"DONE" joins the list')).toEqual([begins, null]);
    expect(proofsOf(workshop({ sum: "load" }), "operand 1 of and is dropped")).toEqual([begins, null]);
  });

  test("does not prove it where the steps looked at are others", () => {
    expect(proofsOf(workshop(), "operand 3 of and is dropped")).toEqual([null, null]);
    expect(proofsOf(workshop(), "operand 4 of and is dropped")).toEqual([null, null]);
  });

  test("does not prove it where the written row may not count, or counts for less than nothing", () => {
    expect(proofsOf(workshop({ where: "row.heavy = 1" }), "operand 1 of and is dropped")).toEqual([null, null]);
    const load = { load: { type: "integer", unit: "count" } };
    expect(proofsOf(workshop({ sum: "load" }, load), "operand 1 of and is dropped")).toEqual([null, null]);
    const machine = { machine: { type: "text", values: ["A", "B"], null: "none" } };
    expect(proofsOf(workshop({}, machine), "operand 2 of and is dropped")).toEqual([null, null]);
  });

  test("proves that an end that never comes may be left unknown for the written row", () => {
    expect(proofsOf(workshop(), "operand 1 of or is dropped")).toEqual([expect.stringContaining("unknown refuses"), null]);
  });
});
