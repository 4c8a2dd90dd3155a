/**
 * Rows laid down as a state: into the bare tables, before the triggers are created, then checked as a whole.
 *
 * What a row leaves out is filled as the engine would have: keys chosen by the database, defaults, the first state, stamps
 * from the context, counters from their count, marks as after their effects.
 */
import Database from "better-sqlite3";
import { type Catalogue, type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE, findColumn } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { quoteIdentifier } from "../core/identifier.js";
import { brokenInvariants, counterSql } from "./invariants.js";
import type { CounterEffect } from "../compile/normal-form.js";
import { type Db, prepareConnection } from "./snapshot.js";
import type { Row, Rows, Value } from "../core/values.js";

/** The context row: the clock in steps; sealed unless said; the user (whose evidence is read from the rows); the agent's desk. */
export type LayContext = { readonly now: bigint; readonly sealed?: boolean; readonly actor?: Value; readonly desk?: string };

/** What is wrong with rows: `path` as in `table[2].column`; of a broken invariant also the rule. */
export type RowProblem = { readonly path: string; readonly table: string; readonly rule?: string; readonly message: string };

/** Rows that make no state of the environment. */
export class RowsError extends Error {
  override readonly name = "RowsError";
  readonly problems: readonly RowProblem[];

  constructor(problems: readonly RowProblem[]) {
    super(
      `Cannot lay rows: ${problems.map(({ path, rule, message }) => `${path}: ${rule === undefined ? "" : `${rule}: `}${message}`).join("; ")}`,
    );
    this.problems = problems;
  }
}

/**
 * A database in memory with the schema, these rows, the context row and the triggers. Integers may be given as bigint or as a
 * number without fraction.
 * @throws {RowsError} If a row does not fit its table, or the state breaks an invariant; every problem is listed.
 */
export function layRows(compiled: Compiled, rows: Rows, context: LayContext): Db {
  const faults = checkRows(compiled.catalogue, rows);
  if (faults.length > 0) throw new RowsError(faults);
  const db = new Database(":memory:");
  try {
    prepareConnection(db);
    fill(db, compiled, { rows, context });
    const broken = brokenInvariants(db, compiled);
    if (broken.length > 0)
      throw new RowsError(broken.map(({ rule, table, key, message }) => ({ path: pathOf(table, key), table, rule, message })));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function fill(
  db: Db,
  { schemaSql, triggerSql, catalogue, normal }: Compiled,
  laid: { readonly rows: Rows; readonly context: LayContext },
): void {
  db.pragma("foreign_keys = OFF");
  db.prepare("BEGIN").run();
  for (const sql of schemaSql) db.prepare(sql).run();
  const tables = Object.values(catalogue.tables);
  const context = { ...laid.context, desk: laid.context.desk ?? catalogue.actor?.desk ?? null };
  const rows = new Map(
    tables.map((table) => [
      table.name,
      (laid.rows[table.name] ?? []).map((row, index) => ({ row, rowid: insertRow(db, table, { row, index, context }) })),
    ]),
  );
  for (const effect of normal.effects)
    if (effect.kind === "counter") countAbsent(db, catalogue, { counter: effect, rows: rows.get(effect.table) ?? [] });
  for (const table of tables) setMarks(db, table);
  insertContext(db, catalogue, context);
  for (const sql of triggerSql) db.prepare(sql).run();
  db.prepare("COMMIT").run();
  db.pragma("foreign_keys = ON");
}

function checkRows(catalogue: Catalogue, rows: Rows): readonly RowProblem[] {
  return Object.entries(rows).flatMap(([name, list]) => {
    const table = Object.hasOwn(catalogue.tables, name) ? catalogue.tables[name] : undefined;
    if (table === undefined) return [{ path: name, table: name, message: "there is no such table" }];
    return list.flatMap((row, index) =>
      checkRow(table, row).map(({ column, message }) => ({ path: `${name}[${index}].${column}`, table: name, message })),
    );
  });
}

type ColumnFault = { readonly column: string; readonly message: string };

function checkRow(table: CatalogueTable, row: Row): readonly ColumnFault[] {
  const unknown = Object.keys(row).filter((name) => findColumn(table, name) === undefined);
  return [
    ...unknown.map((column) => ({ column, message: `there is no such column in "${table.name}"` })),
    ...table.columns.flatMap((column) => {
      const value = row[column.name];
      if (value === undefined) return isFilled(column) ? [] : [{ column: column.name, message: "a value is required" }];
      if (column.insert.kind === "derived") return [{ column: column.name, message: "the value is derived and cannot be given" }];
      const fault =
        storable(column, value) === undefined ? `expected ${column.nullable ? "NULL or " : ""}${typeNames[column.type]}` : undefined;
      return fault === undefined ? [] : [{ column: column.name, message: fault }];
    }),
  ];
}

const typeNames = { integer: "an integer", real: "a number", text: "text" } as const;

function isFilled({ nullable, default: value, insert }: CatalogueColumn): boolean {
  return nullable || value !== undefined || (insert.kind !== "agent" && insert.kind !== "system" && insert.kind !== "user");
}

/** The value as the column stores it; undefined where it has another type. */
function storable({ type, nullable }: CatalogueColumn, value: Value): Value | undefined {
  if (value === null) return nullable ? null : undefined;
  switch (type) {
    case "integer":
      return typeof value === "bigint" ? value : typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case "real":
      return typeof value === "bigint" ? Number(value) : typeof value === "number" ? value : undefined;
    case "text":
      return typeof value === "string" && !value.includes("\0") ? value : undefined;
  }
}

type ResolvedContext = Omit<LayContext, "desk"> & { readonly desk: string | null };

/** Inserts one row and returns its rowid. */
function insertRow(
  db: Db,
  table: CatalogueTable,
  { row, index, context }: { readonly row: Row; readonly index: number; readonly context: ResolvedContext },
): bigint {
  const given = table.columns.flatMap((column): readonly (readonly [string, Value])[] => {
    const value = row[column.name];
    const stored = value === undefined ? fillColumn(table, column, context) : storable(column, value);
    return stored === undefined ? [] : [[column.name, stored]];
  });
  const columns = given.map(([name]) => quoteIdentifier(name)).join(", ");
  const values = given.length === 0 ? "DEFAULT VALUES" : `(${columns}) VALUES (${given.map(() => "?").join(", ")})`;
  try {
    return BigInt(
      db.prepare(`INSERT INTO ${quoteIdentifier(table.name)} ${values}`).run(...given.map(([, value]) => value)).lastInsertRowid,
    );
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    throw new RowsError([{ path: `${table.name}[${index}]`, table: table.name, message: error.message }]);
  }
}

/** What the engine would have put into a column that the row leaves out; undefined: the table's own default, or nothing. */
function fillColumn(table: CatalogueTable, { insert, default: value }: CatalogueColumn, context: ResolvedContext): Value | undefined {
  switch (insert.kind) {
    case "clock":
      return context.now;
    case "desk":
      return context.desk;
    case "start":
      return table.states?.start[0];
    case "counter":
      return 0n;
    case "user":
    case "derived":
    case "key":
    case "mark":
      return undefined;
    case "agent":
    case "system":
      return value;
  }
}

/** A counter that a row leaves out is counted, once every row is there; one that it gives stays, to be checked. */
function countAbsent(
  db: Db,
  catalogue: Catalogue,
  { counter, rows }: { readonly counter: CounterEffect; readonly rows: readonly { readonly row: Row; readonly rowid: bigint }[] },
): void {
  const absent = rows.filter(({ row }) => row[counter.column] === undefined);
  if (absent.length === 0) return;
  const set = `${quoteIdentifier(counter.column)} = ${counterSql(catalogue, counter, '"owner".')}`;
  const update = db.prepare<[bigint]>(`UPDATE ${quoteIdentifier(counter.table)} AS "owner" SET ${set} WHERE "owner"._rowid_ = ?`);
  for (const { rowid } of absent) update.run(rowid);
}

function setMarks(db: Db, { name, marks }: CatalogueTable): void {
  if (marks.length === 0) return;
  const set = marks.map(({ column, of }) => `${quoteIdentifier(column)} = ${of === null ? "'created'" : quoteIdentifier(of)}`).join(", ");
  db.prepare(`UPDATE ${quoteIdentifier(name)} SET ${set}`).run();
}

function insertContext(db: Db, { context: table, actor }: Catalogue, { now, sealed, actor: user, desk }: ResolvedContext): void {
  const evidence = actor === null || user === undefined || user === null ? {} : evidenceOf(db, actor, user);
  const values: Row = {
    id: 1n,
    now,
    sealed: sealed === false ? 0n : 1n,
    desk,
    transferred: 0n,
    ...(actor !== null && { actor: user ?? null }),
    ...evidence,
  };
  const names = Object.keys(values).filter((name) => findColumn(table, name) !== undefined);
  db.prepare(`DELETE FROM ${CONTEXT_TABLE}`).run();
  db.prepare(`INSERT INTO ${CONTEXT_TABLE} (${names.map(quoteIdentifier).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`).run(
    ...names.map((name) => values[name] ?? null),
  );
}

/** The evidence columns of the context as the user's own row has them; empty where there is no such user. */
export function evidenceOf(db: Db, { table, key, evidence }: NonNullable<Catalogue["actor"]>, user: Value): Row {
  const columns = evidence.map(quoteIdentifier).join(", ");
  const row = db
    .prepare<[Value], Value[]>(`SELECT ${columns} FROM ${quoteIdentifier(table)} WHERE ${quoteIdentifier(key)} = ?`)
    .safeIntegers(true)
    .raw(true)
    .get(user);
  return row === undefined ? {} : Object.fromEntries(evidence.map((column, i) => [`evidence_${column}`, row[i] ?? null]));
}

function pathOf(table: string, key: Row | null): string {
  return key === null
    ? table
    : `${table}[${Object.entries(key)
        .map(([column, value]) => `${column}=${String(value)}`)
        .join(",")}]`;
}
