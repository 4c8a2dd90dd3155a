/** A small seeded generator: the only source of chance in the built-in author. */

export interface Random {
  /** In [0, 1). */
  readonly next: () => number;
  /** From `low` to `high`, both included. */
  readonly integer: (low: number, high: number) => number;
  /** True with this probability. */
  readonly chance: (probability: number) => boolean;
  /** @throws {RangeError} If the list is empty. */
  readonly pick: <T>(list: readonly T[]) => T;
  /** A copy in random order. */
  readonly shuffle: <T>(list: readonly T[]) => T[];
}

/**
 * A generator from one number; the purpose keeps draws for different ends apart.
 *
 * @see https://prng.di.unimi.it/splitmix64.c (its finaliser, on 32 bits)
 */
export function createRandom(seed: number, purpose: string): Random {
  let state = hash(`${seed}:${purpose}`);

  function next(): number {
    state = (state + 0x9e3779b9) | 0;
    return mix(state) / 2 ** 32;
  }
  function integer(low: number, high: number): number {
    return low + Math.floor(next() * (high - low + 1));
  }
  function chance(probability: number): boolean {
    return next() < probability;
  }
  function pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError("Cannot pick from an empty list");
    // The index lies within the list, whose element type may itself include undefined.
    return list[integer(0, list.length - 1)] as T;
  }
  function shuffle<T>(list: readonly T[]): T[] {
    return list
      .map((item) => ({ item, order: next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ item }) => item);
  }
  return { next, integer, chance, pick, shuffle };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return mix(value);
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x21f0aaad);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
