import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Finding, ImportFacts } from "../../environment/import/facts.js";
import { neverFires } from "../../environment/import/findings/never-fires.js";
import { orderDependent } from "../../environment/import/findings/order-dependent.js";
import { unreachableMessages } from "../../environment/import/findings/unreachable-messages.js";
import { triggerShape } from "../../environment/import/trigger-shape.js";
import { sqlTables } from "../../environment/engine/sql-tables.js";

const schema = "CREATE TABLE t (a INTEGER, b INTEGER NOT NULL, s TEXT NOT NULL CHECK (s IN ('x', 'y', 'z')))";
const values = { a: ["NULL", "0", "1", "2"], b: ["NULL", "0", "2"], s: ["'x'", "'y'", "'w'"] } as const;

const atom = (rows: readonly string[]) =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...rows),
        fc.constantFrom("a", "b"),
        fc.constantFrom("=", "<>", "<", ">=", "IS", "IS NOT"),
        fc.constantFrom("0", "1", "2", "NULL", "NEW.b"),
      )
      .map(([row, column, op, other]) => `${row}.${column} ${op} ${other}`),
    fc
      .tuple(fc.constantFrom(...rows), fc.constantFrom("=", "<>"), fc.constantFrom(...values.s))
      .map(([row, op, value]) => `${row}.s ${op} ${value}`),
    fc.constantFrom("EXISTS (SELECT 1 FROM t WHERE a = 1)", "(SELECT max(a) FROM t) > 1"),
  );
const condition = (rows: readonly string[]) =>
  fc
    .array(fc.tuple(fc.constantFrom("AND", "OR", "AND NOT"), atom(rows)), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.map(([join, text], i) => (i === 0 ? text : `${join} ${text}`)).join(" "));

/** A trigger that refuses with one of two messages of its own, or notes that it fired. */
const trigger = fc.constantFrom("INSERT", "UPDATE", "UPDATE OF s").chain((event) => {
  const rows = event === "INSERT" ? ["NEW"] : ["NEW", "OLD"];
  return fc.record({
    head: fc.constantFrom(`BEFORE ${event}`, `AFTER ${event}`),
    when: fc.option(condition(rows), { freq: 2 }),
    branches: fc.array(condition(rows), { minLength: 1, maxLength: 2 }),
  });
});

type Drawn = { readonly head: string; readonly when: string | null; readonly branches: readonly string[] };

function sqlOf({ head, when, branches }: Drawn, index: number): string {
  const cases = branches.map((branch, i) => `WHEN ${branch} THEN RAISE(ABORT, 'm${String(index)}${String(i)}')`).join(" ");
  return `CREATE TRIGGER t${String(index)} ${head} ON t ${when === null ? "" : `WHEN ${when}`} BEGIN SELECT CASE ${cases} END; END`;
}

function* writes(): Generator<string, void> {
  const rows = values.a.flatMap((a) => values.b.flatMap((b) => values.s.map((s) => [a, b, s] as const)));
  for (const [a, b, s] of rows) {
    yield `INSERT INTO t VALUES (${a}, ${b}, ${s})`;
    yield `UPDATE t SET a = ${a}, b = ${b}, s = ${s} WHERE rowid = 1`;
    yield `UPDATE t SET a = ${a}, b = ${b}, s = ${s} WHERE rowid = 2`;
    yield `UPDATE t SET a = ${a}, b = ${b} WHERE rowid = 3`;
  }
}

/** What every write of a small world raises, with these triggers alone. */
function raised(triggers: readonly string[]): ReadonlyMap<string, string> {
  const db = new Database(":memory:");
  for (const sql of [schema, "INSERT INTO t VALUES (0, 0, 'x'), (2, 1, 'y'), (NULL, 2, 'z')", ...triggers]) db.prepare(sql).run();
  const found = new Map<string, string>();
  const [begin, rollback] = [db.prepare("BEGIN"), db.prepare("ROLLBACK")];
  for (const sql of writes()) {
    begin.run();
    try {
      db.prepare(sql).run();
    } catch (error) {
      if (error instanceof Database.SqliteError && error.code === "SQLITE_CONSTRAINT_TRIGGER") found.set(sql, error.message);
    }
    rollback.run();
  }
  db.close();
  return found;
}

function factsOf(triggers: readonly string[]): ImportFacts {
  const db = new Database(":memory:");
  db.prepare(schema).run();
  const tables = sqlTables(db);
  db.close();
  return { tables, triggers: triggers.map(triggerShape), policy: "", files: [], timed: new Set<string>() };
}

/** What chance draws seldom: two refusals of which the wider one hides the other when it is asked first, and a trigger that never fires. */
const wide: Drawn = { head: "BEFORE INSERT", when: null, branches: ["NEW.s <> 'y'"] };
const narrow: Drawn = { head: "BEFORE INSERT", when: null, branches: ["NEW.s = 'x'"] };
const silent: Drawn = { head: "BEFORE INSERT", when: "NEW.a = NULL", branches: ["NEW.b = 1"] };

const messageOf = ({ message }: Finding) => /"(m\d\d)"/.exec(message)?.[1] ?? "";

test("what is called unreachable is raised by no write, and triggers that two orders tell apart are called order-dependent", () => {
  const counts = { unreachable: 0, silent: 0, dependent: 0, clashing: 0, planted: 0 };
  fc.assert(
    fc.property(fc.array(trigger, { minLength: 2, maxLength: 3 }), (drawn) => {
      const triggers = drawn.map(sqlOf);
      const facts = factsOf(triggers);
      const messages = new Set(raised(triggers).values());
      const unreachable = unreachableMessages(facts).map(messageOf);
      const unfired = neverFires(facts).map(({ object }) => object);
      counts.unreachable += unreachable.length;
      counts.silent += unfired.length;
      expect(unreachable.filter((message) => messages.has(message))).toEqual([]);
      expect([...messages].filter((message) => unfired.includes(`t${message.slice(1, 2)}`))).toEqual([]);

      // The planted error: triggers taken to fire in the order of their creation.
      const mistaken = unreachableMessages(factsOf([...triggers].reverse())).map(messageOf);
      counts.planted += mistaken.filter((message) => messages.has(message)).length;

      const [first = "", second = ""] = triggers;
      const forwards = raised([first, second]);
      const backwards = raised([second, first]);
      const differs = [...forwards].some(([sql, message]) => backwards.get(sql) !== message);
      const isTold = orderDependent(factsOf([first, second])).length > 0;
      counts.clashing += differs ? 1 : 0;
      counts.dependent += isTold ? 1 : 0;
      if (differs) expect(isTold).toBe(true);
    }),
    { numRuns: 100, examples: [[[wide, narrow]], [[narrow, wide, silent]]] },
  );
  console.log("imports", JSON.stringify(counts));
  expect(Math.min(counts.unreachable, counts.silent, counts.clashing, counts.planted)).toBeGreaterThan(0);
});
