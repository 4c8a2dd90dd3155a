/**
 * How a state is looked at when two states are compared: tables, columns, keys and references, read from the SQL catalogue,
 * and the class of every column, given as a map; so compiled and imported environments are seen alike.
 *
 * A surrogate is a rowid alias (`INTEGER PRIMARY KEY`) of class `technical`, which is its default, that is no foreign key.
 * Every other key is natural: its values count, whatever the class of its columns; one that holds a NULL identifies nothing, so
 * that rows with such a key are compared by content.
 */
import Database from "better-sqlite3";
import type { Engine } from "../compile/compile-sheet.js";
import type { Catalogue } from "../core/catalogue.js";
import { oncePer } from "../core/memo.js";
import { affinityOf } from "../engine/sql-affinity.js";
import type { KeyColumn } from "./reference-key.js";

/** `business` is compared, `text` as empty or not, `technical` and `provenance` not at all. */
export type ColumnClass = "business" | "text" | "technical" | "provenance";

/** `"table.column"` to class; what is absent has its default. */
export type ColumnClasses = Readonly<Record<string, ColumnClass>>;

/** A declared foreign key: columns of this table (by position), the table it points at (by position), and its columns there. */
export type Reference = {
  readonly from: readonly number[];
  readonly table: number;
  readonly to: readonly number[];
  /** What the columns there make of the values compared with them. */
  readonly keyColumns: readonly KeyColumn[];
};

export type TableView = {
  readonly name: string;
  readonly columns: readonly string[];
  /** By column: compared by value, as empty or not, as the row's own renamed key, or not at all. */
  readonly compared: readonly ("value" | "text" | "self" | "none")[];
  /** Positions of the key's columns; empty when the table has no key and is compared by content. */
  readonly key: readonly number[];
  readonly surrogate: number | null;
  /** The name that reads the rowid; null for WITHOUT ROWID tables and where columns hide all its names. */
  readonly rowid: string | null;
  readonly references: readonly Reference[];
};

export type StateView = { readonly tables: readonly TableView[] };

/** The classes of a compiled environment's columns, the context table's among them. */
export function classesOf({ tables, context }: Catalogue): ColumnClasses {
  return Object.fromEntries(
    [...Object.values(tables), context].flatMap((table) => table.columns.map((column) => [`${table.name}.${column.name}`, column.class])),
  );
}

/** The view of every database of an environment. */
export const viewOfEngine = oncePer(({ catalogue, schemaSql }: Engine): StateView => {
  const db = new Database(":memory:");
  try {
    for (const sql of schemaSql) db.prepare(sql).run();
    return viewOf(db, classesOf(catalogue));
  } finally {
    db.close();
  }
});

type SqlColumn = { readonly name: string; readonly type: string; readonly pk: number };
type SqlTable = { readonly name: string; readonly wr: number; readonly strict: number; readonly columns: readonly SqlColumn[] };

/**
 * The view of a database's main schema; tables and their columns in catalogue order, tables sorted by name.
 *
 * @throws {TypeError} If `classes` names a column that the database lacks.
 */
export function viewOf(db: Database.Database, classes: ColumnClasses): StateView {
  const tables = catalogueTables(db);
  refuseUnknown(tables, classes);
  return { tables: tables.map((table) => tableView(db, tables, { table, classes })) };
}

function catalogueTables(db: Database.Database): readonly SqlTable[] {
  const list = db
    .prepare(
      "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .safeIntegers(false)
    .all() as { name: string; wr: number; strict: number }[]; // shape fixed by the SELECT
  const columns = db.prepare("SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid").safeIntegers(false);
  return list.map((table) => ({ ...table, columns: columns.all(table.name) as SqlColumn[] })); // as above
}

function refuseUnknown(tables: readonly SqlTable[], classes: ColumnClasses): void {
  const known = new Set(tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`)));
  for (const name of Object.keys(classes)) {
    if (!known.has(name)) throw new TypeError(`Cannot class column "${name}": the database has no such column`);
  }
}

function tableView(
  db: Database.Database,
  tables: readonly SqlTable[],
  { table, classes }: { readonly table: SqlTable; readonly classes: ColumnClasses },
): TableView {
  const names = table.columns.map((column) => column.name);
  const key = keyOf(table);
  const references = referencesOf(db, tables, table);
  const alias = rowidAlias(db, table);
  const surrogate =
    alias !== null &&
    !references.some((r) => r.from.includes(alias)) &&
    (classes[`${table.name}.${names[alias]}`] ?? "technical") === "technical"
      ? alias
      : null;
  const compared = names.map((name, i) => {
    if (i === surrogate) return "self" as const;
    const columnClass = key.includes(i) ? "business" : (classes[`${table.name}.${name}`] ?? "business");
    return columnClass === "business" ? ("value" as const) : columnClass === "text" ? ("text" as const) : ("none" as const);
  });
  return { name: table.name, columns: names, compared, key, surrogate, rowid: table.wr ? null : rowidName(names), references };
}

function keyOf(table: SqlTable): readonly number[] {
  return table.columns
    .map((column, i) => ({ i, pk: column.pk }))
    .filter((column) => column.pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map((column) => column.i);
}

/** A key that is no rowid alias has an index of origin "pk": `INTEGER PRIMARY KEY DESC` is one. @see https://sqlite.org/lang_createtable.html#rowid */
function rowidAlias(db: Database.Database, table: SqlTable): number | null {
  const key = keyOf(table);
  const [only] = key;
  if (table.wr || key.length !== 1 || only === undefined || table.columns[only]?.type.toUpperCase() !== "INTEGER") return null;
  const indexed = db.prepare("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'").get(table.name);
  return indexed === undefined ? only : null;
}

function rowidName(columns: readonly string[]): string | null {
  const taken = new Set(columns.map((name) => name.toLowerCase()));
  return ["rowid", "oid", "_rowid_"].find((name) => !taken.has(name)) ?? null;
}

function referencesOf(db: Database.Database, tables: readonly SqlTable[], table: SqlTable): readonly Reference[] {
  const rows = db
    .prepare('SELECT id, "table" AS target, "from" AS source, "to" AS aim FROM pragma_foreign_key_list(?) ORDER BY id, seq')
    .safeIntegers(false)
    .all(table.name) as { id: number; target: string; source: string; aim: string | null }[]; // shape fixed by the SELECT
  const ids = [...new Set(rows.map((row) => row.id))];
  return ids.flatMap((id) => {
    const group = rows.filter((row) => row.id === id);
    const index = tables.findIndex((other) => sameName(other.name, group[0]?.target ?? ""));
    const target = tables[index];
    if (target === undefined) return [];
    const implicit = keyOf(target);
    const from = group.map((row) => columnAt(table, row.source));
    const to = group.map((row, i) => (row.aim === null ? (implicit[i] ?? -1) : columnAt(target, row.aim)));
    return [...from, ...to].includes(-1) ? [] : [{ from, table: index, to, keyColumns: keyColumnsOf(db, target, to) }];
  });
}

/** The collations are those of the unique index that a foreign key needs; a rowid alias has none, and holds no text. */
function keyColumnsOf(db: Database.Database, target: SqlTable, to: readonly number[]): readonly KeyColumn[] {
  const rows = db
    .prepare(
      'SELECT l.name AS name, x.name AS "column", x.coll AS collation FROM pragma_index_list(?) l, pragma_index_xinfo(l.name) x ' +
        "WHERE l.\"unique\" AND NOT l.partial AND x.key ORDER BY l.origin = 'c', l.seq",
    )
    .all(target.name) as { name: string; column: string | null; collation: string }[]; // shape fixed by the SELECT
  const indexes = [...new Set(rows.map(({ name }) => name))].map((name) => rows.filter((row) => row.name === name));
  const isOfKey = (index: typeof rows) =>
    index.length === to.length && index.every(({ column }) => column !== null && to.includes(columnAt(target, column)));
  const index = indexes.find(isOfKey) ?? [];
  return to.map((i) => {
    const { name, type } = target.columns[i] ?? { name: "", type: "" };
    const affinity = target.strict && type.toUpperCase() === "ANY" ? "blob" : affinityOf(type);
    return { affinity, collation: index.find(({ column }) => column === name)?.collation ?? "BINARY" };
  });
}

function columnAt(table: SqlTable, name: string): number {
  return table.columns.findIndex((column) => sameName(column.name, name));
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
