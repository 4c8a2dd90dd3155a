/** Pieces that structural guards are made of. */
import type { Catalogue, CatalogueColumn, CatalogueTable } from "../../core/catalogue.js";
import type { Expression } from "../../core/expression.js";
import type { Effect, GuardEvent } from "../normal-form.js";
import { conjunction, path } from "../../core/walk-expression.js";

/** A table whose guards are drafted, and the effects that they must let through. */
export interface Setting {
  readonly catalogue: Catalogue;
  readonly table: CatalogueTable;
  readonly effects: readonly Effect[];
}

/** A guard before its table's clauses are filled in. */
export interface Draft {
  readonly kind: string;
  readonly id: string;
  readonly message: string;
  readonly hint?: string;
  readonly clauses?: readonly string[];
  readonly events: readonly GuardEvent[];
  readonly states?: readonly string[];
  readonly when?: Expression | null;
  readonly must: Expression;
}

/** Judged where a row is created. */
export const create: GuardEvent = { kind: "create" };

/** Judged where a row is updated. */
export const update: GuardEvent = { kind: "update" };

/** Never true. */
export const no: Expression = { kind: "literal", value: false };

/** A column is as it was. */
export function unchanged({ name }: { readonly name: string }): Expression {
  return { kind: "same", left: path("new", name), right: path("old", name) };
}

/** The write is this move ("A>B"). */
export function inMove({ states }: CatalogueTable, move: string): Expression {
  const [from = "", to = ""] = move.split(">");
  const column = states?.column ?? "";
  const isState = (root: string, value: string): Expression => ({
    kind: "compare",
    op: "=",
    left: path(root, column),
    right: { kind: "literal", value },
  });
  return conjunction([isState("old", from), isState("new", to)]);
}

/** Judged where this column changes. */
export function changed({ name }: CatalogueColumn): GuardEvent {
  return { kind: "change", columns: [name] };
}

/** True while one of these effects is at work. */
export function due(effects: readonly string[]): Expression {
  return effects.length === 0 ? no : { kind: "due", effects };
}

/** The effects that create rows of a table, or those of them that give this column. */
export function creatorsOf({ table, effects }: Setting, column?: CatalogueColumn): readonly string[] {
  return effects.flatMap((effect) => {
    const columns =
      effect.kind === "spawn" ? effect.values : effect.kind === "custom_effect" && effect.on === "insert" ? effect.columns : null;
    if (columns === null || !("into" in effect) || effect.into !== table.name) return [];
    return column === undefined || column.name in columns ? [effect.id] : [];
  });
}

/** The clauses that a guard of one column cites: the column's own, or else the table's. */
export function clausesOf(column: CatalogueColumn, table: CatalogueTable): readonly string[] {
  return column.clauses.length > 0 ? column.clauses : table.clauses;
}

/** What a column that nobody gives holds in a new row. */
export function initialValue({ default: value }: CatalogueColumn): string | number | null {
  if (value === undefined || value === null || Buffer.isBuffer(value)) return null;
  return typeof value === "bigint" ? Number(value) : value;
}
