/** A search for witnesses, ready to begin. */
import type { Compiled } from "../compile/compile-sheet.js";
import { actorRefusal } from "./witness-actor.js";
import { namedKeys } from "./witness-keys.js";
import { judgeWrite } from "./witness-oracle.js";
import { samplerOf } from "./witness-sample.js";
import type { Search } from "./witness-search.js";

/** How hard to look: interpreted writes at most, and a seeded generator for what is tried first. */
export interface WitnessOptions {
  readonly work: number;
  readonly random: () => number;
}

/** A search that counts the writes that it had interpreted. */
export interface CountedSearch extends Search {
  spent(): number;
}

/** Begins a search of a sheet's states and writes. */
export function beginSearch(compiled: Compiled, { work, random }: WitnessOptions): CountedSearch {
  let spent = 0;
  return {
    compiled,
    random,
    sampler: samplerOf(compiled.catalogue, namedKeys(compiled)),
    interpret: (judges, candidate) => {
      spent += 1;
      const refusal = actorRefusal(compiled, candidate.state);
      return refusal === null
        ? judgeWrite(judges, candidate)
        : { kind: "refused", rule: refusal.id, message: refusal.message, hint: refusal.hint };
    },
    isSpent: () => spent >= work,
    spent: () => spent,
  };
}
