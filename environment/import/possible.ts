/**
 * What a condition over NEW and OLD may come out as, when some of the columns have known values and all else is open.
 *
 * An outcome is a set of SQL's three truths, so that a condition that cannot be read may be anything: what is said to be
 * impossible here is impossible.
 */
import type { SqlColumnName, SqlExpression } from "./sql-expression.js";

/** Which of SQL's truths are possible: a sum of {@link TRUE}, {@link FALSE} and {@link NULL}. */
export type Outcomes = number;

export const TRUE = 1;
export const FALSE = 2;
export const NULL = 4;
const ANY = TRUE | FALSE | NULL;

/** A value as SQL compares it, or undefined: not known. */
export type Known = string | number | null | undefined;

/** The values of columns by {@link columnKey}. */
export type Assignment = ReadonlyMap<string, Known>;

/** The name of a column of NEW or OLD in an assignment. */
export function columnKey({ row, name }: Pick<SqlColumnName, "row" | "name">): string {
  return `${row ?? ""}.${name}`;
}

/** What a condition may come out as. */
export function outcomesOf(condition: SqlExpression, known: Assignment): Outcomes {
  switch (condition.kind) {
    case "logic": {
      const outcomes = condition.operands.map((operand) => outcomesOf(operand, known));
      return condition.op === "and" ? outcomes.reduce(conjunction, TRUE) : negation(outcomes.map(negation).reduce(conjunction, TRUE));
    }
    case "not":
      return negation(outcomesOf(condition.operand, known));
    case "compare":
      return compare(condition, known);
    case "in":
      return membership(condition, known);
    case "exists":
      return TRUE | FALSE;
    case "column":
    case "literal": {
      const value = valueOf(condition, known);
      return value === undefined ? ANY : truthOf(value);
    }
    case "reckoning":
    case "call":
    case "case":
    case "raise":
    case "opaque":
      return ANY;
  }
}

function truthOf(value: string | number | null): Outcomes {
  if (value === null) return NULL;
  const number = typeof value === "number" ? value : Number.parseFloat(value);
  return Number.isNaN(number) || number === 0 ? FALSE : TRUE;
}

function negation(outcomes: Outcomes): Outcomes {
  return (outcomes & NULL) | ((outcomes & TRUE) << 1) | ((outcomes & FALSE) >> 1);
}

/** False where either side is, true where both are, NULL where one is and the other is not false. */
function conjunction(a: Outcomes, b: Outcomes): Outcomes {
  const isTrue = a & b & TRUE;
  const isNull = (a & NULL && b & (TRUE | NULL)) || (b & NULL && a & (TRUE | NULL)) ? NULL : 0;
  return isTrue | ((a | b) & FALSE) | isNull;
}

type Comparison = Extract<SqlExpression, { kind: "compare" }>;

function compare({ op, left, right }: Comparison, known: Assignment): Outcomes {
  const [a, b] = [valueOf(left, known), valueOf(right, known)];
  // The values tried for two columns need not meet, though the columns may.
  const areStrangers = left.kind === "column" && right.kind === "column" && left.name !== right.name;
  if (op === "is" || op === "is not") {
    if (isNeverNull(left) && b === null) return op === "is" ? FALSE : TRUE;
    if (a === undefined || b === undefined || areStrangers) return TRUE | FALSE;
    return isSame(a, b) === (op === "is") ? TRUE : FALSE;
  }
  if (a === null || b === null) return NULL;
  if (a === undefined || b === undefined || areStrangers) return ANY;
  switch (op) {
    case "=":
      return isSame(a, b) ? TRUE : FALSE;
    case "!=":
      return isSame(a, b) ? FALSE : TRUE;
    case "like":
    case "not like":
      return ANY;
    case "<":
    case "<=":
    case ">":
    case ">=":
      return typeof a !== typeof b ? ANY : isOrdered(op, a, b) ? TRUE : FALSE;
  }
}

/** COUNT always has a value. */
function isNeverNull(expression: SqlExpression): boolean {
  return expression.kind === "exists" || (expression.kind === "call" && expression.name === "count");
}

/** A number may be written as text: columns convert what they compare with. */
function isSame(a: string | number | null, b: string | number | null): boolean {
  if (a === null || b === null) return a === b;
  return typeof a === typeof b ? a === b : String(a) === String(b);
}

function isOrdered(op: "<" | "<=" | ">" | ">=", a: string | number, b: string | number): boolean {
  switch (op) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}

function membership({ op, operand, list }: Extract<SqlExpression, { kind: "in" }>, known: Assignment): Outcomes {
  if (list === null) return ANY;
  const misses = list
    .map((right) => negation(compare({ kind: "compare", op: "=", left: operand, right }, known)))
    .reduce(conjunction, TRUE);
  return op === "in" ? negation(misses) : misses;
}

function valueOf(expression: SqlExpression, known: Assignment): Known {
  if (expression.kind === "literal") return expression.value;
  return expression.kind === "column" ? known.get(columnKey(expression)) : undefined;
}
