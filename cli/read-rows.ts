import { type ExactJson, ExactJsonError, parseExactJson } from "../environment/engine/exact-json.js";
import type { SheetError } from "../environment/core/sheet-error.js";
import type { Row, Rows } from "../environment/core/values.js";

type ReadRows = { readonly ok: true; readonly value: Rows } | { readonly ok: false; readonly errors: readonly SheetError[] };

/** A whole state may be large; deeper than tables of rows of values nothing is. */
const limits = { maxBytes: 268_435_456, maxDepth: 3 };

/** Rows as a file has them, `{"table":[{"column":value}]}`, integers exact; or where the file is none of that. */
export function readRows(text: string): ReadRows {
  try {
    return rowsOf(parseExactJson(text, limits));
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error;
    return { ok: false, errors: [{ path: "rows", message: error.message }] };
  }
}

function rowsOf(document: ExactJson): ReadRows {
  if (!isObject(document)) return { ok: false, errors: [{ path: "rows", message: 'expected {"table":[{"column":value}]}' }] };
  const errors: SheetError[] = [];
  const rows: Record<string, readonly Row[]> = {};
  for (const [table, list] of Object.entries(document)) {
    if (isList(list)) rows[table] = list.flatMap((row, index) => readRow(errors, row, `rows.${table}[${index}]`));
    else errors.push({ path: `rows.${table}`, message: "expected a list of rows" });
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: rows };
}

function readRow(errors: SheetError[], value: ExactJson, path: string): readonly Row[] {
  const row: Record<string, bigint | number | string | null> = {};
  for (const [column, cell] of isObject(value) ? Object.entries(value) : []) {
    if (cell !== null && (typeof cell === "object" || typeof cell === "boolean"))
      errors.push({ path: `${path}.${column}`, message: "expected an integer, a number, a string or null" });
    else row[column] = cell;
  }
  if (!isObject(value)) errors.push({ path, message: "expected an object of column values" });
  return [row];
}

function isList(value: ExactJson): value is readonly ExactJson[] {
  return Array.isArray(value);
}

function isObject(value: ExactJson): value is Readonly<Record<string, ExactJson>> {
  return typeof value === "object" && value !== null && !isList(value);
}
