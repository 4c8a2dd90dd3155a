/**
 * A task tried again and again: logs replayed from the origin on one pooled session, each compared with the target.
 */
import { type ChangeLog, installChangeNotes, openChangeLog } from "./change-log.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { type Diff, diffFacts } from "./diff.js";
import { factsOf } from "./facts.js";
import { type Goal, prepareGoal } from "./reward.js";
import { openSession, type Session, type ToolResult } from "../engine/session.js";
import { openSnapshot } from "../engine/snapshot.js";
import { classesOf, viewOf } from "./state-view.js";

/** A call to be made; arguments as a log or a JSON document has them. */
export type Call = { readonly tool: string; readonly arguments: unknown };

export interface Trial {
  readonly session: Session;
  readonly goal: Goal;
  readonly log: ChangeLog;
  /** Makes the calls from the origin, refused ones included, and answers with what each returned. */
  play(calls: readonly Call[]): readonly ToolResult[];
  /** The difference of the session's state, as found, from the target. */
  difference(): Diff;
  close(): void;
}

/** @throws {Error} If a snapshot is no SQLite file. */
export function openTrial({
  compiled,
  origin,
  target,
}: {
  readonly compiled: Compiled;
  readonly origin: Buffer;
  readonly target: Buffer;
}): Trial {
  const start = openSnapshot(origin, { readonly: true });
  const end = openSnapshot(target, { readonly: true });
  const view = viewOf(start, classesOf(compiled.catalogue));
  const goal = prepareGoal(view, { origin: start, target: end });
  end.close();
  const session = openSession({
    compiled,
    origin,
    install: (db) => {
      installChangeNotes(db, view);
    },
  });
  const log = openChangeLog({ view, origin: start, session: session.db });

  function play(calls: readonly Call[]): readonly ToolResult[] {
    session.reset();
    return calls.map((call) => session.call(call.tool, call.arguments));
  }

  function close(): void {
    session.close();
    start.close();
  }

  return { session, goal, log, play, difference: () => diffFacts(view, goal.wanted, factsOf(view, log.changes())), close };
}

/** Is it certain that the state differs from the target? An undecided comparison is no proof. */
export function isOff(diff: Diff): boolean {
  return diff.kind === "decided" && !diff.equal;
}

/** A difference in a few words: "2 missing, 1 collateral". */
export function describeDiff(diff: Diff): string {
  return diff.kind === "undecided" ? "not decided within the work limit" : `${diff.missing} missing, ${diff.collateral} collateral`;
}
