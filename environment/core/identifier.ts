/**
 * A name as an SQL identifier, in double quotes.
 *
 * @throws {RangeError} If the name holds a NUL, which no SQL text can carry.
 */
export function quoteIdentifier(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`;
}

/**
 * A value as an SQL literal: NULL, a number, or text in single quotes.
 *
 * @throws {RangeError} If a number is not finite, or text holds a NUL.
 */
export function quoteLiteral(value: string | number | bigint | boolean | null): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return `'${withoutNul(value).replaceAll("'", "''")}'`;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`Cannot write ${value} as an SQL number`);
  return value.toString();
}

function withoutNul(text: string): string {
  if (text.includes("\0")) throw new RangeError("Cannot write text that holds a NUL as SQL");
  return text;
}
