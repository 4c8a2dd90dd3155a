/**
 * An environment given as raw SQL becomes the files of an environment folder, or every reason why it does not.
 *
 * It touches no file and no network; but SQLite runs what the SQL asks for, so it belongs in the child process.
 */
import Database from "better-sqlite3";
import { columnsSchema, environmentFiles, type ImportedEnvironment, manifestOf, withManifest } from "../engine/folder-files.js";
import { ExactJsonError, parseExactJson } from "../engine/exact-json.js";
import { contextSql, type DeclaredClasses, importedEngine } from "../engine/imported.js";
import { openSnapshot, schemaOf, writeSnapshot } from "../engine/snapshot.js";
import { type SqlTable, sqlTables } from "../engine/sql-tables.js";
import { timeColumns } from "../engine/time-columns.js";
import { quoteIdentifier } from "../core/identifier.js";
import { guardConnection } from "../sql/guard-connection.js";
import { splitScript } from "../sql/split-script.js";
import { foldName } from "../sql/tokenize-sql.js";
import type { Finding, ImportFacts } from "./facts.js";
import { findingsOf } from "./findings.js";
import { loadRaw, type RawObject } from "./load-raw.js";
import { triggerShape } from "./trigger-shape.js";

/** The texts of an import's files; undefined where there is no such file. */
export interface ImportSource {
  /** What the environment is called: the folder's name. */
  readonly id: string;
  readonly schema: string;
  readonly triggers: string;
  readonly rows?: string | undefined;
  readonly policy?: string | undefined;
  readonly columns?: string | undefined;
}

/** Why an import is refused; `statement` is its line and first words, null where the whole file is meant. */
export interface Refused {
  readonly file: string;
  readonly statement: string | null;
  readonly code: string;
  readonly message: string;
}

/** The files of the environment folder by name, the manifest last, with what a person should look at; or what was refused. */
export type Import =
  | { readonly ok: true; readonly files: ReadonlyMap<string, Buffer>; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly refused: readonly Refused[] };

/** Bytes of database that an import may hold. */
const maxBytes = 512 * 2 ** 20;

/** Imports the texts; same texts, same bytes, where no row was stamped by the clock. */
export function importRaw(given: ImportSource): Import {
  const source = { ...given, policy: given.policy?.replace(/^\uFEFF/, "") }; // a byte order mark is no part of the policy
  const classes = readClasses(source.columns);
  if (!classes.ok) return classes;
  const db = new Database(":memory:");
  try {
    guardConnection(db, { maxBytes });
    const { schema, triggers, rows } = source;
    const loaded = loadRaw(db, { schema, triggers, ...(rows !== undefined && { rows }) });
    if (!loaded.ok) return { ok: false, refused: loaded.refused };
    db.defaultSafeIntegers(true);
    const facts = factsOf(db, source, loaded.objects);
    const resolved = resolveClasses(facts.tables, classes.value);
    if (!resolved.ok) return resolved;
    const refused = [...clockFaults(loaded.objects, resolved.value), ...addressFaults(facts.tables)];
    if (refused.length > 0) return { ok: false, refused };
    return { ok: true, files: filesOf(db, source, resolved.value), findings: findingsOf(facts) };
  } finally {
    db.close();
  }
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refused: readonly Refused[] };

function refuseColumns(code: string, message: string): { readonly ok: false; readonly refused: readonly Refused[] } {
  return { ok: false, refused: [{ file: "columns.json", statement: null, code, message }] };
}

function readClasses(text: string | undefined): Read<DeclaredClasses> {
  if (text === undefined) return { ok: true, value: {} };
  try {
    const found = columnsSchema.safeParse(parseExactJson(text.replace(/^\uFEFF/, ""), { maxBytes: 4 * 2 ** 20, maxDepth: 4 }));
    if (found.success) return { ok: true, value: found.data };
    const wrong = found.error.issues.flatMap(({ path }) => (path.length === 0 ? [] : [JSON.stringify(path.map(String).join("."))]));
    const named = wrong.length === 0 ? "" : `; not so ${wrong.slice(0, 20).join(", ")}`;
    return refuseColumns("COLUMNS", `expected {"table.column": "business" | "text" | "technical" | "provenance"}${named}`);
  } catch (error) {
    if (error instanceof ExactJsonError) return refuseColumns("JSON", `${error.message}; write one JSON object`);
    throw error;
  }
}

/** The classes by the names as declared: SQLite does not tell the case of ASCII letters apart. */
function resolveClasses(tables: readonly SqlTable[], given: DeclaredClasses): Read<DeclaredClasses> {
  const names = new Map(
    tables.flatMap((table) => table.columns.map((column) => [foldName(`${table.name}.${column.name}`), `${table.name}.${column.name}`])),
  );
  const unknown = Object.keys(given).filter((name) => !names.has(foldName(name)));
  if (unknown.length > 0)
    return refuseColumns(
      "UNKNOWN_COLUMN",
      `no table has ${unknown
        .slice(0, 20)
        .map((name) => JSON.stringify(name))
        .join(", ")}; write "table.column"`,
    );
  const resolved = Object.entries(given).map(([name, value]): [string, DeclaredClasses[string]] => [
    names.get(foldName(name)) ?? name,
    value,
  ]);
  if (new Set(resolved.map(([name]) => name)).size < resolved.length) return refuseColumns("DUPLICATE", "a column is given twice");
  return { ok: true, value: Object.fromEntries(resolved) };
}

/** A column that the clock fills would make two equal episodes end in two states, unless it is not compared. */
function clockFaults(objects: readonly RawObject[], classes: DeclaredClasses): readonly Refused[] {
  const ignored = new Set(
    Object.entries(classes).flatMap(([name, value]) => (value === "technical" || value === "provenance" ? [foldName(name)] : [])),
  );
  return objects.flatMap((object) =>
    object.kind !== "table"
      ? []
      : object.clockDefaults
          .filter((column) => !ignored.has(foldName(`${object.name}.${column}`)))
          .map((column) => ({
            file: object.file,
            statement: `line ${object.line}: CREATE TABLE ${object.name}`,
            code: "CLOCK_DEFAULT",
            message: `the default of "${column}" reads the clock, and the column is compared; class "${object.name}.${column}" technical or provenance in columns.json`,
          })),
  );
}

function addressFaults(tables: readonly SqlTable[]): readonly Refused[] {
  return tables
    .filter(({ key, rowid }) => key.length === 0 && rowid === null)
    .map(({ name }) => ({
      file: "schema.sql",
      statement: `CREATE TABLE ${name}`,
      code: "NO_ADDRESS",
      message: `rows of "${name}" cannot be told apart: it has no key, and its columns rowid, oid and _rowid_ hide the database's own; declare a PRIMARY KEY`,
    }));
}

function factsOf(db: Database.Database, { schema, triggers, rows, policy }: ImportSource, objects: readonly RawObject[]): ImportFacts {
  const tables = sqlTables(db);
  const file = (name: "schema.sql" | "triggers.sql", text: string) => ({
    file: name,
    given: countStatements(text),
    created: objects.filter((object) => object.file === name).length,
  });
  const files = [file("schema.sql", schema), file("triggers.sql", triggers)];
  return {
    tables,
    triggers: schemaOf(db, "trigger").map(triggerShape),
    timed: timeColumns(tables, schemaOf(db, "trigger")),
    policy: policy ?? null,
    files: rows === undefined ? files : [...files, { file: "rows.sql", given: countStatements(rows), created: countRows(db, tables) }],
  };
}

function countStatements(text: string): number {
  const script = splitScript(text);
  return script.kind === "script" ? script.statements.length : 0;
}

function countRows(db: Database.Database, tables: readonly SqlTable[]): number {
  return tables.reduce(
    (sum, { name }) =>
      sum +
      Number(
        db
          .prepare(`SELECT count(*) FROM ${quoteIdentifier(name)}`)
          .pluck()
          .get(),
      ),
    0,
  );
}

function filesOf(db: Database.Database, { id, policy = "" }: ImportSource, classes: DeclaredClasses): ReadonlyMap<string, Buffer> {
  for (const sql of [contextSql.table, contextSql.row, ...contextSql.triggers]) db.prepare(sql).run();
  const origin = writeSnapshot(db);
  const snapshot = openSnapshot(origin, { readonly: true });
  try {
    const environment: ImportedEnvironment = {
      compiled: importedEngine(snapshot, classes),
      origin,
      id,
      title: /^#+\s+(.{1,200})$/m.exec(policy)?.[1]?.trim() ?? id,
      policy,
    };
    const files = environmentFiles(environment);
    return withManifest(files, manifestOf(environment, files));
  } finally {
    snapshot.close();
  }
}
