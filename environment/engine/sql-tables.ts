/** The tables of a database as SQLite itself describes them: what an environment that was given as raw SQL is derived from. */
import { quoteIdentifier } from "../core/identifier.js";
import { foldName, keywordOf, type SqlToken, tokenizeSql } from "../sql/tokenize-sql.js";
import type { Db } from "./snapshot.js";

export interface SqlColumn {
  readonly name: string;
  /** The declared type as written; empty where there is none. */
  readonly type: string;
  readonly notNull: boolean;
  /** The default's expression as written, or null. */
  readonly default: string | null;
  readonly generated: boolean;
}

/** A declared foreign key; `target` is the table's name as it was created, null where there is no such table. */
export interface SqlForeignKey {
  readonly columns: readonly string[];
  readonly target: string | null;
  /** The name as the key has it. */
  readonly written: string;
  /** The columns pointed at, those of the target's key where the key names none; empty without a target. */
  readonly to: readonly string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

/** An index, those of PRIMARY KEY and UNIQUE among them; a column is null where it is an expression. */
export interface SqlIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly partial: boolean;
  readonly columns: readonly (string | null)[];
}

export interface SqlTable {
  readonly name: string;
  readonly strict: boolean;
  readonly withoutRowid: boolean;
  readonly columns: readonly SqlColumn[];
  /** In the order of the PRIMARY KEY; empty without one. */
  readonly key: readonly string[];
  /** The column that stands for the rowid, or null. */
  readonly alias: string | null;
  /** A name that reads the rowid and that no column has; null where there is none. */
  readonly rowid: string | null;
  readonly foreignKeys: readonly SqlForeignKey[];
  readonly indexes: readonly SqlIndex[];
  /** Whether some foreign key is checked no sooner than at a commit. */
  readonly deferred: boolean;
  readonly autoincrement: boolean;
  /** The words of its CREATE TABLE. */
  readonly tokens: readonly SqlToken[];
}

/** The tables of the main schema, in the order in which they were made. */
export function sqlTables(db: Db): readonly SqlTable[] {
  const list = db
    .prepare<[], { name: string; wr: number; strict: number; sql: string }>(
      `SELECT s.name, l.wr, l.strict, s.sql FROM main.sqlite_schema AS s JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = s.name
       WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.rowid`,
    )
    .safeIntegers(false)
    .all();
  const keys = new Map(list.map(({ name }) => [name, keyOf(columnsOf(db, name))]));
  return list.map(({ name, wr, strict, sql }): SqlTable => {
    const columns = columnsOf(db, name);
    const indexes = indexesOf(db, name);
    const key = keyOf(columns);
    const tokens = tokenizeSql(sql);
    const words = tokens.map(keywordOf);
    return {
      name,
      strict: strict === 1,
      withoutRowid: wr === 1,
      columns,
      key,
      alias: wr === 1 ? null : aliasOf(db, { name, columns, key }),
      rowid: wr === 1 ? null : rowidName(columns),
      foreignKeys: foreignKeysOf(db, name, keys),
      indexes,
      deferred: words.some((word, i) => word === "deferrable" && words[i - 1] !== "not" && words[i + 2] === "deferred"),
      autoincrement: words.includes("autoincrement"),
      tokens,
    };
  });
}

/** Whether every row has a value in the column. */
export function isNeverNull({ alias, withoutRowid, key }: SqlTable, { name, notNull }: SqlColumn): boolean {
  return notNull || name === alias || (withoutRowid && key.includes(name));
}

/** Whether two names are one to SQLite. */
export function sameName(a: string, b: string): boolean {
  return foldName(a) === foldName(b);
}

type PragmaColumn = SqlColumn & { readonly pk: number };

function columnsOf(db: Db, table: string): readonly PragmaColumn[] {
  return db
    .prepare<[string], [name: string, type: string, notNull: number, default_: string | null, pk: number, hidden: number]>(
      "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1 ORDER BY cid",
    )
    .safeIntegers(false)
    .raw(true)
    .all(table)
    .map(([name, type, notNull, defaultSql, pk, hidden]) => ({
      name,
      type,
      notNull: notNull === 1,
      default: defaultSql,
      generated: hidden !== 0,
      pk,
    }));
}

function keyOf(columns: readonly PragmaColumn[]): readonly string[] {
  return columns
    .filter(({ pk }) => pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map(({ name }) => name);
}

/** A key that is no rowid alias has an index of origin "pk". @see https://sqlite.org/lang_createtable.html#rowid */
function aliasOf(db: Db, { name, columns, key }: Pick<SqlTable, "name" | "columns" | "key">): string | null {
  const [only] = key;
  const type = columns.find((column) => column.name === only)?.type;
  if (key.length !== 1 || only === undefined || type?.toUpperCase() !== "INTEGER") return null;
  const indexed = db.prepare("SELECT 1 FROM pragma_index_list(?, 'main') WHERE origin = 'pk'").get(name);
  return indexed === undefined ? only : null;
}

function rowidName(columns: readonly SqlColumn[]): string | null {
  return ["rowid", "oid", "_rowid_"].find((name) => !columns.some((column) => sameName(column.name, name))) ?? null;
}

type PragmaForeignKey = { id: number; target: string; source: string; aim: string | null; on_delete: string; on_update: string };

function foreignKeysOf(db: Db, table: string, keys: ReadonlyMap<string, readonly string[]>): readonly SqlForeignKey[] {
  const rows = db
    .prepare<[string], PragmaForeignKey>(
      `SELECT id, "table" AS target, "from" AS source, "to" AS aim, on_delete, on_update FROM pragma_foreign_key_list(?, 'main') ORDER BY id DESC, seq`,
    )
    .safeIntegers(false)
    .all(table);
  return [...new Set(rows.map(({ id }) => id))].flatMap((id) => {
    const group = rows.filter((row) => row.id === id);
    const [first] = group;
    if (first === undefined) return [];
    const found = [...keys].find(([name]) => sameName(name, first.target));
    const to = found === undefined ? [] : group.map(({ aim }, i) => aim ?? found[1][i] ?? "");
    const columns = group.map(({ source }) => source);
    const actions = { onDelete: first.on_delete, onUpdate: first.on_update };
    return [{ columns, target: found?.[0] ?? null, written: first.target, to, ...actions }];
  });
}

function indexesOf(db: Db, table: string): readonly SqlIndex[] {
  const list = db
    .prepare<[string], { name: string; unique: number; partial: number }>(
      "SELECT name, \"unique\", partial FROM pragma_index_list(?, 'main') ORDER BY name",
    )
    .safeIntegers(false)
    .all(table);
  const columns = db.prepare<[string], string | null>("SELECT name FROM pragma_index_info(?, 'main') ORDER BY seqno").pluck();
  return list.map(({ name, unique, partial }) => ({ name, unique: unique === 1, partial: partial === 1, columns: columns.all(name) }));
}

/** The storage classes of the values in a column. */
export function storedClasses(db: Db, table: string, column: string): ReadonlySet<string> {
  const name = quoteIdentifier(column);
  return new Set(
    db
      .prepare<[], string>(`SELECT DISTINCT typeof(${name}) FROM main.${quoteIdentifier(table)} WHERE ${name} IS NOT NULL`)
      .pluck()
      .all(),
  );
}
