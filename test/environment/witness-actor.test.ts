import { describe, expect, test } from "vitest";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { prove } from "../../environment/proof/prove.js";
import { createRandom } from "../../models/builtin/random.js";
import { compiledOf } from "../doubles/lending-desk.js";

/** A clinic whose owners act for themselves, if they meet the condition. */
function clinic(when: string, rules: readonly object[] = [], pin: object = {}): Compiled {
  return compiledOf({
    logigen: 1,
    id: "clinic",
    title: "A clinic",
    policy: [{ id: "1", kind: "enforceable", text: "All of it." }],
    actor: { mode: "session", table: "owners", evidence: ["pin"], when, clauses: ["1"] },
    tables: {
      licences: {
        label: "licence",
        plural: "licences",
        layer: "L1",
        key: "id",
        columns: { id: { type: "integer" }, owner_id: { type: "text", references: "owners" } },
      },
      owners: {
        label: "owner",
        plural: "owners",
        layer: "L1",
        key: "id",
        columns: {
          id: { type: "text" },
          pin: { type: "text", ...pin },
          barred: { type: "integer", unit: "flag" },
          tier: { type: "text", values: ["A", "B"] },
          until: { type: "integer", unit: "step", null: "none" },
        },
      },
      visits: {
        label: "visit",
        plural: "visits",
        layer: "L2",
        key: "id",
        create: { by: "agent" },
        duplicates: ["1"],
        columns: {
          id: { type: "integer" },
          n: { type: "integer", min: 1, max: 9 },
          owner_id: { type: "text", references: "owners", by: "user" },
        },
      },
    },
    rules: [
      { id: "visit.n", kind: "guard", table: "visits", at: "create", must: "new.n < 5", clauses: ["1"], message: "Too many." },
      ...rules,
    ],
  });
}

function proofOf(compiled: Compiled): ReturnType<typeof prove> {
  return prove(compiled, { work: 10_000, random: createRandom(1, "actor").next });
}

describe("prove() on a sheet whose actor must meet a condition", () => {
  test.each([
    "actor.barred = 0",
    "actor.tier = 'B' and actor.barred = 0",
    "actor.until > now",
    "exists(l in licences where l.owner_id = actor.id) and actor.barred = 0",
    "none(l in licences where l.owner_id = actor.id)",
  ])("has an actor for whom %s", (when) => {
    const { witnesses, matrix } = proofOf(clinic(when));
    expect([witnesses.failed, matrix.failed]).toEqual([[], []]);
    expect(Math.min(witnesses.run - 6, matrix.run - 100)).toBeGreaterThan(0);
  });

  test("gives evidence where a user may have none", () => {
    expect(proofOf(clinic("actor.barred = 0", [], { null: "none" })).ok).toBe(true);
  });

  test("keeps to it where a rule asks for other users", () => {
    const must = "actor.tier = 'B' and new.owner_id.until > now";
    const rule = { id: "visit.tier", kind: "guard", table: "visits", at: "create", must, clauses: ["1"], message: "Another tier." };
    const { ok, witnesses } = proofOf(clinic("actor.barred = 0", [rule]));
    expect([ok, witnesses.failed]).toEqual([true, []]);
  });

  test("says that a rule which only a barred user breaks is dead", () => {
    const rule = { id: "visit.barred", kind: "guard", table: "visits", at: "create", clauses: ["1"], message: "Barred users." };
    const { witnesses } = proofOf(clinic("actor.barred = 0", [{ ...rule, must: "actor.barred = 0" }]));
    expect(witnesses.failed.map((failure) => failure.rule)).toEqual(["visit.barred"]);
  });

  test("says once that nobody can meet it, and counts no mutant as noticed", () => {
    const { ok, witnesses, matrix, mutants } = proofOf(clinic("actor.barred = 0 and actor.barred = 1"));
    expect([ok, witnesses.failed.length, matrix.run, mutants.score]).toEqual([false, 1, 0, 0]);
    expect(witnesses.failed[0]?.message).toContain('change "actor.when"');
  });
});

describe("prove() on an engine that answers otherwise than its sheet", () => {
  test("counts no mutant as noticed by a witness that fails on the sheet itself", () => {
    const compiled = clinic("actor.barred = 0");
    const closed = {
      ...compiled,
      triggerSql: compiled.triggerSql.map((sql) => sql.replaceAll(/WHEN [^\n]* THEN RAISE/g, "WHEN TRUE THEN RAISE")),
    };
    const { witnesses, matrix, mutants } = prove(closed, { work: 5000, random: () => 0.5 });
    expect(closed.triggerSql).not.toEqual(compiled.triggerSql);
    expect(Math.min(witnesses.failed.length, matrix.failed.length)).toBeGreaterThan(0);
    expect([mutants.total > 5, mutants.killed]).toEqual([true, 0]);
  });
});
