/** The rewards of a recorded rollout: its calls made again from the origin, each with its r_t, in both profiles. */
import { openTrial, type Call, type Trial } from "./trial.js";
import type { SessionSource } from "../engine/session.js";
import { outcomeOf, type CallOutcome, type Reward, trackReward } from "./reward.js";
import type { ToolResult } from "../engine/tool-result.js";

/** A call of the rollout; `turn` is the number of the user message it came after. */
export type RolloutCall = Call & { readonly turn: number };

export type ScoredCall = RolloutCall & { readonly result: ToolResult; readonly outcome: CallOutcome; readonly reward: Reward };

/** A turn sums its calls; `p` is where it ended. */
export type ScoredTurn = {
  readonly turn: number;
  readonly paper: { readonly r: number; readonly p: number };
  readonly default: { readonly r: number; readonly p: number };
};

export type ScoredRollout = { readonly calls: readonly ScoredCall[]; readonly turns: readonly ScoredTurn[]; readonly final: Reward };

type Rollout = { readonly calls: readonly RolloutCall[]; readonly turns: number };

/** Scores a rollout; `turns` is how many user messages there were, those without a call among them. */
export function scoreRollout(task: SessionSource & { readonly target: Buffer }, rollout: Rollout): ScoredRollout {
  const trial = openTrial(task);
  try {
    return scoreIn(trial, rollout);
  } finally {
    trial.close();
  }
}

/** The same in a trial of the task that is open already; it is reset first. */
export function scoreIn(trial: Trial, rollout: Rollout): ScoredRollout {
  trial.reset();
  const tracker = trackReward(trial.goal, trial.log);
  const start = tracker.current();
  const calls = rollout.calls.map((call): ScoredCall => {
    const result = trial.session.call(call.tool, call.arguments);
    const outcome = outcomeOf(result);
    return { ...call, result, outcome, reward: tracker.after(outcome) };
  });
  let last = start;
  const turns = Array.from({ length: rollout.turns }, (_, i): ScoredTurn => {
    const mine = calls.filter((call) => call.turn === i + 1);
    last = mine.at(-1)?.reward ?? last;
    const sum = (profile: "paper" | "default") => ({ r: mine.reduce((r, call) => r + call.reward[profile].r, 0), p: last[profile].p });
    return { turn: i + 1, paper: sum("paper"), default: sum("default") };
  });
  return { calls, turns, final: tracker.current() };
}
