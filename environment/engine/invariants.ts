/**
 * What must be true of a state, whatever led to it: rules that hold of every row, counters that equal their count, no effect
 * still due, references that lead somewhere, a sound file.
 *
 * Rules about an act are left out: those that read the row before, the user or the clock, and those of one act alone.
 */
import { type Catalogue, type CatalogueTable, tableOf } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { emitExpression, emitPending, type SqlScope } from "../core/emit-expression.js";
import type { Expression } from "../core/expression.js";
import { quoteIdentifier, quoteLiteral } from "../core/identifier.js";
import { oncePer } from "../core/memo.js";
import type { CounterEffect, Guard } from "../compile/normal-form.js";
import { type Db, prepareKept } from "./snapshot.js";
import type { Row, Value } from "../core/values.js";
import { walk } from "../core/walk-expression.js";

/** A row (`key` null: the whole state) of which something is not true that must be. */
export type BrokenInvariant = { readonly rule: string; readonly table: string; readonly key: Row | null; readonly message: string };

/** What a file that is damaged breaks. @see https://sqlite.org/pragma.html#pragma_integrity_check */
export const integrityRule = "schema.integrity";

/** Everything that is wrong with a state, by rule in the order of the normal form; empty for a state that writes can reach. */
export function brokenInvariants(db: Db, compiled: Compiled): readonly BrokenInvariant[] {
  const { checks, anyOfTable } = checksOf(compiled);
  const dangling = danglingReferences(db);
  // Most states are sound, and one pass over each table shows it.
  const broken = new Set(Object.keys(anyOfTable).filter((table) => prepareKept(db, anyOfTable[table] ?? "").get() !== undefined));
  for (const { table } of dangling) broken.add(table);
  const rows = checks.flatMap((check) => (broken.has(check.table) ? brokenRows(db, compiled.catalogue, check) : []));
  return [...rows, ...dangling, ...fileFaults(db)];
}

/** Every check, and by table the text of a SELECT that finds something where any check of the table does but for dangling references. */
const checksOf = oncePer((compiled: Compiled) => {
  const checks = listChecks(compiled);
  const others = checks.filter(({ isReference }) => !isReference);
  const anyOfTable = Object.fromEntries(
    [...new Set(others.map(({ table }) => table))].map((table) => {
      const broken = others.filter((check) => check.table === table).map((check) => `(${check.broken})`);
      return [table, `SELECT 1 FROM main.${quoteIdentifier(table)} AS ${alias} WHERE ${joinedByOr(broken)} LIMIT 1`];
    }),
  );
  return { checks, anyOfTable };
});

/** Balanced, since SQLite caps how deep an expression may be. @see https://sqlite.org/limits.html#max_expr_depth */
function joinedByOr(conditions: readonly string[]): string {
  if (conditions.length < 2) return conditions.join("");
  const middle = Math.ceil(conditions.length / 2);
  return `(${joinedByOr(conditions.slice(0, middle))} OR ${joinedByOr(conditions.slice(middle))})`;
}

function listChecks({ catalogue, normal }: Compiled): readonly Check[] {
  return [
    ...normal.guards.filter(isInvariant).map((guard) => invariantOf(catalogue, guard)),
    ...normal.effects.flatMap((effect) => (effect.kind === "counter" ? [recountOf(catalogue, effect)] : [])),
    ...Object.values(catalogue.tables).flatMap((table) => (table.marks.length === 0 ? [] : [duesOf(table)])),
  ];
}

/** The value that a counter must have, as SQL over its owner's row under this qualifier, such as `NEW.`. */
export function counterSql(catalogue: Catalogue, { table, value }: CounterEffect, qualifier: string): string {
  return emitExpression(value, scopeOf(catalogue, { owner: { kind: "row", table, qualifier } }));
}

/** `isReference`: that a reference leads to a row, which SQLite tells quicker. */
type Check = {
  readonly rule: string;
  readonly table: string;
  readonly message: string;
  readonly broken: string;
  readonly isReference: boolean;
};

/** A custom guard names the written row NEW; so do these queries. */
const alias = "NEW";

const actRoots: ReadonlySet<string> = new Set(["old", "actor", "desk", "now", "sealed", "written", "before"]);

function isInvariant({ events, when, must }: Guard): boolean {
  const kinds = new Set(events.map(({ kind }) => kind));
  const isOfEveryWrite = kinds.has("create") && (kinds.has("update") || kinds.has("change"));
  return isOfEveryWrite && [...(when === null ? [] : walk(when)), ...walk(must)].every(isOfTheState);
}

function isOfTheState(node: Expression): boolean {
  switch (node.kind) {
    case "path":
      return !actRoots.has(node.root);
    case "due":
      return false;
    case "sql":
      return !/\bOLD\b/i.test(node.text);
    default:
      return true;
  }
}

function invariantOf(catalogue: Catalogue, guard: Guard): Check {
  const scope = scopeOf(catalogue, { new: { kind: "row", table: guard.table, qualifier: `${alias}.` } });
  const column = tableOf(catalogue, guard.table).states?.column;
  const states = guard.states === null || column === undefined ? [] : [anyOf(`${alias}.${quoteIdentifier(column)}`, guard.states)];
  const when = guard.when === null ? [] : [`${emitExpression(guard.when, scope)} IS NOT FALSE`];
  const broken = [...states, ...when, `${emitExpression(guard.must, scope)} IS NOT TRUE`].join(" AND ");
  const isReference = guard.origin === "structure" && guard.kind === "reference";
  return { rule: guard.id, table: guard.table, message: guard.message, broken, isReference };
}

function recountOf(catalogue: Catalogue, effect: CounterEffect): Check {
  const broken = `${alias}.${quoteIdentifier(effect.column)} IS NOT ${counterSql(catalogue, effect, `${alias}.`)}`;
  return { rule: effect.id, table: effect.table, message: `Column "${effect.column}" must equal its count`, broken, isReference: false };
}

function duesOf(table: CatalogueTable): Check {
  return {
    rule: `${table.name}.due`,
    table: table.name,
    message: "An effect of this row is still due",
    broken: emitPending(table, `${alias}.`),
    isReference: false,
  };
}

function scopeOf(catalogue: Catalogue, roots: SqlScope["roots"]): SqlScope {
  return { catalogue, roots, overlay: null, causes: {}, depth: 0, form: "statement" };
}

function anyOf(column: string, values: readonly string[]): string {
  return `(${values.map((value) => `${column} = ${quoteLiteral(value)}`).join(" OR ") || "FALSE"})`;
}

function brokenRows(db: Db, catalogue: Catalogue, { rule, table, message, broken }: Check): readonly BrokenInvariant[] {
  const { key } = tableOf(catalogue, table);
  const columns = key.map((column) => `${alias}.${quoteIdentifier(column)}`).join(", ");
  const sql = `SELECT ${columns} FROM main.${quoteIdentifier(table)} AS ${alias} WHERE ${broken} ORDER BY ${columns}`;
  const rows = db.prepare<[], Value[]>(sql).safeIntegers(true).raw(true).all();
  return rows.map((row) => ({ rule, table, message, key: Object.fromEntries(key.map((column, i) => [column, row[i] ?? null])) }));
}

function danglingReferences(db: Db): readonly BrokenInvariant[] {
  const found = prepareKept(db, 'SELECT "table", parent, rowid FROM pragma_foreign_key_check').all();
  return found.map(([table, parent, rowid]) => ({
    rule: "schema.foreignkey",
    table: String(table),
    key: { rowid: rowid ?? null },
    message: `A row refers to no row of "${String(parent)}"`,
  }));
}

function fileFaults(db: Db): readonly BrokenInvariant[] {
  const found = prepareKept(db, "SELECT integrity_check FROM pragma_integrity_check").all();
  return found.filter(([line]) => line !== "ok").map(([line]) => ({ rule: integrityRule, table: "", key: null, message: String(line) }));
}
