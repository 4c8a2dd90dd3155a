/**
 * A task tried again and again: logs replayed from the origin on one pooled session, each compared with the target.
 */
import { type ChangeLog, openChangeLog } from "./change-log.js";
import { encodeValues } from "../core/encode-value.js";
import type { Engine } from "../compile/compile-sheet.js";
import type { Changes, RawRow } from "./changes.js";
import { type Diff, type Distance, diffFacts, distanceOf } from "./diff.js";
import { factsOf } from "./facts.js";
import { type Goal, prepareGoal } from "./reward.js";
import { type Mark, openSession, type Session, type ToolResult } from "../engine/session.js";
import { type Db, openSnapshot } from "../engine/snapshot.js";
import { type StateView, viewOfEngine } from "./state-view.js";

/** A call to be made; arguments as a log or a JSON document has them. */
export type Call = { readonly tool: string; readonly arguments: unknown };

export interface Trial {
  readonly session: Pick<Session, "db" | "notes" | "call" | "log">;
  readonly goal: Goal;
  readonly log: ChangeLog;
  /** Back to the origin. */
  reset(): void;
  /**
   * Makes the calls from the origin, refused ones included, and answers with what each returned. Calls that the last play began
   * with, the same objects, are not made again: the session goes back to its state after them.
   */
  play(calls: readonly Call[]): readonly ToolResult[];
  /** The target, for reading. */
  readonly target: Db;
  /** All that the session has changed, as a text: the same one exactly when every column of every row is the same. */
  changes(): string;
  /** Whether the session's state is the target in every column of every row, those left out of comparisons among them. */
  isAtTarget(): boolean;
  /** The difference of the session's state, as found, from the target. */
  difference(): Diff;
  /** The same without its explanation. */
  distance(): Distance;
  close(): void;
}

type TrialSource = {
  readonly compiled: Engine;
  readonly origin: Buffer;
  readonly target: Buffer;
  /** Both snapshots where they are open for reading already; whoever opened them closes them, after the trial. */
  readonly states?: { readonly origin: Db; readonly target: Db };
};

/** @throws {Error} If a snapshot is no SQLite file. */
export function openTrial({ compiled, origin, target, states }: TrialSource): Trial {
  const start = states?.origin ?? openSnapshot(origin, { readonly: true });
  const end = states?.target ?? openSnapshot(target, { readonly: true });
  const view = viewOfEngine(compiled);
  const goal = prepareGoal(view, { origin: start, target: end });
  const session = openSession({ compiled, origin });
  const log = openChangeLog({ view, origin: start, session });

  // One mark more than calls: the state before each call, and the one after the last.
  const played: { readonly call: Call; readonly result: ToolResult }[] = [];
  const marks: Mark[] = [];

  function reset(): void {
    session.reset();
    log.forget();
    played.length = 0;
    marks.length = 0;
  }

  function play(calls: readonly Call[]): readonly ToolResult[] {
    const differing = calls.findIndex((call, i) => call !== played[i]?.call);
    goBack(differing === -1 ? calls.length : differing);
    for (const call of calls.slice(played.length)) {
      played.push({ call, result: session.call(call.tool, call.arguments) });
      marks.push(session.mark());
    }
    return played.map(({ result }) => result);
  }

  function goBack(count: number): void {
    const mark = marks[count];
    if (mark === undefined) {
      reset();
      marks.push(session.mark());
      return;
    }
    session.back(mark);
    log.forget();
    played.length = count;
    marks.length = count + 1;
  }

  function close(): void {
    session.close();
    if (states !== undefined) return;
    start.close();
    end.close();
  }

  return {
    session,
    goal,
    log,
    reset,
    play,
    target: end,
    changes: () => changesText(view, log.changes()),
    isAtTarget: () => changesText(view, log.changes()) === changesText(view, goal.rows),
    difference: () => diffFacts(view, goal.wanted, factsOf(view, log.changes())),
    distance: () => distanceOf(goal.wanted, factsOf(view, log.changes())),
    close,
  };
}

/** Row by row in an order of its own, since the log has them as they were touched; hidden rowids are left out. */
function changesText(view: StateView, changes: Changes): string {
  return changes
    .map(({ created, deleted, changed }, i) => {
      const width = view.tables[i]?.columns.length ?? 0;
      const text = (row: RawRow) => encodeValues(row.slice(0, width));
      return [
        ...created.map((row) => `+${text(row)}`),
        ...deleted.map((row) => `-${text(row)}`),
        ...changed.flatMap(({ before, after }) => (text(before) === text(after) ? [] : [`${text(before)}>${text(after)}`])),
      ]
        .sort()
        .join(";");
    })
    .join("|");
}

/** Is it certain that the state differs from the target? An undecided comparison is no proof. */
export function isOff(diff: Distance): boolean {
  return diff.kind === "decided" && !diff.equal;
}

/** A difference in a few words: "2 missing, 1 collateral". */
export function describeDiff(diff: Distance): string {
  return diff.kind === "undecided" ? "not decided within the work limit" : `${diff.missing} missing, ${diff.collateral} collateral`;
}
