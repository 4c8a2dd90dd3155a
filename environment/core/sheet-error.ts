import { parseExpression } from "./parse-expression.js";
import type { Expression, Parsed } from "./expression.js";

/** One thing wrong with a sheet: `path` as in `rules[3].must`, `message` says what was expected. */
export interface SheetError {
  readonly path: string;
  readonly message: string;
}

/** Collects what is wrong, so that one compilation names it all. */
export type Errors = SheetError[];

/** Parses an expression of the sheet; null, and an error at `path`, where it does not parse. */
export function parseAt(errors: Errors, path: string, text: string): Expression | null {
  return reportAt(errors, path, { text, parsed: parseExpression(text) });
}

/** The expression that a text was parsed as; null, and an error at `path`, where it did not parse. */
export function reportAt(
  errors: Errors,
  path: string,
  { text, parsed }: { readonly text: string; readonly parsed: Parsed },
): Expression | null {
  if (parsed.kind === "parsed") return parsed.expression;
  errors.push({ path, message: `${parsed.message} in "${text}"` });
  return null;
}
