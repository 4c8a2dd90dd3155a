import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { type ChangeLog, installChangeNotes, type Noted, openChangeLog } from "../../environment/compare/change-log.js";
import { changesOf } from "../../environment/compare/changes.js";
import { diffStates } from "../../environment/compare/diff.js";
import { type Goal, prepareGoal, trackReward } from "../../environment/compare/reward.js";
import { type StateView, viewOf } from "../../environment/compare/state-view.js";
import { originPlan, type Random, randomPlan, seeded, stateOf, tripClasses } from "../doubles/random-states.js";

/** DIFF of the paper's section 4.2, read off both states whole. */
function printedDiff(view: StateView, a: Database.Database, b: Database.Database): number {
  let sum = 0;
  for (const table of view.tables) {
    const columns = table.columns.flatMap((name, i) => {
      const how = table.compared[i];
      return how === "value" ? [`quote(${name})`] : how === "text" ? [`(coalesce(${name}, '') = '')`] : [];
    });
    const [left, right] = [a, b].map(
      (db) =>
        new Set(
          db
            .prepare(`SELECT ${columns.join("||','||")} FROM ${table.name}`)
            .pluck()
            .all(),
        ),
    );
    for (const row of left ?? []) if (!right?.has(row)) sum += 1;
    for (const row of right ?? []) if (!left?.has(row)) sum += 1;
  }
  return sum;
}

const writes: readonly ((n: (limit: number) => number) => string)[] = [
  (n) => `INSERT INTO trip(name, note, parent_id) VALUES('${"ab"[n(2)]}', ${n(2) ? "'n'" : "NULL"}, ${n(2) ? 1 + n(4) : "NULL"})`,
  (n) => `INSERT INTO leg(trip_id, next_id, cost) VALUES(${1 + n(4)}, ${n(2) ? 1 + n(3) : "NULL"}, ${1 + n(2)})`,
  (n) => `UPDATE trip SET parent_id = ${1 + n(5)}, seen = ${n(9)} WHERE id = ${1 + n(4)}`,
  (n) => `UPDATE leg SET cost = ${1 + n(2)}`,
  (n) => `INSERT OR IGNORE INTO tag VALUES(${1 + n(4)}, '${"xy"[n(2)]}')`,
  (n) => `DELETE FROM tag WHERE trip_id = ${1 + n(4)}`,
  (n) => `INSERT INTO memo VALUES(${1 + n(4)}, '${"xy"[n(2)]}')`,
  (n) => `DELETE FROM memo WHERE rowid = ${1 + n(3)}`,
  (n) => `DELETE FROM leg WHERE id = ${1 + n(4)}`,
  (n) => `UPDATE memo SET word = '${"xy"[n(2)]}' WHERE rowid = ${1 + n(3)}`,
  (n) => `INSERT OR IGNORE INTO badge VALUES(${n(3) ? "NULL" : "'k'"}, ${1 + n(4)}, ${1 + n(2)})`,
  (n) => `UPDATE badge SET rank = ${1 + n(2)} WHERE rowid = ${1 + n(4)}`,
  (n) => `UPDATE OR IGNORE badge SET code = ${n(2) ? "NULL" : "'k'"} WHERE rowid = ${1 + n(4)}`,
  (n) => `DELETE FROM badge WHERE rowid = ${1 + n(4)}`,
];

function randomWrite(random: Random): string {
  const n = (limit: number) => Math.floor(random() * limit);
  return writes[n(writes.length)]?.(n) ?? "";
}

function walk(log: (session: Noted) => ChangeLog, runs: number): { steps: number; disagreements: number } {
  let steps = 0;
  let disagreements = 0;
  for (let seed = 0; seed < runs; seed += 1) {
    const random = seeded(seed);
    const origin = stateOf(originPlan);
    const target = stateOf(randomPlan(random));
    const session = stateOf(originPlan);
    const view = viewOf(origin, tripClasses);
    const goal = prepareGoal(view, { origin, target });
    const noted = installChangeNotes(session, view);
    session.exec("BEGIN");
    const tracker = trackReward(goal, log(noted));
    for (let i = 0; i < 8; i += 1) {
      session.exec("SAVEPOINT s");
      session.exec(randomWrite(random));
      session.exec(random() < 0.2 ? "ROLLBACK TO s; RELEASE s" : "RELEASE s");
      const { paper, default: usual } = tracker.after("write");
      const diff = diffStates({ view, origin, wanted: target, found: session });
      steps += 1;
      const full = diff.kind === "decided" ? [diff.missing, diff.collateral, diff.equal ? 1 : 0] : [];
      const same =
        [usual.missing, usual.collateral, usual.success].join() === full.join() && paper.diff === printedDiff(view, session, target);
      disagreements += same ? 0 : 1;
    }
    session.exec("ROLLBACK");
    for (const db of [origin, target, session]) db.close();
  }
  return { steps, disagreements };
}

describe("trackReward()", () => {
  test("equals the full comparison after every step of random sessions, undone writes among them", () => {
    const log = (session: Noted) => openChangeLog({ view: viewOf(session.db, tripClasses), origin: stateOf(originPlan), session });
    expect(walk(log, 150)).toEqual({ steps: 1200, disagreements: 0 });
  }, 60_000);

  test("the comparison catches a log that forgets deleted rows", () => {
    const log = (session: Noted): ChangeLog => {
      const honest = openChangeLog({ view: viewOf(session.db, tripClasses), origin: stateOf(originPlan), session });
      return { ...honest, changes: () => honest.changes().map((change) => ({ ...change, deleted: [] })) };
    };
    expect(walk(log, 10).disagreements).toBeGreaterThan(10);
  });
});

describe("openChangeLog()", () => {
  const odd = ["NULL", "1", "1.0", "'1'", "'a'", "'A'", "CAST(x'ff' AS TEXT)", "CAST(x'fe' AS TEXT)", "char(0xfffd)", "x'ff'"];
  const tables = [
    "CREATE TABLE t(k PRIMARY KEY, v)",
    "CREATE TABLE t(k COLLATE NOCASE, j, v, PRIMARY KEY(k, j))",
    "CREATE TABLE t(k PRIMARY KEY, v) WITHOUT ROWID",
    "CREATE TABLE t(k TEXT PRIMARY KEY, v, rowid, oid, _rowid_)",
    "CREATE TABLE t(k, v)",
  ];

  test.each(tables)("equals the full comparison under odd keys of %s", (sql) => {
    const random = seeded(5);
    const one = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? "NULL";
    const write = () =>
      one([
        `INSERT OR IGNORE INTO t(k, v) VALUES(${one(odd)}, ${one(odd)})`,
        `UPDATE OR IGNORE t SET k = ${one(odd)} WHERE k IS ${one(odd)}`,
        `UPDATE t SET v = ${one(odd)} WHERE k IS ${one(odd)}`,
        `DELETE FROM t WHERE k IS ${one(odd)}`,
      ]);
    const stateAfter = (writes: readonly string[]) => {
      const db = new Database(":memory:");
      for (const each of [sql, ...writes]) db.exec(each);
      return db;
    };
    for (let run = 0; run < 60; run += 1) {
      const [start, way] = [6, 6].map((length) => Array.from({ length }, write));
      const [origin, target, session] = [stateAfter(start ?? []), stateAfter([...(start ?? []), ...(way ?? [])]), stateAfter(start ?? [])];
      const view = viewOf(origin, {});
      const tracker = trackReward(
        prepareGoal(view, { origin, target }),
        openChangeLog({ view, origin, session: installChangeNotes(session, view) }),
      );
      for (const each of [write(), ...(way ?? [])]) {
        session.exec(each);
        const { missing, collateral } = tracker.after("write").default;
        const diff = diffStates({ view, origin, wanted: target, found: session });
        expect(diff).toMatchObject({ missing, collateral });
      }
      for (const db of [origin, target, session]) db.close();
    }
  });
});

const schema = [
  "CREATE TABLE trip(id INTEGER PRIMARY KEY, name TEXT)",
  "CREATE TABLE leg(id INTEGER PRIMARY KEY, trip_id INTEGER REFERENCES trip(id), cost INTEGER)",
];

function state(...statements: readonly string[]): Database.Database {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  for (const sql of [...schema, ...statements]) db.exec(sql);
  return db;
}

function play(goalWrites: readonly string[], steps: readonly string[]) {
  const origin = state("INSERT INTO trip VALUES(1, 'old')");
  const target = state("INSERT INTO trip VALUES(1, 'old')", ...goalWrites);
  const session = state("INSERT INTO trip VALUES(1, 'old')");
  const view = viewOf(origin, {});
  const goal: Goal = prepareGoal(view, { origin, target });
  const tracker = trackReward(goal, openChangeLog({ view, origin, session: installChangeNotes(session, view) }));
  const rewards = steps.map((sql) => {
    session.exec(sql);
    return tracker.after("write");
  });
  return rewards;
}

const book = "INSERT INTO leg(trip_id, cost) VALUES(1, 5)";

describe("the four defects of the printed formula are in `paper` and gone in `default`", () => {
  test("a double booking scores 1", () => {
    const last = play([book], [book, book]).at(-1);
    expect(last?.paper).toMatchObject({ diff: 0, r_final: 1 });
    expect(last?.default).toMatchObject({ missing: 0, collateral: 1, success: 0, p: 0 });
    expect(last?.default.r).toBe(-1);
  });

  test("a wrong first write costs nothing", () => {
    const [first] = play([book], ["INSERT INTO leg(trip_id, cost) VALUES(1, 6)"]);
    expect(first?.paper.r).toBe(0);
    expect(first?.default).toMatchObject({ missing: 1, collateral: 1, p: -1, r: -1 });
  });

  test("a refusal task is blind to harm", () => {
    const [first] = play([], [book]);
    expect(first?.paper).toMatchObject({ p: 1, r: 0 });
    expect(first?.default).toMatchObject({ success: 0, p: 0, r: -1 });
  });

  test("keys that the database chose count", () => {
    const trip = (name: string, id: number, cost: number) =>
      `INSERT INTO trip VALUES(${id}, '${name}'); INSERT INTO leg(trip_id, cost) VALUES(${id}, ${cost})`;
    const last = play([trip("a", 2, 1), trip("b", 3, 2)], [trip("b", 2, 2), trip("a", 3, 1)]).at(-1);
    expect(last?.paper.r_final).toBe(0);
    expect(last?.default).toMatchObject({ missing: 0, collateral: 0, success: 1, p: 1 });
  });
});

describe("rewards of calls that write nothing", () => {
  test("a refused write costs λ_err, an invalid call and a read cost nothing", () => {
    const origin = state();
    const view = viewOf(origin, {});
    const goal = prepareGoal(view, { origin, target: state(book.replace("1, 5", "NULL, 5")) });
    const tracker = trackReward(goal, { changes: () => changesOf(view, origin, origin), forget: () => undefined });
    expect(tracker.after("violation")).toMatchObject({ paper: { r: -0.1 }, default: { r: -0.1 } });
    expect(tracker.after("invalid")).toMatchObject({ paper: { r: 0 }, default: { r: 0 } });
    expect(tracker.after("read")).toMatchObject({ paper: { r: 0 }, default: { r: 0, missing: 1 } });
  });
});
