import { describe, expect, test } from "vitest";
import { type Compiled, compileSheet, emitTriggers } from "../../environment/compile/compile-sheet.js";
import { interpretWrite } from "../../environment/compile/interpret-write.js";
import type { Guard } from "../../environment/compile/normal-form.js";
import { canonical, open, randomState, randomWrite, seeded, tryWrite } from "./random-writes.js";
import { courses, projects } from "./sheets.js";

function compiled(sheet: unknown): Compiled {
  const compilation = compileSheet(sheet);
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
  return compilation.compiled;
}

interface Tally {
  readonly disagreements: string[];
  readonly verdicts: Map<string, number>;
  readonly effects: Map<string, number>;
}

/** Tries random writes on random states with the engine and the interpreter; recursive triggers are on for every second state. */
function tryWrites(
  sheet: Compiled,
  { states, writes, triggerSql }: { states: number; writes: number; triggerSql?: readonly string[] },
): Tally {
  const tally: Tally = { disagreements: [], verdicts: new Map(), effects: new Map() };
  for (let seed = 1; seed <= states; seed += 1) {
    const random = seeded(seed);
    const state = randomState(sheet, random);
    const db = open(sheet, state, triggerSql);
    db.pragma(`recursive_triggers = ${seed % 2}`);
    for (let at = 0; at < writes; at += 1) {
      const write = randomWrite(sheet, state, random);
      const engine = tryWrite(sheet, db, write);
      const verdict = interpretWrite(sheet, state, write);
      const a = engine.kind === "accepted" ? canonical(sheet, engine.state) : engine.rule;
      const b = verdict.kind === "accepted" ? canonical(sheet, verdict.state) : verdict.rule;
      if (engine.kind !== verdict.kind || a !== b) tally.disagreements.push(`seed ${seed}, write ${at}`);
      count(tally.verdicts, verdict.kind === "accepted" ? "accepted" : verdict.rule);
      if (verdict.kind === "accepted") for (const { rule } of verdict.effects) count(tally.effects, rule);
    }
    db.close();
  }
  return tally;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

describe("interpretWrite()", () => {
  test.each([
    ["courses", courses],
    ["projects", projects],
  ])("agrees with the engine on %s: verdict, rule named and all rows after effects", { timeout: 60_000 }, (_name, sheet) => {
    const { disagreements, verdicts, effects } = tryWrites(compiled(sheet), { states: 60, writes: 40 });
    expect(disagreements).toEqual([]);
    // The generator reaches what it is there for: most writes are judged by the sheet's rules, and effects run.
    expect(verdicts.get("accepted")).toBeGreaterThan(300);
    expect(verdicts.size).toBeGreaterThan(25);
    expect(effects.size).toBeGreaterThan(4);
  });

  test("finds a compiler that drops a conjunct", { timeout: 60_000 }, () => {
    const sheet = compiled(projects);
    const drop = (guard: Guard): Guard =>
      guard.id === "task.change" && guard.must.kind === "and" ? { ...guard, must: guard.must.operands[0] ?? guard.must } : guard;
    const broken = { ...sheet.normal, guards: sheet.normal.guards.map(drop) };
    const { disagreements } = tryWrites(sheet, { states: 40, writes: 30, triggerSql: emitTriggers(sheet.catalogue, broken) });
    expect(disagreements.length).toBeGreaterThan(0);
  });

  test("refuses an update of a row that is not there", () => {
    const sheet = compiled(projects);
    const state = randomState(sheet, seeded(1));
    expect(interpretWrite(sheet, state, { op: "update", table: "tasks", key: { id: 99n }, set: { size: 2n } })).toMatchObject({
      kind: "refused",
      rule: "tasks.key",
    });
  });

  test("reports what effects wrote: rule, table, key and columns", () => {
    const sheet = compiled(projects);
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
