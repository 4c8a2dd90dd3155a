/**
 * The second meaning of a sheet: what the compiled triggers do with a write, computed over rows in memory without SQLite.
 * Verdict, rule named and rows after effects are the engine's own (a property test holds the two against each other).
 */
import { type Catalogue, type CatalogueTable, CONTEXT_TABLE, tableOf } from "../core/catalogue.js";
import type { Compiled } from "./compile-sheet.js";
import { eligibilityEvents, isEligibilityGuard } from "./eligibility.js";
import { bind, compareLists, type EvaluationScope, evaluateValue, isFalse, isTrue, select } from "../core/evaluate-expression.js";
import type { CounterEffect, ElsewhereEvent, Guard, GuardEvent, NormalForm, SetEffect, SpawnEffect } from "./normal-form.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";

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

/** A refusal on its way out; it never leaves this file. */
class Refusal extends Error {
  readonly guard: Pick<Guard, "id" | "message" | "hint">;
  constructor(guard: Pick<Guard, "id" | "message" | "hint">) {
    super(guard.id);
    this.guard = guard;
  }
}

/** A custom rule was reached; it never leaves this file. */
class Unread extends Error {
  readonly rule: string;
  constructor({ id }: { readonly id: string }) {
    super(id);
    this.rule = id;
  }
}

/** The state while a write and its effects run. */
interface Run {
  readonly catalogue: Catalogue;
  readonly normal: NormalForm;
  readonly tables: Map<string, readonly Row[]>;
  readonly effects: EffectWrite[];
}

/** One row's write: `old` is null for an insert, `cause` the effect that makes it. */
interface Step {
  readonly table: CatalogueTable;
  readonly new: Row;
  readonly old: Row | null;
  readonly cause: string | null;
}

/**
 * What the database does with a write in a state that holds the context row too. An update of a row that is not there is
 * refused as `<table>.key` (SQLite accepts it and changes nothing). Custom rules are left to SQLite: where the write or one
 * of its effects reaches one, the verdict says so and names it; a rule broken before it is named as ever.
 *
 * @throws {RangeError} If the sheet has no such table or column.
 */
export function interpretWrite({ catalogue, normal }: Compiled, state: Rows, write: Write): Verdict {
  const run: Run = { catalogue, normal, tables: new Map(Object.entries(state)), effects: [] };
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

function insertStep(run: Run, table: CatalogueTable, values: Row, cause: string | null = null): Step {
  refuseUnknown(table, values);
  const given = table.columns.map(({ name, default: value }): [string, Value] => [
    name,
    values[name] === undefined ? (value ?? null) : values[name],
  ]);
  const row: Record<string, Value> = Object.fromEntries(given);
  const [key = ""] = table.key;
  // In a BEFORE INSERT trigger a key that the database has still to choose reads -1.
  if (table.surrogate && row[key] === null) row[key] = -1n;
  return { table, new: withDerived(run, table, row), old: null, cause };
}

function updateStep(
  run: Run,
  table: CatalogueTable,
  { key, set }: { readonly key: Row; readonly set: Row },
  cause: string | null = null,
): Step {
  refuseUnknown(table, set);
  const old = findRow(run, table, key);
  if (old === undefined) throw new Refusal({ id: `${table.name}.key`, message: `There is no such ${table.label}.`, hint: null });
  return { table, new: withDerived(run, table, { ...old, ...set }), old, cause };
}

function refuseUnknown(table: CatalogueTable, values: Row): void {
  const unknown = Object.keys(values).find(
    (name) => !table.columns.some((column) => column.name === name && column.insert.kind !== "derived"),
  );
  if (unknown !== undefined) throw new RangeError(`Column "${unknown}" of table "${table.name}" is absent or derived`);
}

function withDerived(run: Run, table: CatalogueTable, row: Row): Row {
  const derived = table.columns.flatMap(({ name, insert }): [string, Value][] =>
    insert.kind === "derived" ? [[name, evaluateValue(insert.expression, scopeOf(run, { new: { table: table.name, row } }))]] : [],
  );
  return derived.length === 0 ? row : { ...row, ...Object.fromEntries(derived) };
}

/** Guards, the write itself, then what it sets off; the key of the row written. */
function perform(run: Run, step: Step): Row {
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
  for (const guard of run.normal.guards) judgeElsewhere(run, after, guard, "settled");
  mark(run, table, keyOf(table, stored));
  return keyOf(table, stored);
}

function store(run: Run, { table, new: row, old }: Step): Row {
  const rows = rowsOf(run, table.name);
  if (old !== null) {
    run.tables.set(
      table.name,
      rows.map((other) => (isSameRow(table, other, old) ? row : other)),
    );
    return row;
  }
  const [key = ""] = table.key;
  const highest = rows.reduce((most, { [key]: value }) => (typeof value === "bigint" && value > most ? value : most), 0n);
  const stored = table.surrogate && row[key] === -1n ? { ...row, [key]: highest + 1n } : row;
  run.tables.set(table.name, [...rows, stored]);
  return stored;
}

/** The first broken guard in the order of the normal form refuses. */
function judge(run: Run, step: Step): void {
  const scope = { ...stepScope(run, step), rows: overlaid(run, step) };
  for (const guard of run.normal.guards) {
    if (guard.table === step.table.name && isAt(guard.events, step) && isBroken(guard, scope, step.table)) throw new Refusal(guard);
    judgeElsewhere(run, step, guard, "before");
  }
}

function judgeCreated(run: Run, step: Step): void {
  const broken = run.normal.guards.find(
    (guard) =>
      guard.table === step.table.name &&
      guard.events.some(({ kind }) => kind === "created") &&
      isBroken(guard, stepScope(run, step), step.table),
  );
  if (broken !== undefined) throw new Refusal(broken);
}

function judgeElsewhere(run: Run, step: Step, guard: Guard, phase: "before" | "settled"): void {
  const op = step.old === null ? "insert" : "update";
  for (const event of guard.events) {
    if (event.kind !== "elsewhere" || event.table !== step.table.name || event.on !== op || event.settled !== (phase === "settled"))
      continue;
    if (op === "update" && !hasChanged(step, event.columns)) continue;
    if (breaksElsewhere(run, step, guard, event)) throw new Refusal(guard);
  }
}

function breaksElsewhere(run: Run, step: Step, guard: Guard, { concerned, settled }: ElsewhereEvent): boolean {
  const target = tableOf(run.catalogue, guard.table);
  const written = { table: step.table.name, row: step.new };
  return rowsOf(run, target.name).some((row) => {
    if (target.name === step.table.name && isSameRow(target, row, step.new)) return false;
    const base = scopeOf(run, { new: { table: target.name, row }, written, before: { ...written, row: step.old } }, step.cause);
    const scope = settled ? base : { ...base, rows: overlaid(run, step) };
    return (concerned === null || isTrue(concerned, scope)) && isBroken(guard, scope, target);
  });
}

function isBroken(guard: Guard, scope: EvaluationScope, table: CatalogueTable): boolean {
  const { states, when, must } = guard;
  const state = table.states === null ? null : (scope.roots["new"]?.row?.[table.states.column] ?? null);
  if (states !== null && table.states !== null && !(typeof state === "string" && states.includes(state))) return false;
  if (when !== null && isFalse(when, scope)) return false;
  if (must.kind === "sql") throw new Unread(guard);
  return !isTrue(must, scope);
}

/** Whether one of the events is this write. */
function isAt(events: readonly GuardEvent[], step: Step): boolean {
  const column = step.table.states?.column ?? "";
  return events.some((event) => {
    switch (event.kind) {
      case "create":
        return step.old === null;
      case "update":
        return step.old !== null;
      case "move":
        return step.old?.[column] === event.from && step.new[column] === event.to;
      case "change":
        return step.old !== null && hasChanged(step, event.columns);
      case "created":
      case "delete":
      case "elsewhere":
        return false;
    }
  });
}

function hasChanged({ new: row, old }: Step, columns: readonly string[]): boolean {
  return columns.some((name) => !isSameValue(row[name] ?? null, old?.[name] ?? null));
}

function recount(run: Run, step: Step, counter: CounterEffect): void {
  const table = tableOf(run.catalogue, counter.table);
  const sources = counter.sources.filter(
    (source) => source.table === step.table.name && (step.old === null ? source.insert : hasChanged(step, source.columns)),
  );
  const written = { table: step.table.name, row: step.new };
  const ownerScope = (row: Row) => scopeOf(run, { owner: { table: table.name, row }, written, before: { ...written, row: step.old } });
  const count = (row: Row) => evaluateValue(counter.value, ownerScope(row));
  if (sources.length === 0) return;
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

function setRows(run: Run, step: Step, effect: SetEffect): void {
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

function isEligible(run: Run, step: Step): boolean {
  const scope = { ...stepScope(run, step), rows: overlaid(run, step) };
  return !run.normal.guards.some(
    (guard) =>
      (isEligibilityGuard(guard, step.table.name) && isAt(guard.events, step) && isBroken(guard, scope, step.table)) ||
      eligibilityEvents(guard, step.table.name).some(
        (event) => hasChanged(step, event.columns) && breaksElsewhere(run, step, guard, event),
      ),
  );
}

function spawn(run: Run, step: Step, effect: SpawnEffect): void {
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
function write(run: Run, step: Step): void {
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

/** The row's effects have run. */
function mark(run: Run, table: CatalogueTable, key: Row): void {
  if (table.marks.length === 0) return;
  run.tables.set(
    table.name,
    rowsOf(run, table.name).map((row) =>
      isSameRow(table, row, key)
        ? { ...row, ...Object.fromEntries(table.marks.map(({ column, of }) => [column, of === null ? "created" : (row[of] ?? null)])) }
        : row,
    ),
  );
}

function stepScope(run: Run, { table, new: row, old, cause }: Step): EvaluationScope {
  return scopeOf(run, { new: { table: table.name, row }, old: { table: table.name, row: old } }, cause);
}

function scopeOf(run: Run, roots: EvaluationScope["roots"], cause: string | null = null): EvaluationScope {
  const rows = (table: string) => rowsOf(run, table);
  return { catalogue: run.catalogue, roots, rows, rowsBefore: rows, context: rowsOf(run, CONTEXT_TABLE)[0] ?? {}, cause };
}

/** Tables as they are after the write. */
function overlaid(run: Run, { table, new: row }: Step): (name: string) => readonly Row[] {
  const after = [...rowsOf(run, table.name).filter((other) => !isSameRow(table, other, row)), row];
  return (name) => (name === table.name ? after : rowsOf(run, name));
}

function rowsOf(run: Run, table: string): readonly Row[] {
  return run.tables.get(table) ?? [];
}

function findRow(run: Run, table: CatalogueTable, key: Row): Row | undefined {
  return rowsOf(run, table.name).find((row) => isSameRow(table, row, key));
}

function isSameRow(table: CatalogueTable, row: Row, key: Row): boolean {
  return table.key.every((name) => isSameValue(row[name] ?? null, key[name] ?? null));
}

function keyOf(table: CatalogueTable, row: Row): Row {
  return Object.fromEntries(table.key.map((name) => [name, row[name] ?? null]));
}

function inOrder(rows: readonly Row[], columns: readonly string[]): readonly Row[] {
  const order = (row: Row) => columns.map((name) => row[name] ?? null);
  return [...rows].sort((a, b) => compareLists(order(a), order(b)));
}

/** The order in which SQLite goes through a table: by its integer key, else as the rows were stored. */
function inRowOrder(table: CatalogueTable, rows: readonly Row[]): readonly Row[] {
  const key = table.columns.find(({ name }) => name === table.key[0]);
  return table.key.length === 1 && key?.type === "integer" ? inOrder(rows, table.key) : rows;
}
