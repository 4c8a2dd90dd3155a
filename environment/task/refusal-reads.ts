/**
 * Of a refusal task: were the reads made that establish the refusal? A metric, no reward: an agent that refuses rightly
 * without having looked is lucky.
 *
 * Needed are the rows that the refusing rule looks up for the refused call, by table and key: the row to be changed, rows at
 * the end of references, and rows that its row sets find; and, where a row set finds none, some query of that table. The
 * served user's own row is no read: `authenticate` answers with it.
 */
import { type Catalogue, CONTEXT_TABLE, columnOf, tableOf, type CatalogueTable } from "../core/catalogue.js";
import { bind, type EvaluationScope, evaluateValue, isTrue, select } from "../core/evaluate-expression.js";
import type { Expression, PathExpression, RowsExpression } from "../core/expression.js";
import { encodeValues } from "../core/encode-value.js";
import { childrenOf } from "../core/walk-expression.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import type { Compiled } from "../compile/compile-sheet.js";
import type { Guard } from "../compile/normal-form.js";
import { type Call } from "../compare/trial.js";
import { openSession, type ToolResult } from "../engine/session.js";
import { toolPlans } from "../engine/tools.js";
import { goldWrites, argumentsOf, rowsOf, valueOf } from "./gold.js";

/** `rows`: each to be returned by some query; `tables`: each to be queried, whatever comes of it. */
export type RefusalReads = {
  readonly rows: readonly { readonly table: string; readonly key: Row }[];
  readonly tables: readonly string[];
};

/** How many of the needed reads were made; `established` when all were. */
export type ReadsMade = { readonly needed: number; readonly made: number; readonly established: boolean };

/** A call of a rollout and what it was answered with. */
export type AnsweredCall = { readonly tool: string; readonly result: ToolResult };

/** A task whose right answer is to change nothing, since what is asked for is refused. */
export type RefusalTask = {
  readonly compiled: Compiled;
  readonly origin: Buffer;
  /** What is accepted before the refused call, `authenticate` among it. */
  readonly log: readonly Call[];
  /** The call that is refused, and the rule that refuses it. */
  readonly refusal: Call & { readonly rule: string };
};

/**
 * The reads that the refusal stands on, looked up in the state that `log` leads to. Null where they cannot be told: a custom
 * rule, a rule of another table than the one that the call writes (an effect or a look-up from elsewhere came upon it), a
 * call that writes no table.
 * @throws {Error} If the origin is no SQLite file.
 */
export function refusalReads({ compiled, origin, log, refusal }: RefusalTask): RefusalReads | null {
  const [write] = goldWrites(compiled, [refusal]);
  const table = write?.table ?? null;
  const guards = compiled.normal.guards.filter(({ id, table: judged }) => id === refusal.rule && judged === table?.name);
  if (table === null || guards.length === 0 || guards.some(isCustom)) return null;
  const session = openSession({ compiled, origin });
  try {
    for (const call of log) session.call(call.tool, call.arguments);
    const { tables, context } = compiled.catalogue;
    const state = Object.fromEntries([...Object.values(tables), context].map((each) => [each.name, rowsOf(session.db, each)]));
    return readsOf(compiled.catalogue, { state, guards, table, call: refusal });
  } finally {
    session.close();
  }
}

/**
 * Which of the needed reads the calls of a rollout made, in any order; a query that was refused made none. A rollout that
 * needed none (`needed` 0) has established the refusal without a read.
 */
export function readsMade(compiled: Compiled, { rows, tables }: RefusalReads, calls: readonly AnsweredCall[]): ReadsMade {
  const plans = new Map(toolPlans(compiled).map((plan) => [plan.name, plan]));
  const queried = new Set<string>();
  const returned = new Set<string>();
  for (const { tool, result } of calls) {
    const plan = plans.get(tool);
    if (plan?.kind !== "query" || !result.ok || !("rows" in result)) continue;
    const { table, key } = plan.source;
    queried.add(table);
    for (const row of result.rows)
      returned.add(
        nameOf(
          table,
          key.map((column) => row[column] ?? null),
        ),
      );
  }
  const made =
    rows.filter(({ table, key }) => returned.has(nameOf(table, Object.values(key)))).length +
    tables.filter((table) => queried.has(table)).length;
  const needed = rows.length + tables.length;
  return { needed, made, established: made === needed };
}

function isCustom({ when, must }: Guard): boolean {
  const holds = (expression: Expression): boolean => expression.kind === "sql" || childrenOf(expression).some(holds);
  return holds(must) || (when !== null && holds(when));
}

type Judged = { readonly state: Rows; readonly guards: readonly Guard[]; readonly table: CatalogueTable; readonly call: Call };

function readsOf(catalogue: Catalogue, { state, guards, table, call }: Judged): RefusalReads {
  const given = argumentsOf(call);
  const values = Object.fromEntries(
    table.columns.flatMap((column) => (column.name in given ? [[column.name, valueOf(column, given[column.name])]] : [])),
  );
  const context = state[CONTEXT_TABLE]?.[0] ?? {};
  const isUpdate = call.tool.startsWith("update");
  const old = isUpdate
    ? (state[table.name]?.find((row) => table.key.every((name) => isSameValue(row[name] ?? null, values[name] ?? null))) ?? null)
    : null;
  const row = { ...(old ?? startOf(table, context)), ...values };
  const after = (name: string) =>
    name === table.name ? [...(state[name] ?? []).filter((each) => each !== old), row] : (state[name] ?? []);
  const roots = { new: { table: table.name, row }, old: { table: table.name, row: old } };
  const scope = { catalogue, roots, rows: after, rowsBefore: (name: string) => state[name] ?? [], context, cause: null };
  const noted = noteBook(catalogue, { written: row, actor: context["actor"] ?? null });
  if (old !== null) noted.row(table.name, old);
  for (const { when, must } of guards) for (const expression of [when, must]) if (expression !== null) visit(expression, scope, noted);
  return noted.reads();
}

/** What a new row holds before its arguments: what the context fills in, defaults, and NULL. */
function startOf({ columns, states }: CatalogueTable, context: Row): Row {
  const sources: Readonly<Record<string, Value>> = {
    clock: context["now"] ?? null,
    user: context["actor"] ?? null,
    desk: context["desk"] ?? null,
    start: states?.start[0] ?? null,
  };
  return Object.fromEntries(columns.map(({ name, insert, default: value }) => [name, sources[insert.kind] ?? value ?? null]));
}

type NoteBook = {
  readonly row: (table: string, row: Row) => void;
  readonly empty: (table: string) => void;
  readonly reads: () => RefusalReads;
};

function noteBook(catalogue: Catalogue, { written, actor }: { readonly written: Row; readonly actor: Value }): NoteBook {
  const rows = new Map<string, RefusalReads["rows"][number]>();
  const tables = new Set<string>();
  return {
    row: (table, row) => {
      const { key } = tableOf(catalogue, table);
      const isOwn = table === catalogue.actor?.table && isSameValue(row[key[0] ?? ""] ?? null, actor);
      if (row === written || isOwn || table === CONTEXT_TABLE) return;
      const named = Object.fromEntries(key.map((name) => [name, row[name] ?? null]));
      rows.set(nameOf(table, Object.values(named)), { table, key: named });
    },
    empty: (table) => tables.add(table),
    reads: () => ({
      rows: [...rows.values()],
      tables: [...tables].filter((table) => ![...rows.values()].some((row) => row.table === table)),
    }),
  };
}

function nameOf(table: string, key: readonly Value[]): string {
  return `${table} ${encodeValues(key)}`;
}

/** Notes the rows that an expression's value rests on. */
function visit(expression: Expression, scope: EvaluationScope, noted: NoteBook): void {
  switch (expression.kind) {
    case "path":
      visitPath(expression, scope, noted);
      return;
    case "count":
    case "exists":
    case "none":
      visitRows(expression.rows, [], { scope, noted });
      return;
    case "aggregate":
      visitRows(expression.rows, [expression.of], { scope, noted });
      return;
    case "pick": {
      const path = { kind: "path", root: expression.rows.variable, steps: expression.steps } as const;
      visitRows(expression.rows, [...(expression.by === null ? [] : [expression.by]), path], { scope, noted });
      return;
    }
    case "case": {
      const taken = expression.branches.findIndex(({ when }) => isTrue(when, scope));
      const tried = taken === -1 ? expression.branches : expression.branches.slice(0, taken + 1);
      for (const { when } of tried) visit(when, scope, noted);
      visit(expression.branches[taken]?.then ?? expression.otherwise, scope, noted);
      return;
    }
    default:
      for (const child of childrenOf(expression)) visit(child, scope, noted);
  }
}

type Visiting = { readonly scope: EvaluationScope; readonly noted: NoteBook };

/** The rows that fit, and what is read through each; where there are none, that there are none. */
function visitRows(rows: RowsExpression, through: readonly Expression[], { scope, noted }: Visiting): void {
  const found = select(rows, scope);
  const { row: written } = scope.roots["new"] ?? { row: null };
  const others = found.filter((row) => row !== written);
  if (others.length === 0) noted.empty(rows.table);
  for (const row of others) {
    noted.row(rows.table, row);
    const inner = bind(rows, row, scope);
    for (const expression of rows.where === null ? through : [rows.where, ...through]) visit(expression, inner, noted);
  }
}

/** The rows that a path goes through, its root's own left out. */
function visitPath({ root, steps }: PathExpression, scope: EvaluationScope, noted: NoteBook): void {
  const { actor } = scope.catalogue;
  let table = scope.roots[root]?.table ?? (root === "actor" ? actor?.table : undefined);
  for (const [index, step] of steps.slice(0, -1).entries()) {
    if (table === undefined) return;
    const target = columnOf(tableOf(scope.catalogue, table), step).references;
    if (target === null) return;
    const key = evaluateValue({ kind: "path", root, steps: steps.slice(0, index + 1) }, scope);
    const [name = ""] = tableOf(scope.catalogue, target).key;
    const row = key === null ? undefined : scope.rows(target).find((each) => isSameValue(each[name] ?? null, key));
    if (row === undefined) noted.empty(target);
    else noted.row(target, row);
    table = target;
  }
}
