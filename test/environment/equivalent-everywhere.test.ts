import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { canSwap } from "../../environment/proof/effects-order.js";
import { isEquivalent } from "../../environment/proof/equivalent.js";
import { mutantsOf } from "../../environment/proof/mutants.js";
import { shareParts } from "../../environment/proof/share-parts.js";
import { beginSearch } from "../../environment/proof/witness-begin.js";
import { hunt, type Quarry } from "../../environment/proof/witness-hunt.js";
import { expectedOf, isSameAnswer, judgeWrite } from "../../environment/proof/witness-oracle.js";
import { findWitnesses } from "../../environment/proof/witness.js";
import { createRandom } from "../../models/builtin/random.js";
import { compiledOf } from "../doubles/lending-desk.js";
import { courses, projects } from "./sheets.js";

const move = (from: string, to: string) => ({ from, to, when: "free" });
const refusal = { clauses: ["1"], message: "Refused." };

/** Berths, and calls of ships at them; `call_no` may be left out where `queue` says so. */
function tables({ queue = {}, crew = {} }: { readonly queue?: object; readonly crew?: object } = {}) {
  const common = { layer: "L2", key: "id", create: { by: "agent" } };
  return {
    berths: {
      ...{ ...common, label: "berth", plural: "berths", duplicates: ["1"] },
      columns: { id: { type: "integer" }, status: { type: "text" } },
      states: { column: "status", start: "FREE", moves: [move("FREE", "BUSY"), move("BUSY", "FREE")], end: [] },
    },
    calls: {
      ...{ ...common, label: "call", plural: "calls", unique: [{ columns: ["call_no"] }] },
      columns: {
        id: { type: "integer" },
        call_no: { type: "integer", ...queue },
        berth_id: { type: "integer", references: "berths" },
        crew: { type: "text", values: ["SMALL", "LARGE"], ...crew },
        status: { type: "text" },
      },
      states: {
        ...{ column: "status", start: "WAITING", end: ["SAILED", "REFUSED"] },
        moves: [move("WAITING", "MOORED"), move("MOORED", "SAILED"), move("WAITING", "REFUSED"), move("MOORED", "WAITING")],
      },
      live: ["WAITING", "MOORED"],
    },
  };
}

function sheetWith(rules: readonly object[], own: object = tables()): Compiled {
  const policy = [{ id: "1", kind: "enforceable", text: "All." }];
  return compiledOf({ logigen: 1, id: "harbour", title: "Harbour", policy, actor: { mode: "columns" }, tables: own, rules });
}

/** The changes of a rule that are proven to leave it as it is. */
function provenOf(compiled: Compiled, rule: string): readonly string[] {
  return mutantsOf(compiled)
    .filter((mutant) => mutant.rule === rule)
    .flatMap((mutant) => {
      const read = mutant.read();
      const proof = read === null ? null : isEquivalent(compiled, shareParts(compiled, read));
      return proof === null ? [] : [`${mutant.operator}: ${mutant.change}`];
    });
}

const sameBerth = { berth_id: "new.berth_id" };

describe("isEquivalent() by truth tables", () => {
  const order = {
    ...{ ...refusal, id: "call.order", kind: "order", table: "calls", at: "WAITING>MOORED", by: "row.call_no", is: "new.call_no" },
    ...{ rows: { from: "calls", match: sameBerth, states: ["WAITING"] }, pick: "lowest" },
  };

  test("knows that a row does not come before itself, and that no two rows share a number", () => {
    expect(provenOf(sheetWith([order]), "call.order")).toEqual([
      "conjunct dropped: operand 3 of and is dropped",
      "comparison strict: < becomes <=",
    ]);
  });

  test("does not claim it of numbers that may be left out", () => {
    const optional = tables({ queue: { null: "none" } });
    expect(provenOf(sheetWith([order], optional), "call.order")).not.toContain("conjunct dropped: operand 3 of and is dropped");
  });

  const keep = {
    ...refusal,
    id: "crew.keep",
    kind: "keep",
    table: "calls",
    per: ["berth_id"],
    states: ["MOORED"],
    where: "row.crew = 'LARGE'",
  };

  test("knows that the row itself is one that stays, and which columns never change", () => {
    expect(provenOf(sheetWith([{ ...keep, min: 1 }]), "crew.keep")).toContain("conjunct dropped: when: operand 3 of and is dropped");
    expect(provenOf(sheetWith([{ ...keep, min: 2 }]), "crew.keep")).toEqual([
      "conjunct dropped: when: operand 2 of and is dropped",
      // No moored call is refused.
      'value added: when: "REFUSED" joins the list',
    ]);
  });

  test("does not claim it of columns that the agent may change", () => {
    const open = tables({ crew: { update: "agent" } });
    expect(provenOf(sheetWith([{ ...keep, min: 2 }], open), "crew.keep")).toEqual(['value added: when: "REFUSED" joins the list']);
  });

  test.each([
    { what: "a column that never changes", tons: {}, proven: true },
    { what: "one that the agent may change", tons: { update: "agent" }, proven: false },
  ])("holds a number of $what against others: proven $proven", ({ tons, proven }) => {
    const own = tables();
    const calls = { ...own.calls, columns: { ...own.calls.columns, tons: { type: "integer", min: 1, max: 900, ...tons } } };
    const heavy = { ...keep, where: "row.tons >= 400", min: 2 };
    const found = provenOf(sheetWith([heavy], { ...own, calls }), "crew.keep");
    expect(found.includes("limit shifted: when: 400 becomes 399")).toBe(proven);
    expect(found).not.toContain("limit shifted: 400 becomes 399");
  });

  const bills = {
    ...{ layer: "L2", key: "id", label: "bill", plural: "bills", create: { by: "system" }, unique: [{ columns: ["call_id"] }] },
    columns: { id: { type: "integer" }, call_id: { type: "integer", references: "calls" } },
  };
  const bill = { id: "call.bill", kind: "spawn", table: "calls", at: "MOORED>SAILED", clauses: ["1"], into: "bills" };

  test.each([
    { once_per: { once_per: ["call_id"] }, proven: ["unique dropped: call_id may repeat"] },
    { once_per: {}, proven: [] },
  ])("knows that an effect which looks first makes no two rows: $once_per", ({ once_per, proven }) => {
    const rule = { ...bill, values: { call_id: "new.id" }, ...once_per };
    expect(provenOf(sheetWith([rule], { ...tables(), bills }), "bills.unique")).toEqual(proven);
  });

  test("does not claim it of rows that are made for several at once", () => {
    const each = { from: "calls", match: sameBerth };
    const rule = { ...bill, each, values: { call_id: "new.id" }, once_per: ["call_id"] };
    expect(provenOf(sheetWith([rule], { ...tables(), bills }), "bills.unique")).toEqual([]);
  });

  const free = (states: readonly string[]) => ({
    ...{ id: "berth.busy", kind: "propagate", table: "calls", at: "WAITING>MOORED", clauses: ["1"] },
    ...{ rows: { from: "berths", match: { id: "new.berth_id" }, states }, set: { status: "'BUSY'" } },
  });
  const first = { ...refusal, id: "berth.free", kind: "prerequisite", table: "calls", row: "new.berth_id", in: ["FREE"] };

  test("knows a list that names every value", () => {
    expect(provenOf(sheetWith([free(["FREE", "BUSY"])]), "berth.busy")).toContain("ended rows counted: rows in any state count");
  });

  test("knows what a guard at the same act asks of the row that an effect is about", () => {
    const whole = ["ended rows counted: rows in any state count", "conjunct dropped: rows: operand 2 of and is dropped"];
    expect(provenOf(sheetWith([{ ...first, at: "WAITING>MOORED" }, free(["FREE"])]), "berth.busy")).toEqual(expect.arrayContaining(whole));
    expect(provenOf(sheetWith([{ ...first, at: "create" }, free(["FREE"])]), "berth.busy")).not.toEqual(expect.arrayContaining(whole));
  });

  test("claims nothing of a row that another effect of the same act has changed", () => {
    const before = { ...free(["FREE"]), id: "berth.first" };
    const whole = "conjunct dropped: rows: operand 2 of and is dropped";
    const guarded = [{ ...first, at: "WAITING>MOORED" }, before, free(["FREE"])];
    expect(provenOf(sheetWith(guarded), "berth.busy")).not.toContain(whole);
  });

  const next = (pick: object) => ({
    ...{ id: "call.next", kind: "promote", table: "calls", at: "WAITING>REFUSED", clauses: ["1"], set: { status: "'MOORED'" } },
    pick: { from: "calls", match: sameBerth, states: ["WAITING"], order: ["call_no"], take: 1, ...pick },
  });

  test("knows that a promotion passes over rows that may not make the move", () => {
    const passed = ['value added: rows: "SAILED" joins the list', 'value added: rows: "REFUSED" joins the list'];
    expect(provenOf(sheetWith([next({ eligible: true })]), "call.next")).toEqual(passed);
    expect(provenOf(sheetWith([next({ eligible: false })]), "call.next")).toEqual([]);
  });
});

describe("canSwap()", () => {
  const set = (id: string, table: string, rest: object) => ({
    ...{ id, kind: "propagate", table, at: "WAITING>MOORED", clauses: ["1"] },
    ...rest,
  });
  const berth = set("berth.busy", "calls", {
    rows: { from: "berths", match: { id: "new.berth_id" }, states: ["FREE"] },
    set: { status: "'BUSY'" },
  });
  const bill = (id: string, when?: string) => ({
    ...{ id, kind: "spawn", table: "calls", at: "WAITING>MOORED", clauses: ["1"], into: "bills", values: { call_id: "new.id" } },
    ...(when !== undefined && { when }),
  });
  const own = {
    ...tables(),
    bills: {
      ...{ layer: "L2", key: "id", label: "bill", plural: "bills", create: { by: "system" }, duplicates: ["1"] },
      columns: { id: { type: "integer" }, call_id: { type: "integer", references: "calls" } },
    },
  };

  test.each([
    ["write tables of which the other reads nothing", [berth, bill("call.bill")], false],
    ["make rows of one table", [bill("call.bill"), bill("call.more")], true],
    ["never both fire", [bill("call.bill", "new.crew = 'LARGE'"), bill("call.more", "new.crew <> 'LARGE'")], false],
    ["look at what the other writes", [berth, bill("call.bill", "new.berth_id.status = 'BUSY'")], true],
  ])("effects that %s", (_name, rules, isSwapped) => {
    const compiled = sheetWith(rules, own);
    const [first, second] = compiled.normal.effects.filter(({ kind }) => kind !== "counter");
    if (first === undefined || second === undefined) throw new Error("Two effects were expected");
    expect(canSwap(compiled, first, second)).toBe(isSwapped);
  });
});

describe("isEquivalent()", () => {
  const theatre: unknown = parse(readFileSync(new URL("../../bench/sheets/theatre.yaml", import.meta.url), "utf8"));
  const harbour: unknown = parse(readFileSync(new URL("../../bench/sheets/harbour.yaml", import.meta.url), "utf8"));

  test.each([
    ["courses", courses],
    ["projects", projects],
    ["theatre", theatre],
    ["harbour", harbour],
  ])("proves nothing of %s that a witness tells, or one drawn near it", (_name, sheet) => {
    const compiled = compiledOf(sheet);
    const proven = mutantsOf(compiled).flatMap((mutant): readonly Quarry[] => {
      const read = mutant.read();
      const mutated = read === null ? null : shareParts(compiled, read);
      return mutated === null || isEquivalent(compiled, mutated) === null ? [] : [{ rule: mutant.rule, shows: mutant.change, mutated }];
    });
    const { witnesses } = findWitnesses(compiled, { work: 4000, random: createRandom(1, "proven").next });
    const told = proven.filter(({ mutated }) =>
      witnesses.some((each) => !isSameAnswer(each.expected, expectedOf(judgeWrite({ ...compiled, ...mutated }, each)))),
    );
    expect(proven.length).toBeGreaterThan(1);
    expect(told).toEqual([]);
    const near = hunt(beginSearch(compiled, { work: 20_000, random: createRandom(2, "proven").next }), proven, witnesses);
    expect(near.witnesses.map(({ rule, shows }) => `${rule}: ${shows}`)).toEqual([]);
  });
});
