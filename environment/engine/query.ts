/**
 * `query_<table>`: which SQL a checked query is, and the cursor that continues it.
 *
 * Pages are continued by value, not by offset: the cursor holds the last row's sort value and key, so a row written
 * between two pages neither hides nor repeats another.
 */
import type { Arguments } from "./arguments.js";
import { callLimits, ExactJsonError, parseExactJson } from "./exact-json.js";
import { quoteIdentifier } from "../core/identifier.js";
import { oncePer } from "../core/memo.js";
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

/** The row after which a page begins: its values of the sort column (not if it is NULL, which the SQL says) and of the key. */
type After = { readonly isNull: boolean; readonly values: readonly Value[] };

/** Rows of a page unless said, and at most. */
export const pageLimits = { usual: 50, most: 200 } as const;

/** The names of the parameters that steer a query; no filter may have them. */
export const controls = ["sort_by", "descending", "limit", "cursor"] as const;

/** The query that the arguments ask for, or why they ask for none (a limit out of range, a cursor that is not this query's). */
export function planQuery(source: QueryTable, given: Arguments): Planned {
  const limit = Number(given.get("limit") ?? pageLimits.usual);
  if (limit < 1 || limit > pageLimits.most) return { ok: false, message: `Argument "limit" must lie between 1 and ${pageLimits.most}` };
  const sort: Sort = { by: textOf(given.get("sort_by")), descending: given.get("descending") === true };
  const values: Value[] = [];
  const filters: string[] = [];
  for (const [name, value] of given) {
    if (typeof value === "boolean" || !source.filters.has(name)) continue;
    filters.push(name);
    values.push(value);
  }
  const cursor = textOf(given.get("cursor"));
  let after: After | null = null;
  if (cursor !== null) {
    const last = readCursor(source, sort, cursor);
    if (last === undefined) return { ok: false, message: 'Argument "cursor" is none that this query gave' };
    after = afterOf(sort, last);
    values.push(...after.values);
  }
  return { ok: true, query: { sql: sqlOf(source, { filters, sort, limit, after }), values, limit, sort } };
}

type Shape = {
  readonly filters: readonly string[];
  readonly sort: Sort;
  readonly limit: number;
  readonly after: After | null;
};

/** Texts kept of one table, since writing one anew costs more than a small query; agents choose the shapes, so there is an end to them. */
const mostTexts = 256;

const textsOf = oncePer((_: QueryTable) => new Map<string, string>());

function sqlOf(source: QueryTable, shape: Shape): string {
  const texts = textsOf(source);
  const { filters, sort, limit, after } = shape;
  const name = [limit, sort.descending, after?.isNull, sort.by === null ? "" : `by ${sort.by}`, ...filters].join("\0");
  const known = texts.get(name);
  if (known !== undefined) return known;
  if (texts.size >= mostTexts) texts.clear();
  const sql = writeSql(source, shape);
  texts.set(name, sql);
  return sql;
}

/** The limit stands in the text: each time that one is bound, SQLite would compile the statement anew. @see https://sqlite.org/c3ref/prepare.html */
function writeSql(source: QueryTable, { filters, sort, limit, after }: Shape): string {
  const columns = [...source.columns, ...source.key].map(quoteIdentifier).join(", ");
  const conditions = filters.map((name) => filterCondition(source, name));
  if (after !== null) conditions.push(afterRow(source, sort, after));
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return `SELECT ${columns} FROM main.${quoteIdentifier(source.table)}${where} ORDER BY ${orderOf(source, sort)} LIMIT ${limit + 1}`;
}

/** The cursor that continues after this row, given as the query selected it. */
export function cursorAfter(source: QueryTable, sort: Sort, row: readonly Value[]): string {
  const key = row.slice(source.columns.length);
  const last = sort.by === null ? key : [row[source.columns.indexOf(sort.by)] ?? null, ...key];
  return Buffer.from(JSON.stringify([sort.by, sort.descending, ...last.map(writeCursorValue)])).toString("base64url");
}

function filterCondition({ filters }: QueryTable, parameter: string): string {
  const { column, compare } = filters.get(parameter) ?? { column: parameter, compare: "equals" };
  const name = quoteIdentifier(column);
  switch (compare) {
    case "equals":
      return `${name} = ?`;
    case "min":
      return `${name} >= ?`;
    case "max":
      return `${name} <= ?`;
    case "contains":
      return `instr(lower(${name}), lower(?)) > 0`;
  }
}

function orderOf({ key }: QueryTable, { by, descending }: Sort): string {
  const keys = key.map((column) => `${quoteIdentifier(column)} ASC`);
  return (by === null ? keys : [`${quoteIdentifier(by)} ${descending ? "DESC" : "ASC"}`, ...keys]).join(", ");
}

function afterOf(sort: Sort, last: readonly Value[]): After {
  if (sort.by === null) return { isNull: false, values: last };
  const [value = null, ...keys] = last;
  return value === null ? { isNull: true, values: keys } : { isNull: false, values: [value, value, ...keys] };
}

/** SQLite sorts NULL before every value, so that "after" has to name it on each side. */
function afterRow({ key }: QueryTable, { by, descending }: Sort, { isNull }: After): string {
  const names = `(${key.map(quoteIdentifier).join(", ")})`;
  const marks = `(${key.map(() => "?").join(", ")})`;
  if (by === null) return `${names} > ${marks}`;
  const name = quoteIdentifier(by);
  if (isNull) {
    const tied = `(${name} IS NULL AND ${names} > ${marks})`;
    return descending ? tied : `(${name} IS NOT NULL OR ${tied})`;
  }
  const beyond = descending ? `${name} < ? OR ${name} IS NULL` : `${name} > ?`;
  return `(${beyond} OR (${name} = ? AND ${names} > ${marks}))`;
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
