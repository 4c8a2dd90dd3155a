/** Drawing at random from a seeded generator: the same numbers give the same sheet, state and write. */

/** Draws from one stream of numbers in [0, 1). */
export interface Draw {
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** An integer between two, both included. */
  int(from: number, to: number): number;
  /** One of a list. @throws {RangeError} If the list is empty. */
  pick<T>(from: readonly T[]): T;
  /** Between so many and so many of a list, each once, in its order. */
  some<T>(from: readonly T[], least: number, most: number): readonly T[];
}

/** A generator of numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws from a generator. */
export function drawFrom(random: () => number): Draw {
  const int = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  function pick<T>(from: readonly T[]): T {
    const index = Math.floor(random() * from.length);
    const found = from[index];
    if (found === undefined) throw new RangeError("Cannot pick from an empty list");
    return found;
  }
  function some<T>(from: readonly T[], least: number, most: number): readonly T[] {
    const count = Math.min(from.length, int(least, most));
    const places = from.map((_, index) => ({ index, order: random() })).sort((a, b) => a.order - b.order);
    const chosen = new Set(places.slice(0, count).map(({ index }) => index));
    return from.filter((_, index) => chosen.has(index));
  }
  return { random, chance: (probability) => random() < probability, int, pick, some };
}
