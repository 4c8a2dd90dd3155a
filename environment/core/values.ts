/** A value as SQLite stores it: INTEGER as bigint, REAL as number, TEXT, NULL, BLOB. Sheets have no blobs; imports may. */
export type Value = bigint | number | string | null | Buffer;

/** One row by column name. */
export type Row = Readonly<Record<string, Value>>;

/** A state in memory: the rows of each table, the context table among them, in the order in which they were stored. */
export type Rows = Readonly<Record<string /* table */, readonly Row[]>>;

/** Whether two stored values are the same one (SQL `IS`): NULL is NULL, and 1 is 1.0. */
export function isSameValue(a: Value, b: Value): boolean {
  if (typeof a === "object" || typeof b === "object") {
    if (a === null || b === null) return a === b;
    return Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b);
  }
  if (typeof a === "string" || typeof b === "string") return a === b;
  // JavaScript orders bigint and number exactly, as SQLite does INTEGER and REAL.
  return a <= b && a >= b;
}

/** Sets a member of a record, also one that is named `__proto__`, which an assignment would lose. */
export function setMember<T>(record: Record<string, T>, name: string, value: T): void {
  if (name === "__proto__") Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  else record[name] = value;
}

/** The row of these columns with these values, in their order. */
export function rowOf(columns: readonly string[], values: readonly Value[]): Row {
  const row: Record<string, Value> = {};
  for (let i = 0; i < columns.length; i += 1) setMember(row, columns[i] ?? "", values[i] ?? null);
  return row;
}
