/**
 * The executor: one tool call on one database, from unchecked arguments to an answer.
 *
 * A call is one statement, which SQLite undoes whole when a trigger refuses it; so a refused call leaves the state as it
 * was without a savepoint. Values are always bound. A row is shown as it is when the AFTER triggers have
 * run, which RETURNING would not do: as it was noted where nothing touched it again, else as it is read again.
 */
import type Database from "better-sqlite3";
import { type Argument, type Arguments, checkArguments } from "./arguments.js";
import { addressOf, CONTEXT_TABLE, type Catalogue, type CatalogueTable } from "../core/catalogue.js";
import type { Engine } from "../compile/compile-sheet.js";
import { openEffectLog } from "./effect-log.js";
import { stringifyExactJson } from "./exact-json.js";
import { installNotes, type NotedTable, type Notes } from "./notes.js";
import { planQuery, type QueryTable } from "./query.js";
import { pageOf } from "./query-page.js";
import type { Db } from "./snapshot.js";
import { refuse, type RuleTexts, type ToolResult } from "./tool-result.js";
import { shownColumns, type ToolPlan, toolPlans } from "./tools.js";
import { type Row, rowOf, setMember, type Value } from "../core/values.js";
import { quoteIdentifier } from "../core/identifier.js";
import { openWriteGuard, type WriteGuard } from "./write-guard.js";
import { authenticateSql, insertSql, selectSql, transferSql, updateSql } from "./write-statement.js";

/** A call as it is logged: arguments are JSON-safe and, given again, do the same. */
export type LoggedCall = { readonly tool: string; readonly arguments: Readonly<Record<string, string | number | boolean>> };

/** An accepted write as it was made; {@link loggedCall} makes of it what is logged. */
export type AcceptedWrite = { readonly tool: string; readonly given: Arguments };

/** The answer to a call, and, of an accepted write, what is to be logged. */
export type Executed = { readonly result: ToolResult; readonly accepted: AcceptedWrite | null };

export interface Executor {
  /** Carries out one call; an agent's fault is an answer, never an exception. */
  call(tool: string, given: unknown): Executed;
  /** What was touched, by calls and by statements of others; refused calls leave nothing in them. */
  readonly notes: Notes;
}

type Statement = Database.Statement<Value[], Value[]>;
type Act = (given: Arguments) => ToolResult;
type Tool = { readonly plan: ToolPlan; readonly act: Act };
type Scope = {
  readonly catalogue: Catalogue;
  readonly rules: RuleTexts;
  readonly prepare: (sql: string) => Statement;
  readonly notes: Notes;
  readonly tell: ReturnType<typeof openEffectLog>;
  readonly guard: WriteGuard;
};

/** Opens the executor on a database of the environment; it installs TEMP triggers, so no transaction may be open. */
export function openExecutor({ db, compiled }: { readonly db: Db; readonly compiled: Engine }): Executor {
  const scope = openScope(db, compiled);
  const tools = new Map(toolPlans(compiled).map((plan): [string, Tool] => [plan.name, { plan, act: actOf(scope, plan) }]));

  function call(name: string, given: unknown): Executed {
    const tool = tools.get(name);
    if (tool === undefined)
      return {
        result: refuse("UNKNOWN_TOOL", `Unknown tool ${JSON.stringify(name)}`, `Known tools: ${[...tools.keys()].join(", ")}`),
        accepted: null,
      };
    const checked = checkArguments(tool.plan.parameters, given);
    if (!checked.ok) return { result: refuse(checked.fault.code, checked.fault.message), accepted: null };
    const { length } = scope.notes.list;
    const result = tool.act(checked.value);
    if (!result.ok) scope.notes.cut(length);
    const isWrite = result.ok && tool.plan.kind !== "query";
    return { result, accepted: isWrite ? { tool: name, given: checked.value } : null };
  }

  return { call, notes: scope.notes };
}

function openScope(db: Db, engine: Engine): Scope {
  const { catalogue, normal } = engine;
  const prepared = new Map<string, Statement>();
  const noted = [...Object.values(catalogue.tables), catalogue.context].filter(isReached).map((table) => notedTable(catalogue, table));
  const notes = installNotes(db, noted);
  const tell = openEffectLog(db, notes);
  const rules = new Map(normal.guards.map(({ id, message, hint }) => [id, { message, hint }]));

  function prepare(sql: string): Statement {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    if (prepared.size >= mostStatements) prepared.clear();
    const statement = db.prepare<Value[], Value[]>(sql).safeIntegers(true);
    if (statement.reader) statement.raw(true);
    prepared.set(sql, statement);
    return statement;
  }

  return { catalogue, rules, prepare, notes, tell, guard: openWriteGuard(engine, { rules, prepare }) };
}

/** Statements kept of one connection; agents choose the shapes of queries and of writes, so there is an end to them. */
const mostStatements = 512;

/** Reference data is that which no write and no effect reaches; tables of imports are none. */
function isReached({ layer }: CatalogueTable): boolean {
  return layer !== "L0";
}

/** Every write is noted, for the comparison with the origin; answers tell what changed in tables that writes reach, but for the context. */
function notedTable(catalogue: Catalogue, table: CatalogueTable): NotedTable {
  const key = addressOf(table);
  const isTold = table.layer !== "L0" && table.layer !== "context";
  const shown = shownColumns(catalogue, table).map(({ name }) => name);
  const image = isTold ? shown.filter((name) => !key.includes(name)) : [];
  const stored = table.columns.filter(({ insert }) => insert.kind !== "mark" && insert.kind !== "derived");
  return { table: table.name, key, image, watched: table.marks.length === 0 ? null : stored.map(({ name }) => name) };
}

function actOf(scope: Scope, plan: ToolPlan): Act {
  switch (plan.kind) {
    case "query":
      return (given) => runQuery(scope, plan.source, given);
    case "insert":
      return insertAct(scope, plan.table);
    case "update":
      return updateAct(scope, plan.table);
    case "authenticate":
      return authenticateAct(scope);
    case "transfer":
      return (given) =>
        writeContext(scope, transferSql, [bound(given.get("summary"))], () => ({
          transferred: 1n,
          transfer_summary: bound(given.get("summary")),
        }));
  }
}

function runQuery(scope: Scope, source: QueryTable, given: Arguments): ToolResult {
  const planned = planQuery(source, given);
  if (!planned.ok) return refuse("INVALID_ARGUMENTS", planned.message);
  const found = scope.prepare(planned.query.sql).all(...planned.query.values);
  return pageOf(source, planned.query, found);
}

function insertAct(scope: Scope, table: CatalogueTable): Act {
  const columns = shownColumns(scope.catalogue, table).map(({ name }) => name);
  const address = addressOf(table);
  const isChosen = table.surrogate || table.key.length === 0;
  const insertOf = statements(scope, (names) => insertSql(table, names));
  const select = selectSql(table, columns);
  return (given) => {
    const insert = insertOf([...given.keys()], null);
    const values: Value[] = [];
    for (const value of given.values()) values.push(bound(value));
    const from = scope.notes.list.length;
    return scope.guard.attempt(() => {
      const { changes, lastInsertRowid } = run(insert, values);
      if (changes === 0) return ignored();
      const key = isChosen ? [BigInt(lastInsertRowid)] : address.map((column) => bound(given.get(column)));
      return written(scope, { table, key, columns, select, from });
    }, table.name);
  };
}

/** A write that SQLite has made: its row, the columns to be shown of it, how they are read, and how many notes were there before. */
type Written = {
  readonly table: CatalogueTable;
  readonly key: readonly Value[];
  readonly columns: readonly string[];
  readonly select: string;
  readonly from: number;
};

/** The answer to an accepted write; a row that the environment's own triggers took away again is answered as empty. */
function written(scope: Scope, { table, key, columns, select, from }: Written): ToolResult {
  const broken = scope.guard.broken();
  if (broken !== null) return broken;
  const { own, effects } = scope.tell(from, { table: table.name, key });
  const after = own?.after ?? null;
  if (own !== null && after !== null) return { ok: true, row: notedRow(own.key, after, { address: addressOf(table), columns }), effects };
  const row = scope.prepare(select).get(...key);
  return { ok: true, row: row === undefined ? {} : rowOf(columns, row), effects };
}

/** The columns shown of a row as it was noted: the image has those that are no part of the key, in their order. */
function notedRow(
  key: readonly Value[],
  image: readonly Value[],
  { address, columns }: { readonly address: readonly string[]; readonly columns: readonly string[] },
): Row {
  const row: Record<string, Value> = {};
  let next = 0;
  for (const name of columns) {
    const at = address.indexOf(name);
    setMember(row, name, (at === -1 ? image[next] : key[at]) ?? null);
    if (at === -1) next += 1;
  }
  return row;
}

/** A refusal is an ordinary answer: to take down the stack, which nobody reads, would cost more than the write. */
function run(statement: Statement, values: readonly Value[]): Database.RunResult {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return statement.run(...values);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Statements by the columns given and the new state: writing their SQL anew would cost as much as a small write. */
function statements(
  { prepare }: Scope,
  sqlOf: (names: readonly string[], state: string | null) => string,
): (names: readonly string[], state: string | null) => Statement {
  const known = new Map<string, Statement>();
  let last: { readonly names: readonly string[]; readonly state: string | null; readonly statement: Statement } | undefined;
  return (names, state) => {
    // Mostly the same columns are given as before.
    if (last?.state === state && last.names.length === names.length && names.every((name, i) => name === last?.names[i]))
      return last.statement;
    const shape = `${names.join("\0")}>${state ?? ""}`;
    const statement = known.get(shape) ?? prepare(sqlOf(names, state));
    if (known.size >= mostShapes) known.clear();
    known.set(shape, statement);
    last = { names, state, statement };
    return statement;
  };
}

/** Agents choose which arguments to give, and in which order: there is an end to the statements kept. */
const mostShapes = 256;

function updateAct(scope: Scope, table: CatalogueTable): Act {
  const columns = shownColumns(scope.catalogue, table).map(({ name }) => name);
  const address = addressOf(table);
  const stateColumn = table.states?.column;
  const updateOf = statements(scope, (names, state) => updateSql(table, names, state));
  const select = selectSql(table, columns);
  return (given) => {
    const key = address.map((column) => bound(given.get(column)));
    const set = [...given.keys()].filter((name) => !address.includes(name));
    if (set.length === 0) return refuse("INVALID_ARGUMENTS", `Nothing to change: no column was given but the key of the ${table.label}`);
    const state = stateColumn === undefined ? undefined : given.get(stateColumn);
    const update = updateOf(set, typeof state === "string" ? state : null);
    const from = scope.notes.list.length;
    return scope.guard.attempt(() => {
      if (run(update, [...set.map((name) => bound(given.get(name))), ...key]).changes === 0)
        return scope.prepare(select).get(...key) === undefined ? notFound(table, key) : ignored();
      return written(scope, { table, key, columns, select, from });
    }, table.name);
  };
}

/** The answer is the user's row and the clock, which no query shows: steps cannot be reckoned without it. */
function authenticateAct(scope: Scope): Act {
  const { actor, tables } = scope.catalogue;
  const table = actor === null ? undefined : tables[actor.table];
  if (actor === null || table === undefined) throw new TypeError("Cannot authenticate: the sheet has no actor");
  const sql = authenticateSql(actor);
  const columns = shownColumns(scope.catalogue, table).map(({ name }) => name);
  const clock = `SELECT now FROM ${quoteIdentifier(CONTEXT_TABLE)}`;
  return (given) => {
    const key = bound(given.get(actor.key));
    const evidence = actor.evidence.map((column) => bound(given.get(column)));
    const answer = (): Row => ({
      ...rowOf(columns, scope.prepare(selectSql(table, columns)).get(key) ?? []),
      now: rowOf(["now"], scope.prepare(clock).get() ?? [])["now"] ?? null,
    });
    return writeContext(scope, sql, [key, ...evidence], answer);
  };
}

function writeContext(scope: Scope, sql: string, values: readonly Value[], row: () => Row): ToolResult {
  return scope.guard.attempt(() => {
    const from = scope.notes.list.length;
    run(scope.prepare(sql), values);
    return { ok: true, row: row(), effects: scope.tell(from, null).effects };
  });
}

function notFound(table: CatalogueTable, key: readonly Value[]): ToolResult {
  const named = addressOf(table)
    .map((column, i) => `${column} ${stringifyExactJson(key[i] ?? null)}`)
    .join(", ");
  return refuse("NOT_FOUND", `There is no ${table.label} with ${named}`);
}

/** An import's trigger may skip a write in silence (RAISE(IGNORE)); the agent is told. */
function ignored(): ToolResult {
  return refuse("INTERNAL", "The environment ignored this write; nothing was changed");
}

/** No tool that writes has a boolean parameter; NULL is said by leaving an argument out. */
function bound(value: Argument | undefined): Value {
  return value === undefined || typeof value === "boolean" ? null : value;
}

/** Most logs are never asked for, so that calls are kept as they were made. */
export function loggedCall({ tool, given }: AcceptedWrite): LoggedCall {
  const logged: Record<string, string | number | boolean> = {};
  for (const [name, value] of given) setMember(logged, name, typeof value === "bigint" ? loggedInteger(value) : value);
  return { tool, arguments: logged };
}

function loggedInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
