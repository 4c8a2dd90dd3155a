import { describe, expect, test } from "vitest";
import { openSnapshot, writeSnapshot } from "../../environment/snapshot.js";
import { certified, description, failing, goldLog, libraryOrigin, libraryTask, told, toolLibrary } from "../doubles/tool-library.js";

const [authenticate, bringBack, borrow] = goldLog;
const log = (...calls: readonly (typeof authenticate)[]) => calls.flatMap((call) => call ?? []);
const source = (write: number, argument: string, quote: string) => ({ write, argument, from: "description" as const, quote });

describe("certify()", () => {
  test("holds of a sound task, with evidence for every point", () => {
    const certificate = certified(libraryTask());
    expect(certificate.points.filter((point) => !point.ok)).toEqual([]);
    expect(certificate).toMatchObject({ ok: true, difficulty: "L3", tags: ["waterfall", "hidden-constraint", "reasoning", "conditional-logic", "attribute-based-selection", "multi-step", "state-based"] });
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

  test("idle fails when doing nothing reaches the target", () => {
    const idle = told({ ...description, choices: [], values: [] });
    expect(failing(certified(libraryTask({ log: log(authenticate), description: idle })))).toEqual(["idle"]);
  });

  test("necessary fails when the target is reached without a write", () => {
    const spare = { tool: "update_loans", arguments: { id: 2, note: "thanks" } };
    const first = { tool: "update_loans", arguments: { id: 2, note: "please" } };
    const known = told({ ...description, choices: [...description.choices, ...[2, 3].map((write) => ({ write, argument: "id", table: "loans", wishes: [{ column: "member_id", comparison: "=" as const, value: "m1" }, { column: "fee", comparison: "highest" as const }] }))] });
    expect(failing(certified(libraryTask({ log: log(authenticate, bringBack, borrow, first, spare), description: known })))).toEqual(["necessary", "altered"]);
  });

  test("repeat fails when a second time changes the state and reaches the target", () => {
    const renew = { tool: "update_loans", arguments: { id: 2, status: "RENEWING" } };
    const known = told({
      ...description,
      goal: "Make room for a drill, take one home, and renew the dearer loan.",
      choices: [...description.choices, { write: 2, argument: "id", table: "loans", wishes: [{ column: "member_id", comparison: "=", value: "m1" }, { column: "fee", comparison: "highest" }] }],
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
      values: [...description.values, source(1, "shelf", "on shelf 4"), { write: 2, argument: "id", from: "created" }, source(2, "shelf", "on shelf 5")],
    });
    const certificate = certified(libraryTask({ log: log(authenticate, bringBack, shelved, moved), description: known }));
    expect(failing(certificate)).toEqual(["altered"]);
    expect(certificate.points.find((point) => point.name === "altered")?.evidence[0]).toContain("insert_loans.shelf");
  });

  test("invariants fails when the target breaks a rule that holds of rows", () => {
    const compiled = toolLibrary();
    const db = openSnapshot(libraryOrigin(compiled));
    for (const name of db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all()) db.prepare(`DROP TRIGGER "${name}"`).run();
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
    ["another row fits", { choices: description.choices.map((choice) => ({ ...choice, wishes: choice.wishes.map((wish) => (wish.comparison === "lowest" ? { ...wish, comparison: "highest" as const } : wish)) })) }],
    ["a value has no source", { values: description.values.slice(1) }],
    ["a quote does not stand in the text", { values: description.values.map((value) => (value.quote === undefined ? value : { ...value, quote: "for three long days" })) }],
    ["a quote does not hold the value", { values: description.values.map((value) => (value.argument === "days" ? { ...value, quote: "the cheapest drill" } : value)) }],
    ["the policy leaves the value open", { values: description.values.map((value) => (value.argument === "days" ? { write: 1, argument: "days", from: "policy" as const } : value)) }],
    ["the user does not know his pin", { user: { ...description.user, profile: { name: "Ann" } } }],
  ])("determined fails when %s", (_, change) => {
    expect(failing(certified(libraryTask({ description: told({ ...description, ...change }) })))).toEqual(["determined"]);
  });
});

describe("certify() of a refusal task", () => {
  const refusal = { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 9 }, rule: "loans.two" };
  const refused = told({ ...description, kind: "refusal", choices: [], values: [], refusal });

  test("holds when the call is refused by the rule named and any write fails the task", () => {
    const certificate = certified(libraryTask({ log: log(authenticate), description: refused }));
    expect(certificate.points.filter((point) => !point.ok)).toEqual([]);
    expect(certificate.points.find((point) => point.name === "idle")?.evidence).toEqual(["insert_loans is refused by loans.two", "an accepted write that nobody needed leaves 0 missing, 2 collateral"]);
  });

  test.each([
    ["another rule refuses", { ...refusal, rule: "loans.own" }],
    ["the call is accepted", { ...refusal, tool: "update_loans", arguments: { id: 1, status: "BACK" } }],
    ["no call is recorded", null],
  ])("fails at idle when %s", (_, other) => {
    expect(failing(certified(libraryTask({ log: log(authenticate), description: told({ ...refused, refusal: other }) })))).toEqual(["idle"]);
  });

  test("fails at idle when its target is not its origin", () => {
    expect(failing(certified(libraryTask({ description: told({ ...description, kind: "refusal", refusal }) })))).toContain("idle");
  });
});
