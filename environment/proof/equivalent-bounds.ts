/**
 * Proof by machine that a bound of a column that only effects write could as well lie elsewhere: from what they are seen to
 * write, by interval arithmetic over what holds where they run, no value lies between the two bounds.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import { writtenBy } from "../compile/effect-graph.js";
import type { Effect } from "../compile/normal-form.js";
import { type CatalogueColumn, findColumn, tableOf } from "../core/catalogue.js";
import type { Expression } from "../core/expression.js";
import { conjunctsOf } from "../core/walk-expression.js";
import { isSame } from "../core/is-same.js";
import type { Mutated } from "./mutant.js";

/** Whether all that differs is a bound of such a column, and no effect writes a value that the one allows and the other does not. */
export function isUnreachedBound({ catalogue, normal }: Compiled, mutated: Mutated): boolean {
  const guards = normal.guards.filter((guard, at) => !isSame(guard, mutated.normal.guards[at]));
  const [guard] = guards;
  if (guard === undefined || guards.length !== 1 || guard.kind !== "values" || normal.guards.length !== mutated.normal.guards.length)
    return false;
  if (!isSame(normal.effects, mutated.normal.effects)) return false;
  const table = tableOf(catalogue, guard.table);
  const column = table.columns.find(({ name }) => guard.id === `${table.name}.${name}.values`);
  const other = column === undefined ? undefined : findColumn(tableOf(mutated.catalogue, table.name), column.name);
  if (column === undefined || other === undefined || column.update.by === "agent" || column.update.moves.length > 0) return false;
  // An agent's rows and a change of anything but the bounds are not looked at; nor is a guard that judges rows not written.
  if (table.create?.by === "agent" || !isSame({ ...column, min: null, max: null }, { ...other, min: null, max: null })) return false;
  const isWriteOfIt = guard.events.every(
    (event) => event.kind === "create" || (event.kind === "change" && event.columns.every((name) => name === column.name)),
  );
  const range = { low: Math.max(bound(column.min, -1), bound(other.min, -1)), high: Math.min(bound(column.max, 1), bound(other.max, 1)) };
  return isWriteOfIt && normal.effects.every((effect) => staysWithin(effect, { table: table.name, column }, range));
}

interface Range {
  readonly low: number;
  readonly high: number;
}

function bound(value: number | null, sign: 1 | -1): number {
  return value ?? sign * Infinity;
}

function staysWithin(
  effect: Effect,
  { table, column }: { readonly table: string; readonly column: CatalogueColumn },
  { low, high }: Range,
): boolean {
  if (effect.kind === "counter") return effect.table !== table || effect.column !== column.name;
  if (writtenBy(effect).table !== table) return true;
  if (effect.kind === "custom_effect") return false;
  const value = effect.kind === "spawn" ? effect.values[column.name] : effect.set[column.name];
  if (value === undefined) return effect.kind !== "spawn";
  const found = rangeOf(value, conjunctsOf(effect.when));
  return found.low >= low && found.high <= high;
}

const anything: Range = { low: -Infinity, high: Infinity };

/** Between what a value lies where these facts hold. */
function rangeOf(value: Expression, facts: readonly Expression[]): Range {
  if (value.kind === "literal" && typeof value.value === "number") return { low: value.value, high: value.value };
  if (value.kind !== "arithmetic") return anything;
  if (value.op === "-") return differenceOf(value, facts);
  const [a, b] = [rangeOf(value.left, facts), rangeOf(value.right, facts)];
  if (value.op === "+") return { low: a.low + b.low, high: a.high + b.high };
  // Of factors that may be negative nothing is said.
  return a.low < 0 || b.low < 0 ? anything : { low: a.low * b.low, high: a.high === 0 || b.high === 0 ? 0 : a.high * b.high };
}

function differenceOf({ left, right }: Extract<Expression, { kind: "arithmetic" }>, facts: readonly Expression[]): Range {
  const isAbove = (op: ">" | ">="): boolean =>
    facts.some((fact) => fact.kind === "compare" && fact.op === op && isSame(fact.left, left) && isSame(fact.right, right)) ||
    facts.some(
      (fact) => fact.kind === "compare" && fact.op === (op === ">" ? "<" : "<=") && isSame(fact.left, right) && isSame(fact.right, left),
    );
  return isAbove(">") && isStep(left) ? { low: 1, high: Infinity } : isAbove(">") || isAbove(">=") ? { low: 0, high: Infinity } : anything;
}

/** The clock counts whole steps, and so does what it is compared with. */
function isStep(node: Expression): boolean {
  return node.kind === "path" && node.root === "now" && node.steps.length === 0;
}
