import { parseExpression } from "./parse-expression.js";
import type { Expression } from "./expression.js";

/** One thing wrong with a sheet: `path` as in `rules[3].must`, `message` says what was expected. */
export interface SheetError {
  readonly path: string;
  readonly message: string;
}

/** Collects what is wrong, so that one compilation names it all. */
export type Errors = SheetError[];

/** Parses an expression of the sheet; null, and an error at `path`, where it does not parse. */
export function parseAt(errors: Errors, path: string, text: string): Expression | null {
  const parsed = parseExpression(text);
  if (parsed.kind === "parsed") return parsed.expression;
  errors.push({ path, message: `${parsed.message} in "${text}"` });
  return null;
}
