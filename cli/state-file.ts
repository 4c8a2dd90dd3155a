/**
 * States that a person names as files. Anybody may have written one, so nothing but its schema is read until that is known to
 * be of plain tables: a view is computed when it is read, by whatever it says, for ever if it likes.
 */
import { existsSync, readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { gatedScript } from "../environment/engine/imported-script.js";
import { type Db, openSnapshot } from "../environment/engine/snapshot.js";
import { UsageError } from "./command-error.js";

/** A state open for reading, with the statements that made its tables and indexes, sorted. */
export type StateFile = { readonly file: string; readonly db: Db; readonly schema: readonly string[] };

/** Opens a state; whoever asked closes it. @throws {UsageError} If there is no such file, or it holds anything that is no table, index or trigger. */
export function openState(file: string): StateFile {
  if (!existsSync(file)) throw new UsageError(`There is no file "${file}"`, { file, fix: "name a SQLite file" });
  return readable([file], () => openRead(file));
}

/** Reads of states; damage shows only when they are read. @throws {UsageError} With the files, where SQLite cannot read them. */
export function readable<Result>(files: readonly string[], read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    const names = files.map((file) => `"${file}"`).join(", ");
    throw new UsageError(`Cannot read ${names}: ${error.message}`, { fix: "name SQLite files that are sound" }, { cause: error });
  }
}

function openRead(file: string): StateFile {
  const db = openSnapshot(readFileSync(file), { readonly: true });
  try {
    const schema = tablesAndIndexes(db, file);
    refuseUngated(db, file);
    return { file, db, schema };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Refuses a state whose tables and indexes are not those of another file or folder. @throws {UsageError} That says what differs. */
export function refuseOther(
  { file, schema }: Omit<StateFile, "db">,
  wanted: { readonly of: string; readonly schema: readonly string[] },
): void {
  const more = schema.filter((sql) => !wanted.schema.includes(sql)).map(nameOf);
  const less = wanted.schema.filter((sql) => !schema.includes(sql)).map(nameOf);
  if (more.length + less.length === 0) return;
  const differing = [
    ...less.map((name) => (more.includes(name) ? `${name} is another` : `${name} is missing`)),
    ...more.filter((name) => !less.includes(name)).map((name) => `${name} is of this file alone`),
  ];
  throw new UsageError(`Cannot compare "${file}": its tables are not those of "${wanted.of}": ${differing.join(", ")}`, {
    file,
    fix: "name states of one environment",
  });
}

/** `table "orders"`, for people. */
function nameOf(sql: string): string {
  const [, kind = "", name = ""] = /^CREATE (?:UNIQUE )?(TABLE|INDEX) ("(?:[^"]|"")*"|[^\s(]*)/.exec(sql) ?? [];
  return `${kind.toLowerCase()} ${name.startsWith('"') ? name : `"${name}"`}`;
}

/** SQLite goes by the statement, not by the kind that stands beside it. @see https://sqlite.org/schematab.html */
function tablesAndIndexes(db: Db, file: string): readonly string[] {
  const objects = db
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY sql",
    )
    .all();
  const strange = objects.find(({ sql }) => !/^CREATE (TABLE|INDEX|UNIQUE INDEX|TRIGGER) /.test(sql));
  if (strange !== undefined)
    throw new UsageError(`Cannot compare "${file}": "${strange.name}" is a view or a virtual table, which is no state`, {
      file,
      fix: "name a SQLite file that holds tables alone",
    });
  const statements = objects.map(({ sql }) => sql).filter((sql) => !sql.startsWith("CREATE TRIGGER "));
  if (statements.length === 0)
    throw new UsageError(`Cannot compare "${file}": it holds no table`, { file, fix: "name a SQLite file with a state" });
  return statements;
}

/** A generated column is computed when it is read, by whatever its expression says: it passes the gate of imports, or is not read. */
function refuseUngated(db: Db, file: string): void {
  const computed = db
    .prepare<[], string>(
      "SELECT sql FROM main.sqlite_schema AS t WHERE sql LIKE 'CREATE TABLE %' AND EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name, 'main') WHERE hidden > 1) ORDER BY rowid",
    )
    .pluck()
    .all();
  const script = computed.length === 0 ? null : gatedScript("schema", computed.map((sql) => `${sql};\n`).join(""));
  if (script?.ok === false) throw new UsageError(`Cannot compare "${file}": ${script.message}`, { file });
}
