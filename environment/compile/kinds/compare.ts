/** Kinds about the written row itself and what its references lead to. */
import type { Expression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, disjunction, path } from "../../core/walk-expression.js";
import { columnOfPath } from "../../core/column-of-path.js";
import { findColumn, tableOf } from "../../core/catalogue.js";
import { isIn, type Lowering, readCases, readPath, readRows, readText, unknown } from "./lowering.js";

/** `required`: these columns are given (text not empty), those are not, and of a list exactly one is. */
export function lowerRequired(rule: Extract<Rule, { kind: "required" }>, lowering: Lowering): Expression {
  const listed = (field: string, names: readonly string[]) =>
    names.filter((name, index) => hasColumn(lowering, `${field}[${index}]`, name));
  const given = listed("columns", rule.columns).flatMap((name) => isGiven(lowering, name));
  const empty = listed("empty", rule.empty).map((name) => nullTest("is", name));
  const choice = listed("exactly_one_of", rule.exactly_one_of ?? []);
  const ways = choice.map((name) =>
    conjunction(choice.flatMap((other) => (other === name ? isGiven(lowering, other) : [nullTest("is", other)]))),
  );
  const terms = [...given, ...empty, ...(ways.length === 0 ? [] : [disjunction(ways)])];
  if (terms.length === 0)
    lowering.errors.push({
      path: `${lowering.path}.columns`,
      message: "expected at least one column in `columns`, `empty` or `exactly_one_of`",
    });
  return conjunction(terms);
}

function isGiven({ table }: Lowering, name: string): readonly Expression[] {
  const given = nullTest("is not", name);
  if (findColumn(table, name)?.type !== "text") return [given];
  return [given, { kind: "compare", op: "<>", left: path("new", name), right: { kind: "literal", value: "" } }];
}

function nullTest(how: "is" | "is not", name: string): Expression {
  return { kind: "is_null", operand: path("new", name), negated: how === "is not" };
}

function hasColumn({ table, errors, path: place }: Lowering, field: string, name: string): boolean {
  if (findColumn(table, name) !== undefined) return true;
  errors.push({ path: `${place}.${field}`, message: `table "${table.name}" has no column "${name}"` });
  return false;
}

/** `same`: two paths lead to the same thing. */
export function lowerSame(rule: Extract<Rule, { kind: "same" }>, lowering: Lowering): Expression {
  return { kind: "compare", op: "=", left: readText(lowering, "a", rule.a), right: readText(lowering, "b", rule.b) };
}

/** `prerequisite`: the row that a path leads to is in one of these states. */
export function lowerPrerequisite(rule: Extract<Rule, { kind: "prerequisite" }>, lowering: Lowering): Expression {
  const before = lowering.errors.length;
  const row = readText(lowering, "row", rule.row);
  if (lowering.errors.length > before) return unknown;
  const column = row.kind === "path" ? (rule.column ?? stateColumnOf(row, lowering)) : undefined;
  if (row.kind !== "path" || column === undefined) {
    lowering.errors.push({
      path: `${lowering.path}.row`,
      message: `expected a path to a row of a table with states (or give \`column\`), got "${rule.row}"`,
    });
    return unknown;
  }
  return isIn({ ...row, steps: [...row.steps, column] }, rule.in);
}

/** `parent`: the row above is in one of these states. */
export function lowerParent(rule: Extract<Rule, { kind: "parent" }>, lowering: Lowering): Expression {
  const [name = ""] = Object.keys(rule.below);
  const field = `below.${name}`;
  const before = lowering.errors.length;
  const row = readPath(lowering, field, rule.below[name] ?? "", "new");
  if (lowering.errors.length > before) return unknown;
  const above =
    row.kind === "path" ? columnOfPath(row, { catalogue: lowering.catalogue, roots: { new: { table: lowering.table.name } } }) : null;
  const states = lowering.catalogue.tables[rule.table]?.states ?? null;
  if (row.kind === "path" && above?.references === rule.table && states !== null)
    return isIn({ ...row, steps: [...row.steps, states.column] }, rule.in);
  lowering.errors.push({
    path: `${lowering.path}.${field}`,
    message: `expected a path to a row of table "${rule.table}", which has states`,
  });
  return unknown;
}

function stateColumnOf(row: Extract<Expression, { kind: "path" }>, { catalogue, roots }: Lowering): string | undefined {
  const root = roots[row.root];
  let table = root?.kind === "row" ? catalogue.tables[root.table] : undefined;
  for (const step of row.steps) {
    const next = table === undefined ? null : (findColumn(table, step)?.references ?? null);
    table = next === null ? undefined : tableOf(catalogue, next);
  }
  return table?.states?.column;
}

/** `window`: so many steps lie between two steps. */
export function lowerWindow(rule: Extract<Rule, { kind: "window" }>, lowering: Lowering): Expression {
  const [from, to] = [readText(lowering, "from", rule.from), readText(lowering, "to", rule.to)];
  const distance: Expression =
    rule.working === undefined
      ? { kind: "arithmetic", op: "-", left: to, right: from }
      : workingSteps(rule.working, lowering, { from, to });
  const terms: Expression[] = [];
  if (rule.at_least !== undefined)
    terms.push({ kind: "compare", op: ">=", left: distance, right: readCases(lowering, "at_least", rule.at_least) });
  if (rule.at_most !== undefined)
    terms.push({ kind: "compare", op: "<=", left: distance, right: readCases(lowering, "at_most", rule.at_most) });
  if (terms.length === 0) lowering.errors.push({ path: lowering.path, message: "expected `at_least` or `at_most`" });
  return conjunction(terms);
}

/** The rows of a calendar between two steps; unknown where one of them is. */
function workingSteps(
  { calendar, step, where }: NonNullable<Extract<Rule, { kind: "window" }>["working"]>,
  lowering: Lowering,
  { from, to }: { readonly from: Expression; readonly to: Expression },
): Expression {
  const rows = readRows(lowering, "working", { from: calendar, match: {}, ...(where === undefined ? {} : { where }) }, { self: null });
  if (findColumn(tableOf(lowering.catalogue, rows.table), step) === undefined)
    lowering.errors.push({ path: `${lowering.path}.working.step`, message: `table "${rows.table}" has no column "${step}"` });
  const within: readonly Expression[] = [
    { kind: "compare", op: ">", left: path("row", step), right: from },
    { kind: "compare", op: "<=", left: path("row", step), right: to },
  ];
  const counted: Expression = {
    kind: "count",
    rows: { ...rows, where: conjunction([...(rows.where === null ? [] : [rows.where]), ...within]) },
  };
  const doubtful = [from, to].filter((operand) => !isNeverNull(lowering, operand));
  if (doubtful.length === 0) return counted;
  const isKnown = conjunction(doubtful.map((operand): Expression => ({ kind: "is_null", operand, negated: true })));
  return { kind: "case", branches: [{ when: isKnown, then: counted }], otherwise: unknown };
}

/** The clock, or a column of the written row that must be given, whose own rule refuses a NULL first. */
function isNeverNull({ table }: Lowering, operand: Expression): boolean {
  if (operand.kind !== "path") return false;
  const [step, ...more] = operand.steps;
  const column = operand.root === "new" && step !== undefined && more.length === 0 ? findColumn(table, step) : undefined;
  return operand.root === "now" || (column?.nullable === false && column.insert.kind !== "key");
}

/** `calculation`: the column holds what the expression gives. */
export function lowerCalculation(rule: Extract<Rule, { kind: "calculation" }>, lowering: Lowering): Expression {
  hasColumn(lowering, "column", rule.column);
  return { kind: "compare", op: "=", left: path("new", rule.column), right: readCases(lowering, "is", rule.is) };
}

/** `decide`: the column holds the choice that the first true case names. */
export function lowerDecide(rule: Extract<Rule, { kind: "decide" }>, lowering: Lowering): Expression {
  hasColumn(lowering, "column", rule.column);
  const branches = rule.cases.map(({ when, is }, index) => ({
    when: readText(lowering, `cases[${index}].when`, when),
    then: { kind: "literal", value: is } as const,
  }));
  const values = findColumn(lowering.table, rule.column)?.values;
  for (const choice of [...rule.cases.map(({ is }) => is), rule.else]) {
    if (values?.includes(choice) === false)
      lowering.errors.push({
        path: lowering.path,
        message: `expected one of ${values.join(", ")} for column "${rule.column}", got "${choice}"`,
      });
  }
  return {
    kind: "compare",
    op: "=",
    left: path("new", rule.column),
    right: { kind: "case", branches, otherwise: { kind: "literal", value: rule.else } },
  };
}
