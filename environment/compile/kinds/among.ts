/** Kinds about how rows stand to each other: one for each of several, the latest, the first in line, an edge, a place in a tree. */
import { findColumn, tableOf } from "../../core/catalogue.js";
import type { Expression, PathExpression, RowsExpression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, disjunction, path, replacePaths } from "../../core/walk-expression.js";
import { type ExtraRoots, type Lowering, readRows, readText, unknown } from "./lowering.js";
import { hasNoTies } from "./ties.js";

/** `foreach`: each of some rows has what it asks for; one of which that is unknown has not. */
export function lowerForeach(rule: Extract<Rule, { kind: "foreach" }>, lowering: Lowering): Expression {
  const each = readRows(lowering, "each", rule.each, { variable: "each" });
  const extra: ExtraRoots = { each: { kind: "row", table: each.table } };
  const inner: Lowering = { ...lowering, roots: { ...lowering.roots, ...extra } };
  const sets = rule.exists === undefined ? [] : [rule.exists].flat();
  const found = sets.map((rows, index): Expression => {
    const field = Array.isArray(rule.exists) ? `exists[${index}]` : "exists";
    return { kind: "exists", rows: readRows(inner, field, rows, { self: null }) };
  });
  const must = rule.must === undefined ? [] : [readText(inner, "must", rule.must)];
  const wanted = [...(found.length === 0 ? [] : [disjunction(found)]), ...must];
  if (wanted.length === 0) lowering.errors.push({ path: lowering.path, message: "expected `exists` or `must`" });
  const lacking: Expression = { kind: "not", operand: conjunction(wanted) };
  const all: Expression = { kind: "none", rows: { ...each, where: conjunction([...(each.where === null ? [] : [each.where]), lacking]) } };
  return rule.empty === "accept" ? all : conjunction([{ kind: "exists", rows: each }, all]);
}

/** `latest`: the last row by a column is as asked, and follows some others. */
export function lowerLatest(rule: Extract<Rule, { kind: "latest" }>, lowering: Lowering): Expression {
  const rows = readRows(lowering, "rows", rule.rows);
  const table = tableOf(lowering.catalogue, rows.table);
  if (findColumn(table, rule.by) === undefined)
    lowering.errors.push({ path: `${lowering.path}.by`, message: `table "${table.name}" has no column "${rule.by}"` });
  else if (!hasNoTies(table, [rule.by]))
    lowering.errors.push({
      path: `${lowering.path}.by`,
      message: `expected a column in \`unique\` of table "${table.name}": two rows may not tie`,
    });
  const last = (...steps: readonly string[]): Expression => ({ kind: "pick", which: "last", rows, by: path("row", rule.by), steps });
  const terms: Expression[] = [];
  if (rule.check !== undefined) {
    const check = readText(lowering, "check", rule.check, { latest: { kind: "row", table: table.name } });
    terms.push(
      replacePaths(check, ({ root, steps }) => (root === "latest" ? last(...(steps.length > 0 ? steps : table.key.slice(0, 1))) : null)),
    );
  }
  if (rule.after !== undefined) {
    const others = readRows(lowering, "after", rule.after, { variable: "other" });
    const later: Expression = { kind: "compare", op: ">=", left: path("other", rule.by), right: last(rule.by) };
    terms.push({ kind: "none", rows: { ...others, where: conjunction([...(others.where === null ? [] : [others.where]), later]) } });
  }
  if (terms.length === 0) lowering.errors.push({ path: lowering.path, message: "expected `check` or `after`" });
  const some: Expression = { kind: "exists", rows };
  return rule.empty === "refuse" ? conjunction([some, ...terms]) : disjunction([{ kind: "not", operand: some }, conjunction(terms)]);
}

/** `order`: no row in line comes before the chosen one. */
export function lowerOrder(rule: Extract<Rule, { kind: "order" }>, lowering: Lowering): Expression {
  const rows = readRows(lowering, "rows", rule.rows);
  const by = readText(lowering, "by", rule.by, { row: { kind: "row", table: rows.table } });
  const chosen = readText(lowering, "is", rule.is);
  const before: Expression = { kind: "compare", op: rule.pick === "lowest" ? "<" : ">", left: by, right: chosen };
  return { kind: "none", rows: withTerm(rows, before) };
}

/** `edges`: the column moved along an edge of a table of edges. */
export function lowerEdges(rule: Extract<Rule, { kind: "edges" }>, lowering: Lowering): Expression {
  const { table, errors, path: place } = lowering;
  if (findColumn(table, rule.column) === undefined)
    errors.push({ path: `${place}.column`, message: `table "${table.name}" has no column "${rule.column}"` });
  const edges = readRows(lowering, "edge", rule.edge, { self: null });
  if (findColumn(tableOf(lowering.catalogue, edges.table), rule.get) === undefined) {
    errors.push({ path: `${place}.get`, message: `table "${edges.table}" has no column "${rule.get}"` });
    return unknown;
  }
  const leads: Expression = { kind: "compare", op: "=", left: path("row", rule.get), right: path("new", rule.column) };
  return { kind: "exists", rows: withTerm(edges, leads) };
}

function withTerm(rows: RowsExpression, term: Expression): RowsExpression {
  return { ...rows, where: conjunction([...(rows.where === null ? [] : [rows.where]), term]) };
}

/** `tree`: a row stands above another, below it or apart from it, or never above itself. */
export function lowerTree(rule: Extract<Rule, { kind: "tree" }>, lowering: Lowering): Expression {
  const of = readPathText(lowering, "of", rule.of);
  const is = rule.is === undefined ? null : readPathText(lowering, "is", rule.is);
  if ((rule.relation === "acyclic") !== (rule.is === undefined))
    lowering.errors.push({ path: `${lowering.path}.is`, message: "expected `is` with above, below and apart, and none with acyclic" });
  if (of === null || (rule.is !== undefined && is === null)) return unknown;
  const reaches = (from: PathExpression, to: PathExpression): Expression => ({ kind: "reaches", from, column: rule.parent, to });
  switch (rule.relation) {
    case "above":
      return reaches(of, is ?? of);
    case "below":
      return reaches(is ?? of, of);
    case "apart":
      return { kind: "not", operand: disjunction([reaches(of, is ?? of), reaches(is ?? of, of)]) };
    case "acyclic":
      return { kind: "not", operand: reaches(of, of) };
  }
}

function readPathText(lowering: Lowering, field: string, text: string): PathExpression | null {
  const before = lowering.errors.length;
  const read = readText(lowering, field, text);
  if (read.kind === "path") return read;
  if (lowering.errors.length > before) return null;
  lowering.errors.push({ path: `${lowering.path}.${field}`, message: `expected a path to a row such as new.person_id, got "${text}"` });
  return null;
}
