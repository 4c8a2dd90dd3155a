/** Where a changed sheet differs from the original, and which writes it may answer otherwise for that. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { CounterEffect, Effect, Guard } from "../compile/normal-form.js";
import { isSame } from "../core/is-same.js";
import { readableGuard } from "./custom-condition.js";
import type { Mutated } from "./mutant.js";
import { isAct, sceneOf } from "./witness-goals.js";
import { readExpression } from "./witness-read.js";
import { othersFit } from "./witness-rows.js";
import type { Candidate, Scene } from "./witness-scene.js";
import { passes, scenesOf } from "./witness-search.js";

/** The guards and effects of the original that a changed sheet has not, or not in their place. */
export interface Difference {
  readonly parts: readonly (Guard | Effect)[];
  /** The guard, or the effect, that alone is another, where it is. */
  readonly guard: Change<Guard> | null;
  readonly effect: Change<Effect> | null;
}

interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** Compares normal forms that share what is the same. */
export function differenceOf({ normal }: Compiled, { normal: changed }: Mutated): Difference {
  const guards = normal.guards.filter((guard) => !changed.guards.includes(guard));
  const effects = normal.effects.filter((effect, at) => changed.effects[at] !== effect);
  const otherGuards = changed.guards.filter((guard) => !normal.guards.includes(guard));
  const otherEffects = changed.effects.filter((effect) => !normal.effects.includes(effect));
  const isInPlace = guards.length === 0 && normal.effects.length === changed.effects.length;
  return {
    parts: [...guards, ...effects],
    guard: effects.length === 0 ? onlyOne(guards, otherGuards) : null,
    effect: isInPlace ? onlyOne(effects, otherEffects) : null,
  };
}

function onlyOne<T>([before, ...more]: readonly T[], [after, ...others]: readonly T[]): Change<T> | null {
  return before === undefined || after === undefined || more.length > 0 || others.length > 0 ? null : { before, after };
}

/** Whether a candidate may be answered otherwise, as far as its own write tells without being interpreted. */
export function mayTell(compiled: Compiled, { guard, effect }: Difference, candidate: Candidate): boolean {
  const [before, after] = [guard?.before, guard?.after].map((each) =>
    each === undefined ? null : readableGuard(each, compiled.catalogue),
  );
  if (before !== null && before !== undefined && after !== null && after !== undefined) {
    const isPassed = (each: Guard): boolean =>
      !isAtAct(compiled, candidate, each) || scenesOf(compiled, candidate, each).every((scene) => passes(scene, each));
    return isPassed(before) !== isPassed(after);
  }
  // What reaches an effect through others, or a counter, shows only when it is run.
  if (effect === null || isCounter(effect.before) || isCounter(effect.after) || candidate.write.table !== effect.before.table) return true;
  return mayDiffer(sceneOf(compiled, candidate, effect.before.table), effect.before, effect.after);
}

/** Whether a guard that is judged at acts alone is judged at this one. */
function isAtAct(compiled: Compiled, candidate: Candidate, { table, events }: Guard): boolean {
  const isOwn = events.every(({ kind }) => kind === "move" || kind === "create");
  return !isOwn || (candidate.write.table === table && events.some((event) => isAct(compiled, candidate, event)));
}

type Acting = Exclude<Effect, CounterEffect>;

function isCounter(effect: Effect): effect is CounterEffect {
  return effect.kind === "counter";
}

/** Whether two forms of an effect apply to a write otherwise, or choose other rows, or differ in more than that. */
function mayDiffer(scene: Scene, before: Acting, after: Acting): boolean {
  const applies = ({ when }: Acting): boolean => when === null || readExpression(scene, when) === true;
  if (applies(before) !== applies(after)) return true;
  if (!applies(before)) return false;
  const [rows, others] = [rowsOf(before), rowsOf(after)];
  return !isSame(withoutFilters(before), withoutFilters(after)) || (rows !== null && others !== null && othersFit(scene, rows, others));
}

function rowsOf(effect: Acting) {
  if (effect.kind === "custom_effect") return null;
  return effect.kind === "spawn" ? effect.each : effect.rows;
}

function withoutFilters(effect: Acting): object {
  return { ...effect, when: null, rows: null, each: null };
}
