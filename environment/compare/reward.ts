/**
 * Rewards of a session on its way to a target, in two profiles.
 *
 * `paper` is section 4.2 as printed: DIFF over sets of rows without the keys that the database chose, P_t clamped, equation 4.
 * `default` counts changes over multisets up to a renaming of those keys, splits missing from collateral and does not clamp.
 */
import type Database from "better-sqlite3";
import type { ChangeLog } from "./change-log.js";
import { type Changes, changesOf, contentKey, selectRows } from "./changes.js";
import { distanceOf } from "./diff.js";
import { factsOf, type Structure } from "./facts.js";
import { smallestMatching } from "./matching.js";
import type { StateView, TableView } from "./state-view.js";
import type { ToolResult } from "../engine/tool-result.js";

/** ε of P_t; the penalty of a refused write; the penalty of a call that was none (bad arguments, unknown tool, no such row). */
export const rewardConstants = { epsilon: 1e-6, violation: 0.1, invalid: 0 } as const;

/** `success` is null where equality could not be decided; `missing` and `collateral` are then upper bounds. */
export type Reward = {
  readonly paper: { readonly diff: number; readonly r_final: 0 | 1; readonly p: number; readonly r: number };
  readonly default: {
    readonly missing: number;
    readonly collateral: number;
    readonly success: 0 | 1 | null;
    readonly p: number;
    readonly r: number;
  };
};

/** How a call ended, as far as the reward sees it. */
export type CallOutcome = "write" | "read" | "violation" | "invalid";

/** What a session is to reach, prepared once and shared by the sessions on one task. */
export type Goal = {
  readonly view: StateView;
  readonly wanted: Structure;
  /** Every row in which the target differs from the origin, whatever the classes of its columns. */
  readonly rows: Changes;
  /** Changes of the target against the origin: Δ0 of the default profile. */
  readonly changes: number;
  /** Δ0 of the printed formula. */
  readonly paperDelta0: number;
  readonly paperDiff: (changes: Changes) => number;
};

export interface RewardTracker {
  /** Where the session stands, with r of the last call. */
  current(): Reward;
  /** To be called after every call; r is that call's reward. */
  after(outcome: CallOutcome): Reward;
  /** To be called after a reset. */
  reset(): Reward;
}

/** The goal of reaching `target` from `origin`; reads both databases whole, and the origin again as tables come to change. */
export function prepareGoal(view: StateView, states: { readonly origin: Database.Database; readonly target: Database.Database }): Goal {
  return goalOf(view, states.origin, changesOf(view, states.origin, states.target));
}

/** The same with what the target changes given; the origin is read as tables come to change. */
export function goalOf(view: StateView, origin: Database.Database, rows: Changes): Goal {
  const wanted = factsOf(view, rows);
  const paperDiff = paperDistance(view, { origin, wanted: rows });
  const none: Changes = view.tables.map(() => ({ created: [], deleted: [], changed: [] }));
  let delta0: number | undefined;
  return {
    view,
    wanted,
    rows,
    changes: wanted.facts.length,
    // Counts whole tables of the origin, and only rewards ask for it.
    get paperDelta0() {
      return (delta0 ??= paperDiff(none));
    },
    paperDiff,
  };
}

/** Follows a session by its change log; what it says equals the full comparison after every call. */
export function trackReward(goal: Goal, log: ChangeLog): RewardTracker {
  const start = rewardOf(goal, log.changes());
  let last = start;
  function after(outcome: CallOutcome): Reward {
    const now = outcome === "write" ? rewardOf(goal, log.changes()) : last;
    last = {
      paper: { ...now.paper, r: stepReward(outcome, last.paper.p, now.paper.p) },
      default: { ...now.default, r: stepReward(outcome, last.default.p, now.default.p) },
    };
    return last;
  }
  function reset(): Reward {
    last = start;
    return last;
  }
  return { current: () => last, after, reset };
}

/** The standing of a state given by its changes; r is 0. */
export function rewardOf(goal: Goal, changes: Changes): Reward {
  const found = factsOf(goal.view, changes);
  const distance = distanceOf(goal.wanted, found);
  const { missing, collateral } = distance.kind === "decided" ? distance : boundOf(goal.wanted, found);
  const success = distance.kind === "undecided" ? null : distance.equal ? 1 : 0;
  const paper = goal.paperDiff(changes);
  return {
    paper: { diff: paper, r_final: paper === 0 ? 1 : 0, p: paperProximity(paper, goal.paperDelta0), r: 0 },
    default: { missing, collateral, success, p: proximity({ missing, collateral }, goal.changes), r: 0 },
  };
}

/** P_t of section 4.2: 1 − min(DIFF, Δ0) / (Δ0 + ε). */
export function paperProximity(diff: number, delta0: number): number {
  return 1 - Math.min(diff, delta0) / (delta0 + rewardConstants.epsilon);
}

/** 1 − (missing + collateral) / max(1, Δ0), which falls below 0 as harm is done. */
export function proximity({ missing, collateral }: { readonly missing: number; readonly collateral: number }, changes: number): number {
  return 1 - (missing + collateral) / Math.max(1, changes);
}

/** Equation 4: the change of P of a call that succeeded, −λ_err for a refused one; an invalid call has a λ of its own. */
export function stepReward(outcome: CallOutcome, before: number, after: number): number {
  switch (outcome) {
    case "write":
    case "read":
      return after - before;
    case "violation":
      return -rewardConstants.violation;
    case "invalid":
      return 0 - rewardConstants.invalid;
  }
}

/** How the reward sees a tool's answer. */
export function outcomeOf(result: ToolResult): CallOutcome {
  if (result.ok) return "row" in result ? "write" : "read";
  return result.error.code === "POLICY_VIOLATION" ? "violation" : "invalid";
}

function boundOf(wanted: Structure, found: Structure): { readonly missing: number; readonly collateral: number } {
  const { missing, collateral } = smallestMatching(wanted, found);
  return { missing: missing.length, collateral: collateral.length };
}

/**
 * DIFF as printed: the symmetric difference of the sets of rows, each row without technical columns and own chosen key,
 * references by the key as stored. Only rows that either side touched can differ; of those it is known how often they stand
 * in the origin.
 */
function paperDistance(
  view: StateView,
  { origin, wanted }: { readonly origin: Database.Database; readonly wanted: Changes },
): Goal["paperDiff"] {
  const wantedDeltas = wanted.map((change, i) => deltasOf(change, tableAt(view, i)));
  const counts = new Map<number, ReadonlyMap<string, number>>();
  function originCounts(index: number): ReadonlyMap<string, number> {
    const known = counts.get(index) ?? countRows(origin, tableAt(view, index));
    counts.set(index, known);
    return known;
  }
  return (changes) => {
    let distance = 0;
    for (const [i, change] of changes.entries()) {
      const want = wantedDeltas[i] ?? nothing;
      if (want.size + change.created.length + change.deleted.length + change.changed.length === 0) continue;
      const table = tableAt(view, i);
      const found = deltasOf(change, table);
      const base = originCounts(i);
      for (const [name, delta] of found) if (differs(base.get(name) ?? 0, want.get(name) ?? 0, delta)) distance += 1;
      for (const [name, delta] of want) if (!found.has(name) && differs(base.get(name) ?? 0, delta, 0)) distance += 1;
    }
    return distance;
  };
}

const nothing: ReadonlyMap<string, number> = new Map();

/** Whether a row that stands so often in the origin is in one of two sets and not in the other. */
function differs(stands: number, one: number, other: number): boolean {
  return stands + one > 0 !== stands + other > 0;
}

function deltasOf(change: Changes[number], table: TableView): Map<string, number> {
  const deltas = new Map<string, number>();
  for (const row of change.created) addTo(deltas, contentKey(table, row), 1);
  for (const row of change.deleted) addTo(deltas, contentKey(table, row), -1);
  for (const { before, after } of change.changed) {
    addTo(deltas, contentKey(table, before), -1);
    addTo(deltas, contentKey(table, after), 1);
  }
  return deltas;
}

function addTo(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function countRows(origin: Database.Database, table: TableView): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of selectRows(origin, table).each()) addTo(counts, contentKey(table, row), 1);
  return counts;
}

function tableAt(view: StateView, index: number): TableView {
  const table = view.tables[index];
  if (table === undefined) throw new RangeError(`Cannot read table ${index}: the view has ${view.tables.length}`);
  return table;
}
