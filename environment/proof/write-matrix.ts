/**
 * The write matrix: every table × column × insert or update × state, under every conflict clause, and deletes, upserts,
 * chosen keys and the effects' own statements, as plain SQL from a client that goes round the tools. What only the engine
 * may write must be refused by a rule, and nothing change.
 */
import { type Catalogue, type CatalogueTable, CONTEXT_TABLE } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { quoteIdentifier as quote } from "../core/identifier.js";
import type { Row, Rows, Value } from "../core/values.js";
import { effectCasesOf } from "./matrix-effects.js";
import { insertsOf } from "./matrix-inserts.js";
import { literalText, type MatrixCase, plainCase } from "./matrix-statement.js";
import { updatesOf } from "./matrix-updates.js";
import type { Witness, World } from "./witness-run.js";
import { withWorlds, type Worlds } from "./worlds.js";

/** A statement that was not refused, or was refused by no rule, in a sentence for the author. */
export interface MatrixFailure {
  readonly rule: string;
  readonly message: string;
}

/** A state with the statements to try on it, each on its own. */
export interface Matrix {
  readonly state: Rows;
  readonly cases: readonly MatrixCase[];
}

/**
 * The matrix of a sheet on a state, with one accepted creation a table to depart from (where none is known, inserts are
 * tried as they are). `witnesses` give the creations, and the writes on which effects run.
 */
export function matricesOf(compiled: Compiled, state: Rows, witnesses: readonly Witness[]): readonly Matrix[] {
  const tables = Object.values(compiled.catalogue.tables);
  const updates = { state, cases: [...contextCases(compiled.catalogue), ...tables.flatMap((table) => updatesOf(compiled, table, state))] };
  const inserts = tables.map((table) => {
    const created = witnesses.find(
      ({ write, expected }) => write.op === "insert" && write.table === table.name && expected.kind === "accepted",
    );
    const base = created?.write.op === "insert" ? created.write.values : withoutComputed(table, state[table.name]?.[0] ?? {});
    const on = created?.state ?? state;
    return { state: on, cases: insertsOf(table, { state: on, base, keys: keysIn(compiled, on) }) };
  });
  return [updates, ...inserts, ...effectCasesOf(compiled, witnesses)].filter(({ cases }) => cases.length > 0);
}

/** One case for a plain shell: the last of its statements must be refused by `rule` (`names`: "any": by any rule of the sheet). */
export interface ScriptCase {
  readonly rule: string;
  readonly names: MatrixCase["names"];
  readonly shows: string;
  /** SQL with literals, without last semicolons. */
  readonly statements: readonly string[];
}

/** The cases of a matrix as text, for a client that binds nothing. */
export function matrixScript({ cases }: Matrix): readonly ScriptCase[] {
  return cases.map(({ rule, names, shows, first, ...last }) => ({ rule, names, shows, statements: [...first, last].map(literalText) }));
}

/** Cases run, and those that the engine did not answer as it should. */
export interface MatrixRun {
  readonly run: number;
  readonly failed: readonly MatrixFailure[];
  /** The matrices without the cases that failed. */
  readonly held: readonly Matrix[];
}

/** Runs the cases, each alone. */
export function runMatrix(compiled: Compiled, matrices: readonly Matrix[]): MatrixRun {
  return withWorlds(compiled, (worlds) => tryMatrices(worlds, compiled, matrices));
}

/** The same in worlds that are there already. */
export function tryMatrices(worlds: Worlds, { normal }: Compiled, matrices: readonly Matrix[]): MatrixRun {
  const known = new Set(normal.guards.map(({ id }) => id));
  const failed: MatrixFailure[] = [];
  const held = matrices.map(({ state, cases }): Matrix => {
    const world = worlds.of(state);
    const faults = new Map<MatrixCase, MatrixFailure>();
    const { isChanged } = world.watch(() => {
      for (const each of cases) {
        const fault = tryCase(known, world, each);
        if (fault !== null) faults.set(each, fault);
      }
    });
    const left = isChanged ? cases.filter((each) => world.watch(() => world.raw([...each.first, each])).isChanged) : [];
    if (isChanged) worlds.discard(state);
    failed.push(
      ...faults.values(),
      ...left.map(({ rule, shows }) => ({ rule, message: `${shows}: refused, and yet the database changed` })),
    );
    return { state, cases: cases.filter((each) => !faults.has(each) && !left.includes(each)) };
  });
  return { run: matrices.reduce((sum, { cases }) => sum + cases.length, 0), failed, held };
}

/** What is wrong with the engine's answer to a case, or null; `known` are the ids that a refusal may name. */
export function tryCase(known: ReadonlySet<string>, world: World, each: MatrixCase): MatrixFailure | null {
  const { rule, shows, names, first } = each;
  const refusal = world.raw([...first, each]);
  if (refusal === null) return { rule, message: `${shows}: a plain client may do this (${literalText(each)}), but only the engine should` };
  // SQLite itself refuses to write generated columns, before any trigger.
  if (refusal === rule || refusal.startsWith(`${rule}.`) || refusal.includes("generated column")) return null;
  if (names === "any" && known.has(refusal)) return null;
  const found = known.has(refusal) ? refusal : `SQLite itself (${refusal})`;
  return { rule, message: `${shows} (${literalText(each)}): expected to be refused by ${rule}, but refused by ${found}` };
}

/** The context row of a sealed state: nobody moves the clock, opens the seal, changes desk or user, or adds a second row. */
function contextCases({ mode }: Catalogue): readonly MatrixCase[] {
  const table = quote(CONTEXT_TABLE);
  const statements = [
    `UPDATE ${table} SET now = now + 1`,
    `UPDATE OR REPLACE ${table} SET now = now - 1`,
    `UPDATE ${table} SET sealed = 0`,
    `UPDATE OR IGNORE ${table} SET sealed = 0`,
    `UPDATE ${table} SET desk = 'another desk'`,
    `UPDATE ${table} SET transferred = 2`,
    `UPDATE ${table} SET id = 2`,
    `DELETE FROM ${table}`,
    `INSERT INTO ${table} (id, now, sealed) VALUES (2, 1, 0)`,
    `INSERT OR REPLACE INTO ${table} (id, now, sealed) VALUES (1, 1, 0)`,
    `INSERT OR IGNORE INTO ${table} (id, now, sealed) VALUES (2, 1, 0)`,
    ...(mode === "session" ? [`UPDATE ${table} SET actor = NULL`, `UPDATE OR FAIL ${table} SET actor = NULL`] : []),
  ];
  return statements.map((sql) => plainCase({ rule: "context", shows: "Writing the context", sql, values: [] }));
}

/** A key of each table's rows, for references that are sound. */
function keysIn({ catalogue }: Compiled, state: Rows): ReadonlyMap<string, Value> {
  return new Map(
    Object.values(catalogue.tables).flatMap(({ name, key: [key] }) =>
      (state[name] ?? []).slice(0, 1).map((row) => [name, row[key ?? ""] ?? null] as const),
    ),
  );
}

function withoutComputed(table: CatalogueTable, row: Row): Row {
  return Object.fromEntries(
    table.columns.flatMap(({ name, insert }) =>
      insert.kind === "derived" || insert.kind === "mark" || insert.kind === "key" ? [] : [[name, row[name] ?? null]],
    ),
  );
}
