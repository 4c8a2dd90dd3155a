/** The triggers that a mutant has otherwise than the original: only those that something which changed has a say in are written again. */
import { isSame } from "../core/is-same.js";
import { oncePer } from "../core/memo.js";
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { type Compiled, emitTableTriggers } from "../compile/compile-sheet.js";
import { standsIn } from "../compile/effect-graph.js";
import { eligibilityEvents, isEligibilityGuard } from "../compile/eligibility.js";
import { emitEffects } from "../compile/emit-effects.js";
import { emitBefore, isJudgedAt, siteOf } from "../compile/emit-guards.js";
import type { Effect, Guard, NormalForm } from "../compile/normal-form.js";
import type { Mutated } from "./mutant.js";
import { triggersByName } from "./witness-run.js";

/** The original, made ready to be compared with many mutants. */
export interface Original {
  readonly compiled: Compiled;
  /** Trigger names and texts by table. */
  readonly triggers: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Prepares a compiled sheet. */
export function originalOf(compiled: Compiled): Original {
  const { catalogue, normal } = compiled;
  const triggers = allTables(catalogue).map((table) => [table.name, triggersByName(emitTableTriggers(catalogue, normal, table))] as const);
  return { compiled, triggers: new Map(triggers) };
}

/** By name, null for a trigger that is gone; empty for a mutant that compiles to the very SQL of the original. */
export function changedTriggers({ compiled, triggers }: Original, { catalogue: own, normal }: Mutated): ReadonlyMap<string, string | null> {
  const catalogue = isWrittenAlike(compiled.catalogue, own) ? compiled.catalogue : own;
  const guards = changedGuards(compiled.normal, normal);
  const beside = tablesBeside(compiled.normal, normal, guards);
  const changes = allTables(catalogue).flatMap((table): readonly Change[] => {
    const before = triggers.get(table.name) ?? new Map<string, string>();
    if (beside === "all") return differences(before, emitTableTriggers(catalogue, normal, table));
    const judged = writes.filter((op) => guards.some((guard) => isJudgedAt(guard, table.name, op)));
    const following = beside.has(table.name) ? writes : [];
    const names = new Set([...judged.map((op) => `${table.name}_before_${op}`), ...following.map((op) => `${table.name}_after_${op}`)]);
    return differences(new Map([...before].filter(([name]) => names.has(name))), [
      ...judged.flatMap((op) => emitBefore(siteOf({ catalogue, normal }, table, op))),
      ...following.flatMap((op) => emitEffects(siteOf({ catalogue, normal }, table, op))),
    ]);
  });
  return new Map(changes);
}

const writes = ["insert", "update"] as const;

type Change = readonly [name: string, sql: string | null];

function differences(before: ReadonlyMap<string, string>, triggerSql: readonly string[]): readonly Change[] {
  const after = triggersByName(triggerSql);
  return [
    ...[...before.keys()].flatMap((name): readonly Change[] => (after.has(name) ? [] : [[name, null]])),
    ...[...after].filter(([name, sql]) => before.get(name) !== sql),
  ];
}

/** The guards of either that the other has not; a mutant shares all others with the original, in the same order. */
function changedGuards(before: NormalForm, after: NormalForm): readonly Guard[] {
  const [known, next] = [guardSet(before), guardSet(after)];
  return [...before.guards.filter((guard) => !next.has(guard)), ...after.guards.filter((guard) => !known.has(guard))];
}

const guardSet = oncePer(({ guards }: NormalForm): ReadonlySet<Guard> => new Set(guards));

/** The tables whose AFTER triggers may have changed; all triggers of all, where guards let other effects through or other deletes. */
function tablesBeside(before: NormalForm, after: NormalForm, guards: readonly Guard[]): "all" | ReadonlySet<string> {
  const isOtherCause =
    before.effects.length !== after.effects.length || guards.some(({ events }) => events.some(({ kind }) => kind === "delete"));
  if (isOtherCause) return "all";
  const isMoved = before.effects.some((effect, at) => !isSame(effect, after.effects[at]));
  const isHeld = guards.some((guard) => isHeldByEffects(guard, before.effects));
  const effects = isMoved || isHeld ? [...before.effects, ...after.effects] : [];
  return new Set([...effects.flatMap(standingIn), ...guards.flatMap(judgedAfter)]);
}

/** Whether effects' statements hold a guard: a picked row must pass it, or it is judged after an effect. */
function isHeldByEffects(guard: Guard, effects: readonly Effect[]): boolean {
  return (
    guard.events.some((event) => event.kind === "elsewhere" && event.settled) ||
    effects.some(
      (effect) =>
        effect.kind === "promote" &&
        (isEligibilityGuard(guard, effect.rows.table) || eligibilityEvents(guard, effect.rows.table).length > 0),
    )
  );
}

/** The tables in whose triggers an effect stands. */
function standingIn(effect: Effect): readonly string[] {
  const tables = effect.kind === "counter" ? effect.sources.map(({ table }) => table) : [effect.table];
  return tables.filter((table) => standsIn(effect, table, "insert") || standsIn(effect, table, "update"));
}

/** The tables after whose writes a guard is judged. */
function judgedAfter({ table, events }: Guard): readonly string[] {
  return events.flatMap((event) => (event.kind === "created" ? [table] : event.kind === "elsewhere" && event.settled ? [event.table] : []));
}

/** Whether two catalogues have the same tables and columns, so that what fits the schema of the one can be laid in the other's. */
export function isSameShape(a: Catalogue, b: Catalogue): boolean {
  return isAlike(a, b, shapeOf);
}

const shapeOf = oncePer(({ name, columns, key }: CatalogueTable) =>
  JSON.stringify([
    name,
    key,
    columns.map(({ name: column, type, nullable, insert }) => [column, type, nullable, insert.kind === "derived" ? insert : ""]),
  ]),
);

/** Whether two catalogues differ in nothing that a guard's or an effect's SQL is written from. */
function isWrittenAlike(a: Catalogue, b: Catalogue): boolean {
  return isAlike(a, b, shapeOf) && isAlike(a, b, writtenOf);
}

const writtenOf = oncePer(({ columns, marks, states }: CatalogueTable) =>
  JSON.stringify([
    marks,
    states?.column,
    columns.map(({ references, values, min, max, update: { by } }) => [
      references,
      values,
      min,
      max,
      by === "mark" || by === "derived" ? by : "",
    ]),
  ]),
);

function isAlike(a: Catalogue, b: Catalogue, faceOf: (table: CatalogueTable) => string): boolean {
  if (a === b) return true;
  const [left, right] = [allTables(a), allTables(b)];
  return left.length === right.length && left.every((table, at) => table === right[at] || faceOf(table) === faceOf(right[at] ?? table));
}

function allTables({ context, tables }: Catalogue): readonly CatalogueTable[] {
  return [context, ...Object.values(tables)];
}
