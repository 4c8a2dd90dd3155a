/** Turn-aware GRPO: advantages of a group of trajectories, turn by turn (paper, section 4.3). */

/** `turns[i][t]` is r_t of turn t of trajectory i, `terminal[i]` its final reward. */
export type RewardGroup = { readonly terminal: readonly number[]; readonly turns: readonly (readonly number[])[] };

/** `std`: of the sample (n − 1, as verl has it) or of the population; `eps` is added to it. */
export type AdvantageOptions = { readonly std: "sample" | "population"; readonly eps: number };

export const defaultAdvantageOptions: AdvantageOptions = { std: "sample", eps: 1e-6 };

/** `equal`: all final rewards are the same, so that every A_i is 0 and only penalties speak. */
export type Advantages = { readonly advantages: readonly (readonly number[])[]; readonly equal: boolean };

/**
 * A_it = A_i + ΔA_it, where A_i is the final reward, normalised in its group, and ΔA_it is r_t where that is negative, else 0.
 *
 * @throws {RangeError} If the group is empty, a number is not finite, or `turns` has another length than `terminal`.
 */
export function turnAdvantages(group: RewardGroup, options: AdvantageOptions = defaultAdvantageOptions): Advantages {
  const { terminal, turns } = group;
  if (terminal.length === 0 || terminal.length !== turns.length)
    throw new RangeError(`Cannot compare ${terminal.length} final rewards with ${turns.length} lists of turns`);
  if (![...terminal, ...turns.flat()].every(Number.isFinite)) throw new RangeError("Cannot compare rewards that are not finite numbers");
  const equal = terminal.every((reward) => reward === terminal[0]);
  const whole = equal ? terminal.map(() => 0) : normalised(terminal, options);
  return { advantages: turns.map((rewards, i) => rewards.map((reward) => (whole[i] ?? 0) + Math.min(reward, 0))), equal };
}

/** Counted in the largest of the rewards, which are not all equal: sums and squares then neither overflow nor vanish. */
function normalised(terminal: readonly number[], { std, eps }: AdvantageOptions): readonly number[] {
  const unit = terminal.reduce((largest, reward) => Math.max(largest, Math.abs(reward)), 0);
  const rewards = terminal.map((reward) => reward / unit);
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (std === "sample" ? rewards.length - 1 : rewards.length));
  return rewards.map((reward) => (reward - mean) / (deviation + eps / unit));
}
