/** Random states of a compiled sheet and random writes on them, mostly plausible ones; and the real engine to try them on. */
import Database from "better-sqlite3";
import { type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE } from "../../environment/core/catalogue.js";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { evaluateValue } from "../../environment/core/evaluate-expression.js";
import type { Write } from "../../environment/compile/interpret-write.js";
import type { Row, Rows, Value } from "../../environment/core/values.js";

/** A seeded generator of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const now = 10n;

/** Rows of every table, references intact, counters and marks true, unique keys unique; rules may be broken. */
export function randomState(compiled: Compiled, random: () => number): Rows {
  const { catalogue } = compiled;
  const state: Record<string, Row[]> = {};
  for (const table of Object.values(catalogue.tables)) state[table.name] = [];
  for (const table of Object.values(catalogue.tables)) {
    const size = 1 + Math.floor(random() * 5);
    for (let at = 0; at < size; at += 1) {
      const row = randomRow(compiled, state, table, random);
      if (row !== null) state[table.name]?.push(row);
    }
  }
  state[CONTEXT_TABLE] = [contextRow(compiled, state, random)];
  return withCounts(compiled, state);
}

/** The same rows with every counter true. Counters may count counters: each is counted again until nothing changes. */
export function withCounts(compiled: Compiled, rows: Rows): Rows {
  const counters = compiled.normal.effects.filter((effect) => effect.kind === "counter");
  let state = rows;
  for (let round = 0; round <= counters.length; round += 1) {
    for (const { table, column, value } of counters) {
      const counted = (state[table] ?? []).map((row) => ({ ...row, [column]: evaluateValue(value, scope(compiled, state, table, row)) }));
      state = { ...state, [table]: counted };
    }
  }
  return state;
}

/** The counters that are not what they must be, as texts. */
export function falseCounts(compiled: Compiled, state: Rows): readonly string[] {
  return compiled.normal.effects.flatMap((effect) =>
    effect.kind !== "counter"
      ? []
      : (state[effect.table] ?? []).flatMap((row) => {
          const counted = evaluateValue(effect.value, scope(compiled, state, effect.table, row));
          return counted === row[effect.column] ? [] : [`${effect.id}: ${String(row[effect.column])} instead of ${String(counted)}`];
        }),
  );
}

function scope(compiled: Compiled, state: Rows, table: string, row: Row) {
  const rows = (name: string) => state[name] ?? [];
  return {
    catalogue: compiled.catalogue,
    roots: { owner: { table, row }, new: { table, row } },
    rows,
    rowsBefore: rows,
    context: state[CONTEXT_TABLE]?.[0] ?? {},
    cause: null,
  };
}

function contextRow({ catalogue }: Compiled, state: Rows, random: () => number): Row {
  const row: Record<string, Value> = {};
  for (const column of catalogue.context.columns) row[column.name] = column.nullable ? null : 0n;
  const actor = catalogue.actor === null || random() < 0.05 ? undefined : pick(state[catalogue.actor.table] ?? [], random);
  if (catalogue.actor !== null && actor !== undefined) {
    row["actor"] = actor[catalogue.actor.key] ?? null;
    for (const name of catalogue.actor.evidence) row[`evidence_${name}`] = actor[name] ?? null;
  }
  return { ...row, id: 1n, now, sealed: random() < 0.8 ? 1n : 0n, desk: catalogue.actor?.desk ?? null };
}

function randomRow(compiled: Compiled, state: Rows, table: CatalogueTable, random: () => number): Row | null {
  const row: Record<string, Value> = {};
  const rows = state[table.name] ?? [];
  for (const column of table.columns) row[column.name] = randomValue(compiled, state, { table, column }, random);
  if (table.surrogate) row[table.key[0] ?? ""] = BigInt(rows.length + 1);
  if (
    rows.some((other) =>
      [table.key, ...table.unique.map(({ columns }) => columns)].some((names) => names.every((name) => other[name] === row[name])),
    )
  )
    return null;
  for (const { name, insert } of table.columns)
    if (insert.kind === "derived") row[name] = evaluateValue(insert.expression, scope(compiled, state, table.name, row));
  for (const { column, of } of table.marks) row[column] = of === null ? "created" : (row[of] ?? null);
  return row;
}

/** A value that fits the column: of its list, of the keys there are, a small number, or a short text. */
export function randomValue(
  { catalogue }: Compiled,
  state: Rows,
  { table, column }: { table: CatalogueTable; column: CatalogueColumn },
  random: () => number,
): Value {
  if (column.insert.kind === "mark" || column.insert.kind === "derived") return null;
  if (column.nullable && random() < 0.35) return null;
  if (column.references !== null) {
    const target = catalogue.tables[column.references];
    const row = pick(state[column.references] ?? [], random);
    return row?.[target?.key[0] ?? ""] ?? (column.nullable ? null : column.type === "text" ? "none" : 99n);
  }
  if (column.values !== null) return stored(pick(column.values, random) ?? null);
  if (column.type === "text") return pick(["a", "b", "ab", "c", "bb", "cc", "abc", ""], random) ?? "";
  if (column.unit === "step") return now + BigInt(Math.floor(random() * 12) - 5);
  const isKey = table.key.includes(column.name);
  return BigInt(Math.floor(random() * (isKey ? 6 : 9)));
}

/** A write that mostly has a chance: stamps filled, one move of the table, columns that may change. */
export function randomWrite(compiled: Compiled, state: Rows, random: () => number): Write {
  const tables = Object.values(compiled.catalogue.tables);
  if (compiled.catalogue.mode === "session" && random() < 0.03) return contextWrite(compiled, state, random);
  const writable = tables.filter(({ layer }) => layer === "L2");
  const table = (random() < 0.9 ? pick(writable, random) : pick(tables, random)) ?? tables[0];
  if (table === undefined) throw new RangeError("a sheet has tables");
  const rows = state[table.name] ?? [];
  const row = pick(rows, random);
  if (row === undefined || (table.create?.by === "agent" && random() < 0.4))
    return { op: "insert", table: table.name, values: insertValues(compiled, state, table, random) };
  return {
    op: "update",
    table: table.name,
    key: Object.fromEntries(table.key.map((name) => [name, row[name] ?? null])),
    set: updateSet(compiled, state, { table, row }, random),
  };
}

function contextWrite({ catalogue }: Compiled, state: Rows, random: () => number): Write {
  const column = pick(catalogue.context.columns.slice(1), random);
  const member = pick(state[catalogue.actor?.table ?? ""] ?? [], random);
  const evidence = Object.fromEntries((catalogue.actor?.evidence ?? []).map((name) => [`evidence_${name}`, member?.[name] ?? null]));
  const set: Row =
    random() < 0.5
      ? { actor: member?.[catalogue.actor?.key ?? ""] ?? null, ...evidence }
      : { [column?.name ?? "now"]: pick([0n, 1n, 11n, null], random) ?? null };
  const typed = Object.fromEntries(
    Object.entries(set).map(([name, value]) => [
      name,
      catalogue.context.columns.find((other) => other.name === name)?.type === "text" && value !== null ? String(value) : value,
    ]),
  );
  return { op: "update", table: CONTEXT_TABLE, key: { id: 1n }, set: typed };
}

function insertValues(compiled: Compiled, state: Rows, table: CatalogueTable, random: () => number): Row {
  const context = state[CONTEXT_TABLE]?.[0] ?? {};
  const values: Record<string, Value> = {};
  for (const column of table.columns) {
    const { kind } = column.insert;
    if (kind === "derived") continue;
    if (kind === "clock") values[column.name] = random() < 0.97 ? now : 3n;
    else if (kind === "user") values[column.name] = random() < 0.97 ? (context["actor"] ?? null) : "a";
    else if (kind === "desk") values[column.name] = random() < 0.97 ? (context["desk"] ?? null) : "D2";
    else if (kind === "agent" || random() < 0.02)
      values[column.name] = kind === "mark" ? markValue(column) : randomValue(compiled, state, { table, column }, random);
  }
  return { ...values, ...computedValues(compiled, state, { table, values }, random) };
}

/** Most prices are the right ones, so that a calculation is not what refuses everything. */
export function computedValues(
  compiled: Compiled,
  state: Rows,
  { table, values }: { readonly table: CatalogueTable; readonly values: Row },
  random: () => number,
): Row {
  const computed: Record<string, Value> = {};
  for (const guard of compiled.normal.guards) {
    if (
      guard.table !== table.name ||
      (guard.kind !== "calculation" && guard.kind !== "decide") ||
      guard.must.kind !== "compare" ||
      guard.must.left.kind !== "path" ||
      random() < 0.2
    )
      continue;
    const row = {
      ...Object.fromEntries(table.columns.map(({ name }) => [name, null])),
      ...values,
      ...computed,
      ...(table.surrogate ? { [table.key[0] ?? ""]: -1n } : {}),
    };
    const right = evaluateValue(guard.must.right, scope(compiled, state, table.name, row));
    if (right !== null) computed[guard.must.left.steps[0] ?? ""] = right;
  }
  return computed;
}

function updateSet(compiled: Compiled, state: Rows, { table, row }: { table: CatalogueTable; row: Row }, random: () => number): Row {
  const set: Record<string, Value> = {};
  const column = table.states?.column ?? "";
  const moves = table.states?.moves.filter(({ from }) => from === row[column]) ?? [];
  const move = random() < 0.7 ? pick(moves, random) : undefined;
  if (move !== undefined) {
    set[column] = move.to;
    for (const name of move.sets) {
      const declared = table.columns.find((other) => other.name === name);
      if (declared !== undefined && random() < 0.9) set[name] = randomValue(compiled, state, { table, column: declared }, random);
    }
    for (const { name, update } of table.columns)
      if (update.by === "clock" && update.moves.includes(`${move.from}>${move.to}`)) set[name] = random() < 0.97 ? now : 2n;
  }
  for (const declared of table.columns) {
    if (declared.insert.kind === "derived") continue;
    const chance = declared.update.by === "agent" ? 0.25 : 0.02;
    if (random() < chance)
      set[declared.name] =
        declared.insert.kind === "mark" ? markValue(declared) : randomValue(compiled, state, { table, column: declared }, random);
  }
  if (Object.keys(set).length === 0) set[table.columns[1]?.name ?? ""] = row[table.columns[1]?.name ?? ""] ?? null;
  return set;
}

function markValue({ type }: CatalogueColumn): Value {
  return type === "integer" ? 7n : "x";
}

function stored(value: string | number | null): Value {
  return typeof value === "number" ? BigInt(value) : value;
}

function pick<T>(from: readonly T[], random: () => number): T | undefined {
  return from[Math.floor(random() * from.length)];
}

/** What the engine itself did: accepted with all rows after, or refused with its message. */
export type Tried = { readonly kind: "accepted"; readonly state: Rows } | { readonly kind: "refused"; readonly rule: string };

/** A database with the rows laid before the triggers, foreign keys off as in a plain shell. */
export function open(compiled: Compiled, state: Rows, triggerSql: readonly string[] = compiled.triggerSql): Database.Database {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.pragma("foreign_keys = off");
  for (const sql of compiled.schemaSql) db.prepare(sql).run();
  for (const table of [compiled.catalogue.context, ...Object.values(compiled.catalogue.tables)]) {
    const names = table.columns.filter(({ insert }) => insert.kind !== "derived").map(({ name }) => name);
    const insert = db.prepare(
      `INSERT INTO "${table.name}" (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    );
    for (const row of state[table.name] ?? []) insert.run(...names.map((name) => row[name] ?? null));
  }
  for (const sql of triggerSql) db.prepare(sql).run();
  return db;
}

/** A write on the engine, in a savepoint that is always undone. */
export function tryWrite(compiled: Compiled, db: Database.Database, write: Write): Tried {
  db.exec("SAVEPOINT trial");
  try {
    const given = write.op === "insert" ? write.values : write.set;
    const names = Object.keys(given);
    const key = write.op === "insert" ? {} : write.key;
    const sql =
      write.op === "insert"
        ? `INSERT INTO "${write.table}" (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`
        : `UPDATE "${write.table}" SET ${names.map((name) => `"${name}" = ?`).join(", ")} WHERE ${Object.keys(key)
            .map((name) => `"${name}" = ?`)
            .join(" AND ")}`;
    db.prepare(sql).run(...Object.values(given), ...Object.values(key));
    return { kind: "accepted", state: readState(compiled, db) };
  } catch (error) {
    return { kind: "refused", rule: error instanceof Error ? error.message : String(error) };
  } finally {
    db.exec("ROLLBACK TO trial; RELEASE trial");
  }
}

/** All rows of a database. */
export function readState(compiled: Compiled, db: Database.Database): Rows {
  const tables = [compiled.catalogue.context, ...Object.values(compiled.catalogue.tables)];
  return Object.fromEntries(
    tables.map((table) => [
      table.name,
      db.prepare(`SELECT ${table.columns.map(({ name }) => `"${name}"`).join(", ")} FROM "${table.name}" ORDER BY rowid`).all() as Row[],
    ]),
  );
}

/** A state as text that two equal states share. */
export function canonical(compiled: Compiled, state: Rows): string {
  const tables = [compiled.catalogue.context, ...Object.values(compiled.catalogue.tables)];
  const lines = tables.flatMap(({ name, columns }) =>
    (state[name] ?? [])
      .map((row) => `${name} ${columns.map((column) => `${typeof row[column.name]}:${String(row[column.name] ?? null)}`).join("|")}`)
      .sort(),
  );
  return lines.join("\n");
}
