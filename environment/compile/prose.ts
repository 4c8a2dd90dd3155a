/** What a write asks for and what it sets off, as sentences: clauses and messages for guards, the normal form for effects. */
import { type Catalogue, type CatalogueTable, columnOf, tableOf } from "../core/catalogue.js";
import type { Engine } from "./compile-sheet.js";
import { standsIn } from "./effect-graph.js";
import type { CustomEffect, Effect, EffectEvent, Guard, GuardEvent, SetEffect } from "./normal-form.js";

type Op = "insert" | "update";

/**
 * What a write of this table is held against, in the order in which it is judged: the clauses that each guard cites, and the
 * message of a refusal. Clauses that several guards cite stand with the first.
 */
export function preconditions({ clauses: texts, normal }: Engine, table: string, op: Op): readonly string[] {
  const guards = normal.guards.filter(
    (guard) => isRule(guard) && guard.events.some((event) => isJudgedAt(event, guard.table, { table, op })),
  );
  return guards.map((guard, index) => {
    const earlier = new Set(guards.slice(0, index).flatMap(({ clauses }) => clauses));
    const clauses = guard.clauses.flatMap((id) => (earlier.has(id) ? [] : (texts[id]?.replace(/\.$/, "") ?? [])));
    const refusal = `refused with "${guard.message.replace(/\.$/, "")}"`;
    return clauses.length === 0 ? `otherwise ${refusal}` : `${clauses.join("; ")} (otherwise ${refusal})`;
  });
}

function isRule({ origin, kind }: Guard): boolean {
  return origin === "rule" || kind === "unique" || kind === "move_when";
}

function isJudgedAt(event: GuardEvent, guarded: string, write: { readonly table: string; readonly op: Op }): boolean {
  if (event.kind === "elsewhere") return event.table === write.table && event.on === write.op;
  if (guarded !== write.table) return false;
  return event.kind === "create" ? write.op === "insert" : event.kind !== "delete" && event.kind !== "created" && write.op === "update";
}

/** What the engine does after a write of this table, in the order in which it does it. */
export function sideEffects({ catalogue, normal }: Engine, table: string, op: Op): readonly string[] {
  const effects = normal.effects.filter((effect) => standsIn(effect, table, op));
  return [...new Set(effects.map((effect) => describeEffect(effect, catalogue)))];
}

function describeEffect(effect: Effect, catalogue: Catalogue): string {
  const table = tableOf(catalogue, effect.table);
  if (effect.kind === "counter") return `the ${columnOf(table, effect.column).label} of the ${table.label} is kept up to date`;
  const condition = effect.when === null ? "" : ", where that is due";
  const acts = effect.events.map((event) => describeEvent(event, table)).join(" or ");
  if (effect.kind === "spawn") {
    const into = tableOf(catalogue, effect.into);
    return `${acts}, ${effect.each === null ? `a ${into.label} is created` : `${into.plural} are created`}${condition}`;
  }
  if (effect.kind === "custom_effect") return `${acts}, ${describeCustom(effect, catalogue)}${condition}`;
  return `${acts}, ${describeSet(effect, tableOf(catalogue, effect.rows.table))}${condition}`;
}

function describeCustom({ into, on, columns }: CustomEffect, catalogue: Catalogue): string {
  const target = tableOf(catalogue, into);
  if (on === "insert") return `${target.plural} are created`;
  return `the engine sets ${Object.keys(columns)
    .map((name) => columnOf(target, name).label)
    .join(", ")} of related ${target.plural}`;
}

function describeEvent(event: EffectEvent, table: CatalogueTable): string {
  if (event.kind === "create") return "on creation";
  if (event.kind === "move") return `on the move from ${event.from} to ${event.to}`;
  return `when ${event.columns.map((name) => columnOf(table, name).label).join(" or ")} changes`;
}

function describeSet({ set, pick }: SetEffect, target: CatalogueTable): string {
  const sets = Object.entries(set).map(([name, value]) => {
    const { label } = columnOf(target, name);
    return value.kind === "literal" ? `${label} ${String(value.value)}` : label;
  });
  const which =
    pick === null
      ? `related ${target.plural}`
      : pick.take === 1
        ? `the first ${target.label} in line`
        : `the first ${pick.take} ${target.plural} in line`;
  return `the engine sets ${sets.join(", ")} of ${which}`;
}
