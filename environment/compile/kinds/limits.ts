/** Kinds that hold a count or a sum of the rule's own rows, or of a row set, as it is after the write, against a bound. */
import type { Comparison, Expression, RowsExpression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, path, renameRoots } from "../../core/walk-expression.js";
import { type Lowering, readBound, readCases, readPath, readRows, readText, unknown } from "./lowering.js";
import { countedTerms, endsAfter, keyTerms, spanOf } from "./rows.js";

/** `quota`: the present rows with the same of all these, the written one among them, are at most so many (or sum to at most so much). */
export function lowerQuota(rule: Extract<Rule, { kind: "quota" }>, lowering: Lowering): Expression {
  const terms = [...keyTerms(lowering, "per", rule.per), ...countedTerms(lowering, rule)];
  if (rule.last !== undefined) {
    const start: Expression = { kind: "arithmetic", op: "-", left: path("now"), right: { kind: "literal", value: rule.last.steps } };
    terms.push({ kind: "compare", op: ">", left: readPath(lowering, "last.of", rule.last.of, "row"), right: start });
  }
  if (rule.within !== undefined) {
    const [there, here] = ["row", "new"].map((root) => readPath(lowering, "within.of", rule.within?.of ?? "", root));
    const distance: Expression = { kind: "arithmetic", op: "-", left: there ?? unknown, right: here ?? unknown };
    const steps: Expression = { kind: "literal", value: rule.within.steps };
    terms.push({ kind: "compare", op: "<=", left: { kind: "call", function: "abs", arguments: [distance] }, right: steps });
  }
  const rows: RowsExpression = { variable: "row", table: lowering.table.name, where: conjunction(terms), before: false };
  return { kind: "compare", op: "<=", left: amountOf(lowering, rows, rule.sum), right: readCases(lowering, "max", rule.max) };
}

function amountOf(lowering: Lowering, rows: RowsExpression, sum: string | undefined): Expression {
  if (sum === undefined) return { kind: "count", rows };
  return { kind: "aggregate", function: "sum", of: readPath(lowering, "sum", sum, rows.variable), rows };
}

/**
 * `peak`: at no step of the written row's span are there more present rows with the same of all these at once. What is there
 * at once only grows where a row begins, so the beginnings within the span are looked at, the row's own among them.
 */
export function lowerPeak(rule: Extract<Rule, { kind: "peak" }>, lowering: Lowering): Expression {
  const { table } = lowering;
  const span = (root: string) => spanOf(lowering, "span", { columns: rule.span, root, table });
  const [own, peer, row] = [span("new"), span("peer"), span("row")];
  const present = (variable: string) => [...keyTerms(lowering, "per", rule.per, variable), ...countedTermsAs(lowering, rule, variable)];
  const begins: Expression = { kind: "compare", op: ">=", left: peer.start, right: own.start };
  const there: Expression = { kind: "compare", op: "<=", left: row.start, right: peer.start };
  const rows = rowsOf(lowering, "row", [...present("row"), there, endsAfter(row, peer.start)]);
  const fits: Expression = {
    kind: "compare",
    op: "<=",
    left: amountOf(lowering, rows, rule.sum),
    right: readCases(lowering, "max", rule.max),
  };
  const peaks = rowsOf(lowering, "peer", [...present("peer"), begins, endsAfter(own, peer.start), { kind: "not", operand: fits }]);
  return { kind: "none", rows: peaks };
}

function countedTermsAs(lowering: Lowering, rule: Parameters<typeof countedTerms>[1], variable: string): readonly Expression[] {
  return countedTerms(lowering, rule).map((term) => renameRoots(term, { row: variable }));
}

function rowsOf({ table }: Lowering, variable: string, terms: readonly Expression[]): RowsExpression {
  return { variable, table: table.name, where: conjunction(terms), before: false };
}

/** `limit`: a count or a sum over rows lies between two bounds. */
export function lowerLimit(rule: Extract<Rule, { kind: "limit" }>, lowering: Lowering): Expression {
  const amount = readAmount(rule, lowering);
  const terms = boundTerms(rule, lowering, amount);
  if (terms.length === 0) lowering.errors.push({ path: lowering.path, message: "expected `min` or `max`" });
  return conjunction(terms);
}

interface Bounds {
  readonly min?: number | string | undefined;
  readonly max?: number | string | undefined;
  readonly equals?: number | string | undefined;
}

/** An amount against the bounds that the rule names. */
export function boundTerms(rule: Bounds, lowering: Lowering, amount: Expression): readonly Expression[] {
  const bounds: readonly [Comparison, "min" | "max" | "equals"][] = [
    [">=", "min"],
    ["<=", "max"],
    ["=", "equals"],
  ];
  return bounds.flatMap(([op, name]): Expression[] => {
    const bound = rule[name];
    return bound === undefined ? [] : [{ kind: "compare", op, left: amount, right: readBound(lowering, name, bound) }];
  });
}

interface Amount {
  readonly count?: Parameters<typeof readRows>[2] | undefined;
  readonly sum?: { readonly of: string; readonly rows: Parameters<typeof readRows>[2] } | undefined;
}

/** A count of rows or a sum over rows. */
export function readAmount({ count, sum }: Amount, lowering: Lowering, field = ""): Expression {
  const at = (name: string) => (field === "" ? name : `${field}.${name}`);
  if (count !== undefined && sum === undefined) return { kind: "count", rows: readRows(lowering, at("count"), count) };
  if (sum !== undefined && count === undefined) {
    const rows = readRows(lowering, at("sum.rows"), sum.rows);
    const of = readText(lowering, at("sum.of"), sum.of, { row: { kind: "row", table: rows.table } });
    return { kind: "aggregate", function: "sum", of, rows };
  }
  lowering.errors.push({ path: lowering.path, message: "expected either `count` or `sum`" });
  return unknown;
}
