/** Timing: every figure is the median of several rounds, and what is compared is measured in turn, round by round. */

/** One line of the report: the unit stands in the name, the goal in words, empty where there is none; `ok` is then null. */
export type Result = { readonly name: string; readonly value: number; readonly goal: string; readonly ok: boolean | null };

/** Something to measure: a call does the work and returns how long its measured part took, in µs of the clock or of the processor. */
export type Work = () => number;

/** The median time in µs of each work over `rounds`, all of them run once in each round, after one round unmeasured. */
export function medians<Name extends string>(rounds: number, works: Readonly<Record<Name, Work>>): Readonly<Record<Name, number>> {
  const times = new Map<string, number[]>();
  for (let round = -1; round < rounds; round += 1)
    for (const [name, work] of Object.entries<Work>(works)) {
      const taken = work();
      if (round >= 0) times.set(name, [...(times.get(name) ?? []), taken]);
    }
  // The entries are those of `works`, one each.
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)])) as Record<Name, number>;
}

/** The middle of a list of numbers. @throws {RangeError} If it is empty. */
export function median(list: readonly number[]): number {
  const middle = [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  if (middle === undefined) throw new RangeError("Cannot take the median: there is no number");
  return middle;
}

/** How long it takes, in µs. */
export function timeOf(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1000;
}

/** What it takes of this process's processor time, in µs, collecting garbage included: what is told a second and a core. */
export function processorTimeOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** A number with about three digits. */
export function short(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}
