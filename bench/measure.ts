/**
 * Timing. What is compared is measured in turn, round by round, and a figure is the median of the rounds in which the machine was
 * left alone: a fixed piece of work, done before and after each measurement, tells them, and not the measurement itself. So a
 * collection of garbage counts, and a neighbour on the same core does not.
 */

/** One line of the report: the unit stands in the name, the goal in words, empty where there is none; `ok` is then null. */
export type Result = { readonly name: string; readonly value: number; readonly goal: string; readonly ok: boolean | null };

/** Something to measure: a call does the work and returns how long its measured part took, in µs of the clock or of the processor. */
export type Work = () => number;

/** What a work took, in µs: `calm` is the median of the rounds left alone, `all` that of every round, `share` how many were left alone. */
export type Times = { readonly calm: number; readonly all: number; readonly share: number };

/** A measurement, and how long the fixed work took at its two ends: the slower of both, in µs. */
type Round = { readonly time: number; readonly fixed: number };

/** How much longer than ever the fixed work may take where a machine is left alone. A busy neighbour makes it twice as long. */
const tolerance = 1.2;

/** How long such rounds are waited for, in µs. */
const patience = 20_000_000;

/**
 * The times of each work over `rounds` in which the machine was left alone, after one round unmeasured. A machine that hardly ever
 * is gives fewer, or none: then all rounds count.
 */
export function timesOf<Name extends string>(rounds: number, works: Readonly<Record<Name, Work>>): Readonly<Record<Name, Times>> {
  const measured = new Map(
    Object.entries<Work>(works).map(([name, work]): [string, { work: Work; rounds: Round[] }] => [name, { work, rounds: [] }]),
  );
  for (const { work } of measured.values()) work();
  const start = process.hrtime.bigint();
  let before = fixedTime();
  for (let round = 1; ; round += 1) {
    for (const each of measured.values()) {
      const time = each.work();
      const after = fixedTime();
      each.rounds.push({ time, fixed: Math.max(before, after) });
      before = after;
    }
    if (round < rounds) continue;
    const isPast = Number(process.hrtime.bigint() - start) / 1000 > patience;
    if (isPast || [...measured.values()].every((each) => calmOf(each.rounds).length >= rounds)) break;
  }
  // The entries are those of `works`, one each.
  return Object.fromEntries([...measured].map(([name, each]) => [name, summary(each.rounds)])) as Record<Name, Times>;
}

function summary(rounds: readonly Round[]): Times {
  const calm = calmOf(rounds);
  const all = median(rounds.map(({ time }) => time));
  return { calm: calm.length === 0 ? all : median(calm.map(({ time }) => time)), all, share: calm.length / rounds.length };
}

function calmOf(rounds: readonly Round[]): readonly Round[] {
  return rounds.filter(({ fixed }) => fixed <= least * tolerance);
}

const unsorted = Int32Array.from({ length: 4096 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
const sorted = new Int32Array(unsorted.length);

/** The least that the fixed work has taken, in µs. */
let least = Number.POSITIVE_INFINITY;

/** How long the fixed work takes now, in µs: the least of three times, after one that fetches what it needs into the caches. */
function fixedTime(): number {
  sort();
  const time = Math.min(timeOf(sort), timeOf(sort), timeOf(sort));
  least = Math.min(least, time);
  return time;
}

function sort(): void {
  sorted.set(unsorted);
  sorted.sort();
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
