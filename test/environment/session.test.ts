import { describe, expect, test } from "vitest";
import { openSession, type Session } from "../../environment/engine/session.js";
import { stateDigest, writeSnapshot } from "../../environment/engine/snapshot.js";
import type { Rows } from "../../environment/core/values.js";
import { toolsOf } from "../../environment/engine/tools.js";
import { openDesk } from "../doubles/lending-desk.js";
import { randomCall, seeded } from "../doubles/random-calls.js";

const ada = { id: "m1", pin: "1111" };

function served(rows: Rows = {}): Session {
  const session = openSession(openDesk(rows));
  expect(session.call("authenticate", ada)).toMatchObject({ ok: true });
  return session;
}

describe("authenticate", () => {
  test("answers with the user's row and the clock, the evidence left out", () => {
    const session = openSession(openDesk());
    expect(session.call("authenticate", ada)).toEqual({
      ok: true,
      row: { id: "m1", name: "Ada", loans_out: 0n, now: expect.any(BigInt) as bigint },
      effects: [],
    });
  });

  test.each([
    ["wrong evidence", { id: "m1", pin: "2222" }],
    ["an unknown user", { id: "m9", pin: "1111" }],
  ])("is refused with %s", (_name, given) => {
    const session = openSession(openDesk());
    expect(session.call("authenticate", given)).toMatchObject({
      ok: false,
      error: { code: "POLICY_VIOLATION", violated_rule: expect.stringMatching(/^context\./) as string },
    });
  });

  test("happens once", () => {
    expect(served().call("authenticate", { id: "m2", pin: "2222" })).toMatchObject({ ok: false, error: { code: "POLICY_VIOLATION" } });
  });

  test("is required before any write, by name", () => {
    const session = openSession(openDesk());
    expect(session.call("insert_loans", { code: "saw", days: 3 })).toMatchObject({
      ok: false,
      error: { code: "POLICY_VIOLATION", violated_rule: "session.required" },
    });
    expect(session.log()).toEqual([]);
  });
});

describe("insert_<table>", () => {
  test("answers with the row as it is after the effects, and with what else changed", () => {
    expect(served().call("insert_loans", { code: "saw", days: 3n, note: "gift" })).toEqual({
      ok: true,
      row: { id: 1n, member_id: "m1", code: "saw", days: 3n, lent_step: 10n, returned_step: null, status: "OUT", note: "gift" },
      effects: [{ table: "members", key: { id: "m1" }, columns: { loans_out: 1n } }],
    });
  });

  test("names the broken rule with its message and hint, and changes nothing", () => {
    const session = served();
    session.call("insert_loans", { code: "saw", days: 3 });
    session.call("insert_loans", { code: "axe", days: 3 });
    const before = writeSnapshot(session.db);
    expect(session.call("insert_loans", { code: "awl", days: 3 })).toEqual({
      ok: false,
      error: {
        code: "POLICY_VIOLATION",
        message: "A member has at most 2 loans that are out.",
        violated_rule: "loan.quota",
        hint: "Take a tool back first.",
      },
    });
    expect(writeSnapshot(session.db).equals(before)).toBe(true);
  });

  test.each([
    ["a reference to nothing", { code: "nil", days: 3 }, "loans.code.reference"],
    ["a value out of range", { code: "saw", days: 0 }, "loans.days.values"],
  ])("refuses %s by its structural rule", (_name, given, rule) => {
    expect(served().call("insert_loans", given)).toMatchObject({ ok: false, error: { code: "POLICY_VIOLATION", violated_rule: rule } });
  });

  test.each([
    ["the key", { id: 1 }],
    ["a stamped column", { lent_step: 1 }],
    ["the user's column", { member_id: "m2" }],
    ["the state", { status: "RETURNED" }],
    ["the hidden mark", { logigen_mark: "OUT" }],
  ])("takes no argument for %s", (_name, more) => {
    expect(served().call("insert_loans", { code: "saw", days: 3, ...more })).toMatchObject({
      ok: false,
      error: { code: "INVALID_ARGUMENTS" },
    });
  });

  test("keeps hostile text byte for byte", () => {
    const note = `'); DROP TABLE loans;-- "\\ \u2028 é 😀`;
    expect(served().call("insert_loans", { code: "saw", days: 3, note })).toMatchObject({ ok: true, row: { note } });
  });
});

describe("update_<table>", () => {
  const loan = { loans: [{ id: 7n, member_id: "m1", code: "saw", days: 3n, lent_step: 4n }] };

  test("stamps the move and tells the spawned row and the counter", () => {
    expect(served(loan).call("update_loans", { id: 7, status: "RETURNED" })).toEqual({
      ok: true,
      row: { id: 7n, member_id: "m1", code: "saw", days: 3n, lent_step: 4n, returned_step: 10n, status: "RETURNED", note: null },
      effects: expect.arrayContaining([
        { table: "members", key: { id: "m1" }, columns: { loans_out: 0n } },
        { table: "receipts", key: { id: 1n }, columns: { loan_id: 7n, days: 3n } },
      ]) as unknown,
    });
  });

  test("leaves stamps alone where the state does not move", () => {
    expect(served(loan).call("update_loans", { id: 7, note: "late" })).toMatchObject({
      ok: true,
      row: { returned_step: null, note: "late" },
      effects: [],
    });
  });

  test("answers NOT_FOUND for a row that is not there", () => {
    expect(served(loan).call("update_loans", { id: 8, note: "x" })).toEqual({
      ok: false,
      error: { code: "NOT_FOUND", message: "There is no loan with id 8", violated_rule: null, hint: null },
    });
  });

  test("refuses an update that gives nothing but the key", () => {
    expect(served(loan).call("update_loans", { id: 7 })).toMatchObject({ ok: false, error: { code: "INVALID_ARGUMENTS" } });
  });

  test("refuses a move that no clause grants, by name", () => {
    const session = served(loan);
    session.call("update_loans", { id: 7, status: "RETURNED" });
    expect(session.call("update_loans", { id: 7, status: "OUT" })).toMatchObject({
      ok: false,
      error: { violated_rule: "loans.status.move" },
    });
  });

  test("refuses somebody else's row by the ownership rule", () => {
    const session = openSession(openDesk(loan));
    session.call("authenticate", { id: "m2", pin: "2222" });
    expect(session.call("update_loans", { id: 7, status: "RETURNED" })).toMatchObject({
      ok: false,
      error: { violated_rule: "loan.owner" },
    });
  });
});

describe("query_<table>", () => {
  test("needs no user, keeps big integers and shows no evidence", () => {
    const session = openSession(openDesk());
    expect(session.call("query_members", {})).toEqual({
      ok: true,
      rows: [
        { id: "m1", name: "Ada", loans_out: 0n },
        { id: "m2", name: "Béa", loans_out: 0n },
      ],
      truncated: false,
      cursor: null,
    });
    expect(session.call("query_implements", { price_min: "9007199254740993" })).toMatchObject({
      rows: [{ code: "saw", price: 9007199254740993n }],
    });
  });

  test("does not let evidence be guessed by a filter", () => {
    expect(openSession(openDesk()).call("query_members", { pin: "1111" })).toMatchObject({
      ok: false,
      error: { code: "INVALID_ARGUMENTS" },
    });
  });

  test("tells apart a column and a control of the same name", () => {
    expect(openSession(openDesk()).call("query_implements", { limit_: 3, limit: 1 })).toMatchObject({
      rows: [{ code: "axe" }],
      truncated: false,
    });
  });

  test("says when it cut, and continues", () => {
    const session = openSession(openDesk());
    const first = session.call("query_implements", { sort_by: "weight", descending: true, limit: 2 });
    expect(first).toMatchObject({ ok: true, rows: [{ code: "axe" }, { code: "saw" }], truncated: true });
    const cursor = first.ok && "cursor" in first ? first.cursor : null;
    expect(session.call("query_implements", { sort_by: "weight", descending: true, limit: 2, cursor })).toMatchObject({
      rows: [{ code: "awl" }],
      truncated: false,
      cursor: null,
    });
  });

  test("cuts at its byte cap, and answers LIMIT where not one row fits", () => {
    const long = (bytes: number) => ({
      loans: [1n, 2n, 3n].map((id) => ({
        id,
        member_id: "m1",
        code: "saw",
        days: 1n,
        lent_step: 1n,
        status: "RETURNED",
        returned_step: 2n,
        note: "x".repeat(bytes),
      })),
      receipts: [1n, 2n, 3n].map((id) => ({ id, loan_id: id, days: 1n })),
    });
    expect(openSession(openDesk(long(30_000))).call("query_loans", {})).toMatchObject({
      ok: true,
      rows: [{ id: 1n }, { id: 2n }],
      truncated: true,
    });
    expect(openSession(openDesk(long(70_000))).call("query_loans", {})).toMatchObject({ ok: false, error: { code: "LIMIT" } });
  });
});

describe("openSession()", () => {
  test.each([
    "constructor",
    "__proto__",
    "toString",
    "query_sqlite_schema",
    "query_logigen_context",
    "insert_receipts",
    "insert_members",
    "update_implements",
    "QUERY_LOANS",
    "query_loans--",
  ])("has no tool %s", (tool) => {
    expect(served().call(tool, {})).toMatchObject({ ok: false, error: { code: "UNKNOWN_TOOL" } });
  });

  test("logs accepted writes, and the log made again gives the same state", () => {
    const desk = openDesk();
    const first = openSession(desk);
    first.call("authenticate", ada);
    first.call("insert_loans", { code: "saw", days: 2n ** 60n });
    first.call("insert_loans", { code: "nil", days: 1 });
    first.call("query_loans", {});
    first.call("update_loans", { id: 1, status: "RETURNED" });
    first.call("transfer_to_human_agents", { summary: "done" });
    expect(first.log().map(({ tool }) => tool)).toEqual(["authenticate", "insert_loans", "update_loans", "transfer_to_human_agents"]);
    const second = openSession(desk);
    const log = JSON.parse(JSON.stringify(first.log())) as ReturnType<Session["log"]>;
    for (const { tool, arguments: given } of log) expect(second.call(tool, given)).toMatchObject({ ok: true });
    expect(writeSnapshot(second.db).equals(writeSnapshot(first.db))).toBe(true);
  });

  test("answers a transfer with what it wrote, once", () => {
    const session = served();
    expect(session.call("transfer_to_human_agents", { summary: "help" })).toEqual({
      ok: true,
      row: { transferred: 1n, transfer_summary: "help" },
      effects: [],
    });
    expect(session.call("transfer_to_human_agents", { summary: "again" })).toMatchObject({
      ok: false,
      error: { code: "POLICY_VIOLATION" },
    });
  });

  test("is back at the origin, by the digest of its state, after each of 1,000 random episodes", () => {
    const desk = openDesk();
    const session = openSession(desk);
    const tools = toolsOf(desk.compiled);
    const random = seeded(5);
    const origin = stateDigest(session.db);
    const counts = { accepted: 0, refused: 0, changed: 0 };
    for (let episode = 0; episode < 1000; episode += 1) {
      session.call("authenticate", ada);
      for (let call = 0; call < 1 + (episode % 6); call += 1) {
        const { tool, arguments: given } = randomCall(session, tools, random);
        counts[session.call(tool, given).ok ? "accepted" : "refused"] += 1;
      }
      if (stateDigest(session.db) !== origin) counts.changed += 1;
      session.reset();
      expect(stateDigest(session.db)).toBe(origin);
    }
    expect(counts.changed).toBe(1000);
    expect(counts.accepted).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(300);
    expect(writeSnapshot(session.db).equals(desk.origin)).toBe(true);
    expect(session.log()).toEqual([]);
    session.call("authenticate", ada);
    expect(session.call("insert_loans", { code: "saw", days: 1 })).toMatchObject({
      ok: true,
      row: { id: 1n },
      effects: [{ table: "members" }],
    });
  });
});
