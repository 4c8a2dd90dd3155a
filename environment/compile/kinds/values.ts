/** What a column may hold: something, one of its values, the key of a row that is there. */
import { type CatalogueColumn, tableOf } from "../../core/catalogue.js";
import type { Expression } from "../../core/expression.js";
import { conjunction, path } from "../../core/walk-expression.js";
import { changed, clausesOf, create, type Draft, type Setting } from "./draft.js";
import { isIn } from "./lowering.js";

/** A column without a meaning for NULL is given. */
export function requiredGuard({ table }: Setting, column: CatalogueColumn): readonly Draft[] {
  if (column.nullable || column.insert.kind === "key") return [];
  const clauses = clausesOf(column, table);
  const must: Expression = { kind: "is_null", operand: path("new", column.name), negated: true };
  return [
    {
      kind: "required",
      id: `${table.name}.${column.name}.required`,
      message: `The ${column.label} of a ${table.label} must be given.`,
      clauses,
      events: [create, changed(column)],
      must,
    },
  ];
}

/** A value is in its list, range, length and format. */
export function valuesGuard({ table }: Setting, column: CatalogueColumn): readonly Draft[] {
  const value = path("new", column.name);
  const terms: Expression[] = [];
  if (column.values !== null) terms.push(isIn(value, column.values));
  if (column.min !== null) terms.push(atBound(value, ">=", column.min));
  if (column.max !== null) terms.push(atBound(value, "<=", column.max));
  if (column.maxLength !== null) terms.push(atBound({ kind: "call", function: "length", arguments: [value] }, "<=", column.maxLength));
  if (column.format !== null) terms.push({ kind: "matches", operand: value, pattern: column.format });
  if (column.step === "past") terms.push({ kind: "compare", op: "<=", left: value, right: path("now") });
  if (terms.length === 0) return [];
  const clauses = clausesOf(column, table);
  const when: Expression | null = column.nullable ? { kind: "is_null", operand: value, negated: true } : null;
  return [
    {
      kind: "values",
      id: `${table.name}.${column.name}.values`,
      message: `The ${column.label} of a ${table.label} has a value that is not allowed.`,
      hint: allowed(column),
      clauses,
      events: [create, changed(column)],
      when,
      must: conjunction(terms),
    },
  ];
}

function allowed({ values, min, max, maxLength, format, step }: CatalogueColumn): string {
  const parts = [
    ...(values === null ? [] : [`one of ${values.join(", ")}`]),
    ...(min === null ? [] : [`at least ${min}`]),
    ...(max === null ? [] : [`at most ${max}`]),
    ...(maxLength === null ? [] : [`at most ${maxLength} characters`]),
    ...(format === null ? [] : [`like ${format}`]),
    ...(step === "past" ? ["not after the present step"] : []),
  ];
  return `Allowed: ${parts.join(", ")}.`;
}

function atBound(value: Expression, op: ">=" | "<=", bound: number): Expression {
  return { kind: "compare", op, left: value, right: { kind: "literal", value: bound } };
}

/** A reference leads to a row. */
export function referenceGuard({ catalogue, table }: Setting, column: CatalogueColumn): readonly Draft[] {
  if (column.references === null) return [];
  const target = tableOf(catalogue, column.references);
  const where: Expression = { kind: "compare", op: "=", left: path("row", target.key[0] ?? ""), right: path("new", column.name) };
  // While the database has still to choose the new row's key, that reads -1: no row may name it as its own.
  const before = target.name === table.name && table.surrogate;
  const must: Expression = { kind: "exists", rows: { variable: "row", table: target.name, where, before } };
  const when: Expression | null = column.nullable ? { kind: "is_null", operand: path("new", column.name), negated: true } : null;
  return [
    {
      kind: "reference",
      id: `${table.name}.${column.name}.reference`,
      message: `There is no such ${target.label}.`,
      clauses: clausesOf(column, table),
      events: [create, changed(column)],
      when,
      must,
    },
  ];
}
