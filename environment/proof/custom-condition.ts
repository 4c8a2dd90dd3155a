/**
 * When a custom effect writes, as far as its SQL can be read: its own condition, and the terms of an UPDATE's WHERE that
 * compare columns of the row, of NEW and of OLD. What is not understood is left out, so that a write that writes something
 * meets the condition, but not every write that meets it writes.
 */
import type { CustomEffect, Guard } from "../compile/normal-form.js";
import { type Catalogue, type CatalogueTable, tableOf } from "../core/catalogue.js";
import type { Expression, SqlExpression } from "../core/expression.js";
import { conjunction } from "../core/walk-expression.js";
import { parseSqlExpression } from "../import/sql-expression.js";
import { namesOf, readSql, termsOf } from "./read-sql.js";
import { findKeyword, nameOf } from "../sql/token-lists.js";
import { type SqlToken, tokenizeSql } from "../sql/tokenize-sql.js";

/** The variable that the row to be written is bound to. */
const ROW = "row";

/** The condition of the effect over `new` and `old`: true on every write on which it changes something. */
export function customCondition(effect: CustomEffect, catalogue: Catalogue): Expression {
  const own = effect.when === null ? [] : [effect.when];
  if (effect.on === "insert") return conjunction(own);
  const tokens = tokenizeSql(effect.sql.text);
  const into = tableOf(catalogue, effect.into);
  const start = findKeyword(tokens, ["where"]);
  const end = findKeyword(tokens, ["returning", "order", "limit"], start + 1);
  const row = { root: ROW, steps: [], table: into };
  const written = namesOf(catalogue, tableOf(catalogue, effect.table));
  const names = { ...written, rows: new Map(written.rows).set(into.name, row).set(aliasOf(tokens), row), depth: 1 };
  const terms = start === -1 ? [] : termsOf(parseSqlExpression(tokens.slice(start + 1, end === -1 ? tokens.length : end)));
  const where = conjunction(terms.flatMap((term) => readSql(term, names) ?? []));
  return conjunction([...own, { kind: "exists", rows: { variable: ROW, table: into.name, where, before: false } }]);
}

/** The columns of a table that a text names. */
export function columnsNamed(text: string, table: CatalogueTable): readonly string[] {
  const words = new Set(tokenizeSql(text).map(nameOf));
  return table.columns.flatMap(({ name }) => (words.has(name) ? [name] : []));
}

function aliasOf(tokens: readonly SqlToken[]): string {
  const set = findKeyword(tokens, ["set"]);
  return nameOf(tokens[set - 1]) ?? "";
}

const readings = new WeakMap<SqlExpression, Expression | null>();

/** The guard as it can be read: a custom one with a reading instead of its SQL; null where something in that is not understood. */
export function readableGuard(guard: Guard, catalogue: Catalogue): Guard | null {
  const { must, table } = guard;
  if (must.kind !== "sql") return guard;
  const known = readings.get(must);
  const reading =
    known === undefined ? readSql(parseSqlExpression(tokenizeSql(must.text)), namesOf(catalogue, tableOf(catalogue, table))) : known;
  readings.set(must, reading);
  return reading === null ? null : { ...guard, must: reading };
}
