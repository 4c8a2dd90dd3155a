/** The page that a query answers with: cut at the row cap and at the byte cap, whichever comes first. */
import { callLimits, stringifyExactJson } from "./exact-json.js";
import { cursorAfter, type Query, type QueryTable } from "./query.js";
import { refuse, type ToolResult } from "./tool-result.js";
import { type Row, rowOf, type Value } from "../core/values.js";

/** The page of the rows found, as {@link Query} selects them; a row past the byte cap by itself is refused (`LIMIT`). */
export function pageOf(source: QueryTable, { limit, sort }: Query, found: readonly Value[][]): ToolResult {
  // Writing rows only to count their bytes would cost as much as the answer: most pages are far too small.
  const isSmall = mostBytes(source.columns, found) <= callLimits.maxBytes;
  const rows: Row[] = [];
  let bytes = 0;
  for (let i = 0; i < found.length && i < limit; i += 1) {
    const row = rowOf(source.columns, found[i] ?? []);
    if (!isSmall) bytes += Buffer.byteLength(stringifyExactJson(row));
    if (bytes > callLimits.maxBytes) break;
    rows.push(row);
  }
  const last = found[rows.length - 1];
  const truncated = rows.length < found.length;
  if (truncated && last === undefined) return refuse("LIMIT", `A row holds more than ${callLimits.maxBytes} bytes`);
  return { ok: true, rows, truncated, cursor: truncated && last !== undefined ? cursorAfter(source, sort, last) : null };
}

/** No fewer bytes than the rows take as JSON: a character takes six at most, a number 25, a blob two a byte. */
function mostBytes(columns: readonly string[], rows: readonly (readonly Value[])[]): number {
  let bytes = 0;
  for (const name of columns) bytes += 6 * name.length + 30;
  bytes *= rows.length;
  for (const row of rows)
    for (const value of row) if (typeof value === "string" || typeof value === "object") bytes += 6 * (value?.length ?? 0);
  return bytes;
}
