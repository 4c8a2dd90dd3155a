/** Which rule must refuse what in the write matrix, and the keys that only the database chooses. */
import type { CatalogueColumn, CatalogueTable } from "../core/catalogue.js";

/** Ids that a client may try to choose: below all, absent in disguise, and so high that none is left. */
export const CHOSEN_KEYS: readonly bigint[] = [0n, -1n, 2n ** 62n];

/** The rule that refuses a column's change. */
export function ruleOf(table: CatalogueTable, column: CatalogueColumn): string {
  if (table.layer !== "L2" && column.update.by !== "counter" && column.update.by !== "mark") return `${table.name}.read_only`;
  return table.key.includes(column.name) ? `${table.name}.key` : `${table.name}.${column.name}`;
}
