/**
 * Conditions in SQL as expressions of the typed core, as far as they can be read: comparisons, sums, and sub-selects over one
 * table with others joined along references. A reading is a guide for a search, no meaning: what it leads to is executed.
 */
import { type Catalogue, type CatalogueTable, findColumn } from "../core/catalogue.js";
import type { Comparison, Expression, RowsExpression } from "../core/expression.js";
import { conjunction } from "../core/walk-expression.js";
import { parseSqlExpression, type SqlExpression } from "../import/sql-expression.js";
import { findKeyword, nameOf, splitAt } from "../sql/token-lists.js";
import { keywordOf, type SqlToken } from "../sql/tokenize-sql.js";

/** The row that a name of the text stands for: a root, and the references that lead from it. */
interface Named {
  readonly root: string;
  readonly steps: readonly string[];
  readonly table: CatalogueTable;
}

/** What names stand for where a condition is read. `own` is the row set of a sub-select, whose columns are looked up. */
export interface Names {
  readonly catalogue: Catalogue;
  readonly rows: ReadonlyMap<string, Named>;
  readonly own: { readonly rows: RowsExpression; readonly isSummed: boolean } | null;
  /** How deep the sub-select lies: rows of each have a variable of their own. */
  readonly depth: number;
}

/** The names of NEW and OLD. */
export function namesOf(catalogue: Catalogue, written: CatalogueTable): Names {
  const rows = new Map(["new", "old"].map((root) => [root, { root, steps: [], table: written }]));
  return { catalogue, rows, own: null, depth: 0 };
}

const comparisons: Readonly<Record<string, Comparison>> = { "=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=" };

/** The expression that an SQL expression comes to, or null where something in it is not understood. */
export function readSql(expression: SqlExpression, names: Names): Expression | null {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return typeof value === "number" && !Number.isSafeInteger(value) ? null : { kind: "literal", value };
    }
    case "column":
      return readColumn(expression, names);
    case "logic": {
      const operands = readAll(expression.operands, names);
      return operands === null ? null : { kind: expression.op, operands };
    }
    case "not": {
      const operand = readSql(expression.operand, names);
      return operand === null ? null : { kind: "not", operand };
    }
    case "compare":
      return readComparison(expression, names);
    case "in":
      return readIn(expression, names);
    case "reckoning":
      return readReckoning(expression, names);
    case "call":
      return readCall(expression, names);
    case "exists": {
      const select = readSelect(expression.select, names);
      return select === null ? null : { kind: "exists", rows: select.rows };
    }
    case "opaque":
      return keywordOf(expression.tokens[0]) === "select" ? readScalar(expression.tokens, names) : null;
    default:
      return null;
  }
}

function readAll(expressions: readonly SqlExpression[], names: Names): readonly Expression[] | null {
  const read = expressions.map((each) => readSql(each, names));
  return read.some((each) => each === null) ? null : read.filter((each) => each !== null);
}

function readColumn({ row, name }: Extract<SqlExpression, { kind: "column" }>, names: Names): Expression | null {
  if (row === null && (name === "logigen_now" || name === "logigen_desk"))
    return { kind: "path", root: name.slice("logigen_".length), steps: [] };
  // The innermost name that has such a column is meant.
  const found = row === null ? [...names.rows.values()].reverse().find((each) => isUnqualified(each, name)) : names.rows.get(row);
  if (found === undefined || findColumn(found.table, name) === undefined) return null;
  const steps = [...found.steps, name];
  const { own } = names;
  if (own === null || own.isSummed || found.root !== own.rows.variable) return { kind: "path", root: found.root, steps };
  return { kind: "pick", which: "one", rows: own.rows, by: null, steps };
}

function isUnqualified({ root, table }: Named, name: string): boolean {
  return root !== "new" && root !== "old" && findColumn(table, name) !== undefined;
}

function readComparison({ op, left, right }: Extract<SqlExpression, { kind: "compare" }>, names: Names): Expression | null {
  const [l, r] = [readSql(left, names), readSql(right, names)];
  if (l === null || r === null) return null;
  const comparison = comparisons[op];
  if (comparison !== undefined) return { kind: "compare", op: comparison, left: l, right: r };
  if (op !== "is" && op !== "is not") return null;
  if (r.kind === "literal" && r.value === null) return { kind: "is_null", operand: l, negated: op === "is not" };
  const same: Expression = { kind: "same", left: l, right: r };
  return op === "is" ? same : { kind: "not", operand: same };
}

function readIn({ op, operand, list, parts }: Extract<SqlExpression, { kind: "in" }>, names: Names): Expression | null {
  const left = readSql(operand, names);
  if (left === null) return null;
  if (list === null) {
    const [select] = parts;
    const found = select?.kind === "opaque" ? readSelect(select.tokens, names) : null;
    const member = found === null ? null : readSql(found.result, { ...found.names, own: null });
    if (found === null || member === null) return null;
    const where = conjunction([
      ...(found.rows.where === null ? [] : [found.rows.where]),
      { kind: "compare", op: "=", left: member, right: left },
    ]);
    return { kind: op === "in" ? "exists" : "none", rows: { ...found.rows, where } };
  }
  const values = list.flatMap((each) => (each.kind === "literal" && each.value !== null ? [each.value] : []));
  return values.length === list.length ? { kind: "in", operand: left, values, negated: op === "not in" } : null;
}

/** Sums and differences of products; of other operators it depends on the values what they do. */
function readReckoning({ ops, parts }: Extract<SqlExpression, { kind: "reckoning" }>, names: Names): Expression | null {
  const [first, ...rest] = readAll(parts, names) ?? [];
  if (first === undefined || ops.some((op) => op !== "+" && op !== "-" && op !== "*")) return null;
  if (rest.length === 0) return ops[0] === "-" ? { kind: "negate", operand: first } : first;
  const terms: { op: "+" | "-"; term: Expression }[] = [{ op: "+", term: first }];
  for (const [at, part] of rest.entries()) {
    const [op, last] = [ops[at], terms.at(-1)];
    if (op === "*" && last !== undefined) last.term = { kind: "arithmetic", op: "*", left: last.term, right: part };
    else terms.push({ op: op === "-" ? "-" : "+", term: part });
  }
  const [start, ...others] = terms;
  return others.reduce<Expression>((left, { op, term }) => ({ kind: "arithmetic", op, left, right: term }), start?.term ?? first);
}

const summed: Readonly<Record<string, "sum" | "min" | "max">> = { sum: "sum", total: "sum", min: "min", max: "max" };

function readCall({ name, parts }: Extract<SqlExpression, { kind: "call" }>, names: Names): Expression | null {
  const { own } = names;
  const [only, ...others] = parts;
  if (own !== null && name === "count") return { kind: "count", rows: own.rows };
  const aggregate = summed[name];
  if (own !== null && aggregate !== undefined && only !== undefined && others.length === 0) {
    const of = readSql(only, { ...names, own: { ...own, isSummed: true } });
    if (of === null) return null;
    const value: Expression = { kind: "aggregate", function: aggregate, of, rows: own.rows };
    return name === "sum" ? orNull(value, own.rows) : value;
  }
  const values = readAll(parts, names);
  if (values === null) return null;
  if (name === "coalesce" || name === "ifnull") {
    const [first, second] = values;
    const isPlainSum = first?.kind === "case" && second?.kind === "literal" && second.value === 0;
    return isPlainSum ? (first.branches[0]?.then ?? null) : { kind: "call", function: "coalesce", arguments: values };
  }
  return name === "abs" || name === "length" ? { kind: "call", function: name, arguments: values } : null;
}

/** A sum of no rows is NULL in SQL, and 0 in the typed core. */
function orNull(sum: Expression, rows: RowsExpression): Expression {
  return { kind: "case", branches: [{ when: { kind: "exists", rows }, then: sum }], otherwise: { kind: "literal", value: null } };
}

function readScalar(tokens: readonly SqlToken[], names: Names): Expression | null {
  const select = readSelect(tokens, names);
  return select === null ? null : readSql(select.result, select.names);
}

/** A sub-select as a row set, what it selects, and the names by which that is read. */
interface Select {
  readonly rows: RowsExpression;
  readonly result: SqlExpression;
  readonly names: Names;
}

const unread = ["group", "having", "union", "intersect", "except", "window", "order", "limit"];

function readSelect(tokens: readonly SqlToken[], names: Names): Select | null {
  const [from, where] = [findKeyword(tokens, ["from"]), findKeyword(tokens, ["where"])];
  if (from === -1 || keywordOf(tokens[1]) === "distinct" || findKeyword(tokens, unread) !== -1) return null;
  const sources = readSources(tokens.slice(from + 1, where === -1 ? tokens.length : where), names.catalogue);
  if (sources === null) return null;
  const asked = where === -1 ? [] : termsOf(parseSqlExpression(tokens.slice(where + 1)));
  const terms = [...sources.flatMap(({ on }) => on), ...asked];
  for (const base of sources) {
    const joined = joinFrom(base, { sources, terms, names });
    const read = joined === null ? null : readAll(joined.terms, joined.names);
    if (joined === null || read === null) continue;
    const rows: RowsExpression = {
      variable: joined.variable,
      table: base.table.name,
      where: read.length === 0 ? null : conjunction(read),
      before: false,
    };
    const result = parseSqlExpression(tokens.slice(1, from));
    return { rows, result, names: { ...joined.names, own: { rows, isSummed: false } } };
  }
  return null;
}

interface Source {
  readonly name: string;
  readonly table: CatalogueTable;
  readonly on: readonly SqlExpression[];
}

/** The tables of a FROM clause, each with its name and what it is joined on; null for an outer join and whatever else is no table. */
function readSources(tokens: readonly SqlToken[], catalogue: Catalogue): readonly Source[] | null {
  const sources = splitAt(tokens, ",")
    .flatMap(joinedIn)
    .map((source) => readSource(source, catalogue));
  return sources.includes(null) ? null : sources.filter((each) => each !== null);
}

/** The tables that JOIN stands between, each with what it is joined on. */
function joinedIn(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const join = findKeyword(tokens, ["join"]);
  if (join === -1) return [tokens];
  const isNamed = keywordOf(tokens[join - 1]) === "inner" || keywordOf(tokens[join - 1]) === "cross";
  return [tokens.slice(0, isNamed ? join - 1 : join), ...joinedIn(tokens.slice(join + 1))];
}

function readSource(tokens: readonly SqlToken[], catalogue: Catalogue): Source | null {
  const on = findKeyword(tokens, ["on"]);
  const [table, ...alias] = (on === -1 ? tokens : tokens.slice(0, on)).filter((token) => keywordOf(token) !== "as").map(nameOf);
  const found = table === undefined || table === null ? undefined : catalogue.tables[table];
  if (found === undefined || alias.length > 1 || alias.includes(null)) return null;
  return { name: alias[0] ?? found.name, table: found, on: on === -1 ? [] : termsOf(parseSqlExpression(tokens.slice(on + 1))) };
}

/** The terms of a condition joined by AND. */
export function termsOf(expression: SqlExpression): readonly SqlExpression[] {
  return expression.kind === "logic" && expression.op === "and" ? expression.operands.flatMap(termsOf) : [expression];
}

/** The names with one table's rows bound to a variable and the others found along references, and the terms that are left of the joins. */
function joinFrom(
  base: Source,
  { sources, terms, names }: { readonly sources: readonly Source[]; readonly terms: readonly SqlExpression[]; readonly names: Names },
): { readonly variable: string; readonly terms: readonly SqlExpression[]; readonly names: Names } | null {
  const variable = `row${names.depth === 0 ? "" : names.depth + 1}`;
  const rows = new Map(names.rows).set(base.name, { root: variable, steps: [], table: base.table });
  const left = new Set(terms);
  const open = new Set(sources.filter((each) => each !== base));
  for (let found = true; found; ) {
    found = false;
    for (const source of open) {
      const link = [...left].flatMap((term) => linkTo(source, term, rows) ?? [])[0];
      if (link === undefined) continue;
      rows.set(source.name, { ...link.by, table: source.table });
      left.delete(link.term);
      open.delete(source);
      found = true;
    }
  }
  return open.size > 0 ? null : { variable, terms: [...left], names: { ...names, rows, depth: names.depth + 1, own: null } };
}

/** The reference that a term follows to a table's key. */
function linkTo({ name, table }: Source, term: SqlExpression, rows: Names["rows"]) {
  if (term.kind !== "compare" || term.op !== "=") return null;
  for (const [key, reference] of [
    [term.left, term.right],
    [term.right, term.left],
  ]) {
    if (key?.kind !== "column" || key.row !== name || table.key.length !== 1 || key.name !== table.key[0]) continue;
    const from = reference?.kind === "column" && reference.row !== null ? rows.get(reference.row) : undefined;
    if (from === undefined || reference?.kind !== "column" || findColumn(from.table, reference.name)?.references !== table.name) continue;
    return { term, by: { root: from.root, steps: [...from.steps, reference.name] } };
  }
  return null;
}
