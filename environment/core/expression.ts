/**
 * The typed core: the expression language that every kind of rule expands to (`docs/rule-sheet.md`).
 *
 * A tree is plain JSON-safe data. Three nodes have no written form and come from the compiler alone: `same` (null-safe
 * equality), `due` (one of these effects is at work) and `sql` (a custom rule's text).
 */

/** Comparison operators; with an unknown side the result is unknown. */
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** A number is always a safe integer. */
export type Literal = number | string | boolean | null;

/** Rows of a table, each bound to a variable. `before` reads the written table as it is before the write. */
export interface RowsExpression {
  readonly variable: string;
  readonly table: string;
  readonly where: Expression | null;
  readonly before: boolean;
}

/**
 * A root and columns: each but the last is a reference that is followed. Roots: `new`, `old`, `actor`, `now`, `desk`,
 * `owner` (counters), the variables that row sets bind, and, from the compiler alone, `sealed`, `written` and `before`
 * (the row written in another table, and what it was). A root without steps is a scalar or the row's key.
 */
export interface PathExpression {
  readonly kind: "path";
  readonly root: string;
  readonly steps: readonly string[];
}

export type Expression =
  | { readonly kind: "literal"; readonly value: Literal }
  | PathExpression
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] }
  | { readonly kind: "not" | "negate"; readonly operand: Expression }
  | { readonly kind: "compare"; readonly op: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "is_null"; readonly operand: Expression; readonly negated: boolean }
  | { readonly kind: "in"; readonly operand: Expression; readonly values: readonly (string | number)[]; readonly negated: boolean }
  | { readonly kind: "arithmetic"; readonly op: "+" | "-" | "*"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "count" | "exists" | "none"; readonly rows: RowsExpression }
  | {
      readonly kind: "aggregate";
      readonly function: "sum" | "min" | "max" | "distinct";
      readonly of: Expression;
      readonly rows: RowsExpression;
    }
  | {
      readonly kind: "pick";
      readonly which: "first" | "last" | "one";
      readonly rows: RowsExpression;
      readonly by: Expression | null;
      readonly steps: readonly string[];
    }
  | { readonly kind: "divide"; readonly rounding: "floor" | "ceil" | "round"; readonly dividend: Expression; readonly divisor: Expression }
  | {
      readonly kind: "call";
      readonly function: "abs" | "least" | "greatest" | "coalesce" | "length";
      readonly arguments: readonly Expression[];
    }
  | { readonly kind: "rank"; readonly ladder: string; readonly operand: Expression }
  | { readonly kind: "matches"; readonly operand: Expression; readonly pattern: string }
  | { readonly kind: "reaches"; readonly from: Expression; readonly column: string; readonly to: Expression }
  | {
      readonly kind: "case";
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise: Expression;
    }
  | { readonly kind: "same"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "due"; readonly effects: readonly string[] }
  | SqlExpression;

/**
 * SQL of the sheet's own, cut into what is printed as it stands, columns of NEW and OLD, and tables in a FROM clause (with
 * the name to be given where the table is replaced by a sub-select; null: the text gives one). `reads`: tables it reads, each
 * with those of its columns that the text names.
 */
export interface SqlExpression {
  readonly kind: "sql";
  readonly text: string;
  readonly pieces: readonly SqlPiece[];
  readonly reads: readonly { readonly table: string; readonly columns: readonly string[] }[];
}

export type SqlPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "column"; readonly root: "new" | "old"; readonly column: string }
  | { readonly kind: "table"; readonly table: string; readonly alias: string | null }
  /** What the engine fills in: the clock, the user or the desk. */
  | { readonly kind: "context"; readonly column: "now" | "actor" | "desk" }
  /** Where an effect's own condition goes. */
  | { readonly kind: "condition" };

/** The outcome of parsing; `at` is the offset in the text where it broke off. */
export type Parsed =
  | { readonly kind: "parsed"; readonly expression: Expression }
  | { readonly kind: "refused"; readonly message: string; readonly at: number };
