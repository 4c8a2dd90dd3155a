/** The typed core, interpreted: what {@link emitExpression} writes as SQL, over rows in memory. Conditions are true, false or null (unknown). */
import { type Catalogue, columnOf, tableOf } from "./catalogue.js";
import { isRealSum } from "./column-of-path.js";
import { type Result, calculate, call, compare, compareLists, divide, exactSum, negate } from "./compute-values.js";
import type { Expression, PathExpression, RowsExpression } from "./expression.js";
import { matchGlob } from "./match-glob.js";
import { type Row, type Value, isSameValue } from "./values.js";

export interface EvaluationScope {
  readonly catalogue: Catalogue;
  /** A row by root; null is a row that is absent, whose columns are NULL. */
  readonly roots: Readonly<Record<string, { readonly table: string; readonly row: Row | null }>>;
  /** The rows of a table, with the written row in the place of what it was. */
  readonly rows: (table: string) => readonly Row[];
  /** The rows of a table as they were before the write. */
  readonly rowsBefore: (table: string) => readonly Row[];
  /** The context row: `now`, `actor`, `desk`, `sealed`. */
  readonly context: Row;
  /** The effect that makes this write, or null for a client's own. */
  readonly cause: string | null;
}

/** Whether a condition is true; unknown is not. */
export function isTrue(expression: Expression, scope: EvaluationScope): boolean {
  return evaluate(expression, scope) === true;
}

/** Whether a condition is false; unknown is not. */
export function isFalse(expression: Expression, scope: EvaluationScope): boolean {
  return evaluate(expression, scope) === false;
}

/**
 * The value of an expression of values, as it would be stored: a condition is 1 or 0.
 *
 * @throws {TypeError} If the expression holds a custom guard, which SQLite alone can read.
 */
export function evaluateValue(expression: Expression, scope: EvaluationScope): Value {
  const result = evaluate(expression, scope);
  return typeof result === "boolean" ? (result ? 1n : 0n) : result;
}

/**
 * The result of an expression.
 *
 * @throws {TypeError} If it holds a custom guard, which SQLite alone can read.
 */
export function evaluate(expression: Expression, scope: EvaluationScope): Result {
  switch (expression.kind) {
    case "literal":
      return Number.isInteger(expression.value) ? BigInt(expression.value ?? 0) : expression.value;
    case "path":
      return evaluatePath(expression, scope);
    case "and":
      return allOf(expression.operands, scope);
    case "or":
      return anyOf(expression.operands, scope);
    case "not":
      return negated(evaluate(expression.operand, scope));
    case "negate":
      return negate(evaluate(expression.operand, scope));
    case "compare":
      return compare(expression.op, evaluate(expression.left, scope), evaluate(expression.right, scope));
    case "same":
      return isSameValue(evaluateValue(expression.left, scope), evaluateValue(expression.right, scope));
    case "is_null":
      return (evaluate(expression.operand, scope) === null) !== expression.negated;
    case "in": {
      const value = evaluate(expression.operand, scope);
      if (value === null) return null;
      return (
        expression.values.some((listed) => compare("=", value, typeof listed === "number" ? BigInt(listed) : listed) === true) !==
        expression.negated
      );
    }
    case "arithmetic":
      return calculate(expression.op, evaluate(expression.left, scope), evaluate(expression.right, scope));
    case "count":
      return BigInt(select(expression.rows, scope).length);
    case "exists":
      return select(expression.rows, scope).length > 0;
    case "none":
      return noneOf(expression.rows, scope);
    case "aggregate":
      return aggregate(expression, scope);
    case "pick":
      return pick(expression, scope);
    case "divide":
      return divide(expression.rounding, evaluate(expression.dividend, scope), evaluate(expression.divisor, scope));
    case "call":
      return call(
        expression.function,
        expression.arguments.map((argument) => evaluate(argument, scope)),
      );
    case "rank": {
      const rank = (scope.catalogue.ladders[expression.ladder] ?? []).indexOf(String(evaluate(expression.operand, scope)));
      return rank < 0 ? null : BigInt(rank);
    }
    case "matches": {
      const value = evaluate(expression.operand, scope);
      return typeof value === "string" ? matchGlob(value, expression.pattern) : null;
    }
    case "reaches":
      return reaches(expression, scope);
    case "case": {
      const branch = expression.branches.find(({ when }) => isTrue(when, scope));
      return evaluate(branch?.then ?? expression.otherwise, scope);
    }
    case "due":
      return scope.cause !== null && expression.effects.includes(scope.cause);
    case "sql":
      throw new TypeError("Cannot interpret a custom guard: SQLite alone can read it");
  }
}

function allOf(operands: readonly Expression[], scope: EvaluationScope): boolean | null {
  let isKnown = true;
  for (const operand of operands) {
    const result = evaluate(operand, scope);
    if (result === false) return false;
    if (result !== true) isKnown = false;
  }
  return isKnown ? true : null;
}

function anyOf(operands: readonly Expression[], scope: EvaluationScope): boolean | null {
  let isKnown = true;
  for (const operand of operands) {
    const result = evaluate(operand, scope);
    if (result === true) return true;
    if (result !== false) isKnown = false;
  }
  return isKnown ? false : null;
}

function negated(result: Result): boolean | null {
  return typeof result === "boolean" ? !result : null;
}

function evaluatePath({ root: name, steps }: PathExpression, scope: EvaluationScope): Value {
  const root = scope.roots[name];
  if (root !== undefined) return follow(root.row, root.table, steps, scope);
  const value = scope.context[name] ?? null;
  const { actor } = scope.catalogue;
  if (steps.length === 0 || actor === null) return value;
  return follow(findByKey(actor.table, value, scope), actor.table, steps, scope);
}

function follow(start: Row | null, tableName: string, steps: readonly string[], scope: EvaluationScope): Value {
  let row = start;
  let table = tableOf(scope.catalogue, tableName);
  for (let at = 0; ; at += 1) {
    const step = steps[at] ?? table.key[0] ?? "";
    const value = row?.[step] ?? null;
    if (at + 1 >= steps.length || value === null) return value;
    const target = columnOf(table, step).references ?? "";
    row = findByKey(target, value, scope);
    table = tableOf(scope.catalogue, target);
  }
}

function findByKey(table: string, key: Value, scope: EvaluationScope): Row | null {
  if (key === null) return null;
  const column = tableOf(scope.catalogue, table).key[0] ?? "";
  return scope.rows(table).find((row) => isSameValue(row[column] ?? null, key)) ?? null;
}

function candidates({ table, before }: RowsExpression, scope: EvaluationScope): readonly Row[] {
  return before ? scope.rowsBefore(table) : scope.rows(table);
}

function noneOf(rows: RowsExpression, scope: EvaluationScope): boolean {
  const filter = filterIn(rows, scope);
  return candidates(rows, scope).every((row) => filter(row) === false);
}

/** The rows for which the condition is true. */
export function select(rows: RowsExpression, scope: EvaluationScope): readonly Row[] {
  const all = candidates(rows, scope);
  if (rows.where === null) return all;
  const filter = filterIn(rows, scope);
  return all.filter((row) => filter(row) === true);
}

/** What the condition of a row set is for one row after the other: all are read in one scope, since one for each is dear. */
export function filterIn({ variable, table, where }: RowsExpression, scope: EvaluationScope): (row: Row) => Result {
  if (where === null) return () => true;
  const bound: { readonly table: string; row: Row | null } = { table, row: null };
  const { catalogue, roots, rows, rowsBefore, context, cause } = scope;
  const inner = { catalogue, roots: { ...roots, [variable]: bound }, rows, rowsBefore, context, cause };
  return (row) => {
    bound.row = row;
    return evaluate(where, inner);
  };
}

/** The scope in which a row set's variable is this row. */
export function bind({ variable, table }: RowsExpression, row: Row, scope: EvaluationScope): EvaluationScope {
  // Written out, since this is done once a row, and a spread takes several times as long.
  const { catalogue, roots, rows, rowsBefore, context, cause } = scope;
  return { catalogue, roots: { ...roots, [variable]: { table, row } }, rows, rowsBefore, context, cause };
}

function aggregate({ function: name, of, rows }: Extract<Expression, { kind: "aggregate" }>, scope: EvaluationScope): Value {
  const values = select(rows, scope)
    .map((row) => evaluateValue(of, bind(rows, row, scope)))
    .filter((value) => value !== null);
  switch (name) {
    case "sum":
      return isRealSum(of, bind(rows, {}, scope))
        ? values.reduce<Value>((total, value) => calculate("+", total, value), 0n)
        : exactSum(values);
    case "distinct":
      return BigInt(values.filter((value, index) => values.findIndex((other) => isSameValue(other, value)) === index).length);
    case "min":
      return values.reduce<Value>((least, value) => (least === null || compare("<", value, least) === true ? value : least), null);
    case "max":
      return values.reduce<Value>((most, value) => (most === null || compare(">", value, most) === true ? value : most), null);
  }
}

function pick({ which, rows, by, steps }: Extract<Expression, { kind: "pick" }>, scope: EvaluationScope): Value {
  const { key } = tableOf(scope.catalogue, rows.table);
  const ranked = select(rows, scope).map((row) => ({
    row,
    order: [...(by === null ? [] : [evaluateValue(by, bind(rows, row, scope))]), ...key.map((name) => row[name] ?? null)],
  }));
  ranked.sort((a, b) => compareLists(a.order, b.order));
  const chosen = which === "last" ? ranked.at(-1) : ranked[0];
  return chosen === undefined ? null : follow(chosen.row, rows.table, steps, scope);
}

function reaches({ from, column, to }: Extract<Expression, { kind: "reaches" }>, scope: EvaluationScope): boolean | null {
  const [start, end] = [evaluateValue(from, scope), evaluateValue(to, scope)];
  if (start === null || end === null) return null;
  const table = reachedTable(from, scope);
  const seen: Value[] = [];
  for (let key: Value = start; ; ) {
    key = findByKey(table, key, scope)?.[column] ?? null;
    if (key === null || seen.some((other) => isSameValue(other, key))) return false;
    if (isSameValue(key, end)) return true;
    seen.push(key);
  }
}

function reachedTable(from: Expression, { roots, catalogue }: EvaluationScope): string {
  if (from.kind !== "path") return "";
  let table = tableOf(catalogue, roots[from.root]?.table ?? catalogue.actor?.table ?? "");
  for (const step of from.steps) table = tableOf(catalogue, columnOf(table, step).references ?? table.name);
  return table.name;
}
