/** What the kinds share: reading the sheet's texts as checked expressions, and row sets, bounds and cases as such. */
import type { Catalogue, CatalogueTable } from "../../core/catalogue.js";
import { checkExpression, type Root, type Scope } from "../../core/check-expression.js";
import type { Expression, RowsExpression } from "../../core/expression.js";
import { type Errors, parseAt } from "../../core/sheet-error.js";
import type { RowSet } from "../../sheet/sheet.js";
import { conjunction, path } from "../../core/walk-expression.js";

/** One rule while it is lowered: `path` is where it stands in the sheet, `roots` what its texts may read. */
export interface Lowering {
  readonly catalogue: Catalogue;
  readonly errors: Errors;
  readonly path: string;
  readonly table: CatalogueTable;
  readonly roots: Readonly<Record<string, Root>>;
}

/** Roots that one text may read beyond those of its rule. */
export type ExtraRoots = Readonly<Record<string, Root>>;

/** The scope of a rule's field, to check an expression in. */
export function scopeOf(lowering: Lowering, field: string, extra: ExtraRoots = {}): Scope {
  const { catalogue, errors, roots } = lowering;
  return { catalogue, errors, roots: { ...roots, ...extra }, path: `${lowering.path}.${field}` };
}

/** A field's text as a checked expression; NULL, which fits everything, where it is wrong. */
export function readText(lowering: Lowering, field: string, text: string, extra: ExtraRoots = {}): Expression {
  const expression = parseAt(lowering.errors, `${lowering.path}.${field}`, text);
  if (expression === null) return { kind: "literal", value: null };
  checkExpression(expression, scopeOf(lowering, field, extra));
  return expression;
}

/** A path that is written without its root, such as `section_id.course_id`, read from this root. */
export function readPath(lowering: Lowering, field: string, text: string, root: string): Expression {
  const parsed = parseAt(lowering.errors, `${lowering.path}.${field}`, text);
  if (parsed === null) return { kind: "literal", value: null };
  if (parsed.kind !== "path") {
    lowering.errors.push({
      path: `${lowering.path}.${field}`,
      message: `expected a column or a path such as section_id.course_id, got "${text}"`,
    });
    return { kind: "literal", value: null };
  }
  const isRooted = parsed.root === "new" || parsed.root === "row";
  const rooted = path(root, ...(isRooted ? parsed.steps : [parsed.root, ...parsed.steps]));
  checkExpression(rooted, scopeOf(lowering, field, { row: { kind: "row", table: lowering.table.name } }));
  return rooted;
}

/** A number or a text as an expression. */
export function readBound(lowering: Lowering, field: string, bound: number | string): Expression {
  return typeof bound === "number" ? { kind: "literal", value: bound } : readText(lowering, field, bound);
}

interface Cases {
  readonly cases: readonly { readonly when: string; readonly is: number | string }[];
  readonly else: number | string;
}

/** A bound, or one by cases. */
export function readCases(lowering: Lowering, field: string, bound: number | string | Cases): Expression {
  if (typeof bound !== "object") return readBound(lowering, field, bound);
  const branches = bound.cases.map(({ when, is }, index) => ({
    when: readText(lowering, `${field}.cases[${index}].when`, when),
    then: readBound(lowering, `${field}.cases[${index}].is`, is),
  }));
  const otherwise = readBound(lowering, `${field}.else`, bound.else);
  return branches.length === 0 ? otherwise : { kind: "case", branches, otherwise };
}

/**
 * A row set of the sheet: the rows of `from` that match, in these states (unless said, those in which the table is live),
 * for which `where` is true, without the row `self` itself.
 */
export function readRows(lowering: Lowering, field: string, rows: RowSet, self: "new" | "owner" = "new"): RowsExpression {
  const from = lowering.catalogue.tables[rows.from];
  const empty: RowsExpression = { variable: "row", table: rows.from, where: null, before: false };
  if (from === undefined) {
    lowering.errors.push({ path: `${lowering.path}.${field}.from`, message: `there is no table "${rows.from}"` });
    return { ...empty, table: lowering.table.name };
  }
  const row: ExtraRoots = { row: { kind: "row", table: from.name } };
  const terms = Object.entries(rows.match).map(([column, text]): Expression => {
    const matched: Expression = {
      kind: "compare",
      op: "=",
      left: path("row", column),
      right: readText(lowering, `${field}.match.${column}`, text),
    };
    checkExpression(matched, scopeOf(lowering, `${field}.match.${column}`, row));
    return matched;
  });
  terms.push(...presence(lowering, `${field}.states`, from, rows.states));
  if (rows.where !== undefined) terms.push(readText(lowering, `${field}.where`, rows.where, row));
  if (rows.not_self ?? (self === "new" && from.name === lowering.table.name)) terms.push(isOther(from, "row", self));
  return { ...empty, where: terms.length === 0 ? null : conjunction(terms) };
}

/** The condition that a row counts as present: it is in these states, or else the table's live ones. */
export function presence(
  lowering: Lowering,
  field: string,
  table: CatalogueTable,
  states: readonly string[] | "any" | undefined,
): readonly Expression[] {
  if (states === "any") return [];
  const until = states === undefined && table.live.until !== null ? [isOpenUntil(table.live.until)] : [];
  const wanted = states ?? table.live.states;
  if (wanted === null) return until;
  if (table.states === null) {
    lowering.errors.push({ path: `${lowering.path}.${field}`, message: `table "${table.name}" has no states` });
    return until;
  }
  const term = isIn(path("row", table.states.column), wanted);
  checkExpression(term, scopeOf(lowering, field, { row: { kind: "row", table: table.name } }));
  return [term, ...until];
}

function isOpenUntil(column: string): Expression {
  const until = path("row", column);
  return {
    kind: "or",
    operands: [
      { kind: "is_null", operand: until, negated: false },
      { kind: "compare", op: ">=", left: until, right: path("now") },
    ],
  };
}

/** `operand in (values)`. */
export function isIn(operand: Expression, values: readonly (string | number)[]): Expression {
  return { kind: "in", operand, values, negated: false };
}

/** The condition that a bound row is not the row `self` of the same table. */
export function isOther(table: CatalogueTable, variable: string, self: string): Expression {
  return {
    kind: "not",
    operand: conjunction(table.key.map((name) => ({ kind: "same", left: path(variable, name), right: path(self, name) }))),
  };
}
