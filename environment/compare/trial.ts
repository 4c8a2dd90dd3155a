/**
 * A task tried again and again: logs replayed from the origin on one session, each compared with the target. Tasks of one
 * environment are tried on one ground, one after another: to open it costs more than to try a short log.
 */
import { type ChangeLog, openChangeLog } from "./change-log.js";
import type { Engine } from "../compile/compile-sheet.js";
import { encodeValues } from "../core/encode-value.js";
import { type Changes, changesOfSnapshots, danglingTables, type RawRow } from "./changes.js";
import { type Diff, type Distance, diffFacts, distanceOf } from "./diff.js";
import { factsOf } from "./facts.js";
import { type Goal, goalOf } from "./reward.js";
import { type Mark, type MarkedSession, openSession, type Session, type SessionSource, type ToolResult } from "../engine/session.js";
import { type Db, openSnapshot } from "../engine/snapshot.js";
import { type StateView, viewOfEngine } from "./state-view.js";
import { lastingBy, unlikeOf } from "./unlike.js";
import type { OpenedSnapshot } from "../engine/stored-rows.js";

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
  /** Makes a further call, which the next play undoes, as it does calls of the session's. */
  add(call: Call): ToolResult;
  /** Both snapshots, for reading. */
  readonly origin: Db;
  readonly target: Db;
  /** All that the session has changed, as a text: the same one exactly when every column of every row is the same. */
  changes(): string;
  /** Whether the session's state is the target in every column of every row, those left out of comparisons among them. */
  isAtTarget(): boolean;
  /** The difference of the session's state, as found, from the target. */
  difference(): Diff;
  /** The same without its explanation. */
  distance(): Distance;
  /** Whether the session's state is certainly another than the target; quicker than the distance. */
  isElsewhere(): boolean;
  /** Whether it is certain that no calls can lead from here to the target; false says nothing. */
  isLost(): boolean;
}

/** A trial whose snapshots are its own. */
export interface OwnTrial extends Trial {
  close(): void;
}

/** What trials on one origin share: the origin, open for reading, and a session on it with the log of its changes. */
export interface Ground {
  readonly engine: Engine;
  readonly view: StateView;
  readonly origin: OpenedSnapshot;
  /** Tables of the origin with a reference to nothing, by position. */
  readonly dangling: ReadonlySet<number>;
  readonly session: MarkedSession;
  readonly log: ChangeLog;
  close(): void;
}

/** Opens the ground of an origin. @throws {Error} If it is no SQLite file. */
export function openGround(source: SessionSource): Ground {
  return groundOf(source, openSnapshot(source.origin, { readonly: true }));
}

/** The ground of an origin that is open for reading already; closing the ground closes it. */
export function groundOf({ compiled, origin }: SessionSource, db: Db): Ground {
  const view = viewOfEngine(compiled);
  const session = openSession({ compiled, origin });
  const dangling = danglingTables(view, db);
  const log = openChangeLog({ view, origin: db, session, dangling });
  function close(): void {
    session.close();
    db.close();
  }
  return { engine: compiled, view, origin: { db, bytes: origin }, dangling, session, log, close };
}

/** Opens a trial on a ground of its own. @throws {Error} If a snapshot is no SQLite file. */
export function openTrial({ target, ...source }: SessionSource & { readonly target: Buffer }): OwnTrial {
  const ground = openGround(source);
  const end = openSnapshot(target, { readonly: true });
  function close(): void {
    ground.close();
    end.close();
  }
  return { ...trialOn(ground, { db: end, bytes: target }), close };
}

/** A trial on a ground where no other is going on; whoever opened the ground and the target closes them. */
export function trialOn({ engine, view, origin, dangling, session, log }: Ground, target: OpenedSnapshot): Trial {
  const goal = goalOf(view, origin.db, changesOfSnapshots(view, { origin, state: target, dangling }));
  // One mark more than calls: the state before each call, and the one after the last.
  const played: { readonly call: Call; readonly result: ToolResult }[] = [];
  const marks: Mark[] = [];
  const unlike = unlikeOf({ view, wanted: goal.rows, notes: session.notes, lasts: lastingBy(engine) });
  /** Whether calls were made since the last mark. */
  let isPast = false;

  function call(tool: string, given: unknown): ToolResult {
    isPast = true;
    return session.call(tool, given);
  }

  function reset(): void {
    session.reset();
    isPast = false;
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
    if (count === played.length && marks.length > 0 && !isPast) return;
    const mark = marks[count];
    if (mark === undefined) {
      reset();
      marks.push(session.mark());
      return;
    }
    session.back(mark);
    log.forget(mark.notes);
    isPast = false;
    played.length = count;
    marks.length = count + 1;
  }

  function distance(): Distance {
    return distanceOf(goal.wanted, factsOf(view, log.changes()));
  }

  reset();
  return {
    session: { db: session.db, notes: session.notes, call, log: () => session.log() },
    goal,
    log,
    reset,
    play,
    add: ({ tool, arguments: given }) => call(tool, given),
    origin: origin.db,
    target: target.db,
    changes: () => changesText(view, log.changes()),
    isAtTarget: () => changesText(view, log.changes()) === changesText(view, goal.rows),
    difference: () => diffFacts(view, goal.wanted, factsOf(view, log.changes())),
    distance,
    isElsewhere: () => unlike.isElsewhere() || isOff(distance()),
    isLost: unlike.isLost,
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
