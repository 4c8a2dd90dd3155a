/** Types of the typed core, checked: what compares with what, which names exist, and units that must not be mixed. */
import { type Catalogue, findColumn, tableOf } from "./catalogue.js";
import { type Type, any, boolean, describe, fits, integer, storage, typeOfColumn, typeOfLiteral, unitOf } from "./expression-type.js";
import type { Expression, PathExpression, RowsExpression } from "./expression.js";
import type { Errors } from "./sheet-error.js";
import { conjunctsOf, pathsIn } from "./walk-expression.js";

/** What a root stands for: a row of a table, or a value. */
export type Root = { readonly kind: "row"; readonly table: string } | { readonly kind: "value"; readonly type: Type };

/** The names in reach of an expression, and where its errors go. */
export interface Scope {
  readonly catalogue: Catalogue;
  readonly roots: Readonly<Record<string, Root>>;
  readonly errors: Errors;
  readonly path: string;
}

/** The roots that every expression may read: `now`, and in a session `actor` and `desk`. */
export function commonRoots(catalogue: Catalogue): Readonly<Record<string, Root>> {
  const now: Root = { kind: "value", type: { kind: "integer", unit: "step" } };
  if (catalogue.actor === null) return { now };
  return { now, actor: { kind: "row", table: catalogue.actor.table }, desk: { kind: "value", type: { kind: "text", values: null } } };
}

/** Checks that an expression is a condition. */
export function checkCondition(expression: Expression, scope: Scope): void {
  const type = checkExpression(expression, scope);
  if (type.kind !== "boolean" && type.kind !== "any") fail(scope, `expected a condition, got ${describe(type)}`);
}

/** Checks that a value fits a column. */
export function checkValue(expression: Expression, column: { readonly table: string; readonly column: string }, scope: Scope): void {
  const wanted = typeOfColumn(tableOf(scope.catalogue, column.table), column.column);
  const type = checkExpression(expression, scope);
  if (!fits(wanted, type)) fail(scope, `expected ${describe(wanted)} for column "${column.column}", got ${describe(type)}`);
  else checkListed(wanted, expression, scope);
}

/** The type of an expression; what is wrong with it goes to the scope's errors. */
export function checkExpression(expression: Expression, scope: Scope): Type {
  switch (expression.kind) {
    case "literal":
      return typeOfLiteral(expression.value);
    case "path":
      return checkPath(expression, scope);
    case "and":
    case "or":
      for (const operand of expression.operands) checkCondition(operand, scope);
      return boolean;
    case "not":
      checkCondition(expression.operand, scope);
      return boolean;
    case "negate":
      return checkNumber(expression.operand, scope);
    case "compare":
      return checkComparison(expression, scope);
    case "same":
      requireFit(expression.left, expression.right, scope);
      return boolean;
    case "is_null":
      checkExpression(expression.operand, scope);
      return boolean;
    case "in": {
      const type = checkExpression(expression.operand, scope);
      for (const value of expression.values) {
        if (!fits(type, typeOfLiteral(value))) fail(scope, `expected ${describe(type)} in the list, got ${JSON.stringify(value)}`);
        else checkListed(type, { kind: "literal", value }, scope);
      }
      return boolean;
    }
    case "arithmetic":
      return checkArithmetic(expression, scope);
    case "count":
      checkRows(expression.rows, scope);
      return { kind: "integer", unit: "count" };
    case "exists":
    case "none":
      checkRows(expression.rows, scope);
      return boolean;
    case "aggregate": {
      const inner = checkRows(expression.rows, scope);
      if (expression.function === "sum") return checkNumber(expression.of, inner);
      const type = checkExpression(expression.of, inner);
      return expression.function === "distinct" ? { kind: "integer", unit: "count" } : type;
    }
    case "pick": {
      const inner = checkRows(expression.rows, scope);
      if (expression.by !== null) checkExpression(expression.by, inner);
      return checkPath({ kind: "path", root: expression.rows.variable, steps: expression.steps }, inner);
    }
    case "divide":
      for (const side of [expression.dividend, expression.divisor]) {
        if (checkNumber(side, scope).kind === "real") fail(scope, `expected integers in ${expression.rounding}(… / …)`);
      }
      return { kind: "integer", unit: unitOf(checkExpression(expression.dividend, { ...scope, errors: [] })) };
    case "call":
      return checkCall(expression, scope);
    case "rank":
      return checkRank(expression, scope);
    case "matches":
      requireText(expression.operand, scope);
      return boolean;
    case "reaches":
      return checkReaches(expression, scope);
    case "case": {
      const types = [...expression.branches.map(({ then }) => then), expression.otherwise].map((value) => checkExpression(value, scope));
      for (const { when } of expression.branches) checkCondition(when, scope);
      const type = types.find(({ kind }) => kind !== "any") ?? any;
      if (!types.every((other) => fits(type, other)))
        fail(scope, `expected one type in all branches of the case, got ${types.map(describe).join(" and ")}`);
      return type;
    }
    case "due":
    case "sql":
      return boolean;
  }
}

function checkPath(expression: PathExpression, scope: Scope): Type {
  const root = Object.hasOwn(scope.roots, expression.root) ? scope.roots[expression.root] : undefined;
  if (root === undefined)
    return fail(scope, `expected one of ${Object.keys(scope.roots).join(", ")} at the start of "${textOf(expression)}"`);
  if (root.kind === "value")
    return expression.steps.length === 0 ? root.type : fail(scope, `"${expression.root}" is a value and has no columns`);
  let table = tableOf(scope.catalogue, root.table);
  const [last, ...hops] = [...expression.steps].reverse();
  if (last === undefined)
    return table.key.length === 1
      ? typeOfColumn(table, table.key[0] ?? "")
      : fail(scope, `expected a column after "${expression.root}": table "${table.name}" has a key of several columns`);
  for (const hop of hops.reverse()) {
    const column = findColumn(table, hop);
    if (column === undefined) return fail(scope, `table "${table.name}" has no column "${hop}" (in "${textOf(expression)}")`);
    if (column.references === null) return fail(scope, `column "${table.name}.${hop}" references no table (in "${textOf(expression)}")`);
    table = tableOf(scope.catalogue, column.references);
  }
  if (findColumn(table, last) === undefined)
    return fail(scope, `table "${table.name}" has no column "${last}" (in "${textOf(expression)}")`);
  return typeOfColumn(table, last);
}

function checkRows(rows: RowsExpression, scope: Scope): Scope {
  if (scope.catalogue.tables[rows.table] === undefined) {
    fail(scope, `there is no table "${rows.table}"`);
    return { ...scope, roots: { ...scope.roots, [rows.variable]: { kind: "value", type: any } }, errors: [] };
  }
  if (Object.hasOwn(scope.roots, rows.variable)) fail(scope, `the variable "${rows.variable}" is taken: choose another name`);
  const inner: Scope = { ...scope, roots: { ...scope.roots, [rows.variable]: { kind: "row", table: rows.table } } };
  if (rows.where !== null) checkCondition(rows.where, inner);
  for (const term of conjunctsOf(rows.where)) {
    if (!pathsIn(term).some(({ root }) => root === rows.variable))
      fail(scope, `a condition on the rows of "${rows.table}" never names "${rows.variable}": put it into \`when\`, or beside the row set`);
  }
  return inner;
}

function checkComparison({ op, left, right }: Extract<Expression, { kind: "compare" }>, scope: Scope): Type {
  const type = requireFit(left, right, scope);
  if (op === "=" || op === "<>") return boolean;
  if (type.kind === "text") fail(scope, `text has no order: compare ranks, rank(ladder, …) ${op} rank(ladder, …)`);
  if (type.kind === "key") fail(scope, "keys have no order: compare them by = or <>");
  return boolean;
}

function requireFit(left: Expression, right: Expression, scope: Scope): Type {
  const a = checkExpression(left, scope);
  const b = checkExpression(right, scope);
  if (a.kind === "boolean" || b.kind === "boolean") return fail(scope, "expected values on both sides of a comparison, got a condition");
  if (JSON.stringify(left) === JSON.stringify(right)) return fail(scope, "both sides of the comparison are the same");
  if (!fits(a, b)) return fail(scope, `cannot compare ${describe(a)} with ${describe(b)}`);
  checkListed(a, right, scope);
  checkListed(b, left, scope);
  return a.kind === "any" ? b : a;
}

/** A literal that stands against a column with a closed list is one of the list. */
function checkListed(type: Type, expression: Expression, scope: Scope): void {
  if (type.kind !== "text" || type.values === null || expression.kind !== "literal" || typeof expression.value !== "string") return;
  if (!type.values.includes(expression.value)) fail(scope, `expected one of ${type.values.join(", ")}, got "${expression.value}"`);
}

function checkArithmetic({ op, left, right }: Extract<Expression, { kind: "arithmetic" }>, scope: Scope): Type {
  const a = checkNumber(left, scope);
  const b = checkNumber(right, scope);
  const units = [unitOf(a), unitOf(b)];
  const kind = a.kind === "real" || b.kind === "real" ? "real" : "integer";
  if (op !== "*" && units.includes("money") && units.includes("step")) return fail(scope, "cannot add or subtract steps and money");
  if (op === "-" && units[0] === "step" && units[1] === "step") return { kind, unit: null };
  const unit = units.find((other) => other === "money" || other === "step") ?? null;
  return { kind, unit: op === "*" && unit === "step" ? null : unit };
}

function checkNumber(expression: Expression, scope: Scope): Type {
  const type = checkExpression(expression, scope);
  if (type.kind === "integer" || type.kind === "real" || type.kind === "any") return type;
  return fail(scope, `expected a number, got ${describe(type)}`);
}

function requireText(expression: Expression, scope: Scope): void {
  const type = checkExpression(expression, scope);
  if (type.kind !== "any" && storage(type) !== "text") fail(scope, `expected text, got ${describe(type)}`);
}

function checkCall(call: Extract<Expression, { kind: "call" }>, scope: Scope): Type {
  const [first = any, ...rest] = call.arguments.map((argument) =>
    call.function === "coalesce" || call.function === "length" ? checkExpression(argument, scope) : checkNumber(argument, scope),
  );
  if (call.function === "length") {
    if (first.kind !== "any" && storage(first) !== "text") fail(scope, `expected text, got ${describe(first)}`);
    return integer;
  }
  const type = first.kind === "any" ? (rest[0] ?? any) : first;
  if (!rest.every((other) => fits(type, other)))
    return fail(scope, `expected one type in ${call.function}(…), got ${[first, ...rest].map(describe).join(" and ")}`);
  return type;
}

function checkRank({ ladder, operand }: Extract<Expression, { kind: "rank" }>, scope: Scope): Type {
  const ranks = scope.catalogue.ladders[ladder];
  if (ranks === undefined) return fail(scope, `there is no ladder "${ladder}"`);
  requireText(operand, scope);
  checkListed({ kind: "text", values: ranks }, operand, scope);
  return { kind: "integer", unit: `rank of ${ladder}` };
}

function checkReaches({ from, column, to }: Extract<Expression, { kind: "reaches" }>, scope: Scope): Type {
  const a = checkExpression(from, scope);
  const b = checkExpression(to, scope);
  if (a.kind === "any" || b.kind === "any") return boolean;
  if (a.kind !== "key" || b.kind !== "key" || a.table !== b.table) return fail(scope, "reaches(…) takes two keys of one table");
  const parent = findColumn(tableOf(scope.catalogue, a.table), column);
  if (parent?.references !== a.table) return fail(scope, `column "${a.table}.${column}" does not reference its own table`);
  return boolean;
}

function textOf({ root, steps }: PathExpression): string {
  return [root, ...steps].join(".");
}

function fail(scope: Scope, message: string): Type {
  scope.errors.push({ path: scope.path, message });
  return any;
}
