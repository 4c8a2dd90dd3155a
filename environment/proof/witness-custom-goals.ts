/** What the witnesses of a custom rule must show: its SQL can only be executed, its own condition is read like any other. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { CustomEffect, Effect, Guard, NormalForm } from "../compile/normal-form.js";
import type { Expression } from "../core/expression.js";
import { isSame } from "../core/is-same.js";
import { childrenOf } from "../core/walk-expression.js";
import { customCondition, readableGuard } from "./custom-condition.js";
import { customRuleMutants } from "./mutants-of-sheet.js";
import { changesOf, type Goal, REFUSES, sceneOf } from "./witness-goals.js";
import { readExpression } from "./witness-read.js";
import type { Candidate, Scene } from "./witness-scene.js";
import { passes, scenesOf } from "./witness-search.js";

/** The goals of a custom guard: as a whole, of its condition, and of its SQL; where that can be read, of what it reads. */
export function customGuardGoals(compiled: Compiled, guard: Guard): readonly Goal[] {
  const put = (parts: Partial<Guard>) => (): NormalForm => ({
    ...compiled.normal,
    guards: compiled.normal.guards.map((each) => (each === guard ? { ...guard, ...parts } : each)),
  });
  const { when } = guard;
  const reading = readableGuard(guard, compiled.catalogue);
  const scenes = (candidate: Candidate): readonly Scene[] => scenesOf(compiled, candidate, guard);
  const applies = (scene: Scene): boolean => when === null || readExpression(scene, when) === true;
  const isPassed = (candidate: Candidate, each: Guard): boolean => scenes(candidate).every((scene) => passes(scene, each));
  const focus = reading !== null ? whole(reading.must) : when === null ? null : whole(when);
  const common = { needed: true, focus, pin: null };
  return [
    {
      ...common,
      shows: "a write that it accepts",
      changed: put({ must: { kind: "literal", value: false } }),
      isMet: (candidate) => scenes(candidate).some(applies) && (reading === null || isPassed(candidate, reading)),
    },
    {
      ...common,
      shows: REFUSES,
      changed: put({ must: { kind: "literal", value: true } }),
      isMet: (candidate) => scenes(candidate).some(applies) && (reading === null || !isPassed(candidate, reading)),
    },
    ...(when === null
      ? []
      : whenGoals(compiled, {
          rule: guard,
          when,
          beside: reading === null ? null : { kind: "not", operand: reading.must },
          scenes,
          put: (next) => put({ when: next }),
        })),
    ...sqlGoals(compiled, { rule: guard.id, focus }).map((goal): Goal => {
      const other = goal.changed?.().guards.find(({ id }) => id === guard.id);
      const next = other === undefined ? null : readableGuard(other, compiled.catalogue);
      if (reading === null || next === null) return goal;
      const place = placeOfChange(reading.must, next.must);
      return {
        ...goal,
        focus: { expression: reading.must, place },
        isMet: (candidate) => isPassed(candidate, reading) !== isPassed(candidate, next),
      };
    }),
  ];
}

function whole(expression: Expression): Goal["focus"] {
  return { expression, place: [] };
}

/** The place of the one node in which two trees differ, as far down as all beside it is the same. */
function placeOfChange(before: Expression, after: Expression): readonly number[] {
  const [parts, others] = [childrenOf(before), childrenOf(after)];
  const changed = parts.flatMap((part, at) => (isSame(part, others[at]) ? [] : [at]));
  const [only] = changed;
  const [part, other] = [parts[only ?? 0], others[only ?? 0]];
  if (before.kind !== after.kind || parts.length !== others.length || changed.length !== 1) return [];
  return only === undefined || part === undefined || other === undefined ? [] : [only, ...placeOfChange(part, other)];
}

/** The goals of a custom effect: that it fires, of its condition, and of its SQL. */
export function customEffectGoals(compiled: Compiled, effect: CustomEffect): readonly Goal[] {
  const put = (next: Effect | null) => (): NormalForm => ({
    ...compiled.normal,
    effects: compiled.normal.effects.flatMap((each) => (each === effect ? (next ?? []) : [each])),
  });
  const { when } = effect;
  const condition = customCondition(effect, compiled.catalogue);
  const beside = customCondition({ ...effect, when: null }, compiled.catalogue);
  const focus = { expression: condition, place: [] };
  const scenes = (candidate: Candidate): readonly Scene[] => [sceneOf(compiled, candidate, effect.table)];
  const isMet = (candidate: Candidate): boolean => scenes(candidate).some((scene) => readExpression(scene, condition) === true);
  return [
    { shows: "it fires", needed: true, focus, pin: null, changed: put(null), isMet },
    ...(when === null ? [] : whenGoals(compiled, { rule: effect, when, beside, scenes, put: (next) => put({ ...effect, when: next }) })),
    ...sqlGoals(compiled, { rule: effect.id, focus }),
  ];
}

/** A goal for every small change of a custom rule's own condition, where what can be read of its SQL holds as well. */
function whenGoals(
  compiled: Compiled,
  parts: {
    readonly rule: Guard | CustomEffect;
    readonly when: Expression;
    /** What is known of the SQL. */
    readonly beside: Expression | null;
    readonly scenes: (candidate: Candidate) => readonly Scene[];
    readonly put: (when: Expression | null) => () => NormalForm;
  },
): readonly Goal[] {
  const { rule, when, beside, scenes, put } = parts;
  const yes: Expression = { kind: "literal", value: true };
  const reads = (scene: Scene, expression: Expression): boolean => readExpression(scene, expression) === true;
  const isToldFrom = (other: Expression) => (candidate: Candidate) =>
    scenes(candidate).some((scene) => (beside === null || reads(scene, beside)) && reads(scene, when) !== reads(scene, other));
  const focusOn = (condition: Expression, place: readonly number[]): Goal["focus"] =>
    beside === null
      ? { expression: condition, place }
      : { expression: { kind: "and", operands: [condition, beside] }, place: [0, ...place] };
  const changes = changesOf(compiled, { rule, part: "when", expression: when }, (changed) => ({
    changed: put(changed),
    isMet: isToldFrom(changed),
  }));
  const idle: Goal = {
    shows: "a write to which it does not apply",
    needed: false,
    focus: focusOn({ kind: "not", operand: when }, []),
    pin: null,
    changed: put(null),
    isMet: isToldFrom(yes),
  };
  return [...changes.map((goal) => ({ ...goal, focus: focusOn(when, goal.focus?.place ?? []) })), idle];
}

/** A goal for every small change of a custom rule's SQL that the gate lets through; it shows where the rule applies, if anywhere. */
function sqlGoals({ sheet }: Compiled, { rule, focus }: { readonly rule: string; readonly focus: Goal["focus"] }): readonly Goal[] {
  return customRuleMutants(sheet, rule).flatMap((mutant): readonly Goal[] => {
    const { change, pin } = mutant;
    const mutated = mutant.read();
    if (mutated === null) return [];
    const shows = `where ${change}, it would answer otherwise`;
    return [{ shows, needed: false, focus, pin, changed: () => mutated.normal, isMet: () => true }];
  });
}
