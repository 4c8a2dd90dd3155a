import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { compileSheet } from "../../environment/compile/compile-sheet.js";

const doc = readFileSync(new URL("../../docs/rule-sheet.md", import.meta.url), "utf8");
const base = parse(/```yaml base\n([\s\S]*?)```/.exec(doc)?.[1] ?? "") as { readonly tables: Record<string, object> };

const requests = {
  label: "request",
  plural: "requests",
  layer: "L2",
  key: "id",
  create: { by: "agent" },
  unique: [{ columns: ["queue_no"] }],
  live: ["WAITING"],
  columns: {
    id: { type: "integer" },
    bike_id: { type: "integer", references: "bikes" },
    queue_no: { type: "integer" },
    status: { type: "text" },
  },
  states: {
    column: "status",
    start: "WAITING",
    moves: [
      { from: "WAITING", to: "CALLED", by: "system", when: "free" },
      { from: "CALLED", to: "SERVED", when: "free" },
    ],
    end: ["SERVED"],
  },
};

function errorsOf(rule: object): readonly string[] {
  const named = { id: "r", clauses: ["1"], ...rule };
  const called = {
    id: "called",
    clauses: ["1"],
    kind: "propagate",
    table: "rentals",
    at: "create",
    rows: { from: "requests" },
    set: { status: "'CALLED'" },
  };
  const rules = "set" in rule || "sql" in rule ? [named] : [named, called];
  const compilation = compileSheet({ ...base, tables: { ...base.tables, requests }, rules });
  return compilation.ok ? [] : compilation.errors.map(({ path, message }) => `${path}: ${message}`);
}

const guard = { table: "rentals", at: "create", message: "It is refused." };
const role = { ...guard, kind: "role", of: "actor.level", ladder: "levels", at_least: "MEMBER" };
const approval = { ...guard, kind: "approval", of: "actor.level", ladder: "levels", amount: "new.price", else: "GUEST" };
const steps = [
  { above: 20, at_least: "PATRON" },
  { above: 10, at_least: "MEMBER" },
];
const ranks = "expected one of GUEST, MEMBER, PATRON, got";
const called = { kind: "promote", table: "rentals", at: "create", pick: { from: "requests", order: ["queue_no"] } };
const bill = { kind: "spawn", table: "rentals", at: "create", into: "bills", once_per: ["rental_id"] };

test.each([
  [{ ...role, ladder: "grade" }, 'ladder: there is no ladder "grade"'],
  [{ ...role, at_least: "SENOIR" }, `at_least: ${ranks} "SENOIR"`],
  [{ ...role, of: "actor.rank" }, 'of: table "riders" has no column "rank" (in "actor.rank")'],
  [{ ...guard, kind: "role", of: "actor.level", any: ["GUEST", "SENOIR"] }, `any: ${ranks} "SENOIR"`],
  [{ ...approval, ladder: "grade", steps }, 'ladder: there is no ladder "grade"'],
  [{ ...approval, steps: [steps[0], { above: 10, at_least: "MANGER" }] }, `steps[1].at_least: ${ranks} "MANGER"`],
  [{ ...approval, steps, else: "MANGER" }, `else: ${ranks} "MANGER"`],
  [{ ...guard, kind: "prerequisite", row: "new.bicycle", in: ["FREE"] }, 'row: table "rentals" has no column "bicycle" (in "new.bicycle")'],
  [
    { ...guard, kind: "tree", relation: "acyclic", parent: "invited_by", of: "new.nobody" },
    'of: table "rentals" has no column "nobody" (in "new.nobody")',
  ],
  [
    { ...guard, kind: "exists", rows: { from: "bikes", match: { id: "new.nothing" } } },
    'rows.match.id: table "rentals" has no column "nothing" (in "new.nothing")',
  ],
  [
    { ...guard, kind: "exclusive", same: ["nothing"], states: ["OUT"] },
    'same[0]: table "rentals" has no column "nothing" (in "row.nothing")',
  ],
  [
    { ...guard, kind: "peak", per: ["bike_id"], span: ["start_step", "nothing"], states: ["OUT"], max: 1 },
    'span[1]: table "rentals" has no column "nothing"',
  ],
  [
    { kind: "counter", table: "riders", column: "out", rows: { from: "rentals", match: { bike_id: "owner.bike" }, states: ["OUT"] } },
    'column: expected a number column of table "riders", got "out"',
  ],
  [
    { kind: "custom_effect", table: "rentals", at: "create", sql: "update bills set wrong = 1 where rental_id = NEW.id" },
    'sql: table "bills" has no column "wrong"',
  ],
  [{ ...bill, values: { amount: "1" } }, 'values: expected a value for column "rental_id" of table "bills"'],
  [
    { ...bill, values: { rental_id: "new.nothing", amount: "1" } },
    'values.rental_id: table "rentals" has no column "nothing" (in "new.nothing")',
  ],
  [
    { ...bill, values: { rental_id: "new.id", amount: "1", step: "now" }, once_per: ["step"] },
    'values.step: the column "step" is filled by the engine (clock): leave it out',
  ],
  [
    { ...bill, values: { rental_id: "new.id", amount: "1" }, once_per: ["paid"] },
    'once_per: expected columns that `values` names, got "paid"',
  ],
  [
    { ...called, set: { status: "'SERVED'" } },
    'set.status: table "requests" declares no move WAITING>SERVED: declare it, or set a state that a move leads to',
  ],
  [
    { kind: "propagate", table: "rentals", at: "create", rows: { from: "requests", states: "any" }, set: { status: "'WAITING'" } },
    'set.status: table "requests" declares no move to WAITING: declare it, or set a state that a move leads to',
  ],
  [
    { kind: "custom_effect", table: "rentals", at: "create", sql: "update requests set status = 'WAITING' where bike_id = NEW.bike_id" },
    'sql: table "requests" declares no move to WAITING: declare it, or set a state that a move leads to',
  ],
])("compileSheet() says one error, at its place, of %j", (rule, error) => {
  expect(errorsOf(rule)).toEqual([`rules[0].${error}`]);
});

test("compileSheet() takes effects that make a declared move, or none", () => {
  expect(errorsOf({ ...called, set: { status: "'CALLED'" } })).toEqual([]);
  expect(errorsOf({ ...called, pick: { ...called.pick, states: ["WAITING", "CALLED"] }, set: { status: "'CALLED'" } })).toEqual([]);
});
