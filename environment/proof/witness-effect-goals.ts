/** What the witnesses of an effect must show: that it fires at each of its acts, and that every part of it matters. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { CounterEffect, Effect, EffectEvent, NormalForm, SetEffect, SpawnEffect } from "../compile/normal-form.js";
import type { Expression, RowsExpression } from "../core/expression.js";
import { isSameValue } from "../core/values.js";
import { conjunction, conjunctsOf, disjunction, renameRoots, walk } from "../core/walk-expression.js";
import { actText, changesOf, type Goal, isAct, sceneOf } from "./witness-goals.js";
import { readExpression } from "./witness-read.js";
import { bind, fitting, othersFit } from "./witness-rows.js";
import { type Candidate, rowsAfter, type Scene } from "./witness-scene.js";

const yes: Expression = { kind: "literal", value: true };

function changedTo({ normal }: Compiled, effect: Effect, next: Effect | null): () => NormalForm {
  return () => ({ ...normal, effects: normal.effects.flatMap((each) => (each === effect ? (next ?? []) : [each])) });
}

/** The goals of an effect other than a counter. */
export function effectGoals(compiled: Compiled, effect: SetEffect | SpawnEffect): readonly Goal[] {
  const scene = (candidate: Candidate): Scene => sceneOf(compiled, candidate, effect.table);
  const applies = (each: Scene): boolean => effect.when === null || readExpression(each, effect.when) === true;
  const rows = effect.kind === "spawn" ? effect.each : effect.rows;
  // A row that already holds what would be written shows nothing.
  const seen = effect.kind === "spawn" ? yes : unlikeSet(effect);
  const reaching: Expression =
    rows === null ? yes : { kind: "exists", rows: { ...rows, where: conjunction([...conjunctsOf(rows.where), seen]) } };
  const reaches = (each: Scene): boolean => readExpression(each, reaching) === true;
  const fires = (candidate: Candidate): boolean => applies(scene(candidate)) && reaches(scene(candidate));
  const target = conjunction([effect.when ?? yes, reaching]);
  // Beside each part the condition must hold, or nothing shows.
  const beside = (goal: Goal): Goal =>
    effect.when === null || goal.focus === null ? goal : inside(goal, { kind: "and", operands: [effect.when, goal.focus.expression] }, [1]);
  const dropped = { pin: null, changed: changedTo(compiled, effect, null) };
  return [
    { shows: "it fires", needed: true, focus: { expression: target, place: [] }, ...dropped, isMet: fires },
    ...(effect.events.length < 2 ? [] : effect.events).map(
      (event): Goal => ({
        shows: `it fires at ${actText(event)}`,
        needed: false,
        focus: { expression: conjunction([...leaving(compiled, effect, event), target]), place: [] },
        pin: null,
        changed: changedTo(compiled, effect, { ...effect, events: effect.events.filter((each) => each !== event) }),
        isMet: (candidate) => isAct(compiled, candidate, event) && fires(candidate),
      }),
    ),
    ...(effect.when === null ? [] : [effect.when]).flatMap((when): readonly Goal[] => [
      ...changesOf(compiled, { rule: effect, part: "when", expression: when }, (changed) => ({
        changed: changedTo(compiled, effect, { ...effect, when: changed }),
        isMet: (candidate) =>
          reaches(scene(candidate)) && applies(scene(candidate)) !== (readExpression(scene(candidate), changed) === true),
      })).map((goal) => inside(goal, { kind: "and", operands: [when, reaching] }, [0])),
      {
        shows: "a write on which it does not fire",
        needed: false,
        focus: { expression: conjunction([{ kind: "not", operand: when }, reaching]), place: [] },
        pin: null,
        changed: changedTo(compiled, effect, { ...effect, when: null }),
        isMet: (candidate) => reaches(scene(candidate)) && !applies(scene(candidate)),
      },
    ]),
    ...filterGoals(compiled, effect, { applies, seen }).map(beside),
    ...valueGoals(compiled, effect, applies).map(beside),
    ...(rows === null
      ? []
      : [
          {
            shows: "it reaches two rows or more",
            needed: false,
            focus: null,
            pin: null,
            changed: null,
            isMet: (candidate: Candidate) => applies(scene(candidate)) && fitting(scene(candidate), rows).length > 1,
          },
        ]),
  ];
}

/** That some column of a row is other than what an effect sets it to. */
function unlikeSet({ rows, set }: SetEffect): Expression {
  return disjunction(
    Object.entries(set).map(([column, value]) => ({
      kind: "not",
      operand: { kind: "same", left: { kind: "path", root: rows.variable, steps: [column] }, right: value },
    })),
  );
}

/** The row that an effect moves stands in the state that it leaves. */
function leaving({ catalogue }: Compiled, { table }: Effect, event: EffectEvent): readonly Expression[] {
  const column = catalogue.tables[table]?.states?.column;
  if (event.kind !== "move" || column === undefined) return [];
  return [
    { kind: "compare", op: "=", left: { kind: "path", root: "old", steps: [column] }, right: { kind: "literal", value: event.from } },
  ];
}

function filterGoals(
  compiled: Compiled,
  effect: SetEffect | SpawnEffect,
  { applies, seen }: { readonly applies: (scene: Scene) => boolean; readonly seen: Expression },
): readonly Goal[] {
  const rows = effect.kind === "spawn" ? effect.each : effect.rows;
  if (rows === null || rows.where === null) return [];
  const put = (where: Expression): Effect =>
    effect.kind === "spawn" ? { ...effect, each: { ...rows, where } } : { ...effect, rows: { ...rows, where } };
  const visible = (where: Expression): RowsExpression => ({ ...rows, where: { kind: "and", operands: [where, seen] } });
  const { where: original } = rows;
  return changesOf(compiled, { rule: effect, part: "rows", expression: original }, (where) => ({
    changed: changedTo(compiled, effect, put(where)),
    isMet: (candidate) => {
      const scene = sceneOf(compiled, candidate, effect.table);
      return applies(scene) && othersFit(scene, visible(original), visible(where));
    },
  })).map((goal) => inside(goal, { kind: "exists", rows: visible(original) }, [0, 0]));
}

function valueGoals(compiled: Compiled, effect: SetEffect | SpawnEffect, applies: (scene: Scene) => boolean): readonly Goal[] {
  const rows = effect.kind === "spawn" ? effect.each : effect.rows;
  const values = effect.kind === "spawn" ? effect.values : effect.set;
  return Object.entries(values).flatMap(([column, value]) =>
    changesOf(compiled, { rule: effect, part: column, expression: value }, (changed) => ({
      changed: changedTo(
        compiled,
        effect,
        effect.kind === "spawn"
          ? { ...effect, values: { ...effect.values, [column]: changed } }
          : { ...effect, set: { ...effect.set, [column]: changed } },
      ),
      isMet: (candidate) => {
        const scene = sceneOf(compiled, candidate, effect.table);
        return applies(scene) && isRead(scene, { rows, value, changed });
      },
    })).map((goal) => (rows === null ? goal : inside(goal, { kind: "aggregate", function: "max", of: value, rows }, [0]))),
  );
}

/** The goal with the expression that it is about as a part of another. */
function inside(goal: Goal, expression: Expression, place: readonly number[]): Goal {
  return goal.focus === null ? goal : { ...goal, focus: { expression, place: [...place, ...goal.focus.place] } };
}

/** The goals of a counter: that each write that it is maintained at changes it, and that every part of its filter matters. */
export function counterGoals(compiled: Compiled, counter: CounterEffect): readonly Goal[] {
  const owners = (candidate: Candidate): readonly Scene[] => ownersAt(compiled, candidate, counter);
  const current: Expression = { kind: "path", root: "owner", steps: [counter.column] };
  const moves = (candidate: Candidate): boolean => owners(candidate).some((scene) => !isSameResult(scene, counter.value, current));
  const parts = changesOf(compiled, { rule: counter, part: "value", expression: counter.value }, (value) => ({
    changed: changedTo(compiled, counter, { ...counter, value }),
    isMet: (candidate) => owners(candidate).some((scene) => !isSameResult(scene, counter.value, value)),
  })).map((goal) => atWrittenRow(goal, counter));
  const sources = counter.sources.flatMap((source, at): readonly Goal[] => {
    const put = (next: typeof source): (() => NormalForm) =>
      changedTo(compiled, counter, { ...counter, sources: counter.sources.map((each, place) => (place === at ? next : each)) });
    const { joins, passes } = writesOf(counter, source.table);
    const isFrom = (op: "insert" | "update") => (candidate: Candidate) =>
      candidate.write.table === source.table && candidate.write.op === op && moves(candidate);
    return [
      ...(source.insert
        ? [
            {
              needed: false,
              focus: focusOf(joins),
              pin: null,
              shows: `a new row of "${source.table}" changes it`,
              changed: put({ ...source, insert: false }),
              isMet: isFrom("insert"),
            },
          ]
        : []),
      ...source.columns.map((column) => ({
        needed: false,
        focus: focusOf(passes),
        pin: null,
        shows: `a change of "${source.table}.${column}" changes it`,
        changed: put({ ...source, columns: source.columns.filter((each) => each !== column) }),
        isMet: isFrom("update"),
      })),
    ];
  });
  const all = counter.sources.map(({ table }) => writesOf(counter, table));
  const whole: Goal = {
    shows: "a write changes it",
    needed: true,
    focus: focusOf([...all.flatMap(({ joins }) => joins), ...all.flatMap(({ passes }) => passes)]),
    pin: null,
    changed: changedTo(compiled, counter, null),
    isMet: moves,
  };
  return [whole, ...sources, ...parts];
}

function focusOf(ways: readonly Expression[]): Goal["focus"] {
  return ways.length === 0 ? null : { expression: disjunction(ways), place: [] };
}

/** The owners whose count is made anew at a candidate's write. */
function ownersAt(compiled: Compiled, candidate: Candidate, { table, sources }: CounterEffect): readonly Scene[] {
  const { write } = candidate;
  const scene = sceneOf(compiled, candidate, write.table);
  const roots = {
    ...scene.roots,
    written: { kind: "after", table: write.table } as const,
    before: { kind: "before", table: write.table } as const,
  };
  const here = sources.filter(
    (source) => source.table === write.table && (write.op === "insert" ? source.insert : source.columns.length > 0),
  );
  return rowsAfter(scene, table)
    .map(({ place }) => bind({ ...scene, roots }, "owner", place))
    .filter((each) => here.some(({ concerned }) => concerned === null || readExpression(each, concerned) === true));
}

/** The ways in which a write of a table changes a count, over the written row: one more that counts, one less, one that counts otherwise. */
function writesOf(
  { value }: CounterEffect,
  table: string,
): { readonly joins: readonly Expression[]; readonly passes: readonly Expression[] } {
  const sets = walk(value).flatMap((node): readonly { readonly rows: RowsExpression; readonly of: Expression | null }[] => {
    if (node.kind === "aggregate") return [{ rows: node.rows, of: node.of }];
    return node.kind === "count" ? [{ rows: node.rows, of: null }] : [];
  });
  const ways = sets
    .filter(({ rows }) => rows.table === table)
    .map(({ rows: { variable, where }, of }) => {
      const counts = (root: string): Expression => renameRoots(where ?? { kind: "literal", value: true }, { [variable]: root });
      const [is, was] = [counts("new"), counts("old")];
      const differs = (summed: Expression): Expression => ({
        kind: "compare",
        op: "<>",
        left: renameRoots(summed, { [variable]: "new" }),
        right: renameRoots(summed, { [variable]: "old" }),
      });
      return {
        joins: is,
        passes: [
          conjunction([is, { kind: "not", operand: was }]),
          conjunction([was, { kind: "not", operand: is }]),
          ...(of === null ? [] : [conjunction([is, was, differs(of)])]),
        ],
      };
    });
  return { joins: ways.map(({ joins }) => joins), passes: ways.flatMap(({ passes }) => passes) };
}

/** A part of what is counted shows at the written row: the filter, then what is summed of a row that it lets through. */
function atWrittenRow(goal: Goal, { value }: CounterEffect): Goal {
  const [index, ...rest] = goal.focus?.place ?? [];
  if (index === undefined || !("rows" in value) || value.kind === "pick") return goal;
  const { variable, where } = value.rows;
  const filter = renameRoots(where ?? { kind: "literal", value: true }, { [variable]: "new" });
  if (value.kind !== "aggregate" || index === 1) return { ...goal, focus: { expression: filter, place: rest } };
  const summed = renameRoots(value.of, { [variable]: "new" });
  return { ...goal, focus: { expression: { kind: "and", operands: [filter, summed] }, place: [1, ...rest] } };
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
