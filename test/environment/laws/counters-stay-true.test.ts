import { expect, test } from "vitest";
import { emitTriggers } from "../../../environment/compile/compile-sheet.js";

import { interpretWrite, type Write } from "../../../environment/compile/interpret-write.js";
import type { Rows } from "../../../environment/core/values.js";
import { compiledOf } from "../../doubles/lending-desk.js";
import { falseCounts, open, tryWrite, withCounts } from "../random-writes.js";
import { projects } from "../sheets.js";

/** The projects with one more maintained column. */
function counting(rows: object) {
  const { projects: table, ...others } = projects.tables;
  const tables = { ...others, projects: { ...table, columns: { ...table.columns, counted: { type: "integer" } } } };
  const rule = { id: "project.counted", kind: "counter", table: "projects", clauses: ["1"], column: "counted", rows };
  return compiledOf({ ...projects, tables, rules: [...projects.rules, rule] });
}

const person = { boss: null, left_step: 12n };
const project = { status: "OPEN", closed_step: null, logigen_mark: "OPEN" };
const task = { person: null, size: 3n, status: "TODO", logigen_mark: "TODO" };
const laid: Rows = {
  people: [
    { code: "a", rank: "HIGH", ...person },
    { code: "b", rank: "HIGH", ...person },
  ],
  projects: [
    { id: 1n, parent_id: null, lead: "a", ...project },
    { id: 2n, parent_id: 1n, lead: "a", ...project },
  ],
  tasks: [
    { id: 1n, project_id: 1n, ...task },
    { id: 2n, project_id: 2n, ...task },
  ],
  stakes: [],
  logigen_context: [{ id: 1n, now: 10n, sealed: 1n, desk: null, transferred: 0n, transfer_summary: null }],
};

const cases: readonly (readonly [string, object, Write])[] = [
  [
    "its condition reads rows of a third table",
    { from: "tasks", match: { project_id: "owner.id" }, where: "exists(s in stakes where s.project_id = row.project_id)" },
    { op: "insert", table: "stakes", values: { project_id: 1n, person: "a", share: 5n, tag: null } },
  ],
  [
    "it counts what lies below the owner in a tree",
    { from: "tasks", where: "row.project_id = owner.id or reaches(row.project_id, parent_id, owner.id)" },
    { op: "update", table: "projects", key: { id: 2n }, set: { parent_id: null, lead: "b" } },
  ],
  [
    "its rows are there before the owner",
    { from: "tasks", match: { project_id: "owner.parent_id" } },
    { op: "insert", table: "projects", values: { parent_id: 1n, lead: "b" } },
  ],
];

test.each(cases)("a counter is true after a write where %s, and not where its own rows alone are watched", (_name, rows, write) => {
  const compiled = counting(rows);
  const state = withCounts(compiled, laid);
  const effects = compiled.normal.effects.map((effect) =>
    effect.id === "project.counted" && effect.kind === "counter" ? { ...effect, sources: effect.sources.slice(0, 1) } : effect,
  );
  const wrong = [compiled.triggerSql, emitTriggers(compiled.catalogue, { ...compiled.normal, effects })].map((triggerSql) => {
    const db = open(compiled, state, triggerSql);
    const tried = tryWrite(compiled, db, write);
    db.close();
    return tried.kind === "accepted" ? falseCounts(compiled, tried.state).length : tried;
  });
  expect(wrong).toEqual([0, 1]);
  const verdict = interpretWrite(compiled, state, write);
  expect(verdict.kind === "accepted" ? falseCounts(compiled, verdict.state) : verdict).toEqual([]);
});
