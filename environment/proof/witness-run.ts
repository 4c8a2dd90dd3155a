/**
 * Witnesses on the real engine: their rows are laid before the triggers are created, then the write is tried and undone.
 *
 * Witnesses over one state share a database. A world can be given the triggers of a mutant and back; they are exchanged
 * outside any transaction, since a rollback would otherwise load the schema anew each time.
 */
import Database from "better-sqlite3";
import { type CatalogueTable, CONTEXT_TABLE, tableOf } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { encodeValue, encodeValues } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import type { Write } from "../compile/interpret-write.js";
import type { Db } from "../engine/snapshot.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import type { Statement } from "./matrix-statement.js";

/** What a write must do: be refused by exactly this rule, or be accepted and lead to these rows. */
export type Expected = { readonly kind: "refused"; readonly rule: string } | { readonly kind: "accepted"; readonly after: Rows };

/** An executable example that a rule must accept or must refuse. `shows` says what of the rule it pins down. */
export interface Witness {
  readonly rule: string;
  readonly shows: string;
  readonly state: Rows;
  readonly write: Write;
  readonly expected: Expected;
  /** The small changes of the rule that this write was found to tell, by the names of `pinOf`. */
  readonly pins: readonly string[];
}

/** A state on the engine. `try` undoes what the write did; the answer is null where it did what was expected, else says what it did. */
export interface World {
  readonly db: Db;
  /** `tables` are those that may have changed; all, unless given. */
  try(write: Write, expected: Expected, tables?: ReadonlySet<string>): string | null;
  /** What a write does, undone at once: the rows after it, or why it was refused. */
  outcome(write: Write): { readonly kind: "accepted"; readonly state: Rows } | { readonly kind: "refused"; readonly message: string };
  /** Statements as a client would type them, undone at once: null where the last was accepted, else SQLite's message. */
  raw(statements: readonly Statement[]): string | null;
  /** Runs what should leave nothing behind; `isChanged` where the database is no longer the same, byte for byte. */
  watch<T>(act: () => T): { readonly result: T; readonly isChanged: boolean };
  /** Has these triggers instead of those of the world's own sheet: by name, null for one that is gone; of others only those that a write `fires`. */
  retrigger(changed: ReadonlyMap<string, string | null>, fires: ReadonlySet<string>): void;
  close(): void;
}

/** Lays a state, creates the triggers, and has its actor authenticated by them. */
export function openWorld(compiled: Compiled, state: Rows): World {
  return openWith(compiled, state, "all");
}

/** Lays a state, its actor authenticated, with no triggers: `retrigger` gives it those that a write is to meet. */
export function openBareWorld(compiled: Compiled, state: Rows): World {
  return openWith(compiled, state, "none");
}

function openWith(compiled: Compiled, state: Rows, triggers: "all" | "none"): World {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.pragma("foreign_keys = OFF");
  const actor = triggers === "all" ? authentication(state) : null;
  const own = triggersByName(compiled.triggerSql);
  const present = new Map(triggers === "all" ? own : []);
  db.prepare("BEGIN").run();
  for (const sql of compiled.schemaSql) db.prepare(sql).run();
  layState(db, compiled, actor === null ? state : withoutActor(state));
  for (const sql of present.values()) db.prepare(sql).run();
  db.prepare("COMMIT").run();
  db.pragma("foreign_keys = ON");
  const statements = new Map<string, Database.Statement>();
  const tables = [...Object.values(compiled.catalogue.tables), compiled.catalogue.context];
  const locked = actor === null ? null : run(actor);

  function prepared(sql: string): Database.Statement {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  function run(write: Write): string | null {
    return execute(statementOf(write));
  }

  function execute({ sql, values }: Statement): string | null {
    const limit = Error.stackTraceLimit;
    // Most statements are to be refused, and where each of these errors was made is of no use to anybody.
    Error.stackTraceLimit = 0;
    try {
      prepared(sql).run(...values);
      return null;
    } catch (error) {
      if (error instanceof Database.SqliteError) return error.message;
      throw error;
    } finally {
      Error.stackTraceLimit = limit;
    }
  }

  function judge(write: Write, expected: Expected, within?: ReadonlySet<string>): string | null {
    if (locked !== null) return `the actor cannot be authenticated: ${locked}`;
    const refusal = run(write);
    if (expected.kind === "accepted") return refusal === null ? differenceFrom(expected.after, within) : `refused by ${refusal}`;
    if (refusal === null) return "accepted";
    return refusal === expected.rule ? null : `refused by ${refusal}`;
  }

  function differenceFrom(after: Rows, within?: ReadonlySet<string>): string | null {
    for (const table of tables) {
      if (within?.has(table.name) === false) continue;
      const wanted = wantedTexts(table, after[table.name] ?? none);
      const found = prepared(selectOf(table)).raw().all().map(textOf);
      if (found.length === wanted.size && found.every((row) => wanted.has(row))) continue;
      const missing = [...wanted].filter((row) => !found.includes(row));
      const extra = found.filter((row) => !wanted.has(row));
      return `accepted, but "${table.name}" has ${extra.join("; ") || "no other rows"} where ${missing.join("; ") || "none"} was expected`;
    }
    return null;
  }

  function rowsNow(): Rows {
    // better-sqlite3 types rows as unknown; with safe integers their cells are exactly `Value`.
    return Object.fromEntries(tables.map((table) => [table.name, prepared(selectOf(table)).raw(false).all() as Row[]]));
  }

  /** A savepoint stands within `watch` as well as alone; a statement that rolled the transaction back has undone it. */
  function undone<T>(act: () => T): T {
    prepared("SAVEPOINT attempt").run();
    try {
      return act();
    } finally {
      if (db.inTransaction) {
        prepared("ROLLBACK TO attempt").run();
        prepared("RELEASE attempt").run();
      }
    }
  }

  return {
    db,
    try: (write, expected, within) => undone(() => judge(write, expected, within)),
    outcome: (write) =>
      undone(() => {
        const refusal = locked ?? run(write);
        return refusal === null ? { kind: "accepted", state: rowsNow() } : { kind: "refused", message: refusal };
      }),
    raw: (list) => undone(() => list.reduce<string | null>((_, statement) => execute(statement), null)),
    watch: (act) => {
      const before = db.serialize();
      const result = act();
      return { result, isChanged: !before.equals(db.serialize()) };
    },
    retrigger: (changed, fires) => {
      const wanted = (name: string): string | undefined => (changed.has(name) ? changed.get(name) : own.get(name)) ?? undefined;
      const names = [...fires].filter((name) => present.get(name) !== wanted(name));
      for (const name of names) if (present.delete(name)) db.prepare(`DROP TRIGGER ${quoteIdentifier(name)}`).run();
      for (const name of names) {
        const sql = wanted(name);
        if (sql === undefined) continue;
        db.prepare(sql).run();
        present.set(name, sql);
      }
    },
    close: () => {
      db.close();
    },
  };
}

/** Whether two states have the same rows in the same order. */
export function isSameState(a: Rows, b: Rows): boolean {
  const isSameRow = (row: Row, other: Row | undefined): boolean =>
    row === other || (other !== undefined && Object.entries(row).every(([column, value]) => isSameValue(value, other[column] ?? null)));
  return Object.entries(a).every(([table, rows]) => {
    const others = b[table] ?? [];
    return rows === others || (rows.length === others.length && rows.every((row, index) => isSameRow(row, others[index])));
  });
}

/** The statement that a plain client would send for a write. */
export function statementOf(write: Write): Statement {
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
    for (const row of rows) statement.run(...columns.map((column) => row[column] ?? null));
  }
}

function withoutActor(state: Rows): Rows {
  const nobody = (row: Row): Row =>
    Object.fromEntries(Object.entries(row).map(([column, value]) => [column, isActorColumn(column) ? null : value]));
  return { ...state, [CONTEXT_TABLE]: (state[CONTEXT_TABLE] ?? []).map(nobody) };
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

/** Triggers by their names. */
export function triggersByName(triggerSql: readonly string[]): ReadonlyMap<string, string> {
  return new Map(triggerSql.map((sql) => [/^CREATE TRIGGER "?([^"\s]+)"?/.exec(sql)?.[1] ?? sql, sql]));
}

const none: readonly Row[] = [];
const texts = new WeakMap<readonly Row[], ReadonlySet<string>>();

/** Rows as texts, made once: many mutants are held against the same rows. Rows of a table differ in their keys. */
function wantedTexts({ columns }: CatalogueTable, rows: readonly Row[]): ReadonlySet<string> {
  const known = texts.get(rows) ?? new Set(rows.map((row) => textOf(columns.map(({ name }) => row[name] ?? null))));
  texts.set(rows, known);
  return known;
}

function selectOf({ name, columns }: CatalogueTable): string {
  return `SELECT ${columns.map((column) => quoteIdentifier(column.name)).join(", ")} FROM ${quoteIdentifier(name)}`;
}

function textOf(row: unknown): string {
  // better-sqlite3 types a row as unknown; as a list, with safe integers, its cells are exactly `Value`.
  return encodeValues(row as readonly Value[]);
}
