/**
 * Snapshots: a state as the bytes of a SQLite file, the same bytes for the same state whatever led to it.
 *
 * A file that SQLite itself saves shows its history in its page layout; so every snapshot is written anew into a fresh
 * database with fixed pragmas: tables as declared, rows in key order, indexes, then triggers.
 */
import { createHash } from "node:crypto";
import Database from "better-sqlite3";
import { encodeValues } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import { oncePer } from "../core/memo.js";
import type { Value } from "../core/values.js";

/** An open database whose integers are read as bigint. */
export type Db = Database.Database;

type StoredTable = { readonly name: string; readonly columns: readonly string[]; readonly key: readonly string[] };

const fixedPragmas = ["page_size = 4096", "auto_vacuum = NONE", "encoding = 'UTF-8'", "user_version = 0", "application_id = 0"] as const;

/**
 * The canonical file of the state: equal schema and equal rows give equal bytes. Hidden rowids of tables whose key is
 * no rowid alias are assigned anew.
 */
export function writeSnapshot(db: Db): Buffer {
  const fresh = new Database(":memory:");
  try {
    for (const pragma of fixedPragmas) fresh.pragma(pragma);
    fresh.pragma("foreign_keys = OFF");
    fresh.prepare("BEGIN").run();
    for (const sql of schemaOf(db, "table")) fresh.prepare(sql).run();
    for (const table of storedTables(db)) copyRows(db, fresh, table);
    copySequence(db, fresh);
    for (const kind of ["index", "view", "trigger"] as const) for (const sql of schemaOf(db, kind)) fresh.prepare(sql).run();
    fresh.prepare("COMMIT").run();
    return fresh.serialize();
  } finally {
    fresh.close();
  }
}

/**
 * Opens a snapshot in memory, foreign keys on and recursive triggers off; the bytes given are not changed by writes.
 * @throws {Error} If the bytes are no SQLite file.
 */
export function openSnapshot(bytes: Buffer, options: { readonly readonly?: boolean } = {}): Db {
  const db = new Database(bytes, { readonly: options.readonly ?? false });
  prepareConnection(db);
  return db;
}

/** Sets a connection up as every session has it: integers read as bigint, foreign keys on, recursive triggers off. */
export function prepareConnection(db: Db): void {
  db.defaultSafeIntegers(true);
  for (const pragma of ["foreign_keys = ON", "recursive_triggers = OFF", "trusted_schema = OFF", "temp_store = MEMORY"]) db.pragma(pragma);
}

/**
 * A statement that answers rows as arrays of exact values, kept as long as its connection: for texts of our own making, which are
 * as many as tables and columns. It is not to be iterated, since whoever else asked for it could not use it then.
 */
export function prepareKept(db: Db, sql: string): Database.Statement<Value[], Value[]> {
  const known = statementsOf(db);
  const statement = known.get(sql) ?? db.prepare<Value[], Value[]>(sql).safeIntegers(true).raw(true);
  known.set(sql, statement);
  return statement;
}

const statementsOf = oncePer((_: Db) => new Map<string, Database.Statement<Value[], Value[]>>());

/** SHA-256, in hex, over every table's rows in key order with their storage classes; −0.0 counts as 0.0. */
export function stateDigest(db: Db): string {
  const hash = createHash("sha256");
  for (const table of storedTables(db)) {
    hash.update(`${JSON.stringify([table.name, ...table.columns])}\n`);
    for (const row of rowsOf(db, table)) hash.update(`${encodeValues(row)}\n`);
  }
  return hash.digest("hex");
}

/** The statements that made the objects of one kind, in the order in which they were made. */
export function schemaOf(db: Db, kind: SchemaObject["kind"]): readonly string[] {
  return schemaObjects(db).flatMap((object) => (object.kind === kind ? [object.sql] : []));
}

type SchemaObject = { readonly kind: "table" | "index" | "view" | "trigger"; readonly sql: string };

/** Every object that a statement made, with it, in the order in which they were made. */
export function schemaObjects(db: Db): readonly SchemaObject[] {
  const statement = db.prepare<[], SchemaObject>(
    "SELECT type AS kind, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
  );
  return statement.all();
}

function storedTables(db: Db): readonly StoredTable[] {
  const names = db
    .prepare<[], string>(
      "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .pluck()
    .all();
  return names.map((name) => storedTable(db, name));
}

function storedTable(db: Db, name: string): StoredTable {
  const columns = db
    .prepare<[string], { name: string; pk: number }>("SELECT name, pk FROM pragma_table_xinfo(?, 'main') WHERE hidden = 0 ORDER BY cid")
    .safeIntegers(false)
    .all(name);
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  return { name, columns: columns.map((column) => column.name), key: key.map((column) => column.name) };
}

function rowsOf(db: Db, table: StoredTable): Iterable<Value[]> {
  const columns = table.columns.map(quoteIdentifier).join(", ");
  // A table without a key is a multiset: ordering by every column puts equal rows side by side.
  const order = (table.key.length > 0 ? table.key : table.columns).map((column) => `${quoteIdentifier(column)} COLLATE BINARY`).join(", ");
  const statement = db.prepare<[], Value[]>(`SELECT ${columns} FROM main.${quoteIdentifier(table.name)} ORDER BY ${order}`);
  return eachRow(statement.safeIntegers(true).raw(true), isLong(db, table.name));
}

/** Rows read at once at most: stepping takes several times as long a row, and reading at once takes memory. */
const longTable = 20_000;

/** Bytes of a database in which no table counts as long. */
const shortBytes = 4n << 20n;

/** Whether a table is too long to be read at once. */
export function isLong(db: Db, table: string): "long" | "short" {
  const [bytes] = prepareKept(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").get() ?? [];
  if (BigInt(String(bytes ?? 0)) <= shortBytes) return "short";
  const past = db.prepare(`SELECT 1 FROM main.${quoteIdentifier(table)} LIMIT 1 OFFSET ${longTable}`).get();
  return past === undefined ? "short" : "long";
}

/** The rows of a statement without parameters, one after another. */
export function eachRow<Row>(
  statement: { readonly all: () => Row[]; readonly iterate: () => IterableIterator<Row> },
  length: "long" | "short",
): Iterable<Row> {
  return length === "short" ? statement.all() : statement.iterate();
}

function copyRows(from: Db, to: Db, table: StoredTable): void {
  const columns = table.columns.map(quoteIdentifier).join(", ");
  const marks = table.columns.map(() => "?").join(", ");
  const insert = to.prepare<Value[]>(`INSERT INTO ${quoteIdentifier(table.name)} (${columns}) VALUES (${marks})`);
  for (const row of rowsOf(from, table)) insert.run(...row);
}

/** AUTOINCREMENT's own table, which an import may have: its next keys are part of how the environment behaves. */
function copySequence(from: Db, to: Db): void {
  const present = from.prepare("SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'").get();
  if (present === undefined) return;
  to.prepare("DELETE FROM sqlite_sequence").run();
  const insert = to.prepare<[string, bigint]>("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)");
  const rows = from.prepare<[], [string, bigint]>("SELECT name, seq FROM main.sqlite_sequence ORDER BY name").safeIntegers(true).raw(true);
  for (const row of rows.iterate()) insert.run(...row);
}
