import { describe, expect, test } from "vitest";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { prove, runWitnesses } from "../../environment/proof/prove.js";
import { findWitnesses } from "../../environment/proof/witness.js";
import { createRandom } from "../../models/builtin/random.js";
import { lendingSheet } from "../doubles/lending-sheet.js";

function compile(sheet: unknown): Compiled {
  const compilation = compileSheet(sheet);
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
  return compilation.compiled;
}

const lending = compile(lendingSheet);
const random = createRandom(1, "test");
const options = { work: 10_000, random: () => random.next() };

/** The lending desk with one more rule. */
function withRule(rule: object): Compiled {
  return compile({ ...lendingSheet, rules: [...lendingSheet.rules, { clauses: ["1.1"], message: "This is refused.", ...rule }] });
}

describe("findWitnesses()", () => {
  test("shows every rule accepted and refused, and the engine agrees", () => {
    const { witnesses, unshown } = findWitnesses(lending, options);
    expect(unshown).toEqual([]);
    expect(runWitnesses(lending, witnesses)).toEqual([]);
    for (const { id } of lending.normal.guards.filter(({ origin }) => origin === "rule")) {
      const kinds = new Set(witnesses.filter(({ rule }) => rule === id).map(({ expected }) => expected.kind));
      expect([id, [...kinds].sort()]).toEqual([id, ["accepted", "refused"]]);
    }
  });

  test("gives the same witnesses again", () => {
    expect(findWitnesses(lending, options)).toEqual(findWitnesses(lending, options));
  });

  test("meets a limit at N and at N + 1", () => {
    const limited = withRule({ id: "loan.days", kind: "compare", table: "loans", at: "create", check: "new.days <= 14" });
    const days = findWitnesses(limited, options).witnesses.flatMap(({ rule, write, expected }) =>
      rule === "loan.days" && write.op === "insert" ? [`${String(write.values["days"])} ${expected.kind}`] : [],
    );
    expect(days).toEqual(expect.arrayContaining(["14 accepted", "15 refused"]));
  });

  test.each([
    ["nothing trips", "new.days >= 1"],
    ["nothing satisfies", "new.days < 1"],
  ])("reports a guard that %s as dead", (_name, check) => {
    const { unshown } = findWitnesses(withRule({ id: "loan.dead", kind: "compare", table: "loans", at: "create", check }), options);
    expect(unshown.map(({ rule }) => rule)).toContain("loan.dead");
  });
});

describe("findWitnesses() on a rule that is idle", () => {
  test("says that it can never refuse", () => {
    const idle = withRule({ id: "loan.idle", kind: "guard", table: "loans", at: "create", must: "new.status in ('OUT', 'RETURNED')" });
    const { unshown } = findWitnesses(idle, options);
    expect(unshown.find(({ rule }) => rule === "loan.idle")?.message).toContain("It can never refuse");
  });
});

describe("runWitnesses()", () => {
  test("says which write an engine with one rule less accepts", () => {
    const limited = withRule({ id: "loan.days", kind: "compare", table: "loans", at: "create", check: "new.days <= 14" });
    const { witnesses } = findWitnesses(limited, options);
    const [failure] = runWitnesses(
      { ...limited, triggerSql: lending.triggerSql },
      witnesses.filter(({ rule }) => rule === "loan.days"),
    );
    expect(failure?.rule).toBe("loan.days");
    expect(failure?.message).toContain('expected to be refused by "loan.days", but was accepted');
  });
});

describe("prove()", () => {
  test("holds for a sound sheet and notices nearly all of its mutants", { timeout: 60_000 }, () => {
    const { ok, witnesses, matrix, mutants } = prove(lending, options);
    expect([ok, witnesses.failed, matrix.failed]).toEqual([true, [], []]);
    expect(mutants.total).toBeGreaterThan(20);
    expect(mutants.score).toBeGreaterThanOrEqual(0.95);
  });

  test("fails where the triggers do not hold what the sheet declares", () => {
    const open = { ...lending, triggerSql: lending.triggerSql.filter((sql) => !sql.includes("loans.no_delete")) };
    expect(prove(open, { ...options, mutants: 0 }).ok).toBe(false);
  });
});
