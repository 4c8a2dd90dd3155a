/** The affinity of a column of raw SQL, and which JSON type it has in tools. */
import type { CatalogueColumn } from "../core/catalogue.js";

export type Affinity = "integer" | "text" | "blob" | "real" | "numeric";

/** The affinity of a declared type. @see https://sqlite.org/datatype3.html#determination_of_column_affinity */
export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase();
  if (type.includes("INT")) return "integer";
  if (/CHAR|CLOB|TEXT/.test(type)) return "text";
  if (type === "" || type.includes("BLOB")) return "blob";
  return /REAL|FLOA|DOUB/.test(type) ? "real" : "numeric";
}

type JsonType = Pick<CatalogueColumn, "type" | "unit">;

const integer: JsonType = { type: "integer", unit: null };
const real: JsonType = { type: "real", unit: null };
const text: JsonType = { type: "text", unit: null };
const flag: JsonType = { type: "integer", unit: "flag" };
const date: JsonType = { type: "text", unit: "date" };
const blob: JsonType = { type: "text", unit: "blob" };

/**
 * The type and unit of a column. INTEGER, TEXT and REAL affinity decide by themselves (a text named a date or a time keeps that
 * as its unit); of the others (BOOLEAN, DATE, DECIMAL, BLOB, none) the name decides, and `stored`, the storage classes of the
 * column's rows, where it contradicts the name.
 */
export function jsonTypeOf(
  declared: string,
  { strict, stored }: { readonly strict: boolean; readonly stored: () => ReadonlySet<string> },
): JsonType {
  const isDate = /DATE|TIME/i.test(declared);
  switch (affinityOf(declared)) {
    case "integer":
      return integer;
    case "real":
      return real;
    case "text":
      return isDate ? date : text;
    case "blob":
      return strict && declared !== "" ? blob : untyped(declared, stored());
    case "numeric":
      return strict ? untyped("", stored()) : named(declared, stored());
  }
}

/** BLOB and no type at all keep what they are given. */
function untyped(declared: string, stored: ReadonlySet<string>): JsonType {
  if (stored.size === 0) return declared === "" ? text : blob;
  if (stored.has("text")) return text;
  if (stored.has("blob")) return blob;
  return stored.has("real") ? real : integer;
}

/** NUMERIC keeps text that is no number as text. */
function named(declared: string, stored: ReadonlySet<string>): JsonType {
  const isText = stored.has("text") && !stored.has("integer") && !stored.has("real");
  const isNumber = stored.size > 0 && !stored.has("text") && !stored.has("blob");
  if (/BOOL/i.test(declared)) return isText ? text : stored.has("real") ? real : flag;
  if (/DATE|TIME/i.test(declared)) return !isNumber ? date : stored.has("real") ? real : integer;
  return isText ? text : real;
}
