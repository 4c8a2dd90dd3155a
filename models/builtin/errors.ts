/** Slips of the built-in Architect, made on purpose at a set rate, so that Check–Fix–Verify has something to find. */
import type { Random } from "./random.js";

/** How often a stage errs: in its first attempt, and in a corrective round. */
export interface Erring {
  readonly first: number;
  readonly again: number;
}

/** An answer, and what was put wrong in it; null where nothing was. */
export interface Draft<T> {
  readonly value: T;
  readonly injected: string | null;
}

/** One way to go wrong; null where the answer offers no occasion for it. */
export type Slip<T> = (value: T, random: Random) => Draft<T> | null;

/** The answer with one slip at the rate of a first attempt. */
export function err<T>(
  value: T,
  slips: readonly Slip<T>[],
  { erring, random }: { readonly erring: Erring; readonly random: Random },
): Draft<T> {
  if (!random.chance(erring.first)) return { value, injected: null };
  for (const slip of random.shuffle(slips)) {
    const slipped = slip(value, random);
    if (slipped !== null) return slipped;
  }
  return { value, injected: null };
}

/** A corrective round that overlooks the last of the findings at the rate of such rounds. */
export function overlook<T>(
  findings: readonly T[],
  { erring, random }: { readonly erring: Erring; readonly random: Random },
): { readonly heeded: readonly T[]; readonly injected: string | null } {
  if (!random.chance(erring.again)) return { heeded: findings, injected: null };
  return { heeded: findings.slice(0, -1), injected: "the last finding of the report is overlooked" };
}
