/** The typed core as SQL that SQLite 3.40 reads. Conditions are 0, 1 or NULL; every piece stands in its own brackets. */
import { type Catalogue, type CatalogueTable, CONTEXT_TABLE, columnOf, tableOf } from "./catalogue.js";
import { isRealSum, isSmall } from "./column-of-path.js";
import type { Expression, PathExpression, RowsExpression, SqlExpression } from "./expression.js";
import { quoteIdentifier as quote, quoteLiteral } from "./identifier.js";
import { pathsIn, walk } from "./walk-expression.js";

/** What a root is in SQL: a row by its qualifier (`NEW.`, an alias and a dot, or nothing), or a row that is absent, whose columns are NULL. */
export type SqlRoot =
  | { readonly kind: "row"; readonly table: string; readonly qualifier: string }
  | { readonly kind: "absent"; readonly table: string };

export interface SqlScope {
  readonly catalogue: Catalogue;
  readonly roots: Readonly<Record<string, SqlRoot>>;
  /** A row that is about to be written: its table is read as it will be. */
  readonly overlay: { readonly table: string; readonly qualifier: string } | null;
  /** The table whose write sets each effect off. */
  readonly causes: Readonly<Record<string, string>>;
  readonly depth: number;
  /** Whether sub-selects are allowed; in generated columns they are not. */
  readonly form: "statement" | "column";
  /** Rows that the whole statement looks up once; none unless given. */
  readonly lookUp?: LookUp | null;
}

/**
 * A row that a statement may look up once for all its expressions: by a key that is the same throughout, such as a column of
 * NEW. `name` says how it is come by (`NEW.order_id`, `NEW.order_id.buyer_id`), and is its alias in the statement.
 */
export type LookedUp = { readonly name: string; readonly table: string; readonly column: string; readonly key: string };

/** Says whether the row is looked up once; then its columns stand under its name, NULL where there is no such row. */
export type LookUp = (row: LookedUp) => boolean;

/** An expression as SQL in brackets. */
export function emitExpression(expression: Expression, scope: SqlScope): string {
  switch (expression.kind) {
    case "literal":
      return quoteLiteral(expression.value);
    case "path":
      return emitPath(expression, scope);
    case "and":
    case "or":
      return `(${emitEach(expression.operands, scope).join(expression.kind === "and" ? " AND " : " OR ")})`;
    case "not":
      return `(NOT ${emitExpression(expression.operand, scope)})`;
    case "negate":
      return `(- ${emitExpression(expression.operand, scope)})`;
    case "compare":
    case "arithmetic":
      return `(${emitExpression(expression.left, scope)} ${expression.op} ${emitExpression(expression.right, scope)})`;
    case "same":
      return `(${emitExpression(expression.left, scope)} IS ${emitExpression(expression.right, scope)})`;
    case "is_null":
      return `(${emitExpression(expression.operand, scope)} IS ${expression.negated ? "NOT " : ""}NULL)`;
    case "in":
      return expression.negated ? `(NOT ${emitIn(expression, scope)})` : emitIn(expression, scope);
    case "count":
    case "exists":
    case "none":
      return emitRowsTest(expression, scope);
    case "aggregate":
      return emitAggregate(expression, scope);
    case "pick":
      return emitPick(expression, scope);
    case "divide":
      return emitDivision(expression, scope);
    case "call":
      // The magnitude of the smallest integer is none: SQLite would raise an error that no rule has a name for.
      if (expression.function === "abs") return `abs(nullif(${emitEach(expression.arguments, scope).join(", ")}, ${SMALLEST}))`;
      return `${sqlFunctions[expression.function]}(${emitEach(expression.arguments, scope).join(", ")})`;
    case "rank":
      return `(CASE ${emitExpression(expression.operand, scope)} ${(scope.catalogue.ladders[expression.ladder] ?? []).map((rank, index) => `WHEN ${quoteLiteral(rank)} THEN ${index}`).join(" ")} END)`;
    case "matches":
      return `(${emitExpression(expression.operand, scope)} GLOB ${quoteLiteral(expression.pattern)})`;
    case "reaches":
      return emitReaches(expression, scope);
    case "case":
      return `(CASE ${expression.branches.map(({ when, then }) => `WHEN ${emitExpression(when, scope)} THEN ${emitExpression(then, scope)}`).join(" ")} ELSE ${emitExpression(expression.otherwise, scope)} END)`;
    case "due":
      return emitDue(expression.effects, scope);
    case "sql":
      return `(${emitSql(expression, scope)})`;
  }
}

function emitEach(expressions: readonly Expression[], scope: SqlScope): readonly string[] {
  return expressions.map((expression) => emitExpression(expression, scope));
}

const SMALLEST = "-9223372036854775808";

const sqlFunctions = { least: "min", greatest: "max", coalesce: "coalesce", length: "length" } as const;

function emitPath({ root: name, steps }: PathExpression, scope: SqlScope): string {
  const root = scope.roots[name];
  if (root === undefined) return emitContextPath(name, steps, scope);
  const table = tableOf(scope.catalogue, root.table);
  const [first = table.key[0] ?? "", ...rest] = steps;
  if (root.kind === "absent") return "NULL";
  const value = { sql: root.qualifier + quote(first), name: nameOf(root.qualifier, first) };
  return follow(value, columnOf(table, first).references, rest, scope);
}

/** The name of a value that is the same throughout a trigger's statement; null for those of rows that the statement goes through. */
function nameOf(qualifier: string, column: string): string | null {
  return qualifier === "NEW." || qualifier === "OLD." ? qualifier + column : null;
}

/** `now`, `desk`, `sealed`, `actor` and what the actor's row leads to. */
function emitContextPath(name: string, steps: readonly string[], scope: SqlScope): string {
  const isShared = scope.lookUp?.({ name: "context", table: CONTEXT_TABLE, column: "id", key: "1" }) ?? false;
  const sql = isShared ? `"context".${quote(name)}` : `(SELECT ${quote(name)} FROM ${quote(CONTEXT_TABLE)} WHERE "id" = 1)`;
  return follow({ sql, name }, scope.catalogue.actor?.table ?? null, steps, scope);
}

/** A key as SQL; `name` is null where it is not the same throughout the statement. */
type Key = { readonly sql: string; readonly name: string | null };

/** From a key over references to a column: rows looked up once as far as they go, and a sub-select that joins the tables beyond. */
function follow({ sql: key, name }: Key, target: string | null, steps: readonly string[], scope: SqlScope): string {
  const [firstStep, ...rest] = steps;
  if (firstStep === undefined || target === null) return key;
  let table = tableOf(scope.catalogue, target);
  const isShared =
    name !== null && scope.overlay?.table !== target && scope.lookUp?.({ name, table: target, column: table.key[0] ?? "", key }) === true;
  if (isShared) {
    const next = { sql: `${quote(name)}.${quote(firstStep)}`, name: `${name}.${firstStep}` };
    return follow(next, columnOf(table, firstStep).references, rest, scope);
  }
  let step = firstStep;
  let from = `${emitTable(table, [step], scope)} AS "0"`;
  rest.forEach((next, index) => {
    const joined = tableOf(scope.catalogue, columnOf(table, step).references ?? "");
    from += ` JOIN ${emitTable(joined, [next], scope)} AS "${index + 1}" ON "${index + 1}".${quote(joined.key[0] ?? "")} = "${index}".${quote(step)}`;
    table = joined;
    step = next;
  });
  return `(SELECT "${rest.length}".${quote(step)} FROM ${from} WHERE "0".${quote(tableOf(scope.catalogue, target).key[0] ?? "")} = ${key})`;
}

/** A table to read from; the one that is being written is read with the written row in the place of what it was. */
function emitTable(table: CatalogueTable, columns: readonly string[], { overlay }: SqlScope): string {
  if (overlay?.table !== table.name) return quote(table.name);
  const names = [...new Set([...table.key, ...columns])].map(quote);
  const others = table.key.map((name) => `${quote(name)} IS ${overlay.qualifier}${quote(name)}`).join(" AND ");
  return `(SELECT ${names.join(", ")} FROM ${quote(table.name)} WHERE NOT (${others}) UNION ALL SELECT ${names.map((name) => overlay.qualifier + name).join(", ")})`;
}

interface Source {
  readonly from: string;
  readonly where: string | null;
  readonly alias: string;
  readonly table: CatalogueTable;
  readonly inner: SqlScope;
}

function emitSource(rows: RowsExpression, read: readonly Expression[], scope: SqlScope): Source {
  const table = tableOf(scope.catalogue, rows.table);
  const alias = quote(`${rows.variable}${scope.depth}`);
  const columns = [...read, ...(rows.where === null ? [] : [rows.where])]
    .flatMap(pathsIn)
    .flatMap(({ root, steps }) => (root === rows.variable ? steps.slice(0, 1) : []));
  const source = rows.before ? quote(table.name) : emitTable(table, columns, scope);
  const inner: SqlScope = {
    ...scope,
    depth: scope.depth + 1,
    roots: { ...scope.roots, [rows.variable]: { kind: "row", table: rows.table, qualifier: `${alias}.` } },
  };
  return { from: `${source} AS ${alias}`, where: rows.where === null ? null : emitExpression(rows.where, inner), alias, table, inner };
}

function emitRowsTest(test: Extract<Expression, { kind: "count" | "exists" | "none" }>, scope: SqlScope): string {
  const { kind, rows } = test;
  const found = kind === "exists" ? emitFound(rows, scope) : null;
  if (found !== null) return found;
  const { from, where } = emitSource(rows, [], scope);
  if (kind === "count") return `(SELECT count(*) FROM ${from}${filter(where)})`;
  if (kind === "exists") return `EXISTS (SELECT 1 FROM ${from}${filter(where)})`;
  return `NOT EXISTS (SELECT 1 FROM ${from}${where === null ? "" : ` WHERE ${where} IS NOT FALSE`})`;
}

/** Whether there is the row with a key that the whole statement looks up anyway; null where it does not. */
function emitFound({ table: name, variable, where }: RowsExpression, { catalogue, roots, overlay, lookUp }: SqlScope): string | null {
  if (where?.kind !== "compare" || where.op !== "=" || where.left.kind !== "path" || where.right.kind !== "path") return null;
  const [root, [given, ...beyond], key] = [roots[where.right.root], where.right.steps, tableOf(catalogue, name).key];
  const [column] = key;
  if (column === undefined || key.length > 1 || where.left.root !== variable || where.left.steps.join() !== column) return null;
  if (root?.kind !== "row" || given === undefined || beyond.length > 0 || overlay?.table === name) return null;
  const alias = nameOf(root.qualifier, given);
  const isShared = alias !== null && lookUp?.({ name: alias, table: name, column, key: root.qualifier + quote(given) }) === true;
  return isShared ? `(${quote(alias)}.${quote(column)} IS NOT NULL)` : null;
}

function emitAggregate({ function: name, of, rows }: Extract<Expression, { kind: "aggregate" }>, scope: SqlScope): string {
  const { from, where, inner } = emitSource(rows, [of], scope);
  // An aggregate over columns of an outer query alone would be that query's.
  const value = emitExpression(of, { ...inner, lookUp: null });
  const source = `FROM ${from}${filter(where)}`;
  if (name !== "sum")
    return `(SELECT ${{ min: `min(${value})`, max: `max(${value})`, distinct: `count(DISTINCT ${value})` }[name]} ${source})`;
  if (isRealSum(of, inner) || isSmall(of, inner)) return `(SELECT coalesce(sum(${value}), 0) ${source})`;
  return of.kind === "path" ? emitExactSum(value, source) : emitExactSum('"v"', `FROM (SELECT ${value} AS "v" ${source})`);
}

/**
 * A sum of integers in two halves, so that it never leaves 64 bits on the way: SQLite's own would raise an error that no rule
 * has a name for. Where the sum itself does, or a value that was computed, it is NULL.
 */
function emitExactSum(value: string, source: string): string {
  const real = value === '"v"' ? `, count(CASE typeof("v") WHEN 'real' THEN 1 END) AS "r"` : "";
  const halves = `coalesce(sum(${value} >> 32), 0) AS "h", coalesce(sum(${value} & 4294967295), 0) AS "l"${real}`;
  const high = '("h" + ("l" >> 32))';
  const fits = `${high} BETWEEN -2147483648 AND 2147483647${real === "" ? "" : ' AND "r" = 0'}`;
  return `(SELECT CASE WHEN ${fits} THEN ${high} * 4294967296 + ("l" & 4294967295) END FROM (SELECT ${halves} ${source}))`;
}

function emitPick({ which, rows, by, steps }: Extract<Expression, { kind: "pick" }>, scope: SqlScope): string {
  const value: PathExpression = { kind: "path", root: rows.variable, steps };
  const { from, where, alias, table, inner } = emitSource(rows, [value, ...(by === null ? [] : [by])], scope);
  const direction = which === "last" ? " DESC" : "";
  const order = [...(by === null ? [] : [emitExpression(by, inner)]), ...table.key.map((name) => `${alias}.${quote(name)}`)];
  return `(SELECT ${emitExpression(value, inner)} FROM ${from}${filter(where)} ORDER BY ${order.map((term) => term + direction).join(", ")} LIMIT 1)`;
}

function filter(where: string | null): string {
  return where === null ? "" : ` WHERE ${where}`;
}

/** SQLite divides towards zero; the sign is made explicit. Division by zero, and of what is no integer of 64 bits, is NULL. */
function emitDivision({ rounding, dividend, divisor }: Extract<Expression, { kind: "divide" }>, scope: SqlScope): string {
  const [left, right] = [emitDivided(dividend, scope), emitDivided(divisor, scope)];
  const isColumn = scope.form === "column";
  const [a, b] = isColumn ? [left, right] : ['"a"', '"b"'];
  const value = {
    floor: `${a} / ${b} - (${a} % ${b} <> 0 AND (${a} < 0) <> (${b} < 0))`,
    ceil: `${a} / ${b} + (${a} % ${b} <> 0 AND (${a} < 0) = (${b} < 0))`,
    round: `${a} / ${b} + (abs(${a} % ${b}) >= abs(${b}) - abs(${a} % ${b})) * (CASE WHEN (${a} < 0) = (${b} < 0) THEN 1 ELSE -1 END)`,
  }[rounding];
  const computed = [
    { of: dividend, sql: a },
    { of: divisor, sql: b },
  ].filter(({ of }) => walk(of).some(({ kind }) => kind === "arithmetic" || kind === "negate"));
  const known = computed.map(({ sql }) => `typeof(${sql}) = 'integer'`).join(" AND ");
  if (isColumn) return known === "" ? `(${value})` : `(CASE WHEN ${known} THEN ${value} END)`;
  return `(SELECT ${value} FROM (SELECT ${left} AS "a", ${right} AS "b")${known === "" ? "" : ` WHERE ${known}`})`;
}

function emitDivided(of: Expression, scope: SqlScope): string {
  const sql = emitExpression(of, scope);
  return of.kind === "literal" ? sql : `nullif(${sql}, ${SMALLEST})`;
}

/** Up to two literals stay a list; more would open a table at every firing, so they become comparisons. */
function emitIn({ operand, values }: Extract<Expression, { kind: "in" }>, scope: SqlScope): string {
  const value = emitExpression(operand, scope);
  if (values.length <= 2) return `(${value} IN (${values.map(quoteLiteral).join(", ")}))`;
  const isColumn = operand.kind === "path" && operand.steps.length === 1 && scope.roots[operand.root] !== undefined;
  if (isColumn) return `(${values.map((listed) => `${value} = ${quoteLiteral(listed)}`).join(" OR ")})`;
  return `(SELECT ${values.map((listed) => `"v" = ${quoteLiteral(listed)}`).join(" OR ")} FROM (SELECT ${value} AS "v"))`;
}

/** Whether going up by a column, once or more, leads from one row to another; unknown where either is. UNION ends a ring. */
function emitReaches({ from, column, to }: Extract<Expression, { kind: "reaches" }>, scope: SqlScope): string {
  const table = tableOf(scope.catalogue, reachedTable(from, scope));
  const source = emitTable(table, [column], scope);
  const [key, up, start, end] = [quote(table.key[0] ?? ""), quote(column), emitExpression(from, scope), emitExpression(to, scope)];
  const climb = `WITH RECURSIVE "up"("k") AS (SELECT "p".${up} FROM ${source} AS "p" WHERE "p".${key} = ${start} UNION SELECT "p".${up} FROM "up" JOIN ${source} AS "p" ON "p".${key} = "up"."k")`;
  return `(CASE WHEN ${start} IS NULL OR ${end} IS NULL THEN NULL ELSE EXISTS (${climb} SELECT 1 FROM "up" WHERE "k" = ${end}) END)`;
}

/** The table whose key the path in a `reaches` names. */
function reachedTable(from: Expression, { roots, catalogue }: SqlScope): string {
  if (from.kind !== "path") return "";
  let table = tableOf(catalogue, roots[from.root]?.table ?? catalogue.actor?.table ?? "");
  for (const step of from.steps) table = tableOf(catalogue, columnOf(table, step).references ?? table.name);
  return table.name;
}

/** SQL of the sheet's own with NEW, OLD and the written table as they are here. */
export function emitSql({ pieces }: SqlExpression, scope: SqlScope, condition = "TRUE"): string {
  return pieces
    .map((piece) => {
      switch (piece.kind) {
        case "text":
          return piece.text;
        case "condition":
          return condition;
        case "context":
          return emitContextPath(piece.column, [], scope);
        case "column":
          return emitPath({ kind: "path", root: piece.root, steps: [piece.column] }, scope);
        case "table": {
          const table = tableOf(scope.catalogue, piece.table);
          if (scope.overlay?.table !== table.name) return quote(table.name);
          const source = emitTable(
            table,
            table.columns.map(({ name }) => name),
            scope,
          );
          return piece.alias === null ? source : `${source} AS ${quote(piece.alias)}`;
        }
      }
    })
    .join("");
}

/** True while an effect's cause has not yet got its mark: never for a client's own statement. */
function emitDue(effects: readonly string[], { causes, catalogue }: SqlScope): string {
  const tables = [...new Set(effects.flatMap((effect) => causes[effect] ?? []))].map((name) => tableOf(catalogue, name));
  if (tables.length === 0) return "FALSE";
  return `(${tables.map((table) => `EXISTS (SELECT 1 FROM ${quote(table.name)} WHERE ${emitPending(table, "")})`).join(" OR ")})`;
}

/** The condition that effects of a row's last event are still due; the qualifier ends in a dot or is empty. */
export function emitPending({ marks }: CatalogueTable, qualifier: string): string {
  const terms = marks.map(({ column, of }) => `${qualifier}${quote(column)} IS NOT ${of === null ? "'created'" : qualifier + quote(of)}`);
  return terms.length === 1 ? (terms[0] ?? "") : `(${terms.join(" OR ")})`;
}
