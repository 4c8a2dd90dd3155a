/** What the kinds share: reading the sheet's texts as checked expressions, and row sets, bounds and cases as such. */
import { type Catalogue, type CatalogueTable, tableOf } from "../../core/catalogue.js";
import { checkExpression, type Root, type Scope } from "../../core/check-expression.js";
import type { Expression, Parsed, RowsExpression } from "../../core/expression.js";
import { parseExpression } from "../../core/parse-expression.js";
import { type Errors, reportAt } from "../../core/sheet-error.js";
import type { RowSet } from "../../sheet/sheet.js";
import { conjunction, disjunction, path, replacePaths, walk } from "../../core/walk-expression.js";

/** Where a rule stands in the sheet (`rules[3]`), and what goes with it while it is lowered. */
export interface Place {
  readonly path: string;
  readonly errors: Errors;
  /** What its texts are as expressions, as far as they were read: it is lowered again for every sheet that shares it. */
  readonly texts: Map<string, Parsed>;
}

/** One rule while it is lowered: `roots` is what its texts may read. */
export interface Lowering extends Place {
  readonly catalogue: Catalogue;
  readonly table: CatalogueTable;
  readonly roots: Readonly<Record<string, Root>>;
  /** Named look-ups of the rule: a path that starts with one of these names reads the row that it finds. */
  readonly lookups: Readonly<Record<string, Lookup>>;
}

/** A row found by its key, or the last of several by a column. */
export interface Lookup {
  readonly rows: RowsExpression;
  readonly by: string | null;
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
  const expression = parseField(lowering, field, text);
  if (expression === null) return unknown;
  const before = lowering.errors.length;
  const resolved = withLookups(lowering, field, expression);
  checkExpression(resolved, scopeOf(lowering, field, extra));
  return lowering.errors.length === before ? resolved : unknown;
}

function parseField({ errors, path: place, texts }: Lowering, field: string, text: string): Expression | null {
  const parsed = texts.get(text) ?? parseExpression(text);
  texts.set(text, parsed);
  return reportAt(errors, `${place}.${field}`, { text, parsed });
}

/** NULL, which fits everything: what stands for a text that is wrong. */
export const unknown: Expression = { kind: "literal", value: null };

/** The expression with each path that starts at a look-up read from the row it finds. */
function withLookups({ lookups, catalogue, errors, path: place }: Lowering, field: string, expression: Expression): Expression {
  if (Object.keys(lookups).length === 0) return expression;
  const bound = walk(expression).find((node) => "rows" in node && Object.hasOwn(lookups, node.rows.variable));
  if (bound !== undefined) errors.push({ path: `${place}.${field}`, message: "a variable has the name of a look-up: choose another" });
  return replacePaths(expression, ({ root, steps }) => {
    const lookup = Object.hasOwn(lookups, root) ? lookups[root] : undefined;
    if (lookup === undefined) return null;
    const { rows, by } = lookup;
    const columns = steps.length > 0 ? steps : tableOf(catalogue, rows.table).key.slice(0, 1);
    return { kind: "pick", which: by === null ? "one" : "last", rows, by: by === null ? null : path(rows.variable, by), steps: columns };
  });
}

/** A path that is written without its root, such as `section_id.course_id`, read from this root. */
export function readPath(lowering: Lowering, field: string, text: string, root: string): Expression {
  // What is wrong with it from one root was said already where it is read from another.
  if (lowering.errors.some((error) => error.path === `${lowering.path}.${field}`)) return unknown;
  const parsed = parseField(lowering, field, text);
  if (parsed === null) return unknown;
  if (parsed.kind !== "path") {
    lowering.errors.push({
      path: `${lowering.path}.${field}`,
      message: `expected a column or a path such as section_id.course_id, got "${text}"`,
    });
    return unknown;
  }
  const isRooted = parsed.root === "new" || parsed.root === "row";
  const rooted = path(root, ...(isRooted ? parsed.steps : [parsed.root, ...parsed.steps]));
  const before = lowering.errors.length;
  checkExpression(rooted, scopeOf(lowering, field, { [root]: { kind: "row", table: lowering.table.name } }));
  return lowering.errors.length === before ? rooted : unknown;
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

/** How a row set is read: the name of its rows, and the row that is left out (null: none; `new` only of its own table, unless said). */
export interface RowsReading {
  readonly variable?: string;
  readonly self?: "new" | "owner" | null;
}

/**
 * A row set of the sheet: the rows of `from` that match, in these states (unless said, those in which the table is live),
 * for which `where` is true, without the row `self` itself.
 */
export function readRows(
  lowering: Lowering,
  field: string,
  rows: RowSet,
  { variable = "row", self = "new" }: RowsReading = {},
): RowsExpression {
  const from = lowering.catalogue.tables[rows.from];
  const empty: RowsExpression = { variable, table: rows.from, where: null, before: false };
  if (from === undefined) {
    lowering.errors.push({ path: `${lowering.path}.${field}.from`, message: `there is no table "${rows.from}"` });
    return { ...empty, table: lowering.table.name };
  }
  const row: ExtraRoots = { [variable]: { kind: "row", table: from.name } };
  const equal = (at: string, column: string, text: string): Expression => {
    const matched: Expression = { kind: "compare", op: "=", left: path(variable, column), right: readText(lowering, at, text) };
    checkExpression(matched, scopeOf(lowering, at, row));
    return matched;
  };
  const terms = Object.entries(rows.match).map(([column, text]) => equal(`${field}.match.${column}`, column, text));
  const pair = Object.entries(rows.pair ?? {});
  const [[first, a] = ["", ""], [second, b] = ["", ""]] = pair;
  if (pair.length > 0) {
    const ways = [
      [equal(`${field}.pair.${first}`, first, a), equal(`${field}.pair.${second}`, second, b)],
      [equal(`${field}.pair.${second}`, first, b), equal(`${field}.pair.${first}`, second, a)],
    ];
    terms.push(disjunction(ways.map(conjunction)));
  }
  terms.push(...presence(lowering, `${field}.states`, from, { states: rows.states, variable }));
  if (rows.where !== undefined) terms.push(readText(lowering, `${field}.where`, rows.where, row));
  if (self !== null && (rows.not_self ?? (self === "new" && from.name === lowering.table.name))) terms.push(isOther(from, variable, self));
  return { ...empty, where: terms.length === 0 ? null : conjunction(terms) };
}

/** The condition that a row counts as present: it is in these states, or else the table's live ones. */
export function presence(
  lowering: Lowering,
  field: string,
  table: CatalogueTable,
  { states, variable = "row" }: { readonly states: readonly string[] | "any" | undefined; readonly variable?: string },
): readonly Expression[] {
  if (states === "any") return [];
  const until = states === undefined && table.live.until !== null ? [isOpenUntil(path(variable, table.live.until))] : [];
  const wanted = states ?? table.live.states;
  if (wanted === null) return until;
  if (table.states === null) {
    lowering.errors.push({ path: `${lowering.path}.${field}`, message: `table "${table.name}" has no states` });
    return until;
  }
  const term = isIn(path(variable, table.states.column), wanted);
  checkExpression(term, scopeOf(lowering, field, { [variable]: { kind: "row", table: table.name } }));
  return [term, ...until];
}

function isOpenUntil(until: Expression): Expression {
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
