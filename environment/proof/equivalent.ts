/**
 * Proofs by machine that a mutant answers as the original does, whatever the state: which proof there is for which part of a
 * sheet, and those about null tests and counters. What is not proven counts as a survivor.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import { writtenBy } from "../compile/effect-graph.js";
import type { CounterEffect, Effect, Guard } from "../compile/normal-form.js";
import type { Expression, PathExpression, RowsExpression } from "../core/expression.js";
import { holds } from "../core/holds.js";
import { childrenOf, conjunctsOf, walk } from "../core/walk-expression.js";
import { isSame } from "../core/is-same.js";
import { tableOf } from "../core/catalogue.js";
import { isOwn, isOwnRow, writesAsTheyAre } from "./equivalent-effects.js";
import { isEffectEverywhere, isGuardEverywhere } from "./equivalent-everywhere.js";
import { isUnreachedBound } from "./equivalent-bounds.js";
import { looksAtMorePeers } from "./equivalent-peaks.js";
import { isKeptByEffects } from "./equivalent-unique.js";
import type { Mutated } from "./mutant.js";

/** The proof in words, or null where there is none. */
export function isEquivalent(compiled: Compiled, mutated: Mutated): string | null {
  const [{ normal, catalogue }, { normal: next }] = [compiled, mutated];
  if (mutated.catalogue !== catalogue && !isSame(mutated.catalogue, catalogue)) {
    if (isKeptByEffects(compiled, mutated)) return "only effects make such rows, and each looks first whether there is one";
    return isUnreachedBound(compiled, mutated)
      ? "only effects write the column, and nothing that they write lies between the two bounds"
      : null;
  }
  if (normal.guards.length !== next.guards.length || normal.effects.length !== next.effects.length) return null;
  const guards = changesIn(normal.guards, next.guards);
  const effects = changesIn(normal.effects, next.effects);
  const [changed] = guards;
  const [moved] = effects;
  if (changed !== undefined && guards.length === 1 && effects.length === 0) return guardProof(compiled, changed.one, changed.other);
  if (moved !== undefined && effects.length === 1 && guards.length === 0) return effectProof(compiled, moved.one, moved.other);
  return null;
}

function changesIn<T>(before: readonly T[], after: readonly T[]): readonly { readonly one: T; readonly other: T }[] {
  return before.flatMap((one, at) => {
    const other = after[at];
    return other === undefined || isSame(one, other) ? [] : [{ one, other }];
  });
}

function guardProof(compiled: Compiled, guard: Guard, other: Guard): string | null {
  if (!isSame(guard.events, other.events) || !isSame(guard.states, other.states)) return null;
  const [must, when] = [isSame(guard.must, other.must), isSame(guard.when, other.when)];
  if (when && isImplied(guard.must, other.must))
    return "the null test that is dropped is implied: without it the value compared is unknown, and unknown refuses";
  if (when && isExempt(guard, other.must)) return "where the alternative that is dropped is true, the rule does not apply";
  if (when && isUnknownAnyway(guard.must, other.must))
    return "where the alternative that is dropped is true, the other is unknown, and unknown refuses";
  if (when && looksAtMorePeers(compiled, guard, other.must))
    return "there is too much at some step where one of the counted rows begins, or never";
  if (must && other.when === null && isMetWhereExempt(guard)) return "where the rule does not apply, what it asks for is true";
  if (isGuardEverywhere(compiled, guard, other)) return everywhere;
  return null;
}

const everywhere = "on every row that there can be, the two conditions agree or what is asked for is true";

function effectProof(compiled: Compiled, effect: Effect, other: Effect): string | null {
  if (writesAsTheyAre({ effect, other }, compiled) || writesAsTheyAre({ effect: other, other: effect }, compiled))
    return "the rows that it has more or less of are written as they are, and no rule is judged for that";
  if (isEffectEverywhere(compiled, effect, other)) return everywhere;
  if (isOwnRow(compiled, effect, other)) return "the row is the written one, whose state the act says";
  if (effect.kind === "counter" && other.kind === "counter" && isNeverCounted(compiled, effect, other))
    return "a new row of the table never counts: none is made, or it starts in a state that does not";
  return null;
}

/** Whether `must` lost an alternative that is true only where the rule does not apply: a null test that `when` excludes. */
function isExempt({ must, when }: Guard, after: Expression): boolean {
  if (must.kind !== "or") return false;
  const rest = after.kind === "or" ? after.operands : [after];
  const [dropped, ...more] = must.operands.filter((operand) => !rest.includes(operand));
  return (
    rest.length === must.operands.length - 1 &&
    more.length === 0 &&
    dropped?.kind === "is_null" &&
    !dropped.negated &&
    conjunctsOf(when).some((term) => term.kind === "is_null" && term.negated && isSame(term.operand, dropped.operand))
  );
}

/** Whether a rule that applies where a path is not NULL asks where it is NULL for what is true anyway. */
function isMetWhereExempt({ must, when }: Guard): boolean {
  return when?.kind === "is_null" && when.negated && when.operand.kind === "path" && constantOf(must, when.operand) === true;
}

/** What an expression comes to wherever this path is NULL, null for unknown; undefined where that depends on more. */
function constantOf(node: Expression, path: PathExpression): boolean | number | string | null | undefined {
  if (isNull(node, path)) return null;
  switch (node.kind) {
    case "literal":
      return node.value;
    case "is_null":
      return isNull(node.operand, path) ? !node.negated : undefined;
    case "and":
    case "or": {
      const decisive = node.kind === "or";
      return node.operands.some((operand) => constantOf(operand, path) === decisive) ? decisive : undefined;
    }
    case "count":
      return isEmpty(node.rows, path) ? 0 : undefined;
    case "exists":
      return isEmpty(node.rows, path) ? false : undefined;
    case "compare": {
      const [left, right] = [constantOf(node.left, path), constantOf(node.right, path)];
      if (left === null || right === null) return null;
      return typeof left === "number" && typeof right === "number" ? holds(node.op, Math.sign(left - right)) : undefined;
    }
    case "case":
      return node.branches.every(({ when }) => !canBe("true", when, path)) ? constantOf(node.otherwise, path) : undefined;
    default:
      return undefined;
  }
}

function isEmpty({ where }: RowsExpression, path: PathExpression): boolean {
  return where !== null && !canBe("true", where, path);
}

/** Whether all that changed is that a counter is no longer made anew for a new row that cannot count. */
function isNeverCounted({ catalogue, normal }: Compiled, counter: CounterEffect, other: CounterEffect): boolean {
  const [lost, ...more] = counter.sources.filter((source, at) => !isSame(source, other.sources[at]));
  if (lost === undefined || more.length > 0 || !isSame({ ...counter, sources: other.sources }, other)) return false;
  if (!isSame({ ...lost, insert: false }, other.sources[counter.sources.indexOf(lost)])) return false;
  const table = tableOf(catalogue, lost.table);
  const created = normal.effects.filter((effect) => writtenBy(effect).table === table.name && writtenBy(effect).on === "insert");
  if (table.create === null && created.length === 0) return true;
  const column = table.states?.column;
  if (column === undefined || table.name === counter.table) return false;
  const isUncounted = ({ variable, where }: RowsExpression): boolean =>
    conjunctsOf(where).some(
      (term) =>
        term.kind === "in" &&
        !term.negated &&
        isOwn(term.operand, variable, column) &&
        (table.states?.start ?? []).every((state) => !term.values.includes(state)),
    );
  // An effect's row starts where the others do, unless it says otherwise.
  return (
    created.every((effect) => effect.kind === "spawn" && !(column in effect.values)) &&
    walk(counter.value).every((node) => !("rows" in node) || node.rows.table !== table.name || isUncounted(node.rows))
  );
}

/** Whether a filter of `none` lost a null test beside what is unknown wherever it is true: a row that may fit refuses as one that does. */
function isUnknownAnyway(before: Expression, after: Expression): boolean {
  if (before.kind !== "none" || after.kind !== "none" || !isSame({ ...before.rows, where: null }, { ...after.rows, where: null }))
    return false;
  const [terms, left] = [conjunctsOf(before.rows.where), conjunctsOf(after.rows.where)];
  const [changed, ...more] = changesIn(terms, left);
  if (changed?.one.kind !== "or" || more.length > 0 || terms.length !== left.length) return false;
  const [dropped, rest, ...others] = changed.one.operands;
  if (dropped?.kind !== "is_null" || dropped.negated || dropped.operand.kind !== "path" || rest === undefined || others.length > 0)
    return false;
  return isSame(rest, changed.other) && !canBe("true", rest, dropped.operand) && !canBe("false", rest, dropped.operand);
}

/** Whether only null tests were dropped that the rest of their conjunction implies, where nothing but truth counts. */
function isImplied(before: Expression, after: Expression): boolean {
  if (before === after) return true;
  if (before.kind === "and") {
    const rest = after.kind === "and" ? after.operands : [after];
    if (rest.length === before.operands.length - 1) {
      const dropped = before.operands.find((operand) => !rest.includes(operand));
      return (
        dropped?.kind === "is_null" &&
        dropped.negated &&
        dropped.operand.kind === "path" &&
        rest.every((operand) => before.operands.includes(operand)) &&
        rest.some((operand) => dropped.operand.kind === "path" && !canBe("true", operand, dropped.operand))
      );
    }
  }
  const isMonotone = before.kind === "and" || before.kind === "or" || before.kind === "exists" || before.kind === "count";
  const [parts, others] = [childrenOf(before), childrenOf(after)];
  return (
    isMonotone &&
    before.kind === after.kind &&
    parts.length === others.length &&
    parts.every((part, at) => part === others[at] || isImplied(part, others[at] ?? part))
  );
}

/** Whether a condition can come out so where this path is NULL; true where that is not known. */
function canBe(wanted: "true" | "false", node: Expression, path: PathExpression): boolean {
  switch (node.kind) {
    case "and":
    case "or":
      return (node.kind === "and") === (wanted === "true")
        ? node.operands.every((operand) => canBe(wanted, operand, path))
        : node.operands.some((operand) => canBe(wanted, operand, path));
    case "not":
      return canBe(wanted === "true" ? "false" : "true", node.operand, path);
    case "compare":
      return !isNull(node.left, path) && !isNull(node.right, path);
    case "in":
    case "matches":
      return !isNull(node.operand, path);
    case "is_null":
      return !isNull(node.operand, path) || node.negated === (wanted === "false");
    default:
      return true;
  }
}

/** Whether an expression is NULL wherever this path is. */
function isNull(node: Expression, path: PathExpression): boolean {
  switch (node.kind) {
    case "path":
      // A path that goes on from a reference that is NULL leads nowhere.
      return node.root === path.root && path.steps.every((step, at) => node.steps[at] === step);
    case "arithmetic":
      return isNull(node.left, path) || isNull(node.right, path);
    case "divide":
      return isNull(node.dividend, path) || isNull(node.divisor, path);
    case "negate":
    case "rank":
      return isNull(node.operand, path);
    case "call":
      return node.function === "coalesce"
        ? node.arguments.every((argument) => isNull(argument, path))
        : node.arguments.some((argument) => isNull(argument, path));
    default:
      return false;
  }
}
