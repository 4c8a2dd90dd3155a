/** Refusals of raw SQL, in words for its author. */
import type { SqlStatement } from "../sql/split-script.js";
import { shorten, type SqlRefusal } from "../sql/token-lists.js";

/** A statement that is refused: its line and first words (null: the whole file), and why. */
export interface RawRefusal {
  readonly file: "schema.sql" | "triggers.sql" | "rows.sql";
  readonly statement: string | null;
  readonly code: string;
  readonly message: string;
}

/** Where a statement stands, for people: "line 12: CREATE TRIGGER check_limit BEFORE INSERT …". */
export function placeOf({ line, text }: Pick<SqlStatement, "line" | "text">): string {
  return `line ${line}: ${shorten(text.slice(0, 400))}`;
}

/** SQLite's words behind ours, and what to do about the commonest of them. */
export function explainError(what: string, detail: string): SqlRefusal {
  const rules: readonly (readonly [RegExp, string, string])[] = [
    [/no such column: "/, "UNKNOWN_COLUMN", "a text stands in single quotes, a name in double ones"],
    [
      /no such column: (new|old)\./i,
      "UNKNOWN_COLUMN",
      "NEW and OLD have the columns of the trigger's table; an INSERT has no OLD, a DELETE no NEW",
    ],
    [/no such column|has no column/, "UNKNOWN_COLUMN", "correct the name, or declare the column"],
    [/no such table/, "UNKNOWN_TABLE", "correct the name, or declare the table before"],
    [/no such function|wrong number of arguments/, "FUNCTION", "call it as SQLite knows it"],
    [/already exists|duplicate column/, "DUPLICATE", "choose another name, or take one out"],
    [/syntax error|incomplete input|more than one statement/, "SYNTAX", "correct the statement there"],
    [/is full/, "FULL", "the database would grow past its limit: insert fewer rows"],
    [/too (many|large|much)|stack overflow|Recursion limit/i, "SIZE", "split the statement"],
  ];
  const [, code, fix] = rules.find(([pattern]) => pattern.test(detail)) ?? [null, "SQLITE", "correct the statement"];
  return { code, message: `${what}: ${detail}; ${fix}` };
}
