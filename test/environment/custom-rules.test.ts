import { describe, expect, test } from "vitest";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { interpretWrite, type Write } from "../../environment/compile/interpret-write.js";
import type { Row, Rows } from "../../environment/core/values.js";
import { open, randomState, seeded, tryWrite } from "./random-writes.js";

const accounts = {
  label: "account",
  plural: "accounts",
  layer: "L2",
  key: "code",
  columns: {
    code: { type: "text" },
    cap: { type: "integer", update: "agent" },
    note: { type: "integer", null: "none", insert: "system", update: "system" },
    status: { type: "text" },
  },
  states: {
    column: "status",
    start: "OPEN",
    moves: [
      { from: "OPEN", to: "SHUT", when: "free" },
      { from: "SHUT", to: "LOST", by: "other", when: "free" },
    ],
    end: ["LOST"],
  },
};
const entries = {
  label: "entry",
  plural: "entries",
  layer: "L2",
  key: "id",
  create: { by: "agent" },
  duplicates: ["1"],
  columns: {
    id: { type: "integer" },
    account: { type: "text", references: "accounts" },
    amount: { type: "integer", update: "agent" },
    step: { type: "integer", unit: "step", stamp: "create" },
  },
};

function sheetWith(rules: readonly object[]): unknown {
  return {
    logigen: 1,
    id: "accounts",
    title: "Accounts and entries",
    policy: [{ id: "1", kind: "enforceable", text: "All that the rules say." }],
    actor: { mode: "columns" },
    tables: { accounts, entries },
    rules: rules.map((rule) => ({ clauses: ["1"], ...rule })),
  };
}

function compiled(...rules: readonly object[]): Compiled {
  const compilation = compileSheet(sheetWith(rules));
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
  return compilation.compiled;
}

function errorsOf(...rules: readonly object[]): readonly string[] {
  const compilation = compileSheet(sheetWith(rules));
  return compilation.ok ? [] : compilation.errors.map(({ path, message }) => `${path}: ${message}`);
}

/** The verdicts of writes that follow one another, on one open account "a" with a cap of 10. */
function verdictsOf(sheet: Compiled, writes: readonly Write[]): readonly string[] {
  const { logigen_context: context } = randomState(sheet, seeded(1));
  const marks = Object.fromEntries((sheet.catalogue.tables["accounts"]?.marks ?? []).map(({ column }) => [column, "OPEN"]));
  let state = {
    accounts: [{ code: "a", cap: 10n, note: null, status: "OPEN", ...marks }],
    entries: [],
    logigen_context: context ?? [],
  } as Rows;
  return writes.map((write) => {
    const db = open(sheet, state);
    const tried = tryWrite(sheet, db, write);
    db.close();
    if (tried.kind === "refused") return tried.rule;
    state = tried.state;
    return "accepted";
  });
}

const enter = (amount: bigint): Write => ({ op: "insert", table: "entries", values: { account: "a", amount, step: 10n } });
const set = (values: Row): Write => ({ op: "update", table: "accounts", key: { code: "a" }, set: values });
const guard = (sql: string, rest: object = { table: "accounts", holds: "always" }) => ({
  id: "custom",
  kind: "custom_guard",
  message: "It is refused.",
  sql,
  ...rest,
});
const covered = "(select coalesce(sum(e.amount), 0) from entries as e where e.account = NEW.code) <= NEW.cap";

describe("custom_guard", () => {
  test("that holds is judged whatever write reaches the fact, as it is after the write", () => {
    expect(verdictsOf(compiled(guard(covered)), [enter(6n), enter(4n), enter(1n), set({ cap: 9n }), set({ cap: 10n })])).toEqual([
      "accepted",
      "accepted",
      "custom",
      "custom",
      "accepted",
    ]);
    const lowered: Write = { op: "update", table: "entries", key: { id: 1n }, set: { amount: 7n } };
    expect(verdictsOf(compiled(guard(covered)), [enter(6n), lowered, enter(4n)])).toEqual(["accepted", "accepted", "custom"]);
  });

  test("reads its own table with the new row in it, under any spelling of its name", () => {
    for (const from of ['"entries" e', "main.entries AS e", "accounts as x, entries as e"]) {
      const own = guard(`(select count(*) from ${from} where e.account = NEW.account) <= 2`, { table: "entries", at: "create" });
      if (from.startsWith("main")) expect(errorsOf(own)).not.toEqual([]);
      else expect(verdictsOf(compiled(own), [enter(1n), enter(1n), enter(1n)])).toEqual(["accepted", "accepted", "custom"]);
    }
  });

  test("reads OLD, which is NULL throughout at creation", () => {
    const rise = guard("OLD.amount IS NULL OR NEW.amount >= OLD.amount", { table: "entries", holds: "always" });
    const change = (amount: bigint): Write => ({ op: "update", table: "entries", key: { id: 1n }, set: { amount } });
    expect(verdictsOf(compiled(rise), [enter(3n), change(4n), change(2n)])).toEqual(["accepted", "accepted", "custom"]);
  });

  test.each([
    ["an unknown table", "exists (select 1 from ledgers)", 'unknown name "ledgers"'],
    ["an unknown column of NEW", "NEW.colour = 1", 'no column "colour"'],
    ["the machine's clock", "NEW.cap > unixepoch('now')", "rules[0].sql"],
    ["chance", "random() > 0", "rules[0].sql"],
    ["two expressions", "NEW.cap > 0, NEW.cap < 9", "rules[0].sql"],
    ["a statement", "NEW.cap > 0); delete from entries; select (1", "rules[0].sql"],
    ["a name of the engine's own", "(select now from logigen_context) > 1", "logigen_context"],
  ])("with %s is refused by the compiler", (_name, sql, message) => {
    expect(errorsOf(guard(sql)).join("\n")).toContain(message);
  });
});

describe("custom_effect", () => {
  const when = { table: "accounts", at: "OPEN>SHUT" };
  const insert = {
    id: "shut.entry",
    kind: "custom_effect",
    ...when,
    sql: "INSERT INTO entries (account, amount) VALUES (NEW.code, -OLD.cap)",
  };

  test("writes a row with its stamps where its condition holds, and a client may not", () => {
    const sheet = compiled({ ...insert, when: "new.cap > 5" });
    const { logigen_context: context } = randomState(sheet, seeded(1));
    for (const [cap, count] of [
      [10n, 1],
      [5n, 0],
    ] as const) {
      const state = {
        accounts: [{ code: "a", cap, note: null, status: "OPEN", logigen_mark: "OPEN" }],
        entries: [],
        logigen_context: context ?? [],
      };
      const db = open(sheet, state);
      const tried = tryWrite(sheet, db, set({ status: "SHUT" }));
      expect(tried.kind === "accepted" ? tried.state["entries"] : tried).toEqual(
        count === 1 ? [{ id: 1n, account: "a", amount: -10n, step: 10n }] : [],
      );
      db.close();
    }
  });

  test("writes a system column that a client may not", () => {
    const sheet = compiled({
      id: "note",
      kind: "custom_effect",
      table: "entries",
      at: "create",
      sql: "UPDATE accounts SET note = NEW.amount WHERE code = NEW.account -- the last one\n AND status = 'OPEN'",
    });
    expect(verdictsOf(sheet, [enter(4n), set({ note: 5n }), set({ note: 4n })])).toEqual([
      "accepted",
      "accounts.note.writable",
      "accepted",
    ]);
  });

  test.each([
    ["a table that is not there", "UPDATE ledgers SET cap = 1", "expected one INSERT or UPDATE of a table of the sheet"],
    ["a column that it may not write", "UPDATE accounts SET code = 'b'", 'the column "code" is fixed'],
    ["a key that the database chooses", "INSERT INTO entries (id, account, amount) VALUES (1, NEW.code, 1)", "filled by the engine"],
    ["a stamp", "INSERT INTO entries (account, amount, step) VALUES (NEW.code, 1, 1)", "filled by the engine"],
    ["a conflict clause", "INSERT OR REPLACE INTO entries (account, amount) VALUES (NEW.code, 1)", "REPLACE"],
    ["a deletion", "DELETE FROM entries", "expected one INSERT or UPDATE"],
  ])("with %s is refused by the compiler", (_name, sql, message) => {
    expect(errorsOf({ id: "effect", kind: "custom_effect", ...when, sql }).join("\n")).toContain(message);
  });

  test("is followed when rings are looked for, by the value that it sets", () => {
    const back = {
      id: "back",
      kind: "custom_effect",
      table: "entries",
      at: "create",
      sql: "UPDATE accounts SET status = 'SHUT' WHERE code = NEW.account AND status = 'OPEN'",
    };
    expect(errorsOf(insert, back).join("\n")).toContain("without end");
    expect(errorsOf({ ...insert, at: "SHUT>LOST" }, back)).toEqual([]);
  });
});

describe("interpretWrite()", () => {
  test("leaves a custom rule to SQLite where it is reached, and names a rule that was broken before it", () => {
    const first = { id: "first", kind: "guard", table: "accounts", holds: "always", must: "new.cap <= 20", message: "It is too much." };
    const sheet = compiled(first, guard(covered), {
      id: "last",
      kind: "custom_effect",
      table: "accounts",
      at: "OPEN>SHUT",
      sql: "UPDATE accounts SET note = 1 WHERE code = NEW.code",
    });
    const { logigen_context: context } = randomState(sheet, seeded(1));
    const state = {
      accounts: [{ code: "a", cap: 10n, note: null, status: "OPEN", logigen_mark: "OPEN" }],
      entries: [],
      logigen_context: context ?? [],
    };
    expect(interpretWrite(sheet, state, set({ cap: 21n }))).toMatchObject({ kind: "refused", rule: "first" });
    expect(interpretWrite(sheet, state, set({ cap: 19n }))).toEqual({ kind: "needs_sqlite", rule: "custom" });
    expect(interpretWrite(sheet, { ...state, accounts: [] }, enter(1n))).toMatchObject({
      kind: "refused",
      rule: "entries.account.reference",
    });
  });

  test("leaves a custom effect to SQLite", () => {
    const sheet = compiled({
      id: "last",
      kind: "custom_effect",
      table: "accounts",
      at: "OPEN>SHUT",
      when: "new.cap > 5",
      sql: "UPDATE accounts SET note = 1 WHERE code = NEW.code",
    });
    const { logigen_context: context } = randomState(sheet, seeded(1));
    const state = (cap: bigint) => ({
      accounts: [{ code: "a", cap, note: null, status: "OPEN", logigen_mark: "OPEN" }],
      entries: [],
      logigen_context: context ?? [],
    });
    expect(interpretWrite(sheet, state(10n), set({ status: "SHUT" }))).toEqual({ kind: "needs_sqlite", rule: "last" });
    expect(interpretWrite(sheet, state(5n), set({ status: "SHUT" })).kind).toBe("accepted");
  });
});
