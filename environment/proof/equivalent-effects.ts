/** Proof by machine that an effect does the same with another filter: it writes rows as they are, or picks the written row by its key. */
import type { Compiled } from "../compile/compile-sheet.js";
import { setsOff, writtenBy } from "../compile/effect-graph.js";
import type { Effect, Guard, SetEffect } from "../compile/normal-form.js";
import { tableOf } from "../core/catalogue.js";
import type { Expression } from "../core/expression.js";
import { isSame } from "../core/is-same.js";
import { conjunctsOf, renameRoots } from "../core/walk-expression.js";

/**
 * Whether the filter of an effect picks the written row by its key, so that a test of its state says no more than the acts at
 * which the effect runs; no other effect may have moved it by then.
 */
export function isOwnRow({ catalogue, normal }: Compiled, effect: Effect, other: Effect): boolean {
  if (effect.kind !== "propagate" || other.kind !== "propagate" || effect.rows.table !== effect.table) return false;
  const table = tableOf(catalogue, effect.table);
  const column = table.states?.column;
  const [key, ...more] = table.key;
  if (column === undefined || key === undefined || more.length > 0 || !isSame({ ...effect, rows: other.rows }, other)) return false;
  const isStates = (term: Expression): boolean =>
    term.kind === "in" &&
    !term.negated &&
    isOwn(term.operand, effect.rows.variable, column) &&
    effect.events.every((event) => event.kind === "move" && term.values.includes(event.to));
  const isKey = (term: Expression): boolean =>
    term.kind === "compare" && term.op === "=" && isOwn(term.left, effect.rows.variable, key) && isOwn(term.right, "new", key);
  const [before, after] = [conjunctsOf(effect.rows.where), conjunctsOf(other.rows.where)];
  const rest = (terms: readonly Expression[]): readonly Expression[] => terms.filter((term) => !isStates(term));
  const isAlone = normal.effects.every((each) => {
    const written = writtenBy(each);
    return each === effect || written.table !== effect.table || (written.on === "update" && !(column in written.columns));
  });
  return isAlone && before.some(isKey) && isSame(rest(before), rest(after));
}

export function isOwn(node: Expression, root: string, step: string): boolean {
  return node.kind === "path" && node.root === root && node.steps.length === 1 && node.steps[0] === step;
}

/** Whether an effect gained rows alone that it writes as they are, at which no rule is judged. */
export function writesAsTheyAre(
  { effect, other }: { readonly effect: Effect; readonly other: Effect },
  { catalogue, normal }: Compiled,
): boolean {
  if (effect.kind !== "propagate" || other.kind !== "propagate" || !isSame({ ...effect, rows: other.rows }, other)) return false;
  const states = tableOf(catalogue, effect.rows.table).states;
  const column = states?.column ?? null;
  const added = addedValues(conjunctsOf(effect.rows.where), conjunctsOf(other.rows.where), { root: effect.rows.variable, column });
  if (column === null || added === null || added.length === 0) return false;
  // A rule that any change of a row is held to is held to by one that changes nothing, too.
  const isHeld = ({ table, origin, events, states: held }: Guard): boolean =>
    table === effect.rows.table &&
    origin === "rule" &&
    events.some(({ kind }) => kind === "update") &&
    (held === null || added.some((state) => held.includes(String(state))));
  if (normal.guards.some(isHeld) && !isJudgedBefore({ catalogue, normal }, effect)) return false;
  return Object.entries(effect.set).every(([name, value]) =>
    added.every((state) => isKept({ name, value, variable: effect.rows.variable }, column, state)),
  );
}

/** Whether the effect before this one has just changed all these rows and more, in whatever state, so that the rules were judged for them. */
function isJudgedBefore({ normal, catalogue }: Pick<Compiled, "normal" | "catalogue">, effect: SetEffect): boolean {
  const before = normal.effects[normal.effects.findIndex(({ id }) => id === effect.id) - 1];
  if (before?.kind !== "propagate" || before.table !== effect.table || before.rows.table !== effect.rows.table || before.when !== null)
    return false;
  const asked =
    before.rows.where === null ? [] : conjunctsOf(renameRoots(before.rows.where, { [before.rows.variable]: effect.rows.variable }));
  return (
    effect.events.every((event) => before.events.some((each) => isSame(each, event))) &&
    asked.every((term) => conjunctsOf(effect.rows.where).some((each) => isSame(each, term))) &&
    normal.effects.every((each) => !setsOff(before, each, catalogue))
  );
}

/** What a list on the state column gained, where that is all that changed in the filter. */
function addedValues(
  before: readonly Expression[],
  after: readonly Expression[],
  { root, column }: { readonly root: string; readonly column: string | null },
): readonly (string | number)[] | null {
  if (before.length !== after.length) return null;
  const changed = before.flatMap((term, at) => (isSame(term, after[at]) ? [] : [{ term, other: after[at] }]));
  const [only] = changed;
  if (changed.length !== 1 || only?.term.kind !== "in" || only.other?.kind !== "in") return null;
  const { operand, values, negated } = only.term;
  const isState = operand.kind === "path" && operand.root === root && operand.steps.length === 1 && operand.steps[0] === column;
  const listed: ReadonlySet<string | number> = new Set(values);
  const gained = only.other.values.filter((value) => !listed.has(value));
  return isState && !negated && !only.other.negated && only.other.values.length === values.length + gained.length ? gained : null;
}

/** Whether the value set in a row in this state is the one that is there. */
function isKept(
  { name, value, variable }: { readonly name: string; readonly value: Expression; readonly variable: string },
  column: string,
  state: string | number,
): boolean {
  if (value.kind === "literal") return name === column && value.value === state;
  if (isOwn(value, variable, name)) return true;
  const isOther = (term: Expression): boolean =>
    term.kind === "compare" &&
    term.op === "=" &&
    isOwn(term.left, variable, column) &&
    term.right.kind === "literal" &&
    term.right.value !== state;
  return (
    value.kind === "case" && isOwn(value.otherwise, variable, name) && value.branches.every(({ when }) => conjunctsOf(when).some(isOther))
  );
}
