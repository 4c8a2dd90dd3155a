/**
 * What the witnesses of a rule must show, read off its normal form: that it applies and is met, that it refuses, and for
 * every small change of its expressions one write on which the changed rule would answer otherwise.
 *
 * A limit of N is so pinned down by writes at N and at N + 1, each role of a list by a write in that role, each conjunct by
 * a write that breaks it alone; operands that may be NULL are tried as NULL.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import { type CatalogueTable, findColumn } from "../core/catalogue.js";
import { writtenBy } from "../compile/effect-graph.js";
import type { Expression } from "../core/expression.js";
import { oncePer } from "../core/memo.js";
import type { Effect, Guard, GuardEvent, NormalForm } from "../compile/normal-form.js";
import { conjunction } from "../core/walk-expression.js";
import { pinOf } from "./mutant.js";
import { nodeAt, placesOf, replaceAt, rootsOf, variantsOf } from "./witness-nodes.js";
import { readExpression } from "./witness-read.js";
import { actorRoot, type Candidate, cellOf, type Scene } from "./witness-scene.js";
import { ownRoots, passes, scenesOf } from "./witness-search.js";

/** One thing to be shown. A rule that no witness shows is dead where the goal is `needed`. */
export interface Goal {
  readonly shows: string;
  readonly needed: boolean;
  /** The expression and the node in it that the goal is about; null for the rule as a whole. */
  readonly focus: { readonly expression: Expression; readonly place: readonly number[] } | null;
  /** The mutant that it tells, by the name of `pinOf`; null where it is no small change of an expression. */
  readonly pin: string | null;
  /** The rules of a sheet that must answer a witness otherwise; null where it is enough that `isMet`. */
  readonly changed: (() => NormalForm) | null;
  /** Whether only a client's own write can show it, or only an effect's; both may unless said. */
  readonly by?: "client" | "effect";
  /** Whether a candidate that every other rule accepts should show it, as far as its own write tells. */
  isMet(candidate: Candidate): boolean;
}

/** What the witness of a refusal shows. */
export const REFUSES = "a write that it refuses";

const yes: Expression = { kind: "literal", value: true };
const no: Expression = { kind: "literal", value: false };

/** The goals of a guard. */
export function guardGoals(compiled: Compiled, guard: Guard): readonly Goal[] {
  // Many goals look at one candidate.
  const scenes = oncePer((candidate: Candidate) => scenesOf(compiled, candidate, guard));
  const isPassed = oncePer((candidate: Candidate) => scenes(candidate).every((scene) => passes(scene, guard)));
  const rulesWith = oncePer(
    (changed: Guard): NormalForm => ({
      ...compiled.normal,
      guards: compiled.normal.guards.map((each) => (each === guard ? changed : each)),
    }),
  );
  const differs = (changed: Guard): Pick<Goal, "isMet" | "changed"> => ({
    isMet: (candidate) => isPassed(candidate) !== scenes(candidate).every((scene) => passes(scene, changed)),
    changed: () => rulesWith(changed),
  });
  const isRule = guard.origin === "rule";
  const focus = { expression: guard.must, place: [] };
  const refuses = differs({ ...guard, must: yes });
  const whole: readonly Goal[] = [
    { shows: "a write that it accepts", needed: isRule, focus, pin: null, ...differs({ ...guard, must: no }) },
    { shows: REFUSES, needed: isRule, focus, pin: null, ...refuses },
  ];
  const musts = changesOf(compiled, { rule: guard, part: "must", expression: guard.must }, (must) => differs({ ...guard, must }));
  const whens =
    guard.when === null
      ? []
      : [
          ...changesOf(compiled, { rule: guard, part: "when", expression: guard.when }, (when) => differs({ ...guard, when })).map((goal) =>
            whereBroken(goal, guard.must),
          ),
          {
            shows: "a write to which it does not apply",
            needed: false,
            focus: { expression: conjunction([negated(guard.when), negated(guard.must)]), place: [] },
            pin: null,
            ...differs({ ...guard, when: null }),
          },
        ];
  const own = guard.events.filter(({ kind }) => kind === "move" || kind === "create");
  const acts =
    own.length < 2
      ? []
      : own.map(
          (event): Goal => ({
            shows: `it refuses at ${actText(event)}`,
            needed: false,
            focus,
            pin: null,
            changed: refuses.changed,
            isMet: (candidate) => isAct(compiled, candidate, event) && refuses.isMet(candidate),
          }),
        );
  return [
    ...whole,
    ...acts,
    ...(isRule || guard.kind === "values" || guard.kind === "move_when"
      ? [...musts, ...whens, ...stateGoals(compiled, guard, differs), ...nullGoals(compiled, guard)]
      : []),
  ];
}

/** Whether a rule applies shows where it is broken. */
function whereBroken(goal: Goal, must: Expression): Goal {
  const { focus } = goal;
  if (focus === null) return goal;
  return { ...goal, focus: { expression: { kind: "and", operands: [focus.expression, negated(must)] }, place: [0, ...focus.place] } };
}

/** A rule that holds in some states: it refuses in each of them, and lets a row pass in the others. */
function stateGoals(compiled: Compiled, guard: Guard, differs: (changed: Guard) => Pick<Goal, "isMet" | "changed">): readonly Goal[] {
  const column = compiled.catalogue.tables[guard.table]?.states?.column;
  if (guard.states === null || column === undefined) return [];
  const { states } = guard;
  const state: Expression = { kind: "path", root: "new", steps: [column] };
  const broken = (values: readonly string[], isNot: "in" | "not in"): Goal["focus"] => ({
    expression: conjunction([{ kind: "in", operand: state, values, negated: isNot === "not in" }, negated(guard.must)]),
    place: [],
  });
  return [
    ...states.flatMap((each): readonly Goal[] => {
      const ways = waysTo(compiled, guard, each);
      const common = { shows: `it refuses a row that is ${each}`, needed: false, pin: null };
      const other = differs({ ...guard, states: states.filter((one) => one !== each) });
      return [
        ...ways.map((by) => ({
          ...common,
          by,
          ...other,
          // The row that an effect brings into the state is not in it before.
          focus: by === "client" ? broken([each], "in") : { expression: negated(guard.must), place: [] },
        })),
        ...(states.length < 2 ? [] : ways).flatMap((by) => aloneGoals(guard, { column, state: each, by }, differs)),
      ];
    }),
    {
      shows: "a row in a state to which it does not apply",
      needed: false,
      focus: broken(states, "not in"),
      pin: null,
      ...differs({ ...guard, states: null }),
    },
  ];
}

/** Who can write a row that then stands in a state, or have it judged there by the write of another row. */
function waysTo({ catalogue, normal }: Compiled, { table: name, events }: Guard, state: string): readonly ("client" | "effect")[] {
  const table = catalogue.tables[name];
  if (table === undefined || table.states === null) return ["client", "effect"];
  const { column, start, moves } = table.states;
  const isBrought = normal.effects.some((effect) => {
    if (effect.kind === "counter" || writtenBy(effect).table !== name) return false;
    if (effect.kind === "custom_effect") return true;
    const value = effect.kind === "spawn" ? effect.values[column] : effect.set[column];
    return value !== undefined && (value.kind !== "literal" || value.value === state);
  });
  const isClients =
    start.includes(state) ||
    moves.some(({ to, by }) => to === state && by === "agent") ||
    table.columns.some(({ update }) => update.by === "agent") ||
    events.some(({ kind }) => kind === "elsewhere");
  return [...(isClients ? (["client"] as const) : []), ...(isBrought ? (["effect"] as const) : [])];
}

/** It refuses rows of one state where there are none of the others, and so no other row to refuse the write for. */
function aloneGoals(
  guard: Guard,
  { column, state, by }: { readonly column: string; readonly state: string; readonly by: "client" | "effect" },
  differs: (changed: Guard) => Pick<Goal, "isMet" | "changed">,
): readonly Goal[] {
  const must = listed(guard.must, column, state);
  if (must === guard.must) return [];
  const others = (guard.states ?? []).filter((each) => each !== state);
  const isElse: GuardEvent = { kind: "elsewhere", table: guard.table, on: "insert", columns: [column], concerned: null, settled: false };
  const stated = (root: string, values: readonly string[]): Expression => ({
    kind: "in",
    operand: { kind: "path", root, steps: [column] },
    values,
    negated: false,
  });
  const rows = { variable: "other", table: guard.table, where: stated("other", others), before: false };
  const common = {
    shows: `it refuses a row that is ${state} beside others that are`,
    needed: false,
    pin: null,
    by,
    ...differs({ ...guard, states: others, events: [...guard.events, isElse, { ...isElse, on: "update" }] }),
  };
  const terms = by === "client" ? [stated("new", [state]), { kind: "none", rows } as const, negated(must)] : [negated(must)];
  return [{ ...common, focus: { expression: conjunction(terms), place: [] } }];
}

/** The expression with the rows that it looks at in only one of their states. */
function listed(expression: Expression, column: string, state: string): Expression {
  return placesOf(expression).reduce((changed, place) => {
    const node = nodeAt(changed, place);
    const isList = node.kind === "in" && !node.negated && node.values.length > 1 && node.values.includes(state);
    if (!isList || node.operand.kind !== "path" || node.operand.root === "new" || node.operand.steps.join(".") !== column) return changed;
    return replaceAt(changed, place, { ...node, values: [state] });
  }, expression);
}

function negated(operand: Expression): Expression {
  return { kind: "not", operand };
}

/** One of a rule's expressions, by the name that `pinOf` knows it by. */
export interface Part {
  readonly rule: Guard | Effect;
  readonly part: string;
  readonly expression: Expression;
}

/** A goal for every small change of an expression. */
export function changesOf(
  compiled: Compiled,
  { rule, part, expression }: Part,
  differs: (changed: Expression) => Pick<Goal, "isMet" | "changed">,
): readonly Goal[] {
  return variantsOf(expression, { catalogue: compiled.catalogue, tables: rootsOf(rule) }).map((variant) => ({
    shows: `where ${variant.change}, it would answer otherwise`,
    needed: false,
    focus: { expression, place: variant.place },
    pin: pinOf(rule.id, part, variant),
    ...differs(variant.expression),
  }));
}

/** Each operand of the guard that may be NULL, NULL. */
function nullGoals(compiled: Compiled, guard: Guard): readonly Goal[] {
  const table = compiled.catalogue.tables[guard.table];
  return placesOf(guard.must).flatMap((place): readonly Goal[] => {
    const node = nodeAt(guard.must, place);
    if (node.kind !== "path" || node.steps.length === 0 || insideRows(guard.must, place)) return [];
    if (table !== undefined && (node.root === "new" || node.root === "old") && !mayBeNull(compiled, table, node.steps)) return [];
    const isNull = (scene: Scene): boolean =>
      cellOf(scene, node)?.column.nullable === true &&
      readExpression(scene, node) === null &&
      (guard.when === null || readExpression(scene, guard.when) !== false);
    return [
      {
        shows: `${node.root}.${node.steps.join(".")} is empty`,
        needed: false,
        focus: { expression: guard.must, place },
        pin: null,
        changed: null,
        isMet: (candidate) => scenesOf(compiled, candidate, guard).some(isNull),
      },
    ];
  });
}

function mayBeNull({ catalogue }: Pick<Compiled, "catalogue">, table: CatalogueTable, [step, ...rest]: readonly string[]): boolean {
  const column = findColumn(table, step ?? "");
  if (column === undefined) return false;
  const next = column.references === null ? undefined : catalogue.tables[column.references];
  return column.nullable || (rest.length > 0 && next !== undefined && mayBeNull({ catalogue }, next, rest));
}

function insideRows(root: Expression, place: readonly number[]): boolean {
  return place.some((_, depth) => "rows" in nodeAt(root, place.slice(0, depth)));
}

/** An act in the words of a sheet. */
export function actText(event: GuardEvent): string {
  return event.kind === "move" ? `${event.from}>${event.to}` : event.kind;
}

/** Whether a candidate's write is this act of its own table. */
export function isAct(compiled: Compiled, candidate: Candidate, event: GuardEvent): boolean {
  const { write } = candidate;
  if (event.kind !== "move") return (event.kind === "create") === (write.op === "insert");
  const column = compiled.catalogue.tables[write.table]?.states?.column;
  if (column === undefined || write.op === "insert") return false;
  const state = (root: string): unknown =>
    readExpression(sceneOf(compiled, candidate, write.table), { kind: "path", root, steps: [column] });
  return state("old") === event.from && state("new") === event.to;
}

/** A candidate's write as an effect of its own table sees it. */
export function sceneOf(compiled: Compiled, candidate: Candidate, table: string): Scene {
  const scene: Scene = { compiled, candidate, roots: actorRoot(compiled, candidate) };
  return { ...scene, roots: ownRoots(scene, table) };
}
