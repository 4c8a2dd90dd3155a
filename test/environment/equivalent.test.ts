import { describe, expect, test } from "vitest";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { isEquivalent } from "../../environment/proof/equivalent.js";
import { isUnreachedBound } from "../../environment/proof/equivalent-bounds.js";
import type { Mutant } from "../../environment/proof/mutant.js";
import { mutantsOf } from "../../environment/proof/mutants.js";
import { lendingSheet } from "../doubles/lending-sheet.js";
import { toolLibrary } from "../doubles/tool-library.js";
import { courses, projects } from "./sheets.js";

function compile(sheet: unknown): Compiled {
  const compilation = compileSheet(sheet);
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
  return compilation.compiled;
}

/** The lending desk whose receipts hold how long a loan took: what the effect writes, and where it runs. */
function withSteps(value: string, when: string | undefined, insert: "system" | "agent" = "system"): Compiled {
  const { receipts } = lendingSheet.tables;
  const steps = { type: "integer", min: 1, ...(insert === "agent" && { update: "agent" }) };
  return compile({
    ...lendingSheet,
    tables: { ...lendingSheet.tables, receipts: { ...receipts, columns: { ...receipts.columns, steps } } },
    rules: lendingSheet.rules.map((rule) =>
      rule.kind === "spawn" ? { ...rule, ...(when !== undefined && { when }), values: { ...rule.values, steps: value } } : rule,
    ),
  });
}

function mutant(compiled: Compiled, rule: string, change: string): Mutant {
  const found = mutantsOf(compiled).find((each) => each.rule === rule && each.change.includes(change));
  if (found === undefined) throw new Error(`No mutant of "${rule}" is made by: ${change}`);
  return found;
}

function proofOf(compiled: Compiled, rule: string, change: string): string | null {
  const mutated = mutant(compiled, rule, change).read();
  if (mutated === null) throw new Error(`The mutant of "${rule}" is no sheet`);
  return isEquivalent(compiled, mutated);
}

/** Projects with one rule in another wording. */
function projectsWith(id: string, parts: object): Compiled {
  return compile({ ...projects, rules: projects.rules.map((rule) => (rule.id === id ? { ...rule, ...parts } : rule)) });
}

describe("isUnreachedBound()", () => {
  const later = "now > new.lent_step";

  test.each([
    {
      name: "proves a bound below all that the effect writes",
      value: "now - new.lent_step",
      when: later,
      change: "becomes 0",
      proven: true,
    },
    { name: "does not prove a bound among what it writes", value: "now - new.lent_step", when: later, change: "becomes 2", proven: false },
    {
      name: "does not prove where nothing keeps the value up",
      value: "now - new.lent_step",
      when: undefined,
      change: "becomes 0",
      proven: false,
    },
    {
      name: "does not prove where equality is let in",
      value: "now - new.lent_step",
      when: "now >= new.lent_step",
      change: "becomes 0",
      proven: false,
    },
    { name: "does not prove of a column that it knows nothing of", value: "new.days", when: later, change: "becomes 0", proven: false },
    { name: "proves a constant beyond both bounds", value: "5", when: undefined, change: "becomes 2", proven: true },
    { name: "does not prove a constant on the bound", value: "1", when: undefined, change: "becomes 2", proven: false },
  ])("$name", ({ value, when, change, proven }) => {
    const compiled = withSteps(value, when);
    const mutated = mutant(compiled, "receipts.steps", change).read();
    expect(mutated).not.toBeNull();
    expect(mutated !== null && isUnreachedBound(compiled, mutated)).toBe(proven);
  });

  test("does not prove of a column that an agent may change", () => {
    const compiled = withSteps("now - new.lent_step", later, "agent");
    const mutated = mutant(compiled, "receipts.steps", "becomes 0").read();
    expect(mutated !== null && isUnreachedBound(compiled, mutated)).toBe(false);
  });

  test("does not prove where a rule differs as well", () => {
    const compiled = withSteps("now - new.lent_step", later);
    const mutated = mutant(compiled, "receipts.steps", "becomes 0").read();
    const guards = mutated?.normal.guards.filter(({ id }) => id !== "loan.owner") ?? [];
    expect(mutated !== null && isUnreachedBound(compiled, { ...mutated, normal: { ...mutated.normal, guards } })).toBe(false);
  });
});

describe("isEquivalent()", () => {
  test.each(["rows in any state count", "operand 2 of and is dropped", '"BACK" joins the list'])(
    "proves of a row picked by its own key that its state goes without saying: %s",
    (change) => {
      expect(proofOf(toolLibrary(), "loans.renew", change)).toContain("the row is the written one");
    },
  );

  test("does not prove it of rows found otherwise, nor of the key", () => {
    expect(proofOf(compile(courses), "drop.bookings", '"HELD" joins the list')).toBeNull();
    expect(proofOf(toolLibrary(), "loans.renew", "operand 1 of and is dropped")).toBeNull();
  });

  test("proves that a counter need not look at new rows that start in a state that does not count", () => {
    expect(proofOf(compile(projects), "project.weight", "for a new row of tasks")).toContain("never counts");
    expect(proofOf(compile(projects), "project.open_tasks", "for a new row of tasks")).toBeNull();
  });

  test.each([
    ["a greatest value or that of none", { sum: undefined, max: "row.size", empty: 0 }],
    ["a share", { sum: undefined, percent: "row.size = 1", round: "floor", empty: 0 }],
  ])("proves it of %s, wherever the rows are read", (_name, parts) => {
    expect(proofOf(projectsWith("project.weight", parts), "project.weight", "for a new row of tasks")).toContain("never counts");
    const any = projectsWith("project.weight", { ...parts, rows: { from: "tasks", match: { project_id: "owner.id" }, states: "any" } });
    expect(proofOf(any, "project.weight", "for a new row of tasks")).toBeNull();
  });

  test("proves that a counter need not look at new rows of a table that nobody adds to", () => {
    expect(proofOf(compile(courses), "count.spent", "for a new row of members")).toContain("never counts");
    expect(proofOf(compile(courses), "count.spent", "for a new row of bookings")).toBeNull();
  });

  test("proves a condition idle where the rule is met without it", () => {
    expect(proofOf(compile(projects), "task.load", "it applies always")).toContain("what it asks for is true");
    const strict = projectsWith("task.load", { max: "case when new.person.rank = 'HIGH' then 2 else new.person.left_step end" });
    expect(proofOf(strict, "task.load", "it applies always")).toBeNull();
  });

  test("proves an alternative idle where the rule does not apply", () => {
    expect(proofOf(compile(projects), "project.ring", "operand 1 of or is dropped")).toContain("does not apply");
    const bare = projectsWith("project.ring", { when: "new.status = 'OPEN'" });
    expect(proofOf(bare, "project.ring", "operand 1 of or is dropped")).toBeNull();
  });
});
