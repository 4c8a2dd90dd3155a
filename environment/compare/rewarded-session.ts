/** A session on its way to a target: the reward after every call, at a cost that grows with the rows changed alone. */
import type { Engine } from "../compile/compile-sheet.js";
import type { Diff } from "./diff.js";
import { outcomeOf, type Reward, trackReward } from "./reward.js";
import type { Session } from "../engine/session.js";
import type { ToolResult } from "../engine/tool-result.js";
import { openTrial } from "./trial.js";

export interface RewardedSession extends Session {
  /** Where the session stands; `r` is the last call's. */
  reward(): Reward;
  /** What separates the session's state from the target. */
  diff(): Diff;
}

/** Opens a session on the origin, compared with the target after every call. @throws {Error} If a snapshot is no SQLite file. */
export function openRewardedSession(source: {
  readonly compiled: Engine;
  readonly origin: Buffer;
  readonly target: Buffer;
}): RewardedSession {
  const trial = openTrial(source);
  const { session } = trial;
  const tracker = trackReward(trial.goal, trial.log);

  function call(tool: string, given: unknown): ToolResult {
    const result = session.call(tool, given);
    tracker.after(outcomeOf(result));
    return result;
  }

  function reset(): void {
    trial.reset();
    tracker.reset();
  }

  return {
    db: session.db,
    notes: session.notes,
    call,
    log: () => session.log(),
    reset,
    reward: () => tracker.current(),
    diff: () => trial.difference(),
    close: () => {
      trial.close();
    },
  };
}
