/**
 * The second meaning of a sheet: what the compiled triggers do with a write, computed over rows in memory without SQLite.
 * Verdict, rule named and rows after effects are the engine's own (a property test holds the two against each other).
 */
import { tableOf } from "../core/catalogue.js";
import { bind, evaluateValue, isFalse, isTrue, select } from "../core/evaluate-expression.js";
import { type Row, type Rows, isSameValue } from "../core/values.js";
import type { Compiled } from "./compile-sheet.js";
import { Unread, isAt, isEligible, judge, judgeCreated, judgeSettled } from "./interpret-guards.js";
import {
  Refusal,
  type Run,
  type Step,
  findRow,
  hasChanged,
  inOrder,
  inRowOrder,
  insertStep,
  keyOf,
  mark,
  rowsOf,
  scopeOf,
  stepScope,
  store,
  updateStep,
} from "./interpret-state.js";
import type { CounterEffect, SetEffect, SpawnEffect } from "./normal-form.js";

/** One write, as a plain INSERT or an UPDATE of the one row with this key; stamped columns are given like all others. */
export type Write =
  | { readonly op: "insert"; readonly table: string; readonly values: Row }
  | { readonly op: "update"; readonly table: string; readonly key: Row; readonly set: Row };

/** A row that an effect wrote: its key, and the columns that it set (of an update, those that changed). */
export interface EffectWrite {
  readonly rule: string;
  readonly op: "insert" | "update";
  readonly table: string;
  readonly key: Row;
  readonly columns: Row;
}

export type Verdict =
  | { readonly kind: "accepted"; readonly state: Rows; readonly row: Row; readonly effects: readonly EffectWrite[] }
  | { readonly kind: "refused"; readonly rule: string; readonly message: string; readonly hint: string | null }
  /** No rule before it was broken, and this one is custom: what comes now, SQLite alone can say. */
  | { readonly kind: "needs_sqlite"; readonly rule: string };

/** A run with what its effects wrote so far. */
interface Writing extends Run {
  readonly effects: EffectWrite[];
}

/**
 * What the database does with a write in a state that holds the context row too. An update of a row that is not there is
 * refused as `<table>.key` (SQLite accepts it and changes nothing). Custom rules are left to SQLite: where the write or one
 * of its effects reaches one, the verdict says so and names it; a rule broken before it is named as ever.
 *
 * @throws {RangeError} If the sheet has no such table or column.
 */
export function interpretWrite({ catalogue, normal }: Compiled, state: Rows, write: Write): Verdict {
  const run: Writing = { catalogue, normal, tables: new Map(Object.entries(state)), effects: [] };
  const table = tableOf(catalogue, write.table);
  try {
    const step = write.op === "insert" ? insertStep(run, table, write.values) : updateStep(run, table, write);
    const key = perform(run, step);
    return { kind: "accepted", state: Object.fromEntries(run.tables), row: findRow(run, table, key) ?? step.new, effects: run.effects };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", rule: error.guard.id, message: error.guard.message, hint: error.guard.hint };
    if (error instanceof Unread) return { kind: "needs_sqlite", rule: error.rule };
    throw error;
  }
}

/** Guards, the write itself, then what it sets off; the key of the row written. */
function perform(run: Writing, step: Step): Row {
  const { table } = step;
  judge(run, step);
  const stored = store(run, step);
  const after: Step = { ...step, new: stored };
  if (step.old === null) judgeCreated(run, after);
  for (const effect of run.normal.effects) if (effect.kind === "counter") recount(run, after, effect);
  for (const effect of run.normal.effects) {
    if (effect.kind === "counter" || effect.table !== table.name || !isAt(effect.events, after)) continue;
    if (effect.when !== null && isFalse(effect.when, stepScope(run, after))) continue;
    if (effect.kind === "custom_effect") throw new Unread(effect);
    if (effect.kind === "spawn") spawn(run, after, effect);
    else setRows(run, after, effect);
  }
  judgeSettled(run, after);
  mark(run, table, keyOf(table, stored));
  return keyOf(table, stored);
}

function recount(run: Writing, step: Step, counter: CounterEffect): void {
  const table = tableOf(run.catalogue, counter.table);
  const sources = counter.sources.filter(
    (source) => source.table === step.table.name && (step.old === null ? source.insert : hasChanged(step, source.columns)),
  );
  if (sources.length === 0) return;
  const written = { table: step.table.name, row: step.new };
  const ownerScope = (row: Row) => scopeOf(run, { owner: { table: table.name, row }, written, before: { ...written, row: step.old } });
  const count = (row: Row) => evaluateValue(counter.value, ownerScope(row));
  const stale = inRowOrder(table, rowsOf(run, table.name)).filter(
    (row) =>
      sources.some(({ concerned }) => concerned === null || isTrue(concerned, ownerScope(row))) &&
      !isSameValue(row[counter.column] ?? null, count(row)),
  );
  for (const row of stale) {
    const current = findRow(run, table, keyOf(table, row)) ?? row;
    write(run, updateStep(run, table, { key: keyOf(table, row), set: { [counter.column]: count(current) } }, counter.id));
  }
}

function setRows(run: Writing, step: Step, effect: SetEffect): void {
  const table = tableOf(run.catalogue, effect.rows.table);
  const scope = stepScope(run, step);
  const bound = (row: Row) => bind(effect.rows, row, scope);
  const values = (row: Row): Row =>
    Object.fromEntries(Object.entries(effect.set).map(([name, value]) => [name, evaluateValue(value, bound(row))]));
  const fitting = select(effect.rows, scope).filter(
    (row) =>
      effect.pick?.eligible !== true || isEligible(run, updateStep(run, table, { key: keyOf(table, row), set: values(row) }, effect.id)),
  );
  const picked = effect.pick === null ? fitting : inOrder(fitting, [...effect.pick.order, ...table.key]).slice(0, effect.pick.take);
  const sets = inRowOrder(table, picked).map((row) => ({ key: keyOf(table, row), set: values(row) }));
  for (const set of sets) write(run, updateStep(run, table, set, effect.id));
}

function spawn(run: Writing, step: Step, effect: SpawnEffect): void {
  const table = tableOf(run.catalogue, effect.into);
  const scope = stepScope(run, step);
  const { each } = effect;
  const scopes =
    each === null ? [scope] : inOrder(select(each, scope), tableOf(run.catalogue, each.table).key).map((row) => bind(each, row, scope));
  const rows = scopes.map(
    (inner): Row => Object.fromEntries(Object.entries(effect.values).map(([name, value]) => [name, evaluateValue(value, inner)])),
  );
  for (const values of rows) write(run, insertStep(run, table, values, effect.id));
}

/** An effect's write, reported before what it sets off in turn. */
function write(run: Writing, step: Step): void {
  const at = run.effects.length;
  const key = perform(run, step);
  const names = step.table.columns
    .filter(
      ({ name, insert }) => insert.kind !== "mark" && !step.table.key.includes(name) && (step.old === null || hasChanged(step, [name])),
    )
    .map(({ name }) => name);
  const columns = Object.fromEntries(names.map((name) => [name, step.new[name] ?? null]));
  run.effects.splice(at, 0, { rule: step.cause ?? "", op: step.old === null ? "insert" : "update", table: step.table.name, key, columns });
}
