/** Values that the policy makes the agent work out (a refund by age, a price by the catalogue), from what it can read. */
import {
  CONTEXT_TABLE,
  type Catalogue,
  type CatalogueColumn,
  type CatalogueTable,
  plainColumn,
} from "../../../environment/core/catalogue.js";
import { type EvaluationScope, evaluateValue } from "../../../environment/core/evaluate-expression.js";
import type { Expression, RowsExpression } from "../../../environment/core/expression.js";
import type { Row, Rows, Value } from "../../../environment/core/values.js";
import { pathsIn, walk } from "../../../environment/core/walk-expression.js";
import type { Frame } from "./agent-frame.js";
import { belongingOf, type Desk, type Found, readRows } from "./agent-reading.js";
import type { Said } from "./plain-text.js";
import type { Calculation } from "./policy-book.js";
import type { Script } from "./script.js";
import type { Field, TableNote, ToolBook } from "./tool-book.js";

/** The arguments of the act that the agent works out itself, so that nobody is asked for them. */
export function calculated(desk: Desk, { act }: Frame): ReadonlySet<string> {
  const known = desk.rules.calculations(act).filter(({ expression }) => desk.now !== null || !readsClock(expression));
  return new Set(known.map(({ column }) => column).filter((column) => act.values.some(({ name }) => name === column)));
}

/** Their values, by name; what cannot be worked out is left out. */
export function* calculate(desk: Desk, frame: Frame): Script<readonly (readonly [string, Said])[]> {
  const wanted = calculated(desk, frame);
  const values: (readonly [string, Said])[] = [];
  for (const calculation of desk.rules.calculations(frame.act)) {
    if (!wanted.has(calculation.column)) continue;
    const value = yield* work(desk, frame, calculation);
    if (value !== null) values.push([calculation.column, value]);
  }
  return values;
}

function readsClock(expression: Expression): boolean {
  return pathsIn(expression).some(({ root }) => root === "now");
}

function* work(desk: Desk, frame: Frame, { expression }: Calculation): Script<Said | null> {
  const written = rowWritten(desk, frame);
  const rows: Record<string, Row[]> = {};
  for (const { root, steps } of pathsIn(expression)) {
    const start = root === "actor" ? { table: desk.book.authenticate?.table ?? "", key: desk.customer } : null;
    yield* follow(desk, rows, start ?? { table: frame.act.table, row: written }, steps);
  }
  for (const table of tablesIn(expression)) {
    const note = desk.book.tables.get(table);
    const [found = []] = note === undefined ? [] : yield* readRows(desk, [{ tool: note.tool, arguments: {} }]);
    rows[table] = found.map(exactRow);
  }
  return plain(evaluateSafely(expression, scopeOver(desk, frame, { written, rows })));
}

type Stop = { readonly table: string; readonly row: Found } | { readonly table: string; readonly key: Said | null };

/** Reads the rows that a path goes through, each by its key. */
function* follow(desk: Desk, rows: Record<string, Row[]>, start: Stop, steps: readonly string[]): Script {
  let stop: Stop | null = start;
  for (const step of steps) {
    const row: Found | null = stop === null ? null : "row" in stop ? stop.row : yield* readByKey(desk, rows, stop);
    const references: string | null = stop === null ? null : (fieldOf(desk.book, stop.table, step)?.references ?? null);
    stop = references === null || row === null ? null : { table: references, key: row[step] ?? null };
  }
}

function* readByKey(
  desk: Desk,
  rows: Record<string, Row[]>,
  { table, key }: { readonly table: string; readonly key: Said | null },
): Script<Found | null> {
  const note = desk.book.tables.get(table);
  const [column] = note?.key ?? [];
  if (note === undefined || column === undefined || key === null) return null;
  const [[found] = []] = yield* readRows(desk, [{ tool: note.tool, arguments: { [column]: key } }]);
  if (found === undefined) return null;
  rows[table] = [...(rows[table] ?? []).filter((row) => row[column] !== exact(key)), exactRow(found)];
  return found;
}

/** The tables whose rows are counted, summed or picked from. */
function tablesIn(expression: Expression): readonly string[] {
  const sets = walk(expression).flatMap((each): readonly RowsExpression[] => ("rows" in each ? [each.rows] : []));
  return [...new Set(sets.map(({ table }) => table))];
}

/** The row as it will be: what the act changes of it, or what it is made with. */
function rowWritten(desk: Desk, { act, slots, chosen, values }: Frame): Found {
  const own = slots.find(({ argument }) => argument === null);
  const references = slots.flatMap(({ argument, label, note }): [string, Said | null][] =>
    argument === null ? [] : [[argument.name, chosen.get(label)?.[note.key[0] ?? ""] ?? null]],
  );
  return {
    ...(own === undefined ? started(desk, act.table) : chosen.get(own.label)),
    ...Object.fromEntries(references),
    ...Object.fromEntries(values),
    ...act.fixed,
  };
}

/** What the system fills in of a new row. */
function started(desk: Desk, table: string): Found {
  const { state, stamps } = desk.rules.startOf(table);
  const belonging = belongingOf(desk, table);
  return {
    ...state,
    ...Object.fromEntries(stamps.map((name) => [name, desk.now])),
    ...(belonging?.kind === "own" ? { [belonging.column]: desk.customer } : {}),
  };
}

function scopeOver(
  desk: Desk,
  { act, chosen, slots }: Frame,
  { written, rows }: { readonly written: Found; readonly rows: Rows },
): EvaluationScope {
  const before = slots.find(({ argument }) => argument === null);
  const old = before === undefined ? null : (chosen.get(before.label) ?? null);
  const key = desk.book.tables.get(act.table)?.key ?? [];
  const others = (rows[act.table] ?? []).filter((row) => key.some((name) => row[name] !== exactRow(written)[name]));
  return {
    catalogue: catalogueFrom(desk),
    roots: { new: { table: act.table, row: exactRow(written) }, old: { table: act.table, row: old === null ? null : exactRow(old) } },
    rows: (table) => (table === act.table ? [...others, exactRow(written)] : (rows[table] ?? [])),
    rowsBefore: (table) => rows[table] ?? [],
    context: {
      now: desk.now === null ? null : BigInt(desk.now),
      actor: desk.customer === null ? null : exact(desk.customer),
      desk: null,
      sealed: 1n,
    },
    cause: null,
  };
}

function evaluateSafely(expression: Expression, scope: EvaluationScope): Value {
  try {
    return evaluateValue(expression, scope);
  } catch (error) {
    // An expression over what the tools do not show cannot be worked out here.
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

/** As much of a catalogue as evaluation asks for: references, keys and ranks, from tools and policy. */
function catalogueFrom({ book, rules }: Desk): Catalogue {
  const tables = Object.fromEntries([...book.tables.values()].map((note) => [note.table, tableFrom(note)]));
  const actor = book.authenticate?.table ?? null;
  const key = actor === null ? "" : (book.tables.get(actor)?.key[0] ?? "");
  const context: CatalogueTable = {
    ...EMPTY,
    name: CONTEXT_TABLE,
    label: "context",
    plural: "context",
    layer: "context",
    columns: [],
    key: ["id"],
    surrogate: false,
  };
  return {
    mode: actor === null ? "columns" : "session",
    actor: actor === null ? null : { table: actor, key, evidence: [], desk: null },
    ladders: rules.ladders,
    tables,
    context,
  };
}

const EMPTY = {
  rowid: null,
  deferred: false,
  create: null,
  states: null,
  live: { states: null, until: null },
  unique: [],
  marks: [],
  clauses: [],
} as const;

function tableFrom({ table, label, plural, columns, key, surrogate }: TableNote): CatalogueTable {
  return { ...EMPTY, name: table, label, plural, layer: "L2", columns: [...columns.values()].map(columnFrom), key, surrogate };
}

function columnFrom({ name, label, type, references }: Field): CatalogueColumn {
  return {
    ...plainColumn,
    name,
    label,
    references,
    type: type === "integer" ? "integer" : type === "number" ? "real" : "text",
    class: "business",
    visible: true,
    nullMeaning: null,
    insert: { kind: "system" },
    update: { by: "fixed", moves: [], frozen: [], effects: [] },
  };
}

function fieldOf({ tables }: ToolBook, table: string, column: string): Field | null {
  return tables.get(table)?.columns.get(column) ?? null;
}

function exactRow(row: Found): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : exact(value)]));
}

function exact(value: Said): Value {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function plain(value: Value): Said | null {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "string" || typeof value === "number" ? value : null;
}
