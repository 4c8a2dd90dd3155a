/**
 * What the witnesses of a rule must show, read off its normal form: that it applies and is met, that it refuses, and for
 * every small change of its expressions one write on which the changed rule would answer otherwise.
 *
 * A limit of N is so pinned down by writes at N and at N + 1, each role of a list by a write in that role, each conjunct by
 * a write that breaks it alone; operands that may be NULL are tried as NULL.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Expression, RowsExpression } from "../core/expression.js";
import { isSameValue } from "../core/values.js";
import type { CounterEffect, Guard, GuardEvent, SetEffect, SpawnEffect } from "../compile/normal-form.js";
import { bind, fitting } from "./witness-rows.js";
import { nodeAt, placesOf, variantsOf } from "./witness-nodes.js";
import { readExpression } from "./witness-read.js";
import { type Candidate, cellOf, rowsAfter, type Scene } from "./witness-scene.js";
import { ownRoots, passes, scenesOf } from "./witness-search.js";

/** One thing to be shown. A rule that no witness shows is dead where the goal is `needed`. */
export interface Goal {
  readonly shows: string;
  readonly needed: boolean;
  /** The expression and the node in it that the goal is about; null for the rule as a whole. */
  readonly focus: { readonly expression: Expression; readonly place: readonly number[] } | null;
  /** Whether a candidate that every other rule accepts shows it. */
  isMet(candidate: Candidate): boolean;
}

const yes: Expression = { kind: "literal", value: true };
const no: Expression = { kind: "literal", value: false };

/** The goals of a guard. */
export function guardGoals(compiled: Compiled, guard: Guard): readonly Goal[] {
  const passing = (candidate: Candidate, changed: Guard): boolean =>
    scenesOf(compiled, candidate, guard).every((scene) => passes(scene, changed));
  const differs = (changed: Guard) => (candidate: Candidate) => passing(candidate, guard) !== passing(candidate, changed);
  const whole: readonly Goal[] = [
    {
      shows: "a write that it accepts",
      needed: guard.origin === "rule",
      focus: { expression: guard.must, place: [] },
      isMet: differs({ ...guard, must: no }),
    },
    {
      shows: "a write that it refuses",
      needed: guard.origin === "rule",
      focus: { expression: guard.must, place: [] },
      isMet: differs({ ...guard, must: yes }),
    },
  ];
  const musts = changesOf(compiled, guard.must, (must) => differs({ ...guard, must }));
  const whens =
    guard.when === null
      ? []
      : [
          ...changesOf(compiled, guard.when, (when) => differs({ ...guard, when })),
          {
            shows: "a write to which it does not apply",
            needed: false,
            focus: { expression: guard.when, place: [] },
            isMet: differs({ ...guard, when: null }),
          },
        ];
  const outside: readonly Goal[] =
    guard.states === null
      ? []
      : [{ shows: "a row in a state to which it does not apply", needed: false, focus: null, isMet: differs({ ...guard, states: null }) }];
  const own = guard.events.filter(({ kind }) => kind === "move" || kind === "create");
  const refuses = differs({ ...guard, must: yes });
  const acts =
    own.length < 2
      ? []
      : own.map(
          (event): Goal => ({
            shows: `it refuses at ${actText(event)}`,
            needed: false,
            focus: { expression: guard.must, place: [] },
            isMet: (candidate) => isAct(compiled, candidate, event) && refuses(candidate),
          }),
        );
  return [
    ...whole,
    ...acts,
    ...(guard.origin === "rule" || guard.kind === "values" ? [...musts, ...whens, ...outside, ...nullGoals(compiled, guard)] : []),
  ];
}

function changesOf(compiled: Compiled, expression: Expression, isMetBy: (changed: Expression) => Goal["isMet"]): readonly Goal[] {
  return variantsOf(expression, compiled.catalogue).map(({ change, place, expression: changed }) => ({
    shows: `where ${change}, it would answer otherwise`,
    needed: false,
    focus: { expression, place },
    isMet: isMetBy(changed),
  }));
}

/** Each operand of the guard that may be NULL, NULL. */
function nullGoals(compiled: Compiled, guard: Guard): readonly Goal[] {
  return placesOf(guard.must).flatMap((place): readonly Goal[] => {
    const node = nodeAt(guard.must, place);
    if (node.kind !== "path" || node.steps.length === 0 || insideRows(guard.must, place)) return [];
    const isNull = (scene: Scene): boolean =>
      cellOf(scene, node)?.column.nullable === true &&
      readExpression(scene, node) === null &&
      (guard.when === null || readExpression(scene, guard.when) !== false);
    return [
      {
        shows: `${node.root}.${node.steps.join(".")} is empty`,
        needed: false,
        focus: { expression: guard.must, place },
        isMet: (candidate) => scenesOf(compiled, candidate, guard).some(isNull),
      },
    ];
  });
}

function insideRows(root: Expression, place: readonly number[]): boolean {
  return place.some((_, depth) => "rows" in nodeAt(root, place.slice(0, depth)));
}

/** The goals of an effect other than a counter: that it fires, and that every part of it matters. */
export function effectGoals(compiled: Compiled, effect: SetEffect | SpawnEffect): readonly Goal[] {
  const scene = (candidate: Candidate): Scene => sceneOf(compiled, candidate, effect.table);
  const applies = (each: Scene): boolean => effect.when === null || readExpression(each, effect.when) === true;
  const rows = effect.kind === "spawn" ? effect.each : effect.rows;
  const reaches = (each: Scene): boolean => rows === null || fitting(each, rows).length > 0;
  const fires = (candidate: Candidate): boolean => applies(scene(candidate)) && reaches(scene(candidate));
  const whens =
    effect.when === null
      ? []
      : changesOf(
          compiled,
          effect.when,
          (when) => (candidate) =>
            reaches(scene(candidate)) && applies(scene(candidate)) !== (readExpression(scene(candidate), when) === true),
        );
  const silent: readonly Goal[] =
    effect.when === null
      ? []
      : [
          {
            shows: "a write on which it does not fire",
            needed: false,
            focus: { expression: effect.when, place: [] },
            isMet: (candidate) => reaches(scene(candidate)) && !applies(scene(candidate)),
          },
        ];
  const filters =
    rows === null || rows.where === null
      ? []
      : changesOf(
          compiled,
          rows.where,
          (where) => (candidate) => applies(scene(candidate)) && othersFit(scene(candidate), rows, where),
        ).map((goal) => within(goal, { kind: "exists", rows }));
  const values = Object.values(effect.kind === "spawn" ? effect.values : effect.set);
  const sets = values.flatMap((value) => {
    const goals = changesOf(
      compiled,
      value,
      (changed) => (candidate) => fires(candidate) && isRead(scene(candidate), { rows, value, changed }),
    );
    return rows === null ? goals : goals.map((goal) => within(goal, { kind: "aggregate", function: "max", of: value, rows }));
  });
  const acts =
    effect.events.length < 2
      ? []
      : effect.events.map(
          (event): Goal => ({
            shows: `it fires at ${actText(event)}`,
            needed: false,
            focus: null,
            isMet: (candidate) => fires(candidate) && isAct(compiled, candidate, event),
          }),
        );
  const several: readonly Goal[] =
    rows === null
      ? []
      : [
          {
            shows: "it reaches two rows or more",
            needed: false,
            focus: null,
            isMet: (candidate) => applies(scene(candidate)) && fitting(scene(candidate), rows).length > 1,
          },
        ];
  const target: Expression = {
    kind: "and",
    operands: [...(effect.when === null ? [] : [effect.when]), ...(rows === null ? [] : [{ kind: "exists", rows } as const])],
  };
  return [
    { shows: "it fires", needed: true, focus: { expression: target, place: [] }, isMet: fires },
    ...acts,
    ...whens,
    ...silent,
    ...filters,
    ...sets,
    ...several,
  ];
}

/** The goal seen from the row set whose variable its expression reads; that expression is the set's first part. */
function within(goal: Goal, rows: Expression): Goal {
  return goal.focus === null ? goal : { ...goal, focus: { expression: rows, place: [0, ...goal.focus.place] } };
}

function actText(event: GuardEvent): string {
  return event.kind === "move" ? `${event.from}>${event.to}` : event.kind;
}

/** Whether a candidate's write is this act of its own table. */
function isAct(compiled: Compiled, candidate: Candidate, event: GuardEvent): boolean {
  const { write } = candidate;
  if (event.kind !== "move") return (event.kind === "create") === (write.op === "insert");
  const column = compiled.catalogue.tables[write.table]?.states?.column;
  if (column === undefined || write.op === "insert") return false;
  const state = (root: string): unknown =>
    readExpression(sceneOf(compiled, candidate, write.table), { kind: "path", root, steps: [column] });
  return state("old") === event.from && state("new") === event.to;
}

/** Whether another filter would choose other rows. */
function othersFit(scene: Scene, rows: RowsExpression, where: Expression): boolean {
  const chosen = new Set(fitting(scene, rows).map(({ row }) => row));
  const others = fitting(scene, { ...rows, where });
  return others.length !== chosen.size || others.some(({ row }) => !chosen.has(row));
}

function isRead(
  scene: Scene,
  { rows, value, changed }: { readonly rows: RowsExpression | null; readonly value: Expression; readonly changed: Expression },
): boolean {
  const scenes = rows === null ? [scene] : fitting(scene, rows).map(({ place }) => bind(scene, rows.variable, place));
  return scenes.some((each) => !isSameResult(each, value, changed));
}

function isSameResult(scene: Scene, a: Expression, b: Expression): boolean {
  const [x, y] = [readExpression(scene, a), readExpression(scene, b)];
  return typeof x === "boolean" || typeof y === "boolean" ? x === y : isSameValue(x, y);
}

/** The goals of a counter: that a write changes it, and that every part of its filter matters. */
export function counterGoals(compiled: Compiled, counter: CounterEffect): readonly Goal[] {
  const owners = (candidate: Candidate): readonly Scene[] => {
    const scene = sceneOf(compiled, candidate, candidate.write.table);
    return rowsAfter(scene, counter.table).map(({ place }) => bind(scene, "owner", place));
  };
  const current: Expression = { kind: "path", root: "owner", steps: [counter.column] };
  const moves = (candidate: Candidate): boolean => owners(candidate).some((scene) => !isSameResult(scene, counter.value, current));
  const parts = changesOf(
    compiled,
    counter.value,
    (changed) => (candidate) =>
      owners(candidate).some((scene) => !isSameResult(scene, counter.value, current) && !isSameResult(scene, counter.value, changed)),
  );
  const sources = counter.sources.flatMap(({ table, insert }): readonly Goal[] => {
    const isFrom = (op: "insert" | "update") => (candidate: Candidate) =>
      candidate.write.table === table && candidate.write.op === op && moves(candidate);
    return [
      ...(insert ? [{ shows: `a new row of "${table}" changes it`, needed: false, focus: null, isMet: isFrom("insert") }] : []),
      { shows: `a changed row of "${table}" changes it`, needed: false, focus: null, isMet: isFrom("update") },
    ];
  });
  return [{ shows: "a write changes it", needed: true, focus: null, isMet: moves }, ...sources, ...parts];
}

/** A candidate's write as an effect of its own table sees it. */
export function sceneOf(compiled: Compiled, candidate: Candidate, table: string): Scene {
  const scene: Scene = { compiled, candidate, roots: {} };
  return { ...scene, roots: ownRoots(scene, table) };
}
