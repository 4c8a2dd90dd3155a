/**
 * The SQL of a write through a tool: the columns given, and the stamps, which the clock, the user and the desk of the
 * context fill. Which stamps a move sets is decided in the statement, from the row's state before it.
 */
import { addressOf, type Catalogue, type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE } from "../core/catalogue.js";
import { quoteIdentifier, quoteLiteral } from "../core/identifier.js";

/** INSERT of one row; its parameters are the given columns in their order. */
export function insertSql(table: CatalogueTable, given: readonly string[]): string {
  const assigned = table.columns.flatMap((column): readonly Assignment[] => {
    const value = given.includes(column.name) ? undefined : sourceSql(table, column);
    return value === undefined ? [] : [{ column: column.name, sql: value }];
  });
  const columns = [...given, ...assigned.map(({ column }) => column)].map(quoteIdentifier);
  const values = [...given.map(() => "?"), ...assigned.map(({ sql }) => sql)];
  const target = `main.${quoteIdentifier(table.name)}`;
  return columns.length === 0
    ? `INSERT INTO ${target} DEFAULT VALUES`
    : `INSERT INTO ${target} (${columns.join(", ")}) VALUES (${values.join(", ")})`;
}

/** UPDATE of the one row with this key; its parameters are the given columns in their order, then the key's. `state`: the new one. */
export function updateSql(table: CatalogueTable, given: readonly string[], state: string | null): string {
  const stamps = state === null ? [] : table.columns.flatMap((column) => moveStamp(table, column, state));
  const assignments = [...given.map((column) => ({ column, sql: "?" })), ...stamps.filter(({ column }) => !given.includes(column))];
  const set = assignments.map(({ column, sql }) => `${quoteIdentifier(column)} = ${sql}`).join(", ");
  return `UPDATE main.${quoteIdentifier(table.name)} SET ${set} WHERE ${keyCondition(table)}`;
}

/** The named columns of the row with this key; its parameters are the key's columns (the rowid of a table without a key). */
export function selectSql(table: CatalogueTable, columns: readonly string[]): string {
  return `SELECT ${columns.map(quoteIdentifier).join(", ")} FROM main.${quoteIdentifier(table.name)} WHERE ${keyCondition(table)}`;
}

/** `authenticate`: parameters are the user's key, then the evidence in the sheet's order. */
export function authenticateSql(actor: NonNullable<Catalogue["actor"]>): string {
  const evidence = actor.evidence.map((column) => `, ${quoteIdentifier(`evidence_${column}`)} = ?`).join("");
  return `UPDATE main.${CONTEXT_TABLE} SET actor = ?${evidence} WHERE id = 1`;
}

/** `transfer_to_human_agents`: the parameter is the summary. */
export const transferSql = `UPDATE main.${CONTEXT_TABLE} SET transferred = 1, transfer_summary = ? WHERE id = 1`;

type Assignment = { readonly column: string; readonly sql: string };

const contextValue = { clock: "now", user: "actor", desk: "desk" } as const;

function contextSql(source: keyof typeof contextValue): string {
  return `(SELECT ${contextValue[source]} FROM main.${CONTEXT_TABLE} WHERE id = 1)`;
}

function sourceSql(table: CatalogueTable, { insert }: CatalogueColumn): string | undefined {
  switch (insert.kind) {
    case "clock":
    case "user":
    case "desk":
      return contextSql(insert.kind);
    case "start":
      return quoteLiteral(table.states?.start[0] ?? null);
    default:
      return undefined;
  }
}

function moveStamp({ states }: CatalogueTable, { name, update }: CatalogueColumn, state: string): readonly Assignment[] {
  if (states === null || (update.by !== "clock" && update.by !== "user" && update.by !== "desk")) return [];
  const sources = update.moves.flatMap((move) => {
    const [from, to] = move.split(">");
    return from !== undefined && to === state ? [from] : [];
  });
  if (sources.length === 0) return [];
  const old = quoteIdentifier(states.column);
  const when = sources.map((from) => `${old} = ${quoteLiteral(from)}`).join(" OR ");
  return [{ column: name, sql: `CASE WHEN ${when} THEN ${contextSql(update.by)} ELSE ${quoteIdentifier(name)} END` }];
}

function keyCondition(table: CatalogueTable): string {
  return addressOf(table)
    .map((column) => `${quoteIdentifier(column)} = ?`)
    .join(" AND ");
}
