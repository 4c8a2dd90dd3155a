/**
 * When a custom effect writes, as far as its SQL can be read: its own condition, and the terms of an UPDATE's WHERE that
 * compare columns of the row, of NEW and of OLD. What is not understood is left out, so that a write that writes something
 * meets the condition, but not every write that meets it writes.
 */
import type { CustomEffect } from "../compile/normal-form.js";
import { type Catalogue, type CatalogueTable, findColumn, tableOf } from "../core/catalogue.js";
import type { Comparison, Expression } from "../core/expression.js";
import { conjunction } from "../core/walk-expression.js";
import { parseSqlExpression, type SqlExpression } from "../import/sql-expression.js";
import { findKeyword, nameOf } from "../sql/token-lists.js";
import { type SqlToken, tokenizeSql } from "../sql/tokenize-sql.js";

/** The variable that the row to be written is bound to. */
const ROW = "row";

/** The condition of the effect over `new` and `old`: true on every write on which it changes something. */
export function customCondition(effect: CustomEffect, catalogue: Catalogue): Expression {
  const own = effect.when === null ? [] : [effect.when];
  if (effect.on === "insert") return conjunction(own);
  const tokens = tokenizeSql(effect.sql.text);
  const into = tableOf(catalogue, effect.into);
  const start = findKeyword(tokens, ["where"]);
  const end = findKeyword(tokens, ["returning", "order", "limit"], start + 1);
  const names: Names = { into, written: tableOf(catalogue, effect.table), rows: new Set([into.name, aliasOf(tokens)]) };
  const terms = start === -1 ? [] : termsOf(parseSqlExpression(tokens.slice(start + 1, end === -1 ? tokens.length : end)));
  const where = conjunction(terms.flatMap((term) => readCondition(term, names) ?? []));
  return conjunction([...own, { kind: "exists", rows: { variable: ROW, table: into.name, where, before: false } }]);
}

/** The columns of a table that a text names. */
export function columnsNamed(text: string, table: CatalogueTable): readonly string[] {
  const words = new Set(tokenizeSql(text).map(nameOf));
  return table.columns.flatMap(({ name }) => (words.has(name) ? [name] : []));
}

interface Names {
  readonly into: CatalogueTable;
  readonly written: CatalogueTable;
  /** Names under which the text may know the row that it writes. */
  readonly rows: ReadonlySet<string>;
}

function aliasOf(tokens: readonly SqlToken[]): string {
  const set = findKeyword(tokens, ["set"]);
  return nameOf(tokens[set - 1]) ?? "";
}

function termsOf(expression: SqlExpression): readonly SqlExpression[] {
  return expression.kind === "logic" && expression.op === "and" ? expression.operands.flatMap(termsOf) : [expression];
}

const comparisons: Readonly<Record<string, Comparison>> = { "=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=" };

/** A condition wholly understood, or null. */
function readCondition(expression: SqlExpression, names: Names): Expression | null {
  switch (expression.kind) {
    case "logic": {
      const operands = expression.operands.map((each) => readCondition(each, names));
      return operands.some((each) => each === null) ? null : { kind: expression.op, operands: operands.filter((each) => each !== null) };
    }
    case "not": {
      const operand = readCondition(expression.operand, names);
      return operand === null ? null : { kind: "not", operand };
    }
    case "compare":
      return readComparison(expression, names);
    case "in": {
      const operand = readValue(expression.operand, names);
      const values = (expression.list ?? []).flatMap((each) => (each.kind === "literal" && each.value !== null ? [each.value] : []));
      const isWhole = expression.list !== null && values.length === expression.list.length;
      return operand === null || !isWhole ? null : { kind: "in", operand, values, negated: expression.op === "not in" };
    }
    default:
      return null;
  }
}

function readComparison({ op, left, right }: Extract<SqlExpression, { kind: "compare" }>, names: Names): Expression | null {
  const [l, r] = [readValue(left, names), readValue(right, names)];
  if (l === null || r === null) return null;
  const comparison = comparisons[op];
  if (comparison !== undefined) return { kind: "compare", op: comparison, left: l, right: r };
  const same: Expression = { kind: "same", left: l, right: r };
  if (op === "is") return same;
  return op === "is not" ? { kind: "not", operand: same } : null;
}

function readValue(expression: SqlExpression, { into, written, rows }: Names): Expression | null {
  if (expression.kind === "literal") {
    const { value } = expression;
    return typeof value === "number" && !Number.isSafeInteger(value) ? null : { kind: "literal", value };
  }
  if (expression.kind !== "column") return null;
  const { row, name } = expression;
  if (row === "new" || row === "old") return findColumn(written, name) === undefined ? null : { kind: "path", root: row, steps: [name] };
  if (row === null && (name === "logigen_now" || name === "logigen_desk"))
    return { kind: "path", root: name.slice("logigen_".length), steps: [] };
  const isOfRow = (row === null || rows.has(row)) && findColumn(into, name) !== undefined;
  return isOfRow ? { kind: "path", root: ROW, steps: [name] } : null;
}
