/**
 * Rows that several expressions of a statement look up by the same key, joined once: `FROM (SELECT 1) LEFT JOIN …`. A row that
 * one expression alone asks for stays a sub-select, which costs nothing where the expression is not come to.
 */
import { quoteIdentifier as quote } from "../core/identifier.js";
import type { LookedUp, LookUp } from "../core/emit-expression.js";

/** A statement's expressions, its FROM clause with a blank before it (empty where nothing is joined), and which rows it joins. */
export type Statement = { readonly text: readonly string[]; readonly from: string; readonly lookUp: LookUp };

/** Every expression looks up for itself. */
export function emitApart(write: (lookUp: LookUp) => readonly string[]): Statement {
  const lookUp: LookUp = () => false;
  return { text: write(lookUp), from: "", lookUp };
}

/**
 * Writes the expressions twice: to count the rows that they look up, and with those joined that they look up more than once.
 */
export function emitShared(write: (lookUp: LookUp) => readonly string[]): Statement {
  const found = new Map<string, { readonly row: LookedUp; readonly times: number }>();
  write((row) => {
    found.set(row.name, { row, times: (found.get(row.name)?.times ?? 0) + 1 });
    return true;
  });
  const shared = new Map([...found].filter(([, { times }]) => times > 1));
  const lookUp: LookUp = ({ name }) => shared.has(name);
  // A row is counted before those that it leads to, so that each stands behind the one that its key is read from.
  const joins = [...shared.values()].map(
    ({ row: { name, table, column, key } }) => ` LEFT JOIN ${quote(table)} AS ${quote(name)} ON ${quote(name)}.${quote(column)} = ${key}`,
  );
  return { text: write(lookUp), lookUp, from: joins.length === 0 ? "" : ` FROM (SELECT 1)${joins.join("")}` };
}
