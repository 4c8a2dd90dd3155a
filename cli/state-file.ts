/**
 * States that a person names as files. Anybody may have written one, so nothing but its schema is read until that is known to
 * be of plain tables: a view is computed when it is read, by whatever it says, for ever if it likes.
 */
import { existsSync, readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { gatedScript } from "../environment/engine/imported-script.js";
import type { StateView } from "../environment/compare/state-view.js";
import { type Db, openSnapshot } from "../environment/engine/snapshot.js";
import { UsageError } from "./command-error.js";

/** Opens a state for reading; whoever asked closes it. @throws {UsageError} If there is no such file, or it holds anything that is no table, index or trigger. */
export function openState(file: string): Db {
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

function openRead(file: string): Db {
  const db = openSnapshot(readFileSync(file), { readonly: true });
  try {
    refuseStrange(db, file);
    refuseUngated(db, file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Refuses a state that is looked at in another way: other tables, columns, keys or references. @throws {UsageError} That says what differs. */
export function refuseOther(file: string, view: StateView, wanted: { readonly of: string; readonly view: StateView }): void {
  const [mine, theirs] = [textsOf(view), textsOf(wanted.view)];
  const differing = [
    ...[...theirs].flatMap(([name, text]) => {
      const own = mine.get(name);
      return own === text ? [] : [own === undefined ? `"${name}" is missing` : `"${name}" has other columns, keys or references`];
    }),
    ...[...mine.keys()].flatMap((name) => (theirs.has(name) ? [] : [`"${name}" is of this file alone`])),
  ];
  if (differing.length === 0) return;
  throw new UsageError(`Cannot compare "${file}": its tables are not those of "${wanted.of}": ${differing.join(", ")}`, {
    file,
    fix: "name states of one environment",
  });
}

/** What tables are but for the classes of their columns, by name. */
function textsOf({ tables }: StateView): ReadonlyMap<string, string> {
  return new Map(
    tables.map(({ name, columns, key, rowid, references }) => {
      const targets = references.map((reference) => ({ ...reference, table: tables[reference.table]?.name }));
      return [name, JSON.stringify([columns, key, rowid, targets])];
    }),
  );
}

/** SQLite goes by the statement, not by the kind that stands beside it. @see https://sqlite.org/schematab.html */
function refuseStrange(db: Db, file: string): void {
  const objects = db
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .all();
  const strange = objects.find(({ sql }) => !/^CREATE (TABLE|INDEX|UNIQUE INDEX|TRIGGER) /.test(sql));
  if (strange !== undefined)
    throw new UsageError(`Cannot compare "${file}": "${strange.name}" is a view or a virtual table, which is no state`, {
      file,
      fix: "name a SQLite file that holds tables alone",
    });
  if (!objects.some(({ sql }) => sql.startsWith("CREATE TABLE ")))
    throw new UsageError(`Cannot compare "${file}": it holds no table`, { file, fix: "name a SQLite file with a state" });
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
