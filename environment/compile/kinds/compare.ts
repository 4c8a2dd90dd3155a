/** Kinds about the written row itself and what its references lead to. */
import type { Expression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, path } from "../../core/walk-expression.js";
import { findColumn, tableOf } from "../../core/catalogue.js";
import { isIn, type Lowering, readCases, readText } from "./lowering.js";

/** `required`: these columns are given (text not empty), those are not. */
export function lowerRequired(rule: Extract<Rule, { kind: "required" }>, lowering: Lowering): Expression {
  const given = rule.columns.flatMap((name, index) => (hasColumn(lowering, `columns[${index}]`, name) ? isGiven(lowering, name) : []));
  const empty = rule.empty.flatMap((name, index) => (hasColumn(lowering, `empty[${index}]`, name) ? [nullTest("is", name)] : []));
  if (given.length + empty.length === 0)
    lowering.errors.push({ path: `${lowering.path}.columns`, message: "expected at least one column in `columns` or `empty`" });
  return conjunction([...given, ...empty]);
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
  const row = readText(lowering, "row", rule.row);
  const column = row.kind === "path" ? (rule.column ?? stateColumnOf(row, lowering)) : undefined;
  if (row.kind !== "path" || column === undefined) {
    lowering.errors.push({
      path: `${lowering.path}.row`,
      message: `expected a path to a row of a table with states (or give \`column\`), got "${rule.row}"`,
    });
    return { kind: "literal", value: null };
  }
  return isIn({ ...row, steps: [...row.steps, column] }, rule.in);
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
  const distance: Expression = {
    kind: "arithmetic",
    op: "-",
    left: readText(lowering, "to", rule.to),
    right: readText(lowering, "from", rule.from),
  };
  const terms: Expression[] = [];
  if (rule.at_least !== undefined)
    terms.push({ kind: "compare", op: ">=", left: distance, right: readCases(lowering, "at_least", rule.at_least) });
  if (rule.at_most !== undefined)
    terms.push({ kind: "compare", op: "<=", left: distance, right: readCases(lowering, "at_most", rule.at_most) });
  if (terms.length === 0) lowering.errors.push({ path: lowering.path, message: "expected `at_least` or `at_most`" });
  return conjunction(terms);
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
