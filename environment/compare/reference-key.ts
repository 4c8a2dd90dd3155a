/**
 * How a foreign key finds its row: a value is compared with the column that it refers to under the affinity and the collation of
 * that column, so that '5' and 5.0 refer to the INTEGER 5, and 7 does not to '7' in a column without type.
 *
 * @see https://sqlite.org/foreignkeys.html#fk_indexes
 */
import Database from "better-sqlite3";
import { encodeValue } from "../core/encode-value.js";
import type { Value } from "../core/values.js";
import type { Affinity } from "../engine/sql-affinity.js";

/** A column that a foreign key refers to; `collation` as the index of the key has it. */
export type KeyColumn = { readonly affinity: Affinity; readonly collation: string };

/** A text of the values of a key, on either side of a reference: the same one exactly when SQLite finds the row by them. */
export function referenceKey(values: readonly Value[], columns: readonly KeyColumn[]): string {
  let text = "";
  for (let i = 0; i < columns.length; i += 1) {
    const column = columns[i];
    const value = values[i] ?? null;
    if (column !== undefined) text += `${encodeValue(asKey(value, column))},`;
  }
  return text;
}

/** How a reference to a row by its chosen key is written, the key left out: nothing for an integer, which is how most are. */
export function referenceForm(value: Value): string {
  if (typeof value === "bigint") return "";
  if (typeof value !== "string") return typeof value;
  return encodeValue(value.replace(String(withAffinity(value, "integer")), "@"));
}

function asKey(value: Value, { affinity, collation }: KeyColumn): Value {
  const stored = withAffinity(value, affinity);
  if (typeof stored === "number") return Number.isInteger(stored) ? BigInt(stored) : stored;
  return typeof stored === "string" ? collated(stored, collation) : stored;
}

/** @see https://sqlite.org/datatype3.html#collating_sequences */
function collated(text: string, collation: string): string {
  switch (collation.toUpperCase()) {
    case "NOCASE":
      return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    case "RTRIM":
      return text.replace(/ +$/, "");
    default:
      return text;
  }
}

const numeral = /^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?\s*$/i;

/** The value that a column of this affinity is compared with; REAL looks integers up unrounded. @see https://sqlite.org/datatype3.html#type_affinity */
function withAffinity(value: Value, affinity: Affinity): Value {
  if (affinity === "blob") return value;
  if (affinity === "text") return typeof value === "bigint" ? String(value) : typeof value === "number" ? converted(value, "TEXT") : value;
  if (typeof value !== "string" || !numeral.test(value)) return value;
  return /^(0|-?[1-9][0-9]{0,17})$/.test(value) ? BigInt(value) : converted(value, "NUMERIC");
}

/** SQLite's own conversion, for the rare values that need it: how it writes a REAL, and which texts are numbers to it. */
function converted(value: string | number, type: "TEXT" | "NUMERIC"): Value {
  const db = new Database(":memory:");
  try {
    db.prepare(`CREATE TABLE converted (value ${type})`).run();
    db.prepare("INSERT INTO converted VALUES (?)").run(value);
    return db.prepare<[], Value>("SELECT value FROM converted").safeIntegers().pluck().get() ?? null;
  } finally {
    db.close();
  }
}
