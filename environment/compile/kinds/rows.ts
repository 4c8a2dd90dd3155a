/** Kinds about other rows: that some exist, that none does, and that no other row takes the same place. */
import { findColumn } from "../../core/catalogue.js";
import type { Expression, RowsExpression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, path } from "../../core/walk-expression.js";
import { isOther, type Lowering, presence, readPath, readRows } from "./lowering.js";

/** `exists`: there is such a row. */
export function lowerExists(rule: Extract<Rule, { kind: "exists" }>, lowering: Lowering): Expression {
  return { kind: "exists", rows: readRows(lowering, "rows", rule.rows) };
}

/** `absent`: there is no such row; one of which it is unknown counts as one. */
export function lowerAbsent(rule: Extract<Rule, { kind: "absent" }>, lowering: Lowering): Expression {
  return { kind: "none", rows: readRows(lowering, "rows", rule.rows) };
}

/** `exclusive`: no other present row has the same of all these; as in a unique index, NULL equals nothing. */
export function lowerExclusive(rule: Extract<Rule, { kind: "exclusive" }>, lowering: Lowering): Expression {
  return noOther(lowering, [...sameTerms(lowering, rule.same), ...presence(lowering, "states", lowering.table, countedStates(rule))]);
}

/** `overlap`: no other present row with the same of all these has a span (half-open) that meets this one's, widened by `gap`. */
export function lowerOverlap(rule: Extract<Rule, { kind: "overlap" }>, lowering: Lowering): Expression {
  const [start, end] = rule.span;
  for (const [index, name] of rule.span.entries()) {
    if (findColumn(lowering.table, name) === undefined)
      lowering.errors.push({ path: `${lowering.path}.span[${index}]`, message: `table "${lowering.table.name}" has no column "${name}"` });
  }
  const meets = [
    startsBefore(lowering, { start: path("row", start), end: path("new", end), gap: rule.gap }),
    startsBefore(lowering, { start: path("new", start), end: path("row", end), gap: rule.gap }),
  ];
  return noOther(lowering, [
    ...sameTerms(lowering, rule.same),
    ...presence(lowering, "states", lowering.table, countedStates(rule)),
    ...meets,
  ]);
}

/** The states that a rule about its own table counts: those it names, those it holds in, else the live ones. */
export function countedStates(rule: {
  readonly states?: readonly string[] | undefined;
  readonly holds?: "always" | readonly string[] | undefined;
}): readonly string[] | undefined {
  return rule.states ?? (rule.holds === "always" ? undefined : rule.holds);
}

function sameTerms(lowering: Lowering, same: readonly string[]): readonly Expression[] {
  return same.map((text, index) => ({
    kind: "compare",
    op: "=",
    left: readPath(lowering, `same[${index}]`, text, "row"),
    right: readPath(lowering, `same[${index}]`, text, "new"),
  }));
}

function noOther(lowering: Lowering, terms: readonly Expression[]): Expression {
  const rows: RowsExpression = {
    variable: "row",
    table: lowering.table.name,
    where: conjunction([isOther(lowering.table, "row", "new"), ...terms]),
    before: false,
  };
  return { kind: "not", operand: { kind: "exists", rows } };
}

interface Interval {
  readonly start: Expression;
  readonly end: Extract<Expression, { kind: "path" }>;
  readonly gap: number;
}

/** A start before an end; an end whose NULL means "open" is never reached. */
function startsBefore({ table }: Lowering, { start, end, gap }: Interval): Expression {
  const limit: Expression = gap === 0 ? end : { kind: "arithmetic", op: "+", left: end, right: { kind: "literal", value: gap } };
  const before: Expression = { kind: "compare", op: "<", left: start, right: limit };
  if (findColumn(table, end.steps[0] ?? "")?.nullMeaning !== "open") return before;
  return { kind: "or", operands: [{ kind: "is_null", operand: end, negated: false }, before] };
}
