import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { interpretWrite, type Write } from "../../environment/compile/interpret-write.js";
import { emitExpression } from "../../environment/core/emit-expression.js";
import { evaluate } from "../../environment/core/evaluate-expression.js";
import { parseExpression } from "../../environment/core/parse-expression.js";
import type { Rows, Value } from "../../environment/core/values.js";
import { compiledOf } from "../doubles/lending-desk.js";
import { open, randomState, seeded, tryWrite } from "./random-writes.js";

const column = { type: "integer", update: "agent" };
const tables = {
  flags: {
    label: "flag",
    plural: "flags",
    layer: "L1",
    key: "code",
    columns: { code: { type: "text" }, held: { type: "integer" }, stop: { type: "integer" } },
  },
  jobs: {
    label: "job",
    clauses: ["1"],
    plural: "jobs",
    layer: "L2",
    key: "id",
    create: { by: "agent" },
    unique: [{ columns: ["no"] }],
    live: ["OPEN"],
    columns: {
      id: { type: "integer" },
      no: { type: "integer" },
      flag: { type: "text", references: "flags" },
      parent: { type: "integer", references: "jobs", null: "none" },
      a: { ...column, null: "unknown" },
      b: { ...column, null: "unknown" },
      note: { type: "text", class: "text", null: "none", update: "agent", frozen: ["DONE"] },
      status: { type: "text" },
    },
    states: {
      column: "status",
      start: ["WAIT", "OPEN"],
      moves: [
        { from: "WAIT", to: "OPEN", when: "free" },
        { from: "OPEN", to: "DONE", when: "free" },
      ],
      end: ["DONE"],
    },
  },
};

function sheetWith(rules: readonly object[], changed: object = {}): unknown {
  return {
    logigen: 1,
    id: "jobs",
    title: "Jobs and flags",
    policy: [{ id: "1", kind: "enforceable", text: "All that the rules say." }],
    actor: { mode: "columns" },
    tables: { ...tables, ...changed },
    rules: rules.map((rule) => ({ clauses: ["1"], ...rule })),
  };
}

function compiled(...rules: readonly object[]): Compiled {
  return compiledOf(sheetWith(rules));
}

const guard = (id: string, must: string, rest: object = { holds: "always" }) => ({
  id,
  kind: "guard",
  table: "jobs",
  must,
  message: "It is refused.",
  ...rest,
});

function stateOf(
  sheet: Compiled,
  jobs: readonly Record<string, Value>[],
  flags: readonly Record<string, Value>[] = [{ code: "x", held: 0n, stop: 0n }],
): Rows {
  const { logigen_context: context } = randomState(sheet, seeded(1));
  const empty = Object.fromEntries((sheet.catalogue.tables["jobs"]?.columns ?? []).map(({ name }) => [name, null]));
  const marks = (sheet.catalogue.tables["jobs"]?.marks ?? []).map(({ column: name, of }) => ({ name, of }));
  return {
    flags: [...flags],
    jobs: jobs.map((job, index) => {
      const row: Record<string, Value> = { ...empty, id: BigInt(index + 1), no: BigInt(index + 1), flag: "x", status: "OPEN", ...job };
      return { ...row, ...Object.fromEntries(marks.map(({ name, of }) => [name, of === null ? "created" : (row[of] ?? null)])) };
    }),
    logigen_context: context ?? [],
  };
}

/** The engine's verdict, which the interpreter shares. */
function verdictOf(sheet: Compiled, state: Rows, write: Write): string {
  const db = open(sheet, state);
  const tried = tryWrite(sheet, db, write);
  db.close();
  const verdict = interpretWrite(sheet, state, write);
  const text = tried.kind === "refused" ? tried.rule : "accepted";
  expect(verdict.kind === "accepted" ? "accepted" : verdict.rule).toBe(text);
  return text;
}

const insert = (values: Record<string, Value>): Write => ({
  op: "insert",
  table: "jobs",
  values: { no: 99n, flag: "x", status: "OPEN", ...values },
});
const update = (id: bigint, set: Record<string, Value>): Write => ({ op: "update", table: "jobs", key: { id }, set });

describe("compileSheet()", () => {
  test.each([
    ["a filter condition that never names its row", [guard("g", "exists(job in jobs where job.a = 1 and new.b = 2)")], 'never names "job"'],
    ["a remainder of what is no number", [guard("g", "new.flag % 2 = 0")], "expected a number"],
    ["bands that rise", [guard("g", "band(new.a, 1: 10, 5: 20, else: 0) = 1")], "bounds that fall"],
    ["a text that stands for a huge tree", [guard("g", `new.a ${"% (new.a ".repeat(12)}${")".repeat(12)} = 1`)], "operators and operands"],
    [
      "a counter of rows that nobody ever writes",
      [{ id: "c", kind: "counter", table: "flags", column: "held", rows: { from: "flags", match: { code: "owner.code" } } }],
      "nobody can ever write what is counted",
    ],
    ["a let without a table", [guard("g", "band.low = 1", { holds: "always", let: { band: { from: "bands" } } })], 'no table "bands"'],
    ["a let whose name is taken", [guard("g", "now.low = 1", { holds: "always", let: { now: { from: "flags" } } })], "is taken"],
    [
      "a last by a column with ties",
      [guard("g", "top.a = 1", { holds: "always", let: { top: { from: "jobs", last: "a" } } })],
      "may not tie",
    ],
  ])("refuses %s", (_name, rules, message) => {
    const compilation = compileSheet(sheetWith(rules));
    expect(compilation.ok ? [] : compilation.errors.map((error) => error.message).join("\n")).toContain(message);
  });

  test("judges a guard for the row that an effect takes another away from, whose own trigger is running", () => {
    const kept = guard("kept", "new.b is null or exists(job in jobs where job.parent = new.id)");
    const adopt = { id: "adopt", kind: "propagate", table: "jobs", at: { change: ["a"] }, rows: { from: "jobs", match: { no: "new.a" } } };
    const woken = { id: "woken", kind: "propagate", table: "jobs", at: "WAIT>OPEN", rows: { from: "flags", match: { code: "new.flag" } } };
    const held = { ...woken, set: { held: "row.held + 1" } };
    for (const set of [{ parent: "new.id" }, { parent: "new.id", status: "'DONE'" }]) {
      const sheet = compiled(kept, { ...adopt, set }, held);
      const left = stateOf(sheet, [{}, { b: 1n }, { parent: 2n }, { parent: 2n }]);
      expect(verdictOf(sheet, left, update(1n, { a: 3n }))).toBe("accepted");
      expect(verdictOf(sheet, stateOf(sheet, [{}, { b: 1n }, { parent: 2n }]), update(1n, { a: 3n }))).toBe("kept");
    }
  });

  test("lets a row's effects go on after one of them has changed a column of it that others follow", () => {
    const made = { kind: "stamp", table: "jobs", at: "create" };
    const columns = { ...tables.jobs.columns, rank: { type: "integer", default: 0 }, peers: { type: "integer" } };
    const rules = [
      { ...made, id: "first", set: { rank: "coalesce(new.rank + 1, 0)" } },
      { id: "peers", kind: "counter", table: "jobs", column: "peers", rows: { from: "jobs", match: { rank: "owner.rank" } } },
      { ...made, id: "second", set: { rank: "new.flag.held" } },
    ];
    const sheet = compiledOf(sheetWith(rules, { jobs: { ...tables.jobs, columns } }));
    expect(verdictOf(sheet, stateOf(sheet, [], [{ code: "x", held: 8n, stop: 0n }]), insert({}))).toBe("accepted");
  });

  test("refuses a move by the system that no effect makes, and takes it once one does", () => {
    const moves = [...tables.jobs.states.moves, { from: "WAIT", to: "DONE", by: "system", when: "free" }];
    const jobs = { ...tables.jobs, states: { ...tables.jobs.states, moves } };
    const effect = (status: string) => ({
      id: "e",
      kind: "propagate",
      table: "jobs",
      at: "OPEN>DONE",
      rows: { from: "jobs", match: { parent: "new.id" }, states: ["WAIT"] },
      set: { status: `'${status}'` },
    });
    const errors = (rules: readonly object[]) => {
      const compilation = compileSheet(sheetWith(rules, { jobs }));
      return compilation.ok ? [] : compilation.errors.map(({ path }) => path);
    };
    expect(errors([])).toEqual([]);
    expect(errors([effect("OPEN")])).toEqual(["tables.jobs.states.moves[2].by"]);
    expect(errors([effect("DONE")])).toEqual([]);
  });
});

describe("verdicts", () => {
  test("a forbidden change of the state is named before a column that is frozen in it", () => {
    const sheet = compiled();
    const state = stateOf(sheet, [{ status: "DONE" }]);
    expect(verdictOf(sheet, state, update(1n, { status: "OPEN", note: "back" }))).toBe("jobs.status.move");
    expect(verdictOf(sheet, state, update(1n, { note: "back" }))).toBe("jobs.note.writable");
  });

  test.each([
    ["quota", { per: ["flag"], max: 1 }],
    ["exclusive", { same: ["flag"] }],
    ["overlap", { same: ["flag"], span: ["a", "b"] }],
    ["peak", { per: ["flag"], span: ["a", "b"], max: 1 }],
  ])("%s counts rows in every state where it says `states: any`, and live ones where it says nothing", (kind, rest) => {
    const rule = { id: "r", kind, table: "jobs", at: "create", message: "It is refused.", ...rest };
    const span = { a: 1n, b: 5n };
    for (const [status, unsaid] of [
      ["DONE", "accepted"],
      ["OPEN", "r"],
    ] as const) {
      const verdict = (sheet: Compiled) => verdictOf(sheet, stateOf(sheet, [{ status, ...span }]), insert(span));
      expect([verdict(compiled(rule)), verdict(compiled({ ...rule, states: "any" }))]).toEqual([unsaid, "r"]);
    }
  });

  test("a new row may not name itself by the key that it does not have yet", () => {
    const sheet = compiled();
    expect(verdictOf(sheet, stateOf(sheet, [{}]), insert({ parent: -1n }))).toBe("jobs.parent.reference");
    expect(verdictOf(sheet, stateOf(sheet, [{}]), insert({ parent: 1n }))).toBe("accepted");
  });

  test("a sum that leaves 64 bits refuses by the rule's name, one that comes back does not", () => {
    const sheet = compiled(guard("most", "sum(job.a for job in jobs where job.flag = new.flag) <= 100"));
    const big = 2n ** 62n;
    expect(verdictOf(sheet, stateOf(sheet, [{ a: big }]), insert({ a: big }))).toBe("most");
    expect(verdictOf(sheet, stateOf(sheet, [{ a: big }, { a: big }]), insert({ a: -2n * big }))).toBe("accepted");
    const product = compiled(guard("most", "sum(job.a * job.b for job in jobs where job.flag = new.flag) <= 100"));
    expect(verdictOf(product, stateOf(product, [{ a: 1n, b: 1n }]), insert({ a: big, b: -4n }))).toBe("most");
    expect(verdictOf(product, stateOf(product, [{ a: 1n, b: 1n }]), insert({ a: 9n, b: 11n }))).toBe("accepted");
  });

  test("a promotion passes over rows whose change would break a rule of another table", () => {
    const calm = {
      id: "flag.calm",
      kind: "guard",
      table: "flags",
      holds: "always",
      must: "count(job in jobs where job.flag = new.code and job.status = 'OPEN') <= new.stop",
      message: "It is refused.",
    };
    const pick = { from: "jobs", states: ["WAIT"], order: ["no"], take: 1 };
    const promote = (rest: object) => ({
      id: "next",
      kind: "promote",
      table: "jobs",
      at: "OPEN>DONE",
      pick: { ...pick, ...rest },
      set: { status: "'OPEN'" },
    });
    const flags = [
      { code: "x", held: 0n, stop: 9n },
      { code: "y", held: 0n, stop: 0n },
    ];
    const jobs = [{}, { status: "WAIT", flag: "y" }, { status: "WAIT" }];
    const strict = compiled(calm, promote({}));
    expect(verdictOf(strict, stateOf(strict, jobs, flags), update(1n, { status: "DONE" }))).toBe("flag.calm");
    const eligible = compiled(calm, promote({ eligible: true }));
    const state = stateOf(eligible, jobs, flags);
    expect(verdictOf(eligible, state, update(1n, { status: "DONE" }))).toBe("accepted");
    const verdict = interpretWrite(eligible, state, update(1n, { status: "DONE" }));
    expect(verdict.kind === "accepted" ? verdict.state["jobs"]?.map(({ status }) => status) : verdict).toEqual(["DONE", "WAIT", "OPEN"]);
  });
});

describe("emitExpression()", () => {
  const texts = [
    "abs(new.a)",
    "- new.a",
    "floor(new.a / new.b)",
    "ceil(new.a / new.b)",
    "round(new.a / new.b)",
    "round(new.a * 2 / new.b)",
    "new.a % new.b",
    "band(new.a, 100: 3, 0: 2, -5: 1, else: 0)",
    "new.a in (new.b, 3, new.b + 1)",
    "case new.a when 3 then new.b when new.b then 0 - new.b else 1 end",
    "sum(job.a for job in jobs where job.id = 1 or job.id = 2)",
    "least(new.a + 1, new.b) - greatest(new.a, new.b)",
  ];
  const extreme = fc.oneof(
    fc.bigInt(-12n, 12n),
    fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n, -(2n ** 62n) - 1n, 2n ** 53n),
    fc.constant(null),
  );

  test("gives what evaluate() gives at the ends of 64 bits too, and never SQLite's own error", () => {
    const sheet = compiled();
    const { catalogue } = sheet;
    fc.assert(
      fc.property(fc.constantFrom(...texts), extreme, extreme, (text, a, b) => {
        const parsed = parseExpression(text);
        if (parsed.kind === "refused") throw new Error(parsed.message);
        const state = stateOf(sheet, [{ a, b }, { a: b }]);
        const db = open(sheet, state);
        const row = state["jobs"]?.[0] ?? {};
        const sql = emitExpression(parsed.expression, {
          catalogue,
          roots: { new: { kind: "row", table: "jobs", qualifier: "n." } },
          overlay: null,
          causes: {},
          depth: 0,
          form: "statement",
        });
        const found = db.prepare(`SELECT ${sql} FROM jobs AS n WHERE n.id = 1`).pluck().get();
        db.close();
        const rows = (table: string) => state[table] ?? [];
        const wanted = evaluate(parsed.expression, {
          catalogue,
          roots: { new: { table: "jobs", row } },
          rows,
          rowsBefore: rows,
          context: {},
          cause: null,
        });
        expect([text, a, b, found]).toEqual([text, a, b, typeof wanted === "boolean" ? BigInt(wanted) : wanted]);
      }),
      { numRuns: 600 },
    );
  });
});
