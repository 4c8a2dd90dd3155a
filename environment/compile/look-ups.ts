/**
 * Rows that several expressions of a statement look up by the same key, joined once: `FROM (SELECT 1) LEFT JOIN …`. A row that
 * one expression alone asks for stays a sub-select, which costs nothing where the expression is not come to.
 */
import { quoteIdentifier as quote } from "../core/identifier.js";
import type { LookedUp, LookUp } from "../core/emit-expression.js";

/** The rows that expressions look up, in order, as often as they do. */
export function askedIn(write: (lookUp: LookUp) => unknown): readonly LookedUp[] {
  const asked: LookedUp[] = [];
  write((row) => asked.push(row) > 0);
  return asked;
}

/** Rows that a statement joins: their names, and its FROM clause with a blank before it, empty where there are none. */
export interface Joined {
  readonly names: readonly string[];
  readonly from: string;
}

/** The rows that are looked up more than once. */
export function joinShared(asked: readonly LookedUp[]): Joined {
  const found = new Map<string, { readonly row: LookedUp; readonly times: number }>();
  for (const row of asked) found.set(row.name, { row, times: (found.get(row.name)?.times ?? 0) + 1 });
  const shared = [...found.values()].flatMap(({ row, times }) => (times > 1 ? [row] : []));
  // A row is counted before those that it leads to, so that each stands behind the one that its key is read from.
  const joins = shared.map(
    ({ name, table, column, key }) => ` LEFT JOIN ${quote(table)} AS ${quote(name)} ON ${quote(name)}.${quote(column)} = ${key}`,
  );
  return { names: shared.map(({ name }) => name), from: joins.length === 0 ? "" : ` FROM (SELECT 1)${joins.join("")}` };
}
