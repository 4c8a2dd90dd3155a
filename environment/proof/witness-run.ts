/**
 * Witnesses on the real engine: their rows are laid before the triggers are created, then the write is tried and undone.
 *
 * Witnesses over one state share a database. A world can be given the triggers of a mutant and back; they are exchanged
 * outside any transaction, since a rollback would otherwise load the schema anew each time.
 */
import Database from "better-sqlite3";
import { type CatalogueTable, CONTEXT_TABLE, tableOf } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { encodeValue } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import type { Write } from "../compile/interpret-write.js";
import type { Db } from "../engine/snapshot.js";
import type { Row, Rows, Value } from "../core/values.js";

/** What a write must do: be refused by exactly this rule, or be accepted and lead to these rows. */
export type Expected = { readonly kind: "refused"; readonly rule: string } | { readonly kind: "accepted"; readonly after: Rows };

/** An executable example that a rule must accept or must refuse. `shows` says what of the rule it pins down. */
export interface Witness {
  readonly rule: string;
  readonly shows: string;
  readonly state: Rows;
  readonly write: Write;
  readonly expected: Expected;
}

/** A state on the engine. `try` undoes what the write did; the answer is null where it did what was expected, else says what it did. */
export interface World {
  readonly db: Db;
  try(write: Write, expected: Expected): string | null;
  /** One statement as a client would type it, undone at once: null where it was accepted, else SQLite's message. */
  raw(sql: string, values: readonly Value[]): string | null;
  /** Runs what should leave nothing behind; `isChanged` where the database is no longer the same, byte for byte. */
  watch<T>(act: () => T): { readonly result: T; readonly isChanged: boolean };
  /** Exchanges the triggers that differ from those now in place. */
  retrigger(triggerSql: readonly string[]): void;
  close(): void;
}

/** Lays a state, its actor not yet authenticated, and creates the triggers. */
export function openWorld(compiled: Compiled, state: Rows): World {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.pragma("foreign_keys = OFF");
  for (const sql of compiled.schemaSql) db.prepare(sql).run();
  layState(db, compiled, state);
  let triggers = triggersByName(compiled.triggerSql);
  for (const sql of triggers.values()) db.prepare(sql).run();
  db.pragma("foreign_keys = ON");
  const actor = authentication(state);
  const statements = new Map<string, Database.Statement>();
  const tables = [...Object.values(compiled.catalogue.tables), compiled.catalogue.context];

  function prepared(sql: string): Database.Statement {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  function run(write: Write): string | null {
    const { sql, values } = statementOf(write);
    return execute(sql, values);
  }

  function execute(sql: string, values: readonly Value[]): string | null {
    try {
      prepared(sql).run(...values);
      return null;
    } catch (error) {
      if (error instanceof Database.SqliteError) return error.message;
      throw error;
    }
  }

  function judge(write: Write, expected: Expected): string | null {
    const locked = actor === null ? null : run(actor);
    if (locked !== null) return `the actor cannot be authenticated: ${locked}`;
    const refusal = run(write);
    if (expected.kind === "accepted") return refusal === null ? differenceFrom(expected.after) : `refused by ${refusal}`;
    if (refusal === null) return "accepted";
    return refusal === expected.rule ? null : `refused by ${refusal}`;
  }

  function differenceFrom(after: Rows): string | null {
    for (const table of tables) {
      const wanted = textsOf(table, after[table.name] ?? []);
      const found = textsOf(
        table,
        prepared(`SELECT * FROM ${quoteIdentifier(table.name)}`)
          .all()
          .map(rowOf),
      );
      const missing = wanted.filter((row) => !found.includes(row));
      const extra = found.filter((row) => !wanted.includes(row));
      if (missing.length + extra.length > 0)
        return `accepted, but "${table.name}" has ${extra.join("; ") || "no other rows"} where ${missing.join("; ") || "none"} was expected`;
    }
    return null;
  }

  /** A savepoint stands within `watch` as well as alone. */
  function undone<T>(act: () => T): T {
    prepared("SAVEPOINT attempt").run();
    try {
      return act();
    } finally {
      prepared("ROLLBACK TO attempt").run();
      prepared("RELEASE attempt").run();
    }
  }

  return {
    db,
    try: (write, expected) => undone(() => judge(write, expected)),
    raw: (sql, values) =>
      undone(() => {
        if (actor !== null) run(actor);
        return execute(sql, values);
      }),
    watch: (act) => {
      const before = db.serialize();
      const result = act();
      return { result, isChanged: !before.equals(db.serialize()) };
    },
    retrigger: (triggerSql) => {
      const wanted = triggersByName(triggerSql);
      for (const [name, sql] of triggers) if (wanted.get(name) !== sql) db.prepare(`DROP TRIGGER ${quoteIdentifier(name)}`).run();
      for (const [name, sql] of wanted) if (triggers.get(name) !== sql) db.prepare(sql).run();
      triggers = wanted;
    },
    close: () => {
      db.close();
    },
  };
}

/** The statement that a plain client would send for a write. */
export function statementOf(write: Write): { readonly sql: string; readonly values: readonly Value[] } {
  const table = quoteIdentifier(write.table);
  if (write.op === "insert") {
    const columns = Object.keys(write.values);
    const sql =
      columns.length === 0
        ? `INSERT INTO ${table} DEFAULT VALUES`
        : `INSERT INTO ${table} (${columns.map(quoteIdentifier).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
    return { sql, values: Object.values(write.values) };
  }
  const set = Object.keys(write.set).map((column) => `${quoteIdentifier(column)} = ?`);
  const where = Object.keys(write.key).map((column) => `${quoteIdentifier(column)} IS ?`);
  return {
    sql: `UPDATE ${table} SET ${set.join(", ")} WHERE ${where.join(" AND ")}`,
    values: [...Object.values(write.set), ...Object.values(write.key)],
  };
}

/** A text that two states share exactly when they have the same rows in the same order. */
export function stateText(state: Rows): string {
  return Object.entries(state)
    .map(
      ([table, rows]) =>
        `${table}:${rows
          .map((row) =>
            Object.entries(row)
              .map(([column, value]) => `${column}=${encodeValue(value)}`)
              .join(","),
          )
          .join(";")}`,
    )
    .join("\n");
}

function layState(db: Db, { catalogue }: Compiled, state: Rows): void {
  for (const [name, rows] of Object.entries(state)) {
    const stored = tableOf(catalogue, name).columns.filter(({ insert }) => insert.kind !== "derived");
    const columns = stored.map(({ name }) => name);
    const statement = db.prepare(
      `INSERT INTO ${quoteIdentifier(name)} (${columns.map(quoteIdentifier).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    for (const row of rows)
      statement.run(...columns.map((column) => (name === CONTEXT_TABLE && isActorColumn(column) ? null : (row[column] ?? null))));
  }
}

function isActorColumn(column: string): boolean {
  return column === "actor" || column.startsWith("evidence_");
}

/** The write that sets the actor of a state's context row, or null where it has none. */
function authentication(state: Rows): Write | null {
  const context = state[CONTEXT_TABLE]?.[0];
  const id = context?.["id"];
  if (context === undefined || id === undefined || (context["actor"] ?? null) === null) return null;
  return {
    op: "update",
    table: CONTEXT_TABLE,
    key: { id },
    set: Object.fromEntries(Object.entries(context).filter(([column]) => isActorColumn(column))),
  };
}

function triggersByName(triggerSql: readonly string[]): ReadonlyMap<string, string> {
  return new Map(triggerSql.map((sql) => [/^CREATE TRIGGER "?([^"\s]+)"?/.exec(sql)?.[1] ?? sql, sql]));
}

function rowOf(row: unknown): Row {
  // better-sqlite3 types a row as unknown; with safe integers its cells are exactly `Value`.
  return row as Row;
}

function textsOf(table: CatalogueTable, rows: readonly Row[]): readonly string[] {
  return rows.map((row) => `(${table.columns.map(({ name }) => `${name} ${encodeValue(row[name] ?? null)}`).join(", ")})`);
}
