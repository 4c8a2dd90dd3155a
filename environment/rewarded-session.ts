/** A session on its way to a target: the reward after every call, at a cost that grows with the rows changed alone. */
import { installChangeNotes, openChangeLog } from "./change-log.js";
import { columnClassesOf } from "./column-classes.js";
import type { Compiled } from "./compile-sheet.js";
import { type Diff, diffFacts } from "./diff.js";
import { factsOf } from "./facts.js";
import { outcomeOf, prepareGoal, type Reward, trackReward } from "./reward.js";
import { openSession, type Session } from "./session.js";
import { openSnapshot } from "./snapshot.js";
import { viewOf } from "./state-view.js";
import type { ToolResult } from "./tool-result.js";

export interface RewardedSession extends Session {
  /** Where the session stands; `r` is the last call's. */
  reward(): Reward;
  /** What separates the session's state from the target. */
  diff(): Diff;
}

/** Opens a session on the origin, compared with the target after every call. */
export function openRewardedSession({ compiled, origin, target }: { readonly compiled: Compiled; readonly origin: Buffer; readonly target: Buffer }): RewardedSession {
  const before = openSnapshot(origin, { readonly: true });
  const wanted = openSnapshot(target, { readonly: true });
  const view = viewOf(before, columnClassesOf(compiled.catalogue));
  const goal = prepareGoal(view, { origin: before, target: wanted });
  wanted.close();
  const session = openSession({ compiled, origin, install: (db) => installChangeNotes(db, view) });
  const changes = openChangeLog({ view, origin: before, session: session.db });
  const tracker = trackReward(goal, changes);

  function call(tool: string, given: unknown): ToolResult {
    const result = session.call(tool, given);
    tracker.after(outcomeOf(result));
    return result;
  }

  function diff(): Diff {
    return diffFacts(view, goal.wanted, factsOf(view, changes.changes()));
  }

  function reset(): void {
    session.reset();
    tracker.reset();
  }

  function close(): void {
    session.close();
    before.close();
  }

  return { ...session, call, reset, close, diff, reward: tracker.current };
}
