/** A state on the real engine, on which many writes are tried: statements are prepared once, and each write is undone or kept. */
import Database from "better-sqlite3";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import type { Write } from "../../environment/compile/interpret-write.js";
import type { Catalogue, CatalogueTable } from "../../environment/core/catalogue.js";
import { quoteIdentifier as quote } from "../../environment/core/identifier.js";
import type { Row, Rows, Value } from "../../environment/core/values.js";

/** What the engine did: accepted, with all rows after as texts, or refused with its message. */
export type Tried = { readonly kind: "accepted"; readonly rows: readonly string[] } | { readonly kind: "refused"; readonly rule: string };

export interface RandomWorld {
  /** Tries a write on these rows, which the database holds, and undoes it. */
  try(write: Write, state: Rows): Tried;
  /** Makes a write that was accepted again, for good. */
  keep(write: Write, state: Rows): void;
  close(): void;
}

/** All rows of a state as texts, in an order that equal states share: each its table and its values as SQL literals. */
export function textsOf({ catalogue }: Pick<Compiled, "catalogue">, state: Rows): readonly string[] {
  const texts = textsBy.get(catalogue) ?? new WeakMap<Row, string>();
  textsBy.set(catalogue, texts);
  return [catalogue.context, ...Object.values(catalogue.tables)]
    .flatMap((table) =>
      (state[table.name] ?? []).map((row) => {
        const known = texts.get(row);
        if (known !== undefined) return known;
        const text = `${table.name} ${table.columns.map(({ name }) => literal(row[name] ?? null)).join("|")}`;
        texts.set(row, text);
        return text;
      }),
    )
    .sort();
}

/** Rows that a write leaves alone are the same objects before and after. */
const textsBy = new WeakMap<Catalogue, WeakMap<Row, string>>();

function literal(value: Value): string {
  if (value === null) return "NULL";
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

/** A database with the rows laid before the triggers, foreign keys off as in a plain shell. */
export function openRandomWorld(
  compiled: Pick<Compiled, "catalogue" | "schemaSql">,
  state: Rows,
  { triggerSql, recursive }: { readonly triggerSql: readonly string[]; readonly recursive: 0 | 1 },
): RandomWorld {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.pragma("foreign_keys = off");
  db.pragma(`recursive_triggers = ${recursive}`);
  const tables = [compiled.catalogue.context, ...Object.values(compiled.catalogue.tables)];
  db.exec(compiled.schemaSql.map((sql) => `${sql};`).join("\n"));
  const statements = new Map<string, Database.Statement<Value[], Value[]>>();
  const prepared = (sql: string) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare<Value[], Value[]>(sql);
    statements.set(sql, statement);
    return statement;
  };
  for (const table of tables) {
    const names = storedNames(table);
    for (const row of state[table.name] ?? []) prepared(insertSql(table.name, names)).run(...names.map((name) => row[name] ?? null));
  }
  statements.clear();
  db.exec(triggerSql.map((sql) => `${sql};`).join("\n"));
  const [savepoint, back] = [db.prepare("SAVEPOINT trial"), db.prepare("ROLLBACK TO trial")];
  const release = db.prepare("RELEASE trial");
  const readers = tables.map((table) => {
    const names = table.columns.map(({ name }) => name);
    const text = [`'${table.name} '`, names.map((name) => `quote(${quote(name)})`).join(" || '|' || ")].join(" || ");
    return db.prepare<[], string>(`SELECT ${text} FROM ${quote(table.name)}`).pluck();
  });
  const current = new Map(tables.map((table) => [table.name, table]));

  /** An update sets every column, to what it holds or to something else, so that few statements are prepared. */
  function make(write: Write, before: Rows): void {
    if (write.op === "insert") {
      prepared(insertSql(write.table, Object.keys(write.values))).run(...Object.values(write.values));
      return;
    }
    const table = current.get(write.table);
    if (table === undefined) throw new RangeError(`Table "${write.table}" is absent`);
    const old = (before[write.table] ?? []).find((row) => table.key.every((name) => row[name] === write.key[name])) ?? {};
    const names = storedNames(table);
    const sql = `UPDATE ${quote(write.table)} SET ${names.map((name) => `${quote(name)} = ?`).join(", ")} WHERE ${table.key.map((name) => `${quote(name)} = ?`).join(" AND ")}`;
    const row = { ...old, ...write.set };
    prepared(sql).run(...names.map((name) => row[name] ?? null), ...table.key.map((name) => write.key[name] ?? null));
  }

  function attempt(write: Write, before: Rows): Tried {
    savepoint.run();
    try {
      make(write, before);
      return { kind: "accepted", rows: readers.flatMap((reader) => reader.all()).sort() };
    } catch (error) {
      return { kind: "refused", rule: error instanceof Error ? error.message : String(error) };
    } finally {
      back.run();
      release.run();
    }
  }

  return {
    try: attempt,
    keep: make,
    close: () => {
      db.close();
    },
  };
}

function insertSql(table: string, names: readonly string[]): string {
  if (names.length === 0) return `INSERT INTO ${quote(table)} DEFAULT VALUES`;
  return `INSERT INTO ${quote(table)} (${names.map(quote).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
}

function storedNames({ columns }: CatalogueTable): readonly string[] {
  return columns.filter(({ insert }) => insert.kind !== "derived").map(({ name }) => name);
}
