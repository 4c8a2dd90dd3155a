/**
 * The write matrix: every table × column × insert or update × state, deletes, replacements and chosen keys, as plain SQL
 * from a client that goes round the tools. What only the engine may write must be refused by a rule, and nothing change.
 */
import { type Catalogue, type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { quoteIdentifier as quote } from "../core/identifier.js";
import type { Write } from "../compile/interpret-write.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import { openWorld, statementOf, type Witness, type World } from "./witness-run.js";
import { freshValue, NOW } from "./witness-sample.js";

/** One statement that must be refused, on a state. */
export interface MatrixCase {
  readonly rule: string;
  readonly shows: string;
  readonly sql: string;
  readonly values: readonly Value[];
}

/** A statement that was not refused, or was refused by no rule, in a sentence for the author. */
export interface MatrixFailure {
  readonly rule: string;
  readonly message: string;
}

/** A state with the statements to try on it. */
export interface Matrix {
  readonly state: Rows;
  readonly cases: readonly MatrixCase[];
}

/**
 * The matrix of a sheet on a state, with one accepted creation a table to depart from (where none is known, inserts are
 * tried as they are). `creations` are the accepted witnesses' states and writes.
 */
export function matricesOf(compiled: Compiled, state: Rows, witnesses: readonly Witness[]): readonly Matrix[] {
  const tables = Object.values(compiled.catalogue.tables);
  const updates = {
    state,
    cases: [
      ...contextCases(compiled.catalogue),
      ...tables.flatMap((table) => [...deletes(table, state), ...updatesOf(compiled, table, state)]),
    ],
  };
  const inserts = tables.map((table) => {
    const created = witnesses.find(
      ({ write, expected }) => write.op === "insert" && write.table === table.name && expected.kind === "accepted",
    );
    const base = created?.write.op === "insert" ? created.write.values : withoutComputed(table, state[table.name]?.[0] ?? {});
    return {
      state: created?.state ?? state,
      cases: insertsOf(table, { state: created?.state ?? state, base, keys: keysIn(compiled, created?.state ?? state) }),
    };
  });
  return [updates, ...inserts];
}

/** Runs the cases; each statement alone, and again with `OR REPLACE`. */
export function runMatrix(
  compiled: Compiled,
  matrices: readonly Matrix[],
): { readonly run: number; readonly failed: readonly MatrixFailure[] } {
  let run = 0;
  const failed: MatrixFailure[] = [];
  for (const { state, cases } of matrices) {
    const world = openWorld(compiled, state);
    try {
      run += cases.length;
      const known = new Set(compiled.normal.guards.map(({ id }) => id));
      const { result, isChanged } = world.watch(() => cases.flatMap((each) => tryCase(known, world, each) ?? []));
      failed.push(...result);
      if (isChanged)
        failed.push(
          ...cases
            .filter((each) => world.watch(() => world.raw(each.sql, each.values)).isChanged)
            .map(({ rule, shows }) => ({ rule, message: `${shows}: refused, and yet the database changed` })),
        );
    } finally {
      world.close();
    }
  }
  return { run, failed };
}

/** What is wrong with the engine's answer to a case, or null; `known` are the ids that a refusal may name. */
export function tryCase(known: ReadonlySet<string>, world: World, { rule, shows, sql, values }: MatrixCase): MatrixFailure | null {
  const refusal = world.raw(sql, values);
  if (refusal === null) return { rule, message: `${shows}: a plain client may do this (${sql}), but only the engine should` };
  // SQLite itself refuses to write generated columns, before any trigger.
  if (refusal === rule || refusal.startsWith(`${rule}.`) || refusal.includes("generated column")) return null;
  return {
    rule,
    message: `${shows}: expected to be refused by ${rule}, but refused by ${known.has(refusal) ? refusal : `SQLite itself (${refusal})`}`,
  };
}

/** The context row of a sealed state: nobody moves the clock, opens the seal, changes desk or user, or adds a second row. */
function contextCases({ mode }: Catalogue): readonly MatrixCase[] {
  const table = quote(CONTEXT_TABLE);
  const statements = [
    `UPDATE ${table} SET now = now + 1`,
    `UPDATE ${table} SET sealed = 0`,
    `UPDATE ${table} SET desk = 'another desk'`,
    `UPDATE ${table} SET transferred = 2`,
    `DELETE FROM ${table}`,
    `INSERT INTO ${table} (id, now, sealed) VALUES (2, 1, 0)`,
    `INSERT OR REPLACE INTO ${table} (id, now, sealed) VALUES (1, 1, 0)`,
    ...(mode === "session" ? [`UPDATE ${table} SET actor = NULL`] : []),
  ];
  return statements.map((sql) => ({ rule: "context", shows: "Writing the context", sql, values: [] }));
}

function deletes(table: CatalogueTable, state: Rows): readonly MatrixCase[] {
  return (state[table.name] ?? []).slice(0, 1).map((row) => {
    const { where, values } = byKey(table, row);
    return {
      rule: `${table.name}.no_delete`,
      shows: `Deleting a ${table.label}`,
      sql: `DELETE FROM ${quote(table.name)} WHERE ${where}`,
      values,
    };
  });
}

function updatesOf(compiled: Compiled, table: CatalogueTable, state: Rows): readonly MatrixCase[] {
  const rows = onePerState(table, state[table.name] ?? []);
  return rows.flatMap((row) => table.columns.flatMap((column) => updateCases(compiled, table, { column, row, state })));
}

function onePerState({ states }: CatalogueTable, rows: readonly Row[]): readonly Row[] {
  if (states === null) return rows.slice(0, 1);
  return rows.filter((row, index) => rows.findIndex((other) => other[states.column] === row[states.column]) === index);
}

interface Target {
  readonly column: CatalogueColumn;
  readonly row: Row;
  readonly state: Rows;
}

function updateCases(compiled: Compiled, table: CatalogueTable, { column, row, state }: Target): readonly MatrixCase[] {
  const from = table.states === null ? null : String(row[table.states.column]);
  const rule = ruleOf(table, column);
  const values = forbidden(compiled, table, { column, row, state });
  return values.flatMap((value) => {
    const write: Write = {
      op: "update",
      table: table.name,
      key: Object.fromEntries(table.key.map((name) => [name, row[name] ?? null])),
      set: { [column.name]: value },
    };
    const { sql, values: bound } = statementOf(write);
    const shows = `Setting the ${column.label} of a ${table.label}${from === null ? "" : ` that is ${from}`} to ${String(value)} by hand`;
    return [
      { rule, shows, sql, values: bound },
      { rule, shows, sql: sql.replace("UPDATE", "UPDATE OR REPLACE"), values: bound },
    ];
  });
}

/** Values that an agent may not give this column in this row. */
function forbidden(compiled: Compiled, table: CatalogueTable, { column, row, state }: Target): readonly Value[] {
  const { update } = column;
  if (table.layer === "L2" && update.by === "agent" && !table.key.includes(column.name)) return [];
  if (table.states?.column === column.name) {
    const from = row[column.name];
    const granted = new Set(table.states.moves.filter((move) => move.by === "agent" && move.from === from).map(({ to }) => to));
    return (column.values ?? []).filter((to) => typeof to === "string" && to !== from && !granted.has(to)).map(String);
  }
  return otherValues(compiled, { column, row, state }).slice(0, 2);
}

function otherValues({ catalogue }: Compiled, { column, row, state }: Target): readonly Value[] {
  const now = row[column.name] ?? null;
  const key = column.references === null ? undefined : catalogue.tables[column.references]?.key[0];
  const listed: readonly Value[] =
    column.values !== null
      ? column.values.map((value) => (typeof value === "number" ? BigInt(value) : value))
      : key !== undefined
        ? (state[column.references ?? ""] ?? []).map((each) => each[key] ?? null)
        : [freshValue(column, 70), freshValue(column, 71), ...(typeof now === "bigint" ? [now + 1n] : [])];
  return [...listed, ...(column.nullable ? [null] : [])].filter((value) => !isSameValue(value, now));
}

/** A key of each table's rows, for references that are sound. */
function keysIn({ catalogue }: Compiled, state: Rows): ReadonlyMap<string, Value> {
  return new Map(
    Object.values(catalogue.tables).flatMap(({ name, key: [key] }) =>
      (state[name] ?? []).slice(0, 1).map((row) => [name, row[key ?? ""] ?? null] as const),
    ),
  );
}

interface Creation {
  readonly state: Rows;
  /** The values of a creation that is accepted. */
  readonly base: Row;
  readonly keys: ReadonlyMap<string, Value>;
}

function insertsOf(table: CatalogueTable, { state, base, keys }: Creation): readonly MatrixCase[] {
  const rows = state[table.name] ?? [];
  if (table.create?.by !== "agent")
    return [
      insertCase(table, { values: base, verb: "INSERT", rule: `${table.name}.read_only`, shows: `Creating a ${table.label} by hand` }),
    ];
  const columns = table.columns.flatMap((column) =>
    insertedValues(table, column, keys).map((value) =>
      insertCase(table, {
        values: { ...base, [column.name]: value },
        verb: "INSERT",
        rule: column.insert.kind === "system" ? `${table.name}.${column.name}.writable` : ruleOf(table, column),
        shows: `Creating a ${table.label} with ${column.label} ${String(value)}`,
      }),
    ),
  );
  const [key] = table.key;
  const taken = rows.slice(0, 1).map((row) => Object.fromEntries(table.key.map((name) => [name, row[name] ?? null])));
  const highest = rows.reduce(
    (high, row) => (typeof row[key ?? ""] === "bigint" && Number(row[key ?? ""]) > high ? Number(row[key ?? ""]) : high),
    0,
  );
  const chosen = table.surrogate && key !== undefined ? [BigInt(highest) + 2n, 0n, -1n, 2n ** 62n].map((value) => ({ [key]: value })) : [];
  const chosenKeys = [...taken, ...chosen].flatMap((cells) =>
    ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL"].map((verb) =>
      insertCase(table, {
        values: { ...base, ...cells },
        verb,
        rule: `${table.name}.key`,
        shows: `Creating a ${table.label} with the key ${Object.values(cells).map(String).join(", ")} (${verb})`,
      }),
    ),
  );
  return [...columns, ...chosenKeys];
}

function insertCase(
  table: CatalogueTable,
  { values, verb, rule, shows }: { readonly values: Row; readonly verb: string; readonly rule: string; readonly shows: string },
): MatrixCase {
  const { sql, values: bound } = statementOf({ op: "insert", table: table.name, values });
  return { rule, shows, sql: sql.replace("INSERT", verb), values: bound };
}

/** Values that the creator of a row may not give. */
function insertedValues(table: CatalogueTable, column: CatalogueColumn, keys: ReadonlyMap<string, Value>): readonly Value[] {
  switch (column.insert.kind) {
    case "agent": {
      const invalid: Value[] =
        column.values !== null && column.type === "text"
          ? ["no such value"]
          : column.references !== null
            ? [column.type === "integer" ? 987654n : "no such row"]
            : [];
      return [
        ...invalid,
        ...(column.min !== null ? [column.type === "real" ? column.min - 1 : BigInt(Math.floor(column.min)) - 1n] : []),
        ...(column.nullable ? [] : [null]),
      ];
    }
    case "clock":
      return [NOW + 1n, NOW - 1n, null];
    case "user":
    case "desk":
      return [column.type === "integer" ? 987654n : "somebody else", null];
    case "start":
      return (column.values ?? []).map(String).filter((state) => table.states?.start.includes(state) === false);
    case "counter":
      return [1n, 7n];
    case "system":
      // A stamp that is due at a move is empty until then.
      if (column.update.by === "clock" || column.update.by === "user" || column.update.by === "desk") return [];
      return [
        (column.references === null ? undefined : keys.get(column.references)) ??
          column.values
            ?.map((value) => (typeof value === "number" ? BigInt(value) : value))
            .find((value) => !isSameValue(value, column.default ?? null)) ??
          freshValue(column, 72),
      ];
    case "mark":
      return ["created", freshValue(column, 1)];
    case "derived":
      return [column.type === "text" ? "x" : 1n];
    case "key":
      return [];
  }
}

function ruleOf(table: CatalogueTable, column: CatalogueColumn): string {
  if (table.layer !== "L2" && column.update.by !== "counter" && column.update.by !== "mark") return `${table.name}.read_only`;
  return table.key.includes(column.name) ? `${table.name}.key` : `${table.name}.${column.name}`;
}

function withoutComputed(table: CatalogueTable, row: Row): Row {
  return Object.fromEntries(
    table.columns.flatMap(({ name, insert }) =>
      insert.kind === "derived" || insert.kind === "mark" || insert.kind === "key" ? [] : [[name, row[name] ?? null]],
    ),
  );
}

function byKey(table: CatalogueTable, row: Row): { readonly where: string; readonly values: readonly Value[] } {
  return { where: table.key.map((name) => `${quote(name)} IS ?`).join(" AND "), values: table.key.map((name) => row[name] ?? null) };
}
