import type { CatalogueTable } from "../../core/catalogue.js";

/**
 * Whether an order by these columns has no ties: one of them is unique or a natural key. A key that the database chose does
 * not count: two states that are equal but for such keys would go on differently.
 */
export function hasNoTies({ unique, surrogate, key }: CatalogueTable, order: readonly string[]): boolean {
  return (
    unique.some(({ columns }) => columns.some((name) => order.includes(name))) || (!surrogate && key.some((name) => order.includes(name)))
  );
}
