import type { Catalogue } from "./catalogue.js";
import type { NormalForm } from "./normal-form.js";
import type { Sheet } from "./sheet.js";

/** One thing wrong with a sheet: `path` as in `rules[3].must`, `message` says what was expected. */
export interface SheetError {
  readonly path: string;
  readonly message: string;
}

/** A sheet with everything derived from it. The SQL is run in order: schema, rows, triggers. */
export interface Compiled {
  readonly sheet: Sheet;
  readonly catalogue: Catalogue;
  readonly normal: NormalForm;
  /** CREATE TABLE and CREATE INDEX, one statement each, without a last semicolon. */
  readonly schemaSql: readonly string[];
  /** CREATE TRIGGER, one statement each, without a last semicolon. */
  readonly triggerSql: readonly string[];
}

export type Compilation = { readonly ok: true; readonly compiled: Compiled } | { readonly ok: false; readonly errors: readonly SheetError[] };

/** Compiles a rule sheet; whatever is wrong with it is returned, all of it where that can be said. */
export function compileSheet(input: unknown): Compilation {
  return { ok: false, errors: [{ path: "", message: `Cannot compile a ${typeof input} yet` }] };
}
