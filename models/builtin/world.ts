/** A state in memory on which the built-in author tries calls before it writes them down: the pure interpreter, with stamps filled in. */
import { type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE, tableOf } from "../../environment/core/catalogue.js";
import { type Compilation, type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { evaluateValue } from "../../environment/core/evaluate-expression.js";
import { interpretWrite, type Verdict, type Write } from "../../environment/compile/interpret-write.js";
import { parseExpression } from "../../environment/core/parse-expression.js";
import type { Row, Rows, Value } from "../../environment/core/values.js";
import { declarationsOf, type Reading, rulesOf } from "./reading/read-policy.js";
import type { Scalar } from "./reading/lab.js";

export interface Call {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, Scalar>>;
}

/** The sheet that follows from a policy's text, compiled. */
export function compileReading(reading: Reading): Compilation {
  const policy = reading.clauses.map(({ id, kind, text }) => ({ id, kind, text }));
  return compileSheet({
    logigen: 1,
    id: "reading",
    title: reading.title,
    policy,
    ...declarationsOf(reading).draft,
    rules: rulesOf(reading).rules,
  });
}

/** Rows with a context row: the clock, and who is authenticated. */
export function stateOf(compiled: Compiled, rows: Rows, now: number): Rows {
  const tables = Object.fromEntries(Object.keys(compiled.catalogue.tables).map((name) => [name, rows[name] ?? []]));
  const context = Object.fromEntries(compiled.catalogue.context.columns.map(({ name }): [string, Value] => [name, null]));
  return { ...tables, [CONTEXT_TABLE]: [{ ...context, id: 1n, now: BigInt(now), sealed: 1n, transferred: 0n }] };
}

/** The clock of a state. */
export function nowOf(state: Rows): number {
  return Number(state[CONTEXT_TABLE]?.[0]?.["now"] ?? 0);
}

/** The same state at another step, or with another customer. */
export function withContext(compiled: Compiled, state: Rows, change: { readonly now?: number; readonly actor?: string | null }): Rows {
  const [context = {}] = state[CONTEXT_TABLE] ?? [];
  const now = change.now === undefined ? {} : { now: BigInt(change.now) };
  const actor = change.actor === undefined ? {} : { actor: change.actor, ...evidenceOf(compiled, state, change.actor) };
  return { ...state, [CONTEXT_TABLE]: [{ ...context, ...now, ...actor }] };
}

/** What the engine says to a call, and the state after it. */
export function attempt(compiled: Compiled, state: Rows, call: Call): Verdict {
  return interpretWrite(compiled, state, writeOf(compiled, state, call));
}

/** The value of an expression of the typed core for a row that is about to be written, or null where it has none. */
export function valueFor(
  compiled: Compiled,
  state: Rows,
  { table, row, expression }: { readonly table: string; readonly row: Row; readonly expression: string },
): Scalar {
  const parsed = parseExpression(expression);
  if (parsed.kind === "refused") return null;
  const key = tableOf(compiled.catalogue, table).key[0] ?? "";
  const others = (name: string): readonly Row[] => state[name] ?? [];
  const after = (name: string): readonly Row[] =>
    name === table ? [...others(name).filter((other) => row[key] === undefined || other[key] !== row[key]), row] : others(name);
  const context = state[CONTEXT_TABLE]?.[0] ?? {};
  return scalarOf(
    evaluateValue(parsed.expression, {
      catalogue: compiled.catalogue,
      roots: { new: { table, row } },
      rows: after,
      rowsBefore: others,
      context,
      cause: null,
    }),
  );
}

/** The row with this key, or null. */
export function findRow(compiled: Compiled, state: Rows, table: string, key: Scalar): Row | null {
  const column = tableOf(compiled.catalogue, table).key[0] ?? "";
  return state[table]?.find((row) => scalarOf(row[column] ?? null) === key) ?? null;
}

/** The value at the end of reference columns from a row: `request_id.customer_id`; null where a row is missing. */
export function follow(compiled: Compiled, state: Rows, from: { readonly table: string; readonly row: Row }, path: string): Scalar {
  let table = tableOf(compiled.catalogue, from.table);
  let row: Row | null = from.row;
  const steps = path.split(".");
  for (const [index, step] of steps.entries()) {
    const value: Scalar = scalarOf(row?.[step] ?? null);
    if (index === steps.length - 1) return value;
    const target: string | null = table.columns.find(({ name }) => name === step)?.references ?? null;
    if (target === null) return null;
    row = findRow(compiled, state, target, value);
    table = tableOf(compiled.catalogue, target);
  }
  return null;
}

/** A stored value as JSON has it. */
export function scalarOf(value: Value): Scalar {
  if (typeof value === "bigint") return Number(value);
  return Buffer.isBuffer(value) ? null : value;
}

/** A JSON value as it is stored: numbers without fraction as integers. */
export function storedOf(value: Scalar): Value {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** A row with the values that JSON gives, stored. */
export function storedRow(row: Readonly<Record<string, Scalar>>): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, storedOf(value)]));
}

/** Rows as JSON has them, without the columns that only the engine sees. */
export function plainRows(compiled: Compiled, state: Rows): Record<string, Record<string, Scalar>[]> {
  return Object.fromEntries(
    Object.values(compiled.catalogue.tables).map(({ name, columns }) => {
      const shown = columns.filter(({ insert }) => insert.kind !== "mark" && insert.kind !== "derived");
      return [
        name,
        (state[name] ?? []).map((row) => Object.fromEntries(shown.map((column) => [column.name, scalarOf(row[column.name] ?? null)]))),
      ];
    }),
  );
}

function evidenceOf({ catalogue }: Compiled, state: Rows, actor: string | null): Row {
  if (catalogue.actor === null) return {};
  const { table, key, evidence } = catalogue.actor;
  const row = state[table]?.find((each) => each[key] === actor);
  return Object.fromEntries(evidence.map((column) => [`evidence_${column}`, row?.[column] ?? null]));
}

/** The write that a tool makes of a call. */
function writeOf(compiled: Compiled, state: Rows, { tool, arguments: given }: Call): Write {
  const [, op, name = ""] = /^(insert|update)_(.+)$/.exec(tool) ?? [];
  const table = tableOf(compiled.catalogue, name);
  const values = storedRow(given);
  if (op === "insert") return { op: "insert", table: name, values: { ...startOf(table, state), ...values } };
  const key = Object.fromEntries(table.key.map((column) => [column, values[column] ?? null]));
  const set = Object.fromEntries(Object.entries(values).filter(([column]) => !table.key.includes(column)));
  return { op: "update", table: name, key, set: { ...set, ...stampsOf(compiled, state, { table, key, set }) } };
}

function startOf(table: CatalogueTable, state: Rows): Row {
  return Object.fromEntries(
    table.columns.flatMap((column) => {
      if (column.insert.kind === "start") return [[column.name, table.states?.start[0] ?? null]];
      const value = contextValue(column.insert.kind, state);
      return value === undefined ? [] : [[column.name, value]];
    }),
  );
}

function stampsOf(
  compiled: Compiled,
  state: Rows,
  { table, key, set }: { readonly table: CatalogueTable; readonly key: Row; readonly set: Row },
): Row {
  const column = table.states?.column;
  if (column === undefined || set[column] === undefined) return {};
  const old = findRow(compiled, state, table.name, scalarOf(key[table.key[0] ?? ""] ?? null));
  const move = `${String(old?.[column])}>${String(set[column])}`;
  return Object.fromEntries(
    table.columns.flatMap(({ name, update }: CatalogueColumn) => {
      const value = update.moves.includes(move) ? contextValue(update.by, state) : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function contextValue(source: string, state: Rows): Value | undefined {
  const context = state[CONTEXT_TABLE]?.[0];
  if (source === "clock") return context?.["now"] ?? null;
  if (source === "user") return context?.["actor"] ?? null;
  return source === "desk" ? (context?.["desk"] ?? null) : undefined;
}
