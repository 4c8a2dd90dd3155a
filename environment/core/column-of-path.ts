import { type Catalogue, type CatalogueColumn, findColumn } from "./catalogue.js";
import type { Expression, PathExpression } from "./expression.js";
import { walk } from "./walk-expression.js";

/** What the roots of paths stand for: rows of these tables. */
export interface RootTables {
  readonly catalogue: Catalogue;
  readonly roots: Readonly<Record<string, { readonly table: string }>>;
}

/** The column that a path ends at; null for a scalar root such as `now`, and where a step is missing. */
export function columnOfPath({ root, steps }: PathExpression, { catalogue, roots }: RootTables): CatalogueColumn | null {
  let table = catalogue.tables[roots[root]?.table ?? (root === "actor" ? (catalogue.actor?.table ?? "") : "")];
  let column: CatalogueColumn | null = null;
  for (const step of steps.length === 0 ? (table?.key.slice(0, 1) ?? []) : steps) {
    column = table === undefined ? null : (findColumn(table, step) ?? null);
    table = catalogue.tables[column?.references ?? ""];
  }
  return column;
}

/** Whether a sum of this expression's values is one of real numbers; one of integers is exact, or unknown. */
export function isRealSum(of: Expression, tables: RootTables): boolean {
  return walk(of).some((node) => node.kind === "path" && columnOfPath(node, tables)?.type === "real");
}

/** Whether no number of rows that a database could hold takes a sum of these values out of 64 bits. */
export function isSmall(of: Expression, tables: RootTables): boolean {
  if (of.kind === "literal") return typeof of.value !== "number" || Math.abs(of.value) <= SMALL;
  const column = of.kind === "path" ? columnOfPath(of, tables) : null;
  if (column === null) return false;
  if (column.values !== null) return column.values.every((value) => typeof value === "number" && Math.abs(value) <= SMALL);
  return column.min !== null && column.max !== null && Math.max(Math.abs(column.min), Math.abs(column.max)) <= SMALL;
}

/** 2^31: with 2^32 rows the sum still fits. */
const SMALL = 2_147_483_648;
