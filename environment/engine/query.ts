/**
 * `query_<table>`: which SQL a checked query is, and the cursor that continues it.
 *
 * Pages are continued by value, not by offset: the cursor holds the last row's sort value and key, so a row written
 * between two pages neither hides nor repeats another.
 */
import type { Arguments } from "./arguments.js";
import { callLimits, ExactJsonError, parseExactJson } from "./exact-json.js";
import { quoteIdentifier } from "../core/identifier.js";
import type { Value } from "../core/values.js";

/** What a filter parameter asks of its column; `contains` ignores the case of ASCII letters. */
export type Filter = { readonly column: string; readonly compare: "equals" | "min" | "max" | "contains" };

/** A table as queries see it: the columns shown, in order, the key's columns, and the filters by parameter name. */
export type QueryTable = {
  readonly table: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly filters: ReadonlyMap<string, Filter>;
};

/** One SELECT over the visible columns, followed by the key columns; `limit` counts the rows of the page. */
export type Query = { readonly sql: string; readonly values: readonly Value[]; readonly limit: number; readonly sort: Sort };

type Sort = { readonly by: string | null; readonly descending: boolean };
type Planned = { readonly ok: true; readonly query: Query } | { readonly ok: false; readonly message: string };
type Condition = { readonly sql: string; readonly values: readonly Value[] };

/** Rows of a page unless said, and at most. */
export const pageLimits = { usual: 50, most: 200 } as const;

/** The names of the parameters that steer a query; no filter may have them. */
export const controls = ["sort_by", "descending", "limit", "cursor"] as const;

/** The query that the arguments ask for, or why they ask for none (a limit out of range, a cursor that is not this query's). */
export function planQuery(source: QueryTable, given: Arguments): Planned {
  const limit = Number(given.get("limit") ?? pageLimits.usual);
  if (limit < 1 || limit > pageLimits.most) return { ok: false, message: `Argument "limit" must lie between 1 and ${pageLimits.most}` };
  const sort: Sort = { by: textOf(given.get("sort_by")), descending: given.get("descending") === true };
  const conditions = [...source.filters].flatMap(([name, filter]) => filterCondition(filter, given.get(name)));
  const cursor = textOf(given.get("cursor"));
  if (cursor !== null) {
    const last = readCursor(source, sort, cursor);
    if (last === undefined) return { ok: false, message: 'Argument "cursor" is none that this query gave' };
    conditions.push(afterRow(source, sort, last));
  }
  const columns = [...source.columns, ...source.key].map(quoteIdentifier).join(", ");
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`;
  const sql = `SELECT ${columns} FROM main.${quoteIdentifier(source.table)}${where} ORDER BY ${orderOf(source, sort)} LIMIT ?`;
  return { ok: true, query: { sql, values: [...conditions.flatMap(({ values }) => values), BigInt(limit + 1)], limit, sort } };
}

/** The cursor that continues after this row, given as the query selected it. */
export function cursorAfter(source: QueryTable, sort: Sort, row: readonly Value[]): string {
  const key = row.slice(source.columns.length);
  const last = sort.by === null ? key : [row[source.columns.indexOf(sort.by)] ?? null, ...key];
  return Buffer.from(JSON.stringify([sort.by, sort.descending, ...last.map(writeCursorValue)])).toString("base64url");
}

function filterCondition({ column, compare }: Filter, value: Value | boolean | undefined): readonly Condition[] {
  if (value === undefined || typeof value === "boolean") return [];
  const name = quoteIdentifier(column);
  switch (compare) {
    case "equals":
      return [{ sql: `${name} = ?`, values: [value] }];
    case "min":
      return [{ sql: `${name} >= ?`, values: [value] }];
    case "max":
      return [{ sql: `${name} <= ?`, values: [value] }];
    case "contains":
      return [{ sql: `instr(lower(${name}), lower(?)) > 0`, values: [value] }];
  }
}

function orderOf({ key }: QueryTable, { by, descending }: Sort): string {
  const keys = key.map((column) => `${quoteIdentifier(column)} ASC`);
  return (by === null ? keys : [`${quoteIdentifier(by)} ${descending ? "DESC" : "ASC"}`, ...keys]).join(", ");
}

/** SQLite sorts NULL before every value, so that "after" has to name it on each side. */
function afterRow({ key }: QueryTable, { by, descending }: Sort, last: readonly Value[]): Condition {
  const names = `(${key.map(quoteIdentifier).join(", ")})`;
  const marks = `(${key.map(() => "?").join(", ")})`;
  if (by === null) return { sql: `${names} > ${marks}`, values: last };
  const [value = null, ...keys] = last;
  const name = quoteIdentifier(by);
  if (value === null) {
    const tied = `(${name} IS NULL AND ${names} > ${marks})`;
    return { sql: descending ? tied : `(${name} IS NOT NULL OR ${tied})`, values: keys };
  }
  const beyond = descending ? `${name} < ? OR ${name} IS NULL` : `${name} > ?`;
  return { sql: `(${beyond} OR (${name} = ? AND ${names} > ${marks}))`, values: [value, value, ...keys] };
}

function readCursor(source: QueryTable, sort: Sort, cursor: string): readonly Value[] | undefined {
  const [by, descending, ...last] = cursorParts(cursor);
  const wanted = source.key.length + (sort.by === null ? 0 : 1);
  if (by !== sort.by || descending !== sort.descending || last.length !== wanted) return undefined;
  const values = last.map(readCursorValue);
  return values.includes(undefined) ? undefined : values.filter((value) => value !== undefined);
}

function cursorParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = parseExactJson(Buffer.from(cursor, "base64url").toString(), callLimits);
    return Array.isArray(parts) ? parts : [];
  } catch (error) {
    if (error instanceof ExactJsonError) return [];
    throw error;
  }
}

/** Storage classes are kept by a letter, so that 1 and 1.0 continue as what they are. */
function writeCursorValue(value: Value): string | null {
  if (value === null) return null;
  if (typeof value === "bigint") return `i${value}`;
  if (typeof value === "number") return `r${value}`;
  return typeof value === "string" ? `t${value}` : `b${value.toString("hex")}`;
}

function readCursorValue(part: unknown): Value | undefined {
  if (part === null) return null;
  if (typeof part !== "string") return undefined;
  const rest = part.slice(1);
  switch (part[0]) {
    case "i":
      return /^-?[0-9]{1,19}$/.test(rest) ? BigInt.asIntN(64, BigInt(rest)) : undefined;
    case "r":
      return Number.isNaN(Number(rest)) ? undefined : Number(rest);
    case "t":
      return rest;
    case "b":
      return Buffer.from(rest, "hex");
    default:
      return undefined;
  }
}

function textOf(value: Value | boolean | undefined): string | null {
  return typeof value === "string" ? value : null;
}
