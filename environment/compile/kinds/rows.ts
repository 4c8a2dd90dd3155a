/** Kinds about other rows: that some exist, that none does, and that no other row takes the same place. */
import { type CatalogueTable, findColumn, tableOf } from "../../core/catalogue.js";
import type { Expression, PathExpression, RowsExpression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, disjunction, path } from "../../core/walk-expression.js";
import { isOther, type Lowering, presence, readPath, readRows, readText } from "./lowering.js";

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
  return noOther(lowering, [...keyTerms(lowering, "same", rule.same), ...countedTerms(lowering, rule)]);
}

/** `overlap`: no other present row with the same of all these has a span (half-open) that meets this one's, widened by `gap`. */
export function lowerOverlap(rule: Extract<Rule, { kind: "overlap" }>, lowering: Lowering): Expression {
  const own = spanOf(lowering, "span", { columns: rule.span, root: "new", table: lowering.table });
  const { other, gap } = rule;
  if (other === undefined) {
    const row = spanOf(lowering, "span", { columns: rule.span, root: "row", table: lowering.table });
    return noOther(lowering, [...keyTerms(lowering, "same", rule.same), ...countedTerms(lowering, rule), ...meet(own, row, gap)]);
  }
  const rows = readRows(lowering, "other", other, { self: null });
  const row = spanOf(lowering, "other.span", { columns: other.span, root: "row", table: tableOf(lowering.catalogue, rows.table) });
  const where = conjunction([...(rows.where === null ? [] : [rows.where]), ...meet(own, row, gap)]);
  return { kind: "not", operand: { kind: "exists", rows: { ...rows, where } } };
}

interface Counted {
  readonly states?: readonly string[] | "any" | undefined;
  readonly holds?: "always" | readonly string[] | undefined;
  readonly where?: string | undefined;
}

/** The states that a rule about its own table counts: those it names, those it holds in, else the live ones. */
export function countedStates(rule: Counted): readonly string[] | "any" | undefined {
  return rule.states ?? (rule.holds === "always" ? undefined : rule.holds);
}

/** The conditions under which a row of the rule's own table counts. */
export function countedTerms(lowering: Lowering, rule: Counted, variable = "row"): readonly Expression[] {
  const present = presence(lowering, "states", lowering.table, { states: countedStates(rule), variable });
  const row = { [variable]: { kind: "row", table: lowering.table.name } } as const;
  return [...present, ...(rule.where === undefined ? [] : [readText(lowering, "where", rule.where, row)])];
}

/** The conditions that a row has the same of all these as the written one. A list of columns: any of the one is any of the other. */
export function keyTerms(
  lowering: Lowering,
  field: string,
  keys: readonly (string | readonly string[])[],
  variable = "row",
): readonly Expression[] {
  return keys.map((key, index): Expression => {
    const at = `${field}[${index}]`;
    const equal = (one: string, another: string): Expression => ({
      kind: "compare",
      op: "=",
      left: readPath(lowering, at, one, variable),
      right: readPath(lowering, at, another, "new"),
    });
    return typeof key === "string" ? equal(key, key) : disjunction(key.flatMap((one) => key.map((another) => equal(one, another))));
  });
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

/** A span of steps as the paths of its two columns. */
export interface Span {
  readonly start: PathExpression;
  readonly end: PathExpression;
  /** Whether NULL at the end means that it is never reached. */
  readonly open: boolean;
}

/** The span of a row in two columns of its table. */
export function spanOf(
  { errors, path: place }: Lowering,
  field: string,
  {
    columns: [start, end],
    root,
    table,
  }: { readonly columns: readonly [string, string]; readonly root: string; readonly table: CatalogueTable },
): Span {
  for (const [index, name] of [start, end].entries()) {
    if (findColumn(table, name) === undefined)
      errors.push({ path: `${place}.${field}[${index}]`, message: `table "${table.name}" has no column "${name}"` });
  }
  return { start: path(root, start), end: path(root, end), open: findColumn(table, end)?.nullMeaning === "open" };
}

/** The conditions that two spans meet, widened by a gap. */
function meet(a: Span, b: Span, gap: number): readonly Expression[] {
  return [endsAfter(a, b.start, gap), endsAfter(b, a.start, gap)];
}

/** A span ends (so many steps) after a step. */
export function endsAfter({ end, open }: Span, step: Expression, gap = 0): Expression {
  const limit: Expression = gap === 0 ? end : { kind: "arithmetic", op: "+", left: end, right: { kind: "literal", value: gap } };
  const after: Expression = { kind: "compare", op: "<", left: step, right: limit };
  return open ? { kind: "or", operands: [{ kind: "is_null", operand: end, negated: false }, after] } : after;
}
