import { describe, expect, test } from "vitest";
import { interpretWrite } from "../../environment/compile/interpret-write.js";
import { compiledOf } from "../doubles/lending-desk.js";
import { randomState, seeded } from "./random-writes.js";
import { projects } from "./sheets.js";

describe("interpretWrite()", () => {
  test("refuses an update of a row that is not there", () => {
    const sheet = compiledOf(projects);
    const state = randomState(sheet, seeded(1));
    expect(interpretWrite(sheet, state, { op: "update", table: "tasks", key: { id: 99n }, set: { size: 2n } })).toMatchObject({
      kind: "refused",
      rule: "tasks.key",
    });
  });

  test("reports what effects wrote: rule, table, key and columns", () => {
    const sheet = compiledOf(projects);
    const person = { code: "a", boss: null, rank: "HIGH", left_step: null };
    const project = {
      id: 1n,
      parent_id: null,
      lead: "a",
      status: "OPEN",
      closed_step: null,
      open_tasks: 1n,
      children: 0n,
      weight: 0n,
      logigen_mark: "OPEN",
    };
    const task = { id: 1n, project_id: 1n, person: "a", size: 3n, status: "DOING", logigen_mark: "DOING" };
    const context = { id: 1n, now: 10n, sealed: 1n, desk: null, transferred: 0n, transfer_summary: null };
    const verdict = interpretWrite(
      sheet,
      { people: [person], projects: [project], tasks: [task], stakes: [], logigen_context: [context] },
      { op: "update", table: "tasks", key: { id: 1n }, set: { status: "DONE" } },
    );
    expect(verdict.kind === "accepted" ? verdict.effects : verdict).toEqual([
      { rule: "project.open_tasks", op: "update", table: "projects", key: { id: 1n }, columns: { open_tasks: 0n } },
      { rule: "project.weight", op: "update", table: "projects", key: { id: 1n }, columns: { weight: 6n } },
      { rule: "task.done", op: "update", table: "projects", key: { id: 1n }, columns: { status: "DONE" } },
    ]);
  });
});
