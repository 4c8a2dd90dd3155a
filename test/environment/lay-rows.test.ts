import { describe, expect, test } from "vitest";
import { buildOrigin, type OriginPlan } from "../../environment/engine/build-origin.js";
import { brokenInvariants } from "../../environment/engine/invariants.js";
import { layRows, RowsError } from "../../environment/engine/lay-rows.js";
import { openSession } from "../../environment/engine/session.js";
import { openSnapshot, writeSnapshot } from "../../environment/engine/snapshot.js";
import type { Rows } from "../../environment/core/values.js";
import { compiledOf } from "../doubles/lending-desk.js";
import { lendingRows, lendingSheet } from "../doubles/lending-sheet.js";

const compiled = compiledOf(lendingSheet);
const out = { member_id: "m1", code: "saw", days: 3n, lent_step: 4n };

function problemsOf(rows: Rows): RowsError["problems"] {
  try {
    layRows(compiled, { ...lendingRows, ...rows }, { now: 10n }).close();
    return [];
  } catch (error) {
    if (error instanceof RowsError) return error.problems;
    throw error;
  }
}

describe("layRows()", () => {
  test("fills keys, first states, stamps, counters and marks", () => {
    const { lent_step: _, ...loan } = out;
    const db = layRows(compiled, { ...lendingRows, loans: [loan, { ...out, id: 9n }] }, { now: 10n });
    expect(db.prepare("SELECT id, lent_step, status, logigen_mark FROM loans").raw().all()).toEqual([
      [1n, 10n, "OUT", "OUT"],
      [9n, 4n, "OUT", "OUT"],
    ]);
    expect(db.prepare("SELECT loans_out FROM members").pluck().all()).toEqual([2n, 0n]);
    expect(db.prepare("SELECT now, sealed, desk, actor, transferred FROM logigen_context").raw().all()).toEqual([
      [10n, 1n, "front", null, 0n],
    ]);
  });

  test.each<[string, Rows, string]>([
    ["an unknown table", { things: [{}] }, "things"],
    ["an unknown column", { members: [{ id: "m1", name: "A", pin: "1", age: 3n }] }, "members[0].age"],
    ["a wrong type", { members: [{ id: "m1", name: 5n, pin: "1" }] }, "members[0].name"],
    ["a fraction for an integer", { loans: [{ ...out, days: 1.5 }] }, "loans[0].days"],
    ["NULL where a value is required", { loans: [{ ...out, days: null }] }, "loans[0].days"],
    ["a value left out", { members: [{ id: "m1", pin: "1" }] }, "members[0].name"],
  ])("refuses %s, naming it", (_name, rows, path) => {
    expect(problemsOf(rows)).toMatchObject([{ path }]);
  });

  test("refuses a counter that is not its count", () => {
    expect(problemsOf({ members: [{ id: "m1", name: "Ada", pin: "1", loans_out: 5n }] })).toContainEqual(
      expect.objectContaining({ rule: "member.loans_out", path: "members[id=m1]" }),
    );
  });

  test("refuses rows that break a rule, a reference or a range, naming the rule", () => {
    expect(problemsOf({ loans: [out, out, out] }).map(({ rule }) => rule)).toContain("loan.quota");
    expect(problemsOf({ loans: [{ ...out, code: "nil" }] }).map(({ rule }) => rule)).toContain("loans.code.reference");
    expect(problemsOf({ loans: [{ ...out, days: 0n }] }).map(({ rule }) => rule)).toContain("loans.days.values");
  });

  test("lays a table's rows beyond what its triggers would take one by one", () => {
    expect(
      problemsOf({ loans: [{ ...out, id: 5n, status: "RETURNED", returned_step: 6n }], receipts: [{ id: 3n, loan_id: 5n, days: 3n }] }),
    ).toEqual([]);
  });
});

describe("brokenInvariants()", () => {
  test("finds what a client did that dropped the triggers", () => {
    const db = layRows(compiled, { ...lendingRows, loans: [out] }, { now: 10n });
    expect(brokenInvariants(db, compiled)).toEqual([]);
    for (const name of db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all())
      db.prepare(`DROP TRIGGER "${name}"`).run();
    db.prepare("UPDATE members SET loans_out = 7 WHERE id = 'm2'").run();
    db.prepare("UPDATE loans SET status = 'RETURNED'").run();
    const rules = brokenInvariants(db, compiled).map(({ rule }) => rule);
    expect(rules).toContain("member.loans_out");
    expect(rules).toContain("loans.due");
  });
});

describe("buildOrigin()", () => {
  const plan: OriginPlan = {
    rows: lendingRows,
    start: 1n,
    now: 10n,
    history: [
      { kind: "call", actor: "m1", tool: "insert_loans", arguments: { code: "saw", days: 3n } },
      { kind: "tick", now: 4n },
      { kind: "call", actor: "m2", tool: "insert_loans", arguments: { code: "axe", days: 2n } },
      { kind: "call", actor: "m1", tool: "update_loans", arguments: { id: 1n, status: "RETURNED" } },
    ],
  };

  function built(change: Partial<OriginPlan>): ReturnType<typeof buildOrigin> {
    return buildOrigin(compiled, { ...plan, ...change });
  }

  test("runs the history through the triggers, each call by its actor at its step, and seals", () => {
    const result = built({});
    const db = openSnapshot(result.ok ? result.origin : Buffer.of());
    expect(db.prepare("SELECT member_id, lent_step, returned_step FROM loans ORDER BY id").raw().all()).toEqual([
      ["m1", 1n, 4n],
      ["m2", 4n, null],
    ]);
    expect(db.prepare("SELECT now, sealed, actor, evidence_pin FROM logigen_context").raw().all()).toEqual([[10n, 1n, null, null]]);
  });

  test("gives the same bytes again, and an origin that a session can start from", () => {
    const result = built({});
    const again = built({});
    expect(result).toEqual(again);
    const session = openSession({ compiled, origin: result.ok ? result.origin : Buffer.of() });
    session.call("authenticate", { id: "m1", pin: "1111" });
    expect(session.call("insert_loans", { code: "saw", days: 1 })).toMatchObject({ ok: true, row: { id: 3n, lent_step: 10n } });
  });

  test.each<[string, Partial<OriginPlan>, object]>([
    [
      "a refused call",
      { history: [...plan.history, { kind: "call", actor: "m1", tool: "insert_loans", arguments: { code: "nil", days: 1n } }] },
      { step: 4, rule: "loans.code.reference" },
    ],
    ["a clock that goes back", { history: [{ kind: "tick", now: 0n }] }, { step: 0, rule: expect.stringMatching(/^context\./) as string }],
    [
      "an unknown actor",
      { history: [{ kind: "call", actor: "m9", tool: "insert_loans", arguments: { code: "saw", days: 1n } }] },
      { step: 0 },
    ],
    [
      "a call without actor",
      { history: [{ kind: "call", actor: null, tool: "insert_loans", arguments: { code: "saw", days: 1n } }] },
      { step: 0, rule: "session.required" },
    ],
    [
      "an authentication",
      { history: [{ kind: "call", actor: "m1", tool: "authenticate", arguments: { id: "m1", pin: "1111" } }] },
      { step: 0 },
    ],
    ["rows that do not fit", { rows: { ...lendingRows, members: [{ id: "m1" }] } }, { table: "members" }],
  ])("names the step of %s", (_name, change, problem) => {
    const result = built(change);
    expect(result.ok ? [] : result.problems).toContainEqual(expect.objectContaining(problem));
  });

  test("leaves an origin with the same bytes as the same rows laid by hand", () => {
    const result = built({ history: plan.history.slice(0, 1) });
    const laid = layRows(compiled, { ...lendingRows, loans: [{ member_id: "m1", code: "saw", days: 3n, lent_step: 1n }] }, { now: 10n });
    expect(result.ok && result.origin.equals(writeSnapshot(laid))).toBe(true);
  });
});
