/** Kinds that hold a count or a sum, as it is after the write, against a bound. */
import type { Comparison, Expression, RowsExpression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, path } from "../../core/walk-expression.js";
import { type Lowering, presence, readBound, readCases, readPath, readRows } from "./lowering.js";
import { countedStates } from "./rows.js";

/** `quota`: the present rows with the same of all these, the written one among them, are at most so many (or sum to at most so much). */
export function lowerQuota(rule: Extract<Rule, { kind: "quota" }>, lowering: Lowering): Expression {
  const terms: Expression[] = rule.per.map((text, index) => ({
    kind: "compare",
    op: "=",
    left: readPath(lowering, `per[${index}]`, text, "row"),
    right: readPath(lowering, `per[${index}]`, text, "new"),
  }));
  terms.push(...presence(lowering, "states", lowering.table, countedStates(rule)));
  if (rule.last !== undefined) {
    const start: Expression = { kind: "arithmetic", op: "-", left: path("now"), right: { kind: "literal", value: rule.last.steps } };
    terms.push({ kind: "compare", op: ">", left: readPath(lowering, "last.of", rule.last.of, "row"), right: start });
  }
  const rows: RowsExpression = { variable: "row", table: lowering.table.name, where: conjunction(terms), before: false };
  const amount: Expression =
    rule.sum === undefined
      ? { kind: "count", rows }
      : { kind: "aggregate", function: "sum", of: readPath(lowering, "sum", rule.sum, "row"), rows };
  return { kind: "compare", op: "<=", left: amount, right: readCases(lowering, "max", rule.max) };
}

/** `limit`: a count or a sum over rows lies between two bounds. */
export function lowerLimit(rule: Extract<Rule, { kind: "limit" }>, lowering: Lowering): Expression {
  const amount = amountOf(rule, lowering);
  const bounds: readonly [Comparison, "min" | "max"][] = [
    [">=", "min"],
    ["<=", "max"],
  ];
  const terms = bounds.flatMap(([op, name]): Expression[] => {
    const bound = rule[name];
    return bound === undefined ? [] : [{ kind: "compare", op, left: amount, right: readBound(lowering, name, bound) }];
  });
  if (terms.length === 0) lowering.errors.push({ path: lowering.path, message: "expected `min` or `max`" });
  return conjunction(terms);
}

function amountOf(rule: Extract<Rule, { kind: "limit" }>, lowering: Lowering): Expression {
  if (rule.count !== undefined && rule.sum === undefined) return { kind: "count", rows: readRows(lowering, "count", rule.count) };
  if (rule.sum !== undefined && rule.count === undefined) {
    const rows = readRows(lowering, "sum.rows", rule.sum.rows);
    const row = { ...lowering, roots: { ...lowering.roots, row: { kind: "row", table: rows.table } as const } };
    return { kind: "aggregate", function: "sum", of: readBound(row, "sum.of", rule.sum.of), rows };
  }
  lowering.errors.push({ path: lowering.path, message: "expected either `count` or `sum`" });
  return { kind: "literal", value: null };
}
