/**
 * Which effect sets which off, over (table, column, value). Cycles are refused. Where a trigger may still be running when its
 * own event happens again, SQLite does not fire it a second time (unless recursive triggers are on): what it would have done
 * is written out in the trigger that caused it, and where that would be another effect the sheet is refused.
 *
 * @see https://www.sqlite.org/pragma.html#pragma_recursive_triggers
 */
import type { Catalogue } from "../core/catalogue.js";
import { tableOf } from "../core/catalogue.js";
import { keptFor, type Sources } from "../core/kept.js";
import { statesIn } from "./kinds/effects.js";
import type { CounterEffect, Effect, EffectEvent, Guard, GuardEvent } from "./normal-form.js";

interface Written {
  readonly table: string;
  readonly on: "insert" | "update";
  /** Column by the text it is set to; null where that is not a constant. */
  readonly columns: Readonly<Record<string, string | null>>;
}

/** What an effect writes: the table, how, and which columns with which constants. */
export function writtenBy(effect: Effect): Written {
  if (effect.kind === "counter") return { table: effect.table, on: "update", columns: { [effect.column]: null } };
  if (effect.kind === "custom_effect") return { table: effect.into, on: effect.on, columns: effect.on === "insert" ? {} : effect.columns };
  if (effect.kind === "spawn") return { table: effect.into, on: "insert", columns: {} };
  const columns = Object.entries(effect.set).map(([name, value]): [string, string | null] => [
    name,
    value.kind === "literal" && typeof value.value === "string" ? value.value : null,
  ]);
  return { table: effect.rows.table, on: "update", columns: Object.fromEntries(columns) };
}

/** Whether what one effect writes sets another off. */
export function setsOff(first: Effect, second: Effect, catalogue: Catalogue): boolean {
  const written = writtenBy(first);
  if (second.kind === "counter") {
    const here = second.sources.filter(({ table }) => table === written.table);
    return here.some(({ insert, columns }) => (written.on === "insert" ? insert : columns.some((name) => name in written.columns)));
  }
  return second.table === written.table && second.events.some((event) => isReached(first, written, event, catalogue));
}

function isReached(first: Effect, written: Written, event: EffectEvent, catalogue: Catalogue): boolean {
  if (event.kind === "create") return written.on === "insert";
  if (written.on === "insert") return false;
  if (event.kind === "change") return event.columns.some((name) => name in written.columns);
  const column = tableOf(catalogue, written.table).states?.column;
  const value = column === undefined ? undefined : written.columns[column];
  if (column === undefined || value === undefined || (value !== null && value !== event.to)) return false;
  const from = first.kind === "propagate" || first.kind === "promote" ? statesIn(first.rows, column) : null;
  return from === null || from.includes(event.from);
}

/** These effects, and all that they set off, directly or through others. */
export function reachOf(first: Iterable<Effect>, effects: readonly Effect[], catalogue: Catalogue): ReadonlySet<Effect> {
  const reached = new Set(first);
  // A set that grows is gone through to its end.
  for (const each of reached) for (const next of effects) if (setsOff(each, next, catalogue)) reached.add(next);
  return reached;
}

/** Whether one write can set off at both of these: a row is not created and moved at once, nor moved twice. */
export function canMeet(one: readonly EffectEvent[], other: readonly EffectEvent[]): boolean {
  return one.some((a) =>
    other.some((b) => {
      if (a.kind === "move" && b.kind === "move") return a.from === b.from && a.to === b.to;
      return (a.kind === "create") === (b.kind === "create");
    }),
  );
}

/** Effects that set one another off in a ring, by id, or null. */
export function findCycle(effects: readonly Effect[], catalogue: Catalogue): readonly string[] | null {
  for (const start of effects) {
    const ring = findPath(start, start, { effects, catalogue, seen: new Set() });
    if (ring !== null) return [start.id, ...ring];
  }
  return null;
}

interface Search {
  readonly effects: readonly Effect[];
  readonly catalogue: Catalogue;
  readonly seen: Set<Effect>;
}

function findPath(from: Effect, to: Effect, search: Search): readonly string[] | null {
  for (const next of search.effects) {
    if (search.seen.has(next) || !setsOff(from, next, search.catalogue)) continue;
    if (next === to) return [next.id];
    search.seen.add(next);
    const rest = findPath(next, to, search);
    if (rest !== null) return [next.id, ...rest];
  }
  return null;
}

/** Whether an effect stands in the trigger of a table and event. */
export function standsIn(effect: Effect, table: string, on: "insert" | "update"): boolean {
  if (effect.kind === "counter")
    return effect.sources.some((source) => source.table === table && (on === "insert" ? source.insert : source.columns.length > 0));
  return effect.table === table && effect.events.some(({ kind }) => (kind === "create") === (on === "insert"));
}

/** Whether an effect may run while this trigger does: it stands there, or is set off from there. */
function runsInside(effect: Effect, table: string, on: "insert" | "update", { effects, catalogue }: Omit<Search, "seen">): boolean {
  return effects.some(
    (first) =>
      standsIn(first, table, on) && (first === effect || findPath(first, effect, { effects, catalogue, seen: new Set() }) !== null),
  );
}

/** What must be written out after an effect's statement, since the trigger that does it may be running already. */
export interface Consequences {
  readonly counters: readonly CounterEffect[];
  /** Whether rows that the effect wrote must get their marks. */
  readonly marks: boolean;
  /** Effects that would be set off there: too deep. */
  readonly lost: readonly Effect[];
}

/** The consequences of an effect's write that SQLite may not see to itself. */
export function consequencesOf(effect: Effect, effects: readonly Effect[], catalogue: Catalogue): Consequences {
  const { table, on, columns } = writtenBy(effect);
  if (!runsInside(effect, table, on, { effects, catalogue })) return { counters: [], marks: false, lost: [] };
  const next = effects.filter((other) => setsOff(effect, other, catalogue) && standsIn(other, table, on));
  const marked = tableOf(catalogue, table).marks.some(({ of }) => on === "insert" || (of !== null && of in columns));
  return {
    counters: next.filter((other) => other.kind === "counter"),
    marks: marked,
    lost: next.filter((other) => other.kind !== "counter"),
  };
}

/**
 * Guards as they are judged once the effects are known: a write of another table whose own effects write the guarded rows is
 * judged after them ("a cancelled order has no open lines" while the effect cancels the lines), unless that trigger might not fire
 * and no mark would show for which rows.
 */
export function settleGuards(guards: readonly Guard[], effects: readonly Effect[], catalogue: Catalogue): readonly Guard[] {
  const isSettled = (guard: Guard, table: string, on: "insert" | "update"): boolean => {
    const repairs = effects.some(
      (effect) => effect.kind !== "counter" && standsIn(effect, table, on) && writtenBy(effect).table === guard.table,
    );
    const skipping = effects.filter(
      (effect) => writtenBy(effect).table === table && writtenBy(effect).on === on && runsInside(effect, table, on, { effects, catalogue }),
    );
    return repairs && skipping.every((effect) => consequencesOf(effect, effects, catalogue).marks);
  };
  return guards.map((guard) => {
    const settled = guard.events.filter((event) => event.kind === "elsewhere" && isSettled(guard, event.table, event.on));
    return settled.length === 0 ? guard : settledAt(guard, { given: settled, parts: {} });
  });
}

const settledAt = keptFor(
  (guard: Guard, { given: settled }: Sources<readonly GuardEvent[], never>): Guard => ({
    ...guard,
    events: guard.events.map((event) => (settled.includes(event) && event.kind === "elsewhere" ? { ...event, settled: true } : event)),
  }),
);
