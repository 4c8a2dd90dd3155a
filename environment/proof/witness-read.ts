/** Expressions read in a scene: its roots' rows, and every table as a guard sees it, after the write. */
import { oncePer } from "../core/memo.js";
import { CONTEXT_TABLE } from "../core/catalogue.js";
import type { Result } from "../core/compute-values.js";
import { type EvaluationScope, evaluate, filterIn } from "../core/evaluate-expression.js";
import type { Expression, RowsExpression } from "../core/expression.js";
import type { Row } from "../core/values.js";
import { type PlacedRow, rowAt, rowsAfter, type Scene } from "./witness-scene.js";

/** The value or truth of an expression; null where it is unknown or, as a custom guard, cannot be read here. */
export function readExpression(scene: Scene, expression: Expression): Result {
  if (expression.kind === "sql") return null;
  return evaluate(expression, scopeOf(scene));
}

/** What the filter of a row set is for one row after the other: true, false or unknown. */
export function filterOf(scene: Scene, rows: RowsExpression): (row: Row) => Result {
  return rows.where?.kind === "sql" ? () => null : filterIn(rows, scopeOf(scene));
}

const scopeOf = oncePer((scene: Scene): EvaluationScope => {
  const { compiled, candidate, roots } = scene;
  const found: Record<string, EvaluationScope["roots"][string]> = {};
  for (const [name, place] of Object.entries(roots)) found[name] = { table: place.table, row: rowAt(scene, place) ?? null };
  return {
    catalogue: compiled.catalogue,
    roots: found,
    rows(table) {
      return plainRows(rowsAfter(scene, table));
    },
    rowsBefore(table) {
      return candidate.state[table] ?? [];
    },
    context: candidate.state[CONTEXT_TABLE]?.[0] ?? {},
    cause: null,
  };
});

const plainRows = oncePer((placed: readonly PlacedRow[]): readonly Row[] => placed.map(({ row }) => row));
