/**
 * Proofs by machine that a mutant answers as the original does, whatever the state: a null test that another conjunct implies,
 * and an effect that writes more rows, but writes those as they are. What is not proven counts as a survivor.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Effect, SetEffect } from "../compile/normal-form.js";
import type { Expression, PathExpression } from "../core/expression.js";
import { childrenOf, conjunctsOf } from "../core/walk-expression.js";
import { tableOf } from "../core/catalogue.js";
import { isUnreachedBound } from "./equivalent-bounds.js";
import type { Mutated } from "./mutant.js";

/** The proof in words, or null where there is none. */
export function isEquivalent(compiled: Compiled, mutated: Mutated): string | null {
  const [{ normal, catalogue }, { normal: next }] = [compiled, mutated];
  if (mutated.catalogue !== catalogue)
    return isUnreachedBound(compiled, mutated)
      ? "only effects write the column, and nothing that they write lies between the two bounds"
      : null;
  const guards = normal.guards.flatMap((guard, at) => {
    const other = next.guards[at];
    return other === undefined || other === guard ? [] : [{ guard, other }];
  });
  const effects = normal.effects.flatMap((effect, at) => {
    const other = next.effects[at];
    return other === undefined || other === effect ? [] : [{ effect, other }];
  });
  if (normal.guards.length !== next.guards.length || normal.effects.length !== next.effects.length) return null;
  const [changed] = guards;
  if (changed !== undefined && guards.length === 1 && effects.length === 0) {
    const { guard, other } = changed;
    return guard.when === other.when && guard.events === other.events && isImplied(guard.must, other.must)
      ? "the null test that is dropped is implied: without it the value compared is unknown, and unknown refuses"
      : null;
  }
  const [moved] = effects;
  if (moved === undefined || effects.length !== 1 || guards.length !== 0) return null;
  return writesAsTheyAre(moved, (effect) => tableOf(catalogue, effect.rows.table).states?.column ?? null)
    ? "the rows that it adds are written as they are, and what holds of every row has held of them"
    : null;
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

function writesAsTheyAre(
  { effect, other }: { readonly effect: Effect; readonly other: Effect },
  stateOf: (effect: SetEffect) => string | null,
): boolean {
  if (effect.kind !== "propagate" || other.kind !== "propagate" || effect.set !== other.set || effect.when !== other.when) return false;
  const column = stateOf(effect);
  const added = addedValues(conjunctsOf(effect.rows.where), conjunctsOf(other.rows.where), { root: effect.rows.variable, column });
  if (column === null || added === null || added.length === 0) return false;
  return Object.entries(effect.set).every(([name, value]) =>
    added.every((state) => isKept({ name, value, variable: effect.rows.variable }, column, state)),
  );
}

/** What a list on the state column gained, where that is all that changed in the filter. */
function addedValues(
  before: readonly Expression[],
  after: readonly Expression[],
  { root, column }: { readonly root: string; readonly column: string | null },
): readonly (string | number)[] | null {
  if (before.length !== after.length) return null;
  const changed = before.flatMap((term, at) => (term === after[at] ? [] : [{ term, other: after[at] }]));
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
  const isOwn = (node: Expression, step: string): boolean =>
    node.kind === "path" && node.root === variable && node.steps.length === 1 && node.steps[0] === step;
  if (value.kind === "literal") return name === column && value.value === state;
  if (isOwn(value, name)) return true;
  const isOther = (term: Expression): boolean =>
    term.kind === "compare" && term.op === "=" && isOwn(term.left, column) && term.right.kind === "literal" && term.right.value !== state;
  return value.kind === "case" && isOwn(value.otherwise, name) && value.branches.every(({ when }) => conjunctsOf(when).some(isOther));
}
