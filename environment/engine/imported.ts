/**
 * An environment whose rules are opaque, since it was given as raw SQL: a catalogue read from its database, and a normal form
 * that holds the guards of the context table alone.
 *
 * Every table has the tools to query, insert and update, whatever its triggers refuse. Types that tools know are decided here:
 * the declared affinity, else what the column's name for its type says unless the stored rows say otherwise (docs/import.md).
 */
import {
  CONTEXT_TABLE,
  type Catalogue,
  type CatalogueColumn,
  type CatalogueTable,
  type InsertSource,
  type UpdateRule,
} from "../core/catalogue.js";
import type { Engine } from "../compile/compile-sheet.js";
import { emitGuards } from "../compile/emit-guards.js";
import { emitTables } from "../compile/emit-tables.js";
import { contextGuards } from "../compile/kinds/context.js";
import type { NormalForm } from "../compile/normal-form.js";
import { contextTable } from "../sheet/resolve-catalogue.js";
import { keywordOf, tokenizeSql } from "../sql/tokenize-sql.js";
import { type Db, schemaOf } from "./snapshot.js";
import { jsonTypeOf } from "./sql-affinity.js";
import { type SqlColumn, type SqlTable, sameName, sqlTables, storedClasses } from "./sql-tables.js";
import { timeColumns } from "./time-columns.js";

/** An imported environment; it has no sheet. */
export interface Imported extends Engine {
  readonly sheet?: never;
}

/** `"table.column"` to class, as `columns.json` has it; a column that is absent has its default. */
export type DeclaredClasses = Readonly<Record<string, CatalogueColumn["class"]>>;

/** What an import gets beside its own SQL, to be run in this order: the context table, the row of a new conversation, its guards. */
export const contextSql = makeContext();

/**
 * The environment of a database that was made from raw SQL and has the context table.
 *
 * @throws {RangeError} If a table has no key and its columns hide the rowid, or a class is that of no column.
 */
export function importedEngine(db: Db, classes: DeclaredClasses): Imported {
  const tables = sqlTables(db);
  refuseUnknown(tables, classes);
  const own = tables.filter(({ name }) => name !== CONTEXT_TABLE);
  const timed = timeColumns(own, schemaOf(db, "trigger"));
  const catalogue: Catalogue = {
    ...emptyCatalogue(),
    tables: Object.fromEntries(own.map((table) => [table.name, importedTable(db, { table, tables, classes, timed })])),
  };
  return {
    clauses: {},
    catalogue,
    normal: contextSql.normal,
    schemaSql: [...schemaOf(db, "table"), ...schemaOf(db, "index")],
    triggerSql: schemaOf(db, "trigger"),
  };
}

/** Every column's class, the defaults written out: what an environment folder has as `columns.json`. */
export function writtenClasses({ tables, context }: Catalogue): DeclaredClasses {
  return Object.fromEntries(
    [...Object.values(tables), context].flatMap((table) => table.columns.map((column) => [`${table.name}.${column.name}`, column.class])),
  );
}

function emptyCatalogue(): Catalogue {
  return { mode: "columns", actor: null, ladders: {}, tables: {}, context: contextTable({}, null) };
}

function makeContext(): {
  readonly table: string;
  readonly row: string;
  readonly triggers: readonly string[];
  readonly normal: NormalForm;
} {
  const catalogue = emptyCatalogue();
  const normal: NormalForm = { guards: contextGuards(catalogue, null, []), effects: [] };
  return {
    table: emitTables(catalogue)[0] ?? "",
    row: `INSERT INTO ${CONTEXT_TABLE} (id, now, sealed) VALUES (1, 0, 1)`,
    triggers: emitGuards(catalogue, normal, catalogue.context),
    normal,
  };
}

function refuseUnknown(tables: readonly SqlTable[], classes: DeclaredClasses): void {
  const known = new Set(tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`)));
  for (const name of Object.keys(classes)) {
    if (!known.has(name)) throw new RangeError(`Cannot class column "${name}": there is no such column`);
  }
}

type Source = {
  readonly table: SqlTable;
  readonly tables: readonly SqlTable[];
  readonly classes: DeclaredClasses;
  readonly timed: ReadonlySet<string>;
};

function importedTable(db: Db, source: Source): CatalogueTable {
  const { table } = source;
  if (table.key.length === 0 && table.rowid === null)
    throw new RangeError(`Cannot address rows of "${table.name}": it has no key, and columns named rowid, oid and _rowid_ hide its own`);
  const surrogate = surrogateOf(source);
  const columns = table.columns.map((column) => importedColumn(db, { ...source, column, isSurrogate: column.name === surrogate }));
  const isWritten = columns.every(
    (column, i) => column.unit !== "blob" || column.nullable || table.columns[i]?.default !== null || table.columns[i].generated,
  );
  return {
    name: table.name,
    label: `row of ${table.name}`,
    plural: `rows of ${table.name}`,
    layer: "L2",
    columns,
    key: table.key,
    surrogate: surrogate !== null,
    rowid: table.key.length === 0 ? table.rowid : null,
    deferred: table.deferred,
    create: isWritten ? { by: "agent", phrase: `add to ${table.name}` } : null,
    states: null,
    live: { states: null, until: null },
    unique: [],
    marks: [],
    clauses: [],
  };
}

/** A rowid alias that is no foreign key and whose class is `technical`, its default; the comparison decides alike. */
function surrogateOf({ table, classes }: Source): string | null {
  const { alias } = table;
  if (alias === null || table.foreignKeys.some(({ columns }) => columns.some((column) => sameName(column, alias)))) return null;
  return (classes[`${table.name}.${alias}`] ?? "technical") === "technical" ? alias : null;
}

type ColumnSource = Source & { readonly column: SqlColumn; readonly isSurrogate: boolean };

function importedColumn(db: Db, source: ColumnSource): CatalogueColumn {
  const { table, column, classes, timed, isSurrogate } = source;
  const isKey = table.key.includes(column.name);
  const { type, unit } = jsonTypeOf(column.type, { strict: table.strict, stored: () => storedClasses(db, table.name, column.name) });
  const columnClass = classes[`${table.name}.${column.name}`] ?? (isSurrogate ? "technical" : "business");
  const nullable = !column.notNull && !(isKey && (table.withoutRowid || column.name === table.alias));
  const isFilled =
    column.generated || unit === "blob" || isClock(column) || (columnClass === "technical" && (nullable || column.default !== null));
  const insertArgument = insertArgumentOf(source, nullable, isFilled ? "engine" : "agent");
  return {
    name: column.name,
    type,
    label: column.name.replaceAll("_", " "),
    unit,
    step: null,
    class: columnClass,
    visible: true,
    nullable,
    nullMeaning: nullable ? "none" : null,
    values: null,
    min: null,
    max: null,
    maxLength: null,
    format: null,
    references: referenceOf(source),
    default: undefined,
    insert: insertSource(insertArgument, isSurrogate ? "key" : "system"),
    update: updateRule(isKey ? "fixed" : isFilled ? "system" : "agent"),
    quoted: false,
    ...(timed.has(`${table.name}.${column.name}`) && { timed: true }),
    clauses: [],
    insertArgument,
    updateArgument: !isKey && !isFilled,
  };
}

function insertArgumentOf(
  { table, column, isSurrogate }: ColumnSource,
  nullable: CatalogueColumn["nullable"],
  by: "agent" | "engine",
): CatalogueColumn["insertArgument"] {
  if (isSurrogate || column.generated) return "none";
  if (table.key.includes(column.name)) return "required";
  if (by === "engine") return "none";
  return nullable || column.default !== null ? "optional" : "required";
}

function insertSource(argument: CatalogueColumn["insertArgument"], otherwise: "key" | "system"): InsertSource {
  return { kind: argument === "none" ? otherwise : "agent" };
}

function updateRule(by: "agent" | "fixed" | "system"): UpdateRule {
  return { by, moves: [], frozen: [], effects: [] };
}

/** Whether a column's default reads the wall clock: it fills the column, in no tool. */
export function isClock({ default: expression }: SqlColumn): boolean {
  if (expression === null) return false;
  const clocks = new Set([
    "current_timestamp",
    "current_date",
    "current_time",
    "datetime",
    "date",
    "time",
    "julianday",
    "strftime",
    "unixepoch",
  ]);
  return tokenizeSql(expression).some((token) => clocks.has(keywordOf(token)));
}

/** The table whose key this column alone points at. */
function referenceOf({ table, tables, column }: ColumnSource): string | null {
  const found = table.foreignKeys.find(({ columns }) => columns.length === 1 && sameName(columns[0] ?? "", column.name));
  const target = tables.find(({ name }) => name === found?.target);
  const [only, ...rest] = target?.key ?? [];
  return target !== undefined && only !== undefined && rest.length === 0 && sameName(found?.to[0] ?? "", only) ? target.name : null;
}
