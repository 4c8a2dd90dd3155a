/** Kinds about a row's group as a whole: its children, who is left in it, and one part of it against another. */
import { type CatalogueTable, findColumn } from "../../core/catalogue.js";
import type { Comparison, Expression, RowsExpression } from "../../core/expression.js";
import { isSame } from "../../core/is-same.js";
import type { GuardEvent } from "../normal-form.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, conjunctsOf, disjunction, path, renameRoots } from "../../core/walk-expression.js";
import { canChange } from "../elsewhere-events.js";
import { type ExtraRoots, type Lowering, readBound, readRows, readText, unknown } from "./lowering.js";
import { boundTerms, readAmount } from "./limits.js";
import { countedTerms } from "./rows.js";

/** `children`: the rows that belong to this one are enough, sum to so much, or are all (or none) so. */
export function lowerChildren(rule: Extract<Rule, { kind: "children" }>, lowering: Lowering): Expression {
  const rows = readRows(lowering, "rows", rule.rows);
  const row: ExtraRoots = { row: { kind: "row", table: rows.table } };
  const { sum, distinct, avg, all, none } = rule;
  const amounts = [sum, distinct, avg].filter((text) => text !== undefined);
  if (amounts.length > 1) lowering.errors.push({ path: lowering.path, message: "expected one of `sum`, `distinct` and `avg`" });
  const isBounded = rule.min !== undefined || rule.max !== undefined || rule.equals !== undefined;
  if (!isBounded && (amounts.length > 0 || (all === undefined && none === undefined)))
    lowering.errors.push({ path: lowering.path, message: "expected `min`, `max` or `equals`, or `all` or `none`" });
  const terms: Expression[] = [];
  if (avg !== undefined) terms.push(...averageTerms(rule, lowering, { rows, of: readText(lowering, "avg", avg, row) }));
  else if (sum !== undefined)
    terms.push(...boundTerms(rule, lowering, { kind: "aggregate", function: "sum", of: readText(lowering, "sum", sum, row), rows }));
  else if (distinct !== undefined)
    terms.push(
      ...boundTerms(rule, lowering, { kind: "aggregate", function: "distinct", of: readText(lowering, "distinct", distinct, row), rows }),
    );
  else terms.push(...boundTerms(rule, lowering, { kind: "count", rows }));
  if (all !== undefined) terms.push(noneOf(rows, { kind: "not", operand: readText(lowering, "all", all, row) }));
  if (none !== undefined) terms.push(noneOf(rows, readText(lowering, "none", none, row)));
  return withEmpty(rule, lowering, { rows, terms });
}

function noneOf(rows: RowsExpression, term: Expression): Expression {
  return { kind: "none", rows: { ...rows, where: conjunction([...(rows.where === null ? [] : [rows.where]), term]) } };
}

/** Averages are never divided: the sum is held against the bound times the count. */
function averageTerms(
  rule: Extract<Rule, { kind: "children" }>,
  lowering: Lowering,
  { rows, of }: { readonly rows: RowsExpression; readonly of: Expression },
): readonly Expression[] {
  const bounds: readonly [Comparison, "min" | "max" | "equals"][] = [
    [">=", "min"],
    ["<=", "max"],
    ["=", "equals"],
  ];
  const total: Expression = { kind: "aggregate", function: "sum", of, rows };
  return bounds.flatMap(([op, name]): Expression[] => {
    const bound = rule[name];
    if (bound === undefined) return [];
    const share: Expression = { kind: "arithmetic", op: "*", left: readBound(lowering, name, bound), right: { kind: "count", rows } };
    return [{ kind: "compare", op, left: total, right: share }];
  });
}

function withEmpty(
  { empty, all, none, avg }: Extract<Rule, { kind: "children" }>,
  { errors, path: place }: Lowering,
  { rows, terms }: { readonly rows: RowsExpression; readonly terms: readonly Expression[] },
): Expression {
  if (empty === undefined) {
    if (all !== undefined || none !== undefined || avg !== undefined)
      errors.push({ path: `${place}.empty`, message: "expected `empty`: whether a row without any is refused or accepted" });
    return conjunction(terms);
  }
  const some: Expression = { kind: "exists", rows };
  return empty === "refuse" ? conjunction([some, ...terms]) : disjunction([{ kind: "not", operand: some }, conjunction(terms)]);
}

/** What `keep` is lowered to: `leaving` are the moves by which a row leaves its group, null where more than its state says whether it is in it. */
export interface Keep {
  readonly must: Expression;
  readonly when: Expression | null;
  readonly leaving: readonly Extract<GuardEvent, { kind: "move" }>[] | null;
}

/** `keep`: a row that counted and counts no more leaves at least so many in the group that it was in. */
export function lowerKeep(rule: Extract<Rule, { kind: "keep" }>, lowering: Lowering): Keep {
  const { table, errors, path: place } = lowering;
  const unknownColumn = rule.per.find((name) => findColumn(table, name) === undefined);
  if (unknownColumn !== undefined) errors.push({ path: `${place}.per`, message: `table "${table.name}" has no column "${unknownColumn}"` });
  const counts = countedTerms(lowering, rule);
  if (counts.length === 0) errors.push({ path: place, message: "expected `states` or `where`: what makes a row count" });
  const sameOf = (names: readonly string[], left: string, right: string) =>
    names.map((name): Expression => ({ kind: "same", left: path(left, name), right: path(right, name) }));
  const as = (root: string) => counts.map((term) => renameRoots(term, { row: root, new: root }));
  const rows: RowsExpression = {
    variable: "row",
    table: table.name,
    where: conjunction([...sameOf(rule.per, "row", "old"), ...counts]),
    before: false,
  };
  const movable = rule.per.filter((name) => name !== unknownColumn && canChange(table, name));
  const isPlain = movable.length === 0 && rule.where === undefined && rule.at === undefined && rule.holds === undefined;
  const leaving = isPlain ? movesOut(table, counts) : null;
  const stays = conjunction([...sameOf(movable, "new", "old"), ...as("new")]);
  return {
    must: { kind: "compare", op: ">=", left: { kind: "count", rows }, right: { kind: "literal", value: rule.min } },
    when: leaving === null ? conjunction([...as("old"), { kind: "not", operand: stays }]) : null,
    leaving,
  };
}

/** The moves from a state that counts to one that does not, where nothing but the state says what counts. */
function movesOut({ states }: CatalogueTable, [term, ...more]: readonly Expression[]): Keep["leaving"] {
  if (states === null || term?.kind !== "in" || term.negated || more.length > 0) return null;
  const isCounted = (state: string): boolean => term.values.includes(state);
  return states.moves.filter(({ from, to }) => isCounted(from) && !isCounted(to)).map(({ from, to }) => ({ kind: "move", from, to }));
}

/** `ratio`: one amount is at least (at most, more than) so many parts of another; multiplied across, never divided. */
export function lowerRatio(rule: Extract<Rule, { kind: "ratio" }>, lowering: Lowering): Expression {
  const part = readAmount(rule.part, lowering, "part");
  const of = readAmount(rule.of, lowering, "of");
  const bounds: readonly [Comparison, readonly [number, number] | undefined][] = [
    [">=", rule.at_least],
    ["<=", rule.at_most],
    [">", rule.above],
  ];
  const times = (left: Expression, value: number): Expression => ({
    kind: "arithmetic",
    op: "*",
    left,
    right: { kind: "literal", value },
  });
  const terms = bounds.flatMap(([op, share]): Expression[] =>
    share === undefined ? [] : [{ kind: "compare", op, left: times(part, share[1]), right: times(of, share[0]) }],
  );
  if (terms.length === 0) {
    lowering.errors.push({ path: lowering.path, message: "expected `at_least`, `at_most` or `above`" });
    return unknown;
  }
  const nothing: Expression = { kind: "compare", op: "=", left: of, right: { kind: "literal", value: 0 } };
  const always = metByNothing(rule, { part, of });
  if (rule.empty === "accept") return always === true ? conjunction(terms) : disjunction([nothing, conjunction(terms)]);
  return always === false ? conjunction(terms) : conjunction([{ kind: "not", operand: nothing }, ...terms]);
}

/**
 * What the bounds say of a share of no rows, where that is known: a number of rows is at least 0, and there are no rows of a part
 * where there are none of the whole.
 */
function metByNothing(
  { at_most, above }: Extract<Rule, { kind: "ratio" }>,
  { part, of }: { readonly part: Expression; readonly of: Expression },
): boolean | null {
  if (part.kind !== "count" || of.kind !== "count") return null;
  if (at_most === undefined && above === undefined) return true;
  return isWithin(part.rows, of.rows) ? above === undefined : null;
}

/** Whether every row of the one set is a row of the other, as far as their filters show it term by term. */
function isWithin(part: RowsExpression, whole: RowsExpression): boolean {
  if (part.table !== whole.table || part.before !== whole.before) return false;
  const terms = conjunctsOf(part.where);
  const wanted = whole.where === null ? null : renameRoots(whole.where, { [whole.variable]: part.variable });
  return conjunctsOf(wanted).every((term) => terms.some((each) => implies(each, term)));
}

function implies(one: Expression, other: Expression): boolean {
  if (isSame(one, other)) return true;
  if (one.kind !== "in" || other.kind !== "in" || one.negated || other.negated || !isSame(one.operand, other.operand)) return false;
  return one.values.every((value) => other.values.includes(value));
}
