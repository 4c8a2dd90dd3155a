import type Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { type ChangeLog, installChangeNotes, openChangeLog } from "../../../environment/compare/change-log.js";
import { changesOf } from "../../../environment/compare/changes.js";
import { diffFacts, diffStates } from "../../../environment/compare/diff.js";
import { factsOf, type Structure } from "../../../environment/compare/facts.js";
import { prepareGoal, type RewardTracker, trackReward } from "../../../environment/compare/reward.js";
import { type StateView, viewOf } from "../../../environment/compare/state-view.js";
import {
  bruteForce,
  nudged,
  originPlan,
  type Plan,
  randomPlan,
  seeded,
  shuffled,
  stateOf,
  tripClasses,
} from "../../doubles/random-states.js";

/** How one comparison of two states answers. */
type Compare = (
  view: StateView,
  sides: { readonly origin: Database.Database; readonly wanted: Database.Database; readonly found: Database.Database },
) => { readonly missing: number; readonly collateral: number };

/** Random pairs of states of one origin on which a comparison differs from brute force. */
function disagreements(compare: Compare, pairs: number): number {
  let count = 0;
  for (let seed = 0; seed < pairs; seed += 1) {
    const random = seeded(seed);
    const plan = randomPlan(random);
    const others: readonly (() => Plan)[] = [
      () => shuffled(plan, random),
      () => shuffled(nudged(plan, random), random),
      () => randomPlan(random),
    ];
    const other = others[seed % 3]?.() ?? plan;
    const [origin, wanted, found] = [stateOf(originPlan), stateOf(plan), stateOf(other, seed % 5)];
    const { missing, collateral } = compare(viewOf(origin, tripClasses), { origin, wanted, found });
    const expected = bruteForce(plan, other);
    if (missing !== expected.missing || collateral !== expected.collateral) count += 1;
    for (const db of [origin, wanted, found]) db.close();
  }
  return count;
}

const honest: Compare = (view, sides) => {
  const diff = diffStates({ view, ...sides });
  return diff.kind === "decided" ? diff : { missing: -1, collateral: -1 };
};

function facts(view: StateView, { origin, wanted, found }: Parameters<Compare>[1]): readonly [Structure, Structure] {
  return [factsOf(view, changesOf(view, origin, wanted)), factsOf(view, changesOf(view, origin, found))];
}

/** Replaces each reference to a created row by what that row holds, and compares the lists of contents: equal contents pass for equal states. */
const byContent: Compare = (view, sides) => {
  const [wanted, found] = facts(view, sides).map((structure) =>
    structure.facts.map(({ label, nodes }) => `${label} ${nodes.map((node) => contentOf(structure, node)).join()}`).sort(),
  );
  const rest = [...(found ?? [])];
  const missing = (wanted ?? []).filter((label) => {
    const at = rest.indexOf(label);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return { missing: missing.length, collateral: rest.length };
};

function contentOf({ facts: all }: Structure, node: number): string {
  return all.find(({ source, nodes }) => source.kind === "created" && nodes[0] === node)?.label ?? "";
}

describe("diffStates() held against brute force", () => {
  test("is right on 600 pairs", { timeout: 60_000 }, () => {
    expect(disagreements(honest, 600)).toBe(0);
  });

  const broken: readonly (readonly [string, Compare])[] = [
    ["compares contents in the place of references", byContent],
    [
      "takes duplicates for one",
      (view, sides) => {
        const [wanted, found] = facts(view, sides).map((structure) => ({
          ...structure,
          facts: structure.facts.filter((fact, i, list) => list.findIndex(({ label }) => label === fact.label) === i),
        }));
        const diff = wanted === undefined || found === undefined ? null : diffFacts(view, wanted, found);
        return diff?.kind === "decided" ? diff : { missing: -1, collateral: -1 };
      },
    ],
    [
      "takes stored keys as they are",
      (view, sides) =>
        honest(
          {
            tables: view.tables.map((table) => ({
              ...table,
              references: [],
              compared: table.compared.map((how) => (how === "self" ? "value" : how)),
            })),
          },
          sides,
        ),
    ],
    [
      "compares a technical column",
      (view, sides) =>
        honest(
          { tables: view.tables.map((table) => ({ ...table, compared: table.compared.map((how) => (how === "none" ? "value" : how)) })) },
          sides,
        ),
    ],
  ];

  test.each(broken)("notices one that %s", (_name, compare) => {
    expect(disagreements(compare, 300)).toBeGreaterThan(0);
  });
});

type Spoil = (log: ChangeLog) => ChangeLog;

/** Steps of random sessions, undone ones among them, after which what is said incrementally differs from the full comparison. */
function rewardFaults({
  sessions,
  spoil = (log) => log,
  follow = (tracker) => tracker,
}: {
  readonly sessions: number;
  readonly spoil?: Spoil;
  readonly follow?: (tracker: RewardTracker) => RewardTracker;
}): { readonly steps: number; readonly faults: number } {
  let steps = 0;
  let faults = 0;
  for (let seed = 0; seed < sessions; seed += 1) {
    const random = seeded(seed);
    const [origin, target, session] = [stateOf(originPlan), stateOf(randomPlan(random)), stateOf(originPlan)];
    const view = viewOf(origin, tripClasses);
    const noted = installChangeNotes(session, view);
    session.exec("BEGIN");
    const tracker = follow(trackReward(prepareGoal(view, { origin, target }), spoil(openChangeLog({ view, origin, session: noted }))));
    for (let at = 0; at < 8; at += 1) {
      session.exec("SAVEPOINT step");
      session.exec(writeOf(random));
      session.exec(random() < 0.2 ? "ROLLBACK TO step; RELEASE step" : "RELEASE step");
      const { default: said } = tracker.after("write");
      const diff = diffStates({ view, origin, wanted: target, found: session });
      steps += 1;
      if (
        diff.kind === "undecided" ||
        said.missing !== diff.missing ||
        said.collateral !== diff.collateral ||
        said.success !== (diff.equal ? 1 : 0)
      )
        faults += 1;
    }
    session.exec("ROLLBACK");
    for (const db of [origin, target, session]) db.close();
  }
  return { steps, faults };
}

const writes: readonly ((n: (below: number) => number) => string)[] = [
  (n) => `INSERT INTO trip(name, parent_id) VALUES('${"ab"[n(2)] ?? "a"}', ${1 + n(4)})`,
  (n) => `INSERT INTO leg(trip_id, next_id, cost) VALUES(${1 + n(4)}, ${1 + n(3)}, ${1 + n(2)})`,
  (n) => `UPDATE trip SET parent_id = ${1 + n(5)} WHERE id = ${1 + n(4)}`,
  (n) => `UPDATE leg SET cost = ${1 + n(2)}`,
  (n) => `INSERT OR IGNORE INTO tag VALUES(${1 + n(4)}, '${"xy"[n(2)] ?? "x"}')`,
  (n) => `DELETE FROM tag WHERE trip_id = ${1 + n(4)}`,
  (n) => `DELETE FROM leg WHERE id = ${1 + n(4)}`,
  (n) => `INSERT INTO memo VALUES(${1 + n(4)}, '${"xy"[n(2)] ?? "x"}')`,
  (n) => `INSERT INTO badge VALUES(NULL, ${1 + n(4)}, ${1 + n(2)})`,
];

function writeOf(random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  return writes[below(writes.length)]?.(below) ?? "";
}

const forget =
  (what: "created" | "deleted" | "changed"): Spoil =>
  (log) => ({ ...log, changes: () => log.changes().map((change) => ({ ...change, [what]: [] })) });

describe("the reward after each step held against the full comparison", () => {
  test("is right after 1,200 steps", { timeout: 60_000 }, () => {
    expect(rewardFaults({ sessions: 150 })).toEqual({ steps: 1200, faults: 0 });
  });

  test.each([
    ["misses created rows", forget("created")],
    ["misses deleted rows", forget("deleted")],
    ["misses changed rows", forget("changed")],
    [
      "misses one table",
      (log: ChangeLog): ChangeLog => ({
        ...log,
        changes: () => log.changes().map((change, table) => (table === 1 ? { created: [], deleted: [], changed: [] } : change)),
      }),
    ],
  ])("notices a change log that %s", (_name, spoil) => {
    expect(rewardFaults({ sessions: 20, spoil }).faults).toBeGreaterThan(0);
  });

  test("notices a change log that is a step behind", () => {
    const behind: Spoil = (log) => {
      let last = log.changes();
      return {
        ...log,
        changes: () => {
          const said = last;
          last = log.changes();
          return said;
        },
      };
    };
    expect(rewardFaults({ sessions: 20, spoil: behind }).faults).toBeGreaterThan(0);
  });

  test("notices a reward that takes an unequal arrangement for success", () => {
    const follow = (tracker: RewardTracker): RewardTracker => ({
      ...tracker,
      after: (outcome) => {
        const reward = tracker.after(outcome);
        return { ...reward, default: { ...reward.default, success: reward.default.missing === 0 ? 1 : 0 } };
      },
    });
    expect(rewardFaults({ sessions: 60, follow }).faults).toBeGreaterThan(0);
  });
});
