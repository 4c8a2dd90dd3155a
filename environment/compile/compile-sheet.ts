/** The one compiler: a rule sheet becomes a catalogue, a normal form, and SQL that enforces both for any client. */
import type { z } from "zod";
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { checkCatalogue } from "../sheet/check-catalogue.js";
import { checkSheet } from "../sheet/check-sheet.js";
import { emitEffects } from "./emit-effects.js";
import { emitGuards, siteOf } from "./emit-guards.js";
import { emitTables } from "./emit-tables.js";
import { findDead } from "./find-dead.js";
import type { NormalForm } from "./normal-form.js";
import { normalize } from "./normalize.js";
import { findSlips } from "../sheet/find-slips.js";
import { resolveCatalogue } from "../sheet/resolve-catalogue.js";
import { type Errors, parseAt, type SheetError } from "../core/sheet-error.js";
import { type Sheet, sheetSchema } from "../sheet/sheet.js";

/**
 * What sessions, tools and comparisons need of an environment; the rules of an import are opaque, and its normal form is empty.
 * The SQL is run in order: schema, rows, triggers.
 */
export interface Engine {
  /** Undefined where the rules are opaque. */
  readonly sheet?: Sheet | undefined;
  /** The clauses of the policy by id, which tool descriptions cite; none where the rules are opaque. */
  readonly clauses: Readonly<Record<string, string>>;
  readonly catalogue: Catalogue;
  readonly normal: NormalForm;
  /** CREATE TABLE and CREATE INDEX, one statement each, without a last semicolon. */
  readonly schemaSql: readonly string[];
  /** CREATE TRIGGER, one statement each, without a last semicolon. */
  readonly triggerSql: readonly string[];
}

/** A sheet with everything derived from it. */
export interface Compiled extends Engine {
  readonly sheet: Sheet;
}

/** The outcome: everything that is wrong, as far as it can be said at once, or the compiled sheet. */
export type Compilation =
  | { readonly ok: true; readonly compiled: Compiled }
  | { readonly ok: false; readonly errors: readonly SheetError[] };

/** Compiles a rule sheet of any origin; same sheet, same bytes. */
export function compileSheet(input: unknown): Compilation {
  const parsed = sheetSchema.safeParse(input);
  if (!parsed.success) return { ok: false, errors: parsed.error.issues.map(describeIssue) };
  const sheet = parsed.data;
  const lowered = lowerSheet(sheet);
  if (!lowered.ok) return lowered;
  const { catalogue, normal } = lowered;
  // A mutant may slip and leave a rule without use, an author may not; before there are rules, a sheet is declarations alone.
  const dead =
    sheet.rules.length === 0
      ? []
      : findDead(catalogue, normal.effects, (id) => `rules[${sheet.rules.findIndex((rule) => rule.id === id)}]`);
  const errors = [...findSlips(sheet), ...dead];
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    compiled: {
      sheet,
      clauses: Object.fromEntries(sheet.policy.map(({ id, text }) => [id, text])),
      catalogue,
      normal,
      schemaSql: emitTables(catalogue),
      triggerSql: emitTriggers(catalogue, normal),
    },
  };
}

/** What SQL is written from: the catalogue and the normal form of a sheet that fits its schema. */
export type Lowered =
  | { readonly ok: true; readonly catalogue: Catalogue; readonly normal: NormalForm }
  | { readonly ok: false; readonly errors: readonly SheetError[] };

/** A sheet's catalogue and normal form, or all that is wrong with it. */
export function lowerSheet(sheet: Sheet): Lowered {
  const errors: Errors = [];
  checkSheet(sheet, errors);
  if (errors.length > 0) return { ok: false, errors };
  const catalogue = resolveCatalogue(sheet, errors);
  const standing =
    sheet.actor.mode === "session" && sheet.actor.when !== undefined ? parseAt(errors, "actor.when", sheet.actor.when) : null;
  checkCatalogue(catalogue, standing, errors);
  const normal = normalize(sheet, catalogue, standing, errors);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, catalogue, normal };
}

/** All triggers of a normal form, table by table. */
export function emitTriggers(catalogue: Catalogue, normal: NormalForm): readonly string[] {
  return [catalogue.context, ...Object.values(catalogue.tables)].flatMap((table) => emitTableTriggers(catalogue, normal, table));
}

/** The triggers of one table. */
export function emitTableTriggers(catalogue: Catalogue, normal: NormalForm, table: CatalogueTable): readonly string[] {
  return [
    ...emitGuards(catalogue, normal, table),
    ...(["insert", "update"] as const).flatMap((op) => emitEffects(siteOf({ catalogue, normal }, table, op))),
  ];
}

function describeIssue({ path, message }: z.core.$ZodIssue): SheetError {
  return {
    path: path.reduce<string>(
      (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`),
      "",
    ),
    message,
  };
}
