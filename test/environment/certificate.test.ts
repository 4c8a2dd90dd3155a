import { describe, expect, test } from "vitest";
import { layRows } from "../../environment/engine/lay-rows.js";
import { openSnapshot, writeSnapshot } from "../../environment/engine/snapshot.js";
import type { Rows } from "../../environment/core/values.js";
import {
  certified,
  description,
  failing,
  goldLog,
  libraryOrigin,
  libraryRows,
  libraryTask,
  told,
  toolLibrary,
} from "../doubles/tool-library.js";

const [authenticate, bringBack, borrow] = goldLog;
const log = (...calls: readonly (typeof authenticate)[]) => calls.flatMap((call) => call ?? []);
const source = (write: number, argument: string, quote: string) => ({ write, argument, from: "description" as const, quote });

function originOf(rows: Rows): Buffer {
  const db = layRows(toolLibrary(), rows, { now: 10n });
  try {
    return writeSnapshot(db);
  } finally {
    db.close();
  }
}

describe("certify()", () => {
  test("holds of a sound task, with evidence for every point", () => {
    const certificate = certified(libraryTask());
    expect(certificate.points.filter((point) => !point.ok)).toEqual([]);
    expect(certificate).toMatchObject({
      ok: true,
      difficulty: "L3",
      tags: ["waterfall", "hidden-constraint", "reasoning", "conditional-logic", "attribute-based-selection", "multi-step", "state-based"],
    });
    for (const point of certificate.points) expect(point.evidence.length).toBeGreaterThan(0);
  });

  test("replay fails when the log does not lead to the target", () => {
    const task = libraryTask();
    const db = openSnapshot(task.origin);
    const target = writeSnapshot(db);
    db.close();
    expect(failing(certified({ ...task, target }))).toContain("replay");
    expect(failing(certified({ ...task, log: log(authenticate, borrow, bringBack) }))).toContain("replay");
  });

  test("replay fails when the target differs in a column that comparisons leave out", () => {
    const task = libraryTask();
    const db = openSnapshot(task.target);
    const triggers = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all();
    for (const name of triggers) db.prepare(`DROP TRIGGER "${name}"`).run();
    db.prepare("UPDATE loans SET renewals = renewals + 1 WHERE id = (SELECT max(id) FROM loans)").run();
    const target = writeSnapshot(db);
    db.close();
    expect(failing(certified({ ...task, target }))).toContain("replay");
  });

  test("idle fails when doing nothing reaches the target", () => {
    const idle = told({ ...description, choices: [], values: [] });
    expect(failing(certified(libraryTask({ log: log(authenticate), description: idle })))).toEqual(["idle"]);
  });

  test("necessary fails when the target is reached without a write", () => {
    const spare = { tool: "update_loans", arguments: { id: 2, note: "thanks" } };
    const first = { tool: "update_loans", arguments: { id: 2, note: "please" } };
    const known = told({
      ...description,
      choices: [
        ...description.choices,
        ...[2, 3].map((write) => ({
          write,
          argument: "id",
          table: "loans",
          wishes: [
            { column: "member_id", comparison: "=" as const, value: "m1" },
            { column: "fee", comparison: "highest" as const },
          ],
        })),
      ],
    });
    expect(failing(certified(libraryTask({ log: log(authenticate, bringBack, borrow, first, spare), description: known })))).toEqual([
      "necessary",
      "altered",
    ]);
  });

  test("repeat fails when a second time changes the state and reaches the target", () => {
    const renew = { tool: "update_loans", arguments: { id: 2, status: "RENEWING" } };
    const known = told({
      ...description,
      goal: "Make room for a drill, take one home, and renew the dearer loan.",
      choices: [
        ...description.choices,
        {
          write: 2,
          argument: "id",
          table: "loans",
          wishes: [
            { column: "member_id", comparison: "=", value: "m1" },
            { column: "fee", comparison: "highest" },
          ],
        },
      ],
      values: [...description.values, source(2, "status", "renew the dearer loan")],
    });
    expect(failing(certified(libraryTask({ log: log(authenticate, bringBack, borrow, renew), description: known })))).toEqual(["repeat"]);
  });

  test("altered fails, naming the argument, when another value reaches the target as well", () => {
    const shelved = { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 9, shelf: 4 } };
    const moved = { tool: "update_loans", arguments: { id: 4, shelf: 5 } };
    const known = told({
      ...description,
      goal: "Make room for a drill and take one home, first on shelf 4, then on shelf 5.",
      values: [
        ...description.values,
        source(1, "shelf", "on shelf 4"),
        { write: 2, argument: "id", from: "created" },
        source(2, "shelf", "on shelf 5"),
      ],
    });
    const certificate = certified(libraryTask({ log: log(authenticate, bringBack, shelved, moved), description: known }));
    expect(failing(certificate)).toEqual(["altered"]);
    expect(certificate.points.find((point) => point.name === "altered")?.evidence[0]).toContain("insert_loans.shelf");
  });

  test("invariants fails when the target breaks a rule that holds of rows", () => {
    const compiled = toolLibrary();
    const db = openSnapshot(libraryOrigin(compiled));
    for (const name of db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all())
      db.prepare(`DROP TRIGGER "${name}"`).run();
    const names = db.prepare<[], string>("SELECT name FROM pragma_table_info('loans') WHERE name <> 'id'").pluck().all().join(", ");
    for (const id of [4n, 5n]) db.prepare(`INSERT INTO loans (id, ${names}) SELECT ?, ${names} FROM loans WHERE id = 3`).run(id);
    for (const sql of compiled.triggerSql) db.prepare(sql).run();
    const origin = writeSnapshot(db);
    const certificate = certified(libraryTask({ compiled, origin }));
    expect(failing(certificate)).toContain("invariants");
    expect(certificate.points.find((point) => point.name === "invariants")?.evidence[0]).toContain("loans.two");
  });

  test.each([
    ["two rows fit the wishes", { choices: description.choices.map((choice) => ({ ...choice, wishes: choice.wishes.slice(0, 1) })) }],
    [
      "another row fits",
      {
        choices: description.choices.map((choice) => ({
          ...choice,
          wishes: choice.wishes.map((wish) => (wish.comparison === "lowest" ? { ...wish, comparison: "highest" as const } : wish)),
        })),
      },
    ],
    ["a value has no source", { values: description.values.slice(1) }],
    [
      "a quote does not stand in the text",
      { values: description.values.map((value) => (value.quote === undefined ? value : { ...value, quote: "for three long days" })) },
    ],
    [
      "a quote does not hold the value",
      { values: description.values.map((value) => (value.argument === "days" ? { ...value, quote: "the cheapest drill" } : value)) },
    ],
    [
      "the policy leaves the value open",
      {
        values: description.values.map((value) =>
          value.argument === "days" ? { write: 1, argument: "days", from: "policy" as const } : value,
        ),
      },
    ],
    ["the user does not know his pin", { user: { ...description.user, profile: { name: "Ann" } } }],
  ])("determined fails when %s", (_, change) => {
    expect(failing(certified(libraryTask({ description: told({ ...description, ...change }) })))).toEqual(["determined"]);
  });
});

describe("certify() of a value from the policy", () => {
  const asPolicy = (argument: string) =>
    told({
      ...description,
      choices: description.choices.filter((choice) => choice.argument !== argument),
      values: [...description.values.filter((value) => value.argument !== argument), { write: 1, argument, from: "policy" }],
    });
  const evidence = (task: Parameters<typeof certified>[0]) =>
    certified(task).points.find((point) => point.name === "determined")?.evidence[0];

  test("says how many other values were tried and refused by the rule that fixes it", () => {
    const [fee] =
      certified(libraryTask())
        .points.find((point) => point.name === "determined")
        ?.evidence.slice(-1) ?? [];
    expect(fee).toBe("insert_loans.fee (write 1): 5 other values refused, 5 by a rule that fixes it");
  });

  test("fails when other values are refused only by rules that do not fix it", () => {
    const rows = {
      ...libraryRows,
      tools: (libraryRows["tools"] ?? []).map((tool) => (tool["code"] === "S1" ? { ...tool, daily_fee: 6n } : tool)),
    };
    expect(evidence(libraryTask({ origin: originOf(rows), description: asPolicy("tool_code") }))).toBe(
      "insert_loans.tool_code (write 1): the policy is named as its source, but no rule that fixes it refuses another value (3 tried, refused by loans.fee_due)",
    );
  });

  test("fails when there is no other value to try", () => {
    const rows = {
      ...libraryRows,
      tools: (libraryRows["tools"] ?? []).filter((tool) => tool["code"] === "D2"),
      loans: (libraryRows["loans"] ?? []).map((loan) => ({ ...loan, tool_code: "D2" })),
    };
    expect(evidence(libraryTask({ origin: originOf(rows), description: asPolicy("tool_code") }))).toContain(
      "there is no other value to try",
    );
  });
});

describe("certify() of a refusal task", () => {
  const refusal = { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 9 }, rule: "loans.two" };
  const refused = told({ ...description, kind: "refusal", choices: [], values: [], refusal });

  test("holds when the call is refused by the rule named and any write fails the task", () => {
    const certificate = certified(libraryTask({ log: log(authenticate), description: refused }));
    expect(certificate.points.filter((point) => !point.ok)).toEqual([]);
    expect(certificate.points.find((point) => point.name === "idle")?.evidence).toEqual([
      "insert_loans is refused by loans.two",
      'the handover: 1 tried, 0 refused, 0 without a change of business, 1 accepted and off (transfer_to_human_agents {"summary":"none"} leaves 0 missing, 2 collateral)',
      "the refused call with another argument: 11 tried, 11 refused, 0 without a change of business, 0 accepted and off",
      'moves of rows: 6 tried, 2 refused, 0 without a change of business, 4 accepted and off (update_loans {"id":1,"status":"BACK"} leaves 0 missing, 1 collateral)',
    ]);
    expect(certificate.points.find((point) => point.name === "determined")?.evidence).toEqual([
      "authenticate.id: the user knows it",
      "authenticate.pin: the user knows it",
      "insert_loans.tool_code (refused): 2 visible columns single out one of 4 rows",
      "insert_loans.days (refused): the description holds it",
      "insert_loans.fee (refused): from policy (loans.fee_due)",
    ]);
  });

  const vague = { ...refused, sub_goals: [{ title: "Drill", text: "You want the cheapest drill.", trigger: null }] };
  const wishes = [{ column: "kind", comparison: "=" as const, value: "DRILL" }];
  const twins = { ...libraryRows, tools: [...(libraryRows["tools"] ?? []), { code: "D3", kind: "DRILL", daily_fee: 3n }] };
  test.each([
    ["the text does not hold a value of the refused call", vague, libraryRows],
    ["two rows that look the same could be meant", refused, twins],
    [
      "the refused call's choice fits two rows",
      { ...refused, choices: [{ write: 0, argument: "tool_code", table: "tools", wishes }] },
      libraryRows,
    ],
    [
      "a value of the refused call comes from a policy that leaves it open",
      { ...refused, values: [{ write: 0, argument: "days", from: "policy" as const }] },
      libraryRows,
    ],
    [
      "the rule that would give a value is the one that refuses it",
      { ...refused, refusal: { ...refusal, arguments: { ...refusal.arguments, fee: 8 }, rule: "loans.fee_due" } },
      { ...libraryRows, loans: [] },
    ],
  ])("fails at determined when %s", (_, other, rows) => {
    expect(failing(certified(libraryTask({ log: log(authenticate), origin: originOf(rows), description: told(other) })))).toEqual([
      "determined",
    ]);
  });

  test("checks the choices and values that tell the refused call", () => {
    const choices = [
      { write: 0, argument: "tool_code", table: "tools", wishes: [...wishes, { column: "daily_fee", comparison: "lowest" as const }] },
    ];
    const values = [source(0, "days", "for three days"), { write: 0, argument: "fee", from: "policy" as const }];
    expect(failing(certified(libraryTask({ log: log(authenticate), description: told({ ...refused, choices, values }) })))).toEqual([]);
  });

  test.each([
    ["another rule refuses", { ...refusal, rule: "loans.own" }],
    ["the call is accepted", { ...refusal, tool: "update_loans", arguments: { id: 1, status: "BACK" } }],
    ["no call is recorded", null],
  ])("fails at idle when %s", (_, other) => {
    expect(failing(certified(libraryTask({ log: log(authenticate), description: told({ ...refused, refusal: other }) })))).toEqual([
      "idle",
    ]);
  });

  test("fails at idle when its target is not its origin", () => {
    expect(failing(certified(libraryTask({ description: told({ ...description, kind: "refusal", refusal }) })))).toContain("idle");
  });
});
