import { describe, expect, test } from "vitest";
import { compileSheet } from "../../environment/compile/compile-sheet.js";
import { courses, projects } from "./sheets.js";

/** The sheet with one value set (or, given undefined, taken away) at a path. */
function changed(sheet: object, path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = structuredClone(sheet);
  const parent = path.slice(0, -1).reduce<unknown>((node, part) => (node as Record<string | number, unknown>)[part], copy);
  (parent as Record<string | number, unknown>)[path.at(-1) ?? ""] = value;
  return copy;
}

function ruleAt(sheet: { readonly rules: readonly { readonly id: string }[] }, id: string): number {
  return sheet.rules.findIndex((rule) => rule.id === id);
}

function errorsOf(sheet: unknown): readonly { readonly path: string; readonly message: string }[] {
  const compilation = compileSheet(sheet);
  return compilation.ok ? [] : compilation.errors;
}

describe("compileSheet()", () => {
  test("gives the same SQL for the same sheet", () => {
    expect(compileSheet(courses)).toEqual(compileSheet(structuredClone(courses)));
  });

  test("never lists three literals in IN, nor raises a message that is no literal", () => {
    for (const sheet of [courses, projects]) {
      const compilation = compileSheet(sheet);
      const sql = compilation.ok ? compilation.compiled.triggerSql.join("\n") : "";
      expect(sql).toMatch(/RAISE\(ABORT, '/);
      expect(sql).not.toMatch(/IN \('[^')]*', '[^')]*', '/);
      expect(sql.replaceAll(/RAISE\(ABORT, '[^']*'\)/g, "")).not.toContain("RAISE");
    }
  });

  test("judges at updates what may change, and leaves out what a guard before it holds as it was", () => {
    const updating = (sheet: unknown, raised: string): boolean => {
      const compilation = compileSheet(sheet);
      const triggers = compilation.ok ? compilation.compiled.triggerSql : [];
      return triggers.some((sql) => sql.startsWith('CREATE TRIGGER "tasks_before_update"') && sql.includes(`'${raised}'`));
    };
    expect(updating(projects, "tasks.project_id.writable")).toBe(false);
    expect(updating(projects, "tasks.project_id.reference")).toBe(true);
    const fixed = changed(projects, ["tables", "tasks", "columns", "project_id", "update"], undefined);
    expect(updating(fixed, "tasks.project_id.writable")).toBe(true);
    expect(updating(fixed, "tasks.project_id.reference")).toBe(false);
  });

  const at = (id: string) => ruleAt(projects, id);
  test.each([
    ["a key that the schema lacks", ["tables", "tasks", "colour"], "red", "tables.tasks", "colour"],
    [
      "an unknown table in a reference",
      ["tables", "tasks", "columns", "project_id", "references"],
      "plans",
      "tables.tasks.columns.project_id.references",
      'no table "plans"',
    ],
    [
      "a clause that nothing cites",
      ["policy", 1],
      { id: "2", kind: "enforceable", text: "Never cited." },
      "policy[1]",
      "no rule or declaration cites it",
    ],
    ["a cited clause that is not there", ["rules", 0, "clauses", 0], "9.9", "rules[0].clauses[0]", "there is no clause 9.9"],
    [
      "free text that the agent writes unbound",
      ["tables", "stakes", "columns", "tag", "format"],
      undefined,
      "tables.stakes.columns.tag",
      "expected values, format, references or quoted: true",
    ],
    [
      "a step column that says nothing of its origin",
      ["tables", "projects", "columns", "closed_step", "step"],
      undefined,
      "tables.projects.columns.closed_step",
      "expected stamp, or step",
    ],
    [
      "a transaction table without a natural key",
      ["tables", "tasks", "duplicates"],
      undefined,
      "tables.tasks",
      "expected `unique`, or `duplicates`",
    ],
    ["a reserved name", ["tables", "logigen_context"], projects.tables.people, "tables.logigen_context", "reserved"],
    [
      "a rule that says neither when it holds nor at which act",
      ["rules", at("task.load"), "holds"],
      undefined,
      `rules[${at("task.load")}]`,
      "either `holds` or `at`",
    ],
    ["a rule that says both", ["rules", at("task.load"), "at"], "create", `rules[${at("task.load")}]`, "either `holds` or `at`"],
    [
      "a path over a column that references nothing",
      ["rules", at("task.load"), "max"],
      "new.size.rank",
      `rules[${at("task.load")}].max`,
      "references no table",
    ],
    ["an unknown column", ["rules", at("task.load"), "max"], "new.sizes", `rules[${at("task.load")}].max`, 'no column "sizes"'],
    [
      "text compared with a number",
      ["rules", at("project.open"), "must"],
      "new.status = 3",
      `rules[${at("project.open")}].must`,
      "cannot compare",
    ],
    [
      "a literal outside the column's list",
      ["rules", at("project.open"), "must"],
      "new.status = 'OPENED'",
      `rules[${at("project.open")}].must`,
      "expected one of OPEN",
    ],
    [
      "a comparison with itself",
      ["rules", at("project.open"), "must"],
      "new.status = new.status",
      `rules[${at("project.open")}].must`,
      "both sides",
    ],
    [
      "keys of different tables",
      ["rules", at("project.open"), "must"],
      "new.parent_id = new.lead",
      `rules[${at("project.open")}].must`,
      "cannot compare",
    ],
    [
      "ranks compared as text",
      ["rules", at("project.open"), "must"],
      "new.lead.rank > 'LOW'",
      `rules[${at("project.open")}].must`,
      "rank(ladder",
    ],
    [
      "a syntax error, with its offset",
      ["rules", at("project.open"), "must"],
      "new.status =",
      `rules[${at("project.open")}].must`,
      "at offset 12",
    ],
    [
      "division without a rounding",
      ["rules", at("project.open"), "must"],
      "new.weight / 2 = 1",
      `rules[${at("project.open")}].must`,
      "offset 10",
    ],
    [
      "the actor where nobody is authenticated",
      ["rules", at("project.open"), "must"],
      "new.lead = actor",
      `rules[${at("project.open")}].must`,
      "expected one of new, now",
    ],
    [
      "old in a rule that holds",
      ["rules", at("project.open"), "must"],
      "old.weight = 1",
      `rules[${at("project.open")}].must`,
      "expected one of new, now",
    ],
    [
      "a move that the table does not declare",
      ["rules", at("task.largest"), "at"],
      "TODO>DONE",
      `rules[${at("task.largest")}].at`,
      "declares no move",
    ],
    [
      "an unknown ladder",
      ["rules", at("project.open"), "must"],
      "rank(levels, new.lead.rank) > 0",
      `rules[${at("project.open")}].must`,
      'no ladder "levels"',
    ],
    [
      "an effect on a fixed column",
      ["rules", at("close.tasks"), "set"],
      { id: "1" },
      `rules[${at("close.tasks")}].set.id`,
      "no effect may set it",
    ],
  ] as const)("refuses %s, at the path of it", (...[, path, value, where, message]) => {
    const found = errorsOf(changed(projects, path, value));
    expect(found.map((error) => `${error.path}: ${error.message}`)).toEqual(
      expect.arrayContaining([expect.stringContaining(`${where}: `)]),
    );
    expect(
      found
        .filter((error) => error.path === where)
        .map((error) => error.message)
        .join("\n"),
    ).toContain(message);
  });

  test("refuses effects that set one another off without end, and a chain that SQLite would cut off", () => {
    const reopen = {
      id: "task.reopen",
      kind: "propagate",
      table: "tasks",
      clauses: ["1"],
      at: "DOING>DROPPED",
      rows: { from: "projects", match: { id: "new.project_id" }, states: ["CLOSED"] },
      set: { status: "'OPEN'" },
    };
    const drop = {
      id: "open.drop",
      kind: "propagate",
      table: "projects",
      clauses: ["1"],
      at: "CLOSED>OPEN",
      rows: { from: "tasks", match: { project_id: "new.id" }, states: ["DOING"] },
      set: { status: "'DROPPED'" },
    };
    expect(errorsOf({ ...projects, rules: [...projects.rules, reopen, drop] })).toMatchObject([
      { message: expect.stringContaining("task.reopen → open.drop → task.reopen") as unknown },
    ]);
    const chain = {
      id: "next.close",
      kind: "propagate",
      table: "projects",
      clauses: ["1"],
      at: "CLOSED>OPEN",
      rows: { from: "projects", match: { parent_id: "new.id" }, states: ["OPEN"] },
      set: { status: "'DONE'" },
    };
    const after = {
      id: "done.size",
      kind: "propagate",
      table: "projects",
      clauses: ["1"],
      at: "OPEN>DONE",
      rows: { from: "tasks", match: { project_id: "new.id" } },
      set: { size: "1" },
    };
    expect(errorsOf({ ...projects, rules: [...projects.rules, chain, after] })).toMatchObject([
      { message: expect.stringContaining("too deep") as unknown },
    ]);
  });
});
