/** What of a database some rules look at or write: tables, and the columns of each that they name. */
import type { Compiled } from "../compile/compile-sheet.js";
import { writtenBy } from "../compile/effect-graph.js";
import type { Effect, Guard } from "../compile/normal-form.js";
import { tableOf } from "../core/catalogue.js";
import type { SqlExpression } from "../core/expression.js";
import { columnsNamed } from "./custom-condition.js";

/** Column names by table. */
export type Scope = ReadonlyMap<string, readonly string[]>;

/** The scope of guards and effects: what their expressions and their SQL name, and the states of those tables. */
export function scopeOf({ catalogue }: Compiled, rules: readonly (Guard | Effect)[]): Scope {
  const named = new Set<string>();
  const tables = new Set(rules.flatMap((rule) => [rule.table, ...("events" in rule && "must" in rule ? [] : [writtenBy(rule).table])]));
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    if ("variable" in part && "table" in part && typeof part.table === "string") tables.add(part.table);
    if ("root" in part && part.root === "actor" && catalogue.actor !== null) tables.add(catalogue.actor.table);
    if ("steps" in part && Array.isArray(part.steps)) for (const step of part.steps) named.add(String(step));
    if (isSql(part)) {
      for (const { table } of part.reads) tables.add(table);
      for (const table of tables) for (const column of columnsNamed(part.text, tableOf(catalogue, table))) named.add(column);
    }
    Object.values(part).forEach(visit);
  };
  rules.forEach(visit);
  // A set that grows is gone through to its end.
  for (const name of tables)
    for (const { name: column, references } of tableOf(catalogue, name).columns)
      if (references !== null && named.has(column)) tables.add(references);
  return new Map(
    [...tables].map((name) => {
      const { columns, states } = tableOf(catalogue, name);
      return [name, columns.map((column) => column.name).filter((column) => named.has(column) || column === states?.column)];
    }),
  );
}

function isSql(part: object): part is SqlExpression {
  return "kind" in part && part.kind === "sql";
}
