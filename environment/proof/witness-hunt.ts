/**
 * A second look, for what the search by goals left open: candidates by lot, near the witnesses that it found, until one is
 * answered otherwise by the changed sheet.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Effect, Guard } from "../compile/normal-form.js";
import type { Mutated } from "./mutant.js";
import type { CountedSearch } from "./witness-begin.js";
import { differenceOf, mayTell } from "./witness-difference.js";
import { expectedOf, isSameAnswer } from "./witness-oracle.js";
import type { Witness } from "./witness-run.js";
import type { Candidate } from "./witness-scene.js";
import { scopeOf } from "./witness-scope.js";
import { repair } from "./witness-search.js";
import { wander } from "./witness-wander.js";

/** A changed sheet that some write is to be answered otherwise by, and what a witness of that shows. */
export interface Quarry {
  readonly rule: string;
  readonly shows: string;
  readonly mutated: Mutated;
}

export interface Found {
  readonly witnesses: readonly Witness[];
  /** What no witness was found for. */
  readonly open: readonly Quarry[];
}

/** Candidates drawn for one rule since the last that showed something; one that is interpreted counts for several. */
const DRAWN = 6000;
const INTERPRETED = 4;

/** Interpreted writes to mend one of them. */
const TRIALS = 10;

/** How likely one is drawn near a witness of another rule about the same table. */
const ABROAD = 0.1;

/** Looks for witnesses near those that are there, rule by rule. */
export function hunt(search: CountedSearch, quarry: readonly Quarry[], witnesses: readonly Witness[]): Found {
  const open = new Set(quarry);
  const found: Witness[] = [];
  for (const rule of new Set(quarry.map((each) => each.rule))) {
    const own = quarry.filter((each) => each.rule === rule);
    for (const { witness, shown } of huntFor(search, own, witnesses)) {
      found.push(witness);
      for (const each of shown) open.delete(each);
    }
  }
  return { witnesses: found, open: [...open] };
}

function* huntFor(
  search: CountedSearch,
  quarry: readonly Quarry[],
  witnesses: readonly Witness[],
): Iterable<{ readonly witness: Witness; readonly shown: readonly Quarry[] }> {
  const { compiled, random } = search;
  const open = new Map(quarry.map((each) => [each, differenceOf(compiled, each.mutated)]));
  const parts = [...new Set([...open.values()].flatMap((each) => each.parts))];
  const others = withoutGuards(compiled, parts);
  const scope = scopeOf(compiled, parts);
  const { own, abroad } = basesFor(quarry, parts, witnesses);
  const isPromising = (candidate: Candidate): boolean => [...open.values()].some((each) => mayTell(compiled, each, candidate));
  for (let left = DRAWN; left > 0 && open.size > 0 && !search.isSpent(); left -= 1) {
    const bases = own.length === 0 || random() < ABROAD ? abroad : own;
    const base = bases[Math.floor(random() * bases.length)];
    const near = base === undefined ? null : wander({ compiled, scope, random }, base);
    if (near === null || !isPromising(near)) continue;
    left -= INTERPRETED;
    const candidate = repair(search, { candidate: near, judges: others, trials: TRIALS, pin: isPromising });
    if (candidate === null) continue;
    const expected = expectedOf(search.interpret(compiled, candidate));
    const shown = [...open.keys()].filter(
      ({ mutated }) => !isSameAnswer(expected, expectedOf(search.interpret({ ...compiled, ...mutated }, candidate))),
    );
    const [first] = shown;
    if (first === undefined) continue;
    for (const each of shown) open.delete(each);
    own.push(candidate);
    left = DRAWN;
    yield { witness: { rule: first.rule, shows: shown.map(({ shows }) => shows).join("; "), pins: [], ...candidate, expected }, shown };
  }
}

function withoutGuards(compiled: Compiled, parts: readonly (Guard | Effect)[]): Compiled {
  const { normal } = compiled;
  const own: ReadonlySet<object> = new Set(parts);
  return { ...compiled, normal: { ...normal, guards: normal.guards.filter((guard) => !own.has(guard)) } };
}

/** The candidates of the rule's own witnesses, and those of all that write the same tables, or all there are. */
function basesFor(
  quarry: readonly Quarry[],
  parts: readonly (Guard | Effect)[],
  witnesses: readonly Witness[],
): { readonly own: Candidate[]; readonly abroad: readonly Candidate[] } {
  const tables = new Set(parts.map(({ table }) => table));
  const own = witnesses.filter(({ rule }) => quarry.some((each) => rule === each.rule || rule.startsWith(`${each.rule}.`)));
  const beside = witnesses.filter(({ write }) => tables.has(write.table));
  return { own: own.map(candidateOf), abroad: (beside.length === 0 ? witnesses : beside).map(candidateOf) };
}

function candidateOf({ state, write }: Witness): Candidate {
  return { state, write };
}
