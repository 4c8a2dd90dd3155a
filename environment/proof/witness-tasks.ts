/** What is to be shown of each rule, and the acts to start from: its own, and those whose effects reach it. */
import type { Compiled } from "../compile/compile-sheet.js";
import { reachOf, setsOff, writtenBy } from "../compile/effect-graph.js";
import type { Expression } from "../core/expression.js";
import type { Effect, EffectEvent, Guard } from "../compile/normal-form.js";
import { columnOf, tableOf } from "../core/catalogue.js";
import type { Rows } from "../core/values.js";
import { columnsNamed, readableGuard } from "./custom-condition.js";
import { nearby } from "./witness-custom.js";
import { customEffectGoals, customGuardGoals } from "./witness-custom-goals.js";
import { counterGoals, effectGoals } from "./witness-effect-goals.js";
import { force } from "./witness-force.js";
import { type Goal, guardGoals, sceneOf } from "./witness-goals.js";
import { addFitting, bind, fitting } from "./witness-rows.js";
import { actorRoot, type Candidate, rowsAfter, type Scene, setCell } from "./witness-scene.js";
import { type Act, scenesOf } from "./witness-search.js";

/** An act as the rules accept it. */
export interface Seed {
  readonly act: Act;
  readonly candidate: Candidate;
}

/** What the search starts from. */
export interface Start {
  readonly state: Rows;
  readonly acts: readonly Act[];
  readonly seeds: readonly Seed[];
}

export interface Task {
  readonly rule: string;
  readonly goals: readonly Goal[];
  /** Accepted writes at which the rule is judged or fires. */
  readonly bases: readonly Candidate[];
  /** Accepted writes whose effects reach the rule. */
  readonly reaching: readonly Candidate[];
  /** Effects whose writes set this rule off, or are judged by it: the writes that make them fire reach the rule too. */
  readonly through: readonly string[];
  /** The rules that must accept a witness, whatever this one says; the strictest first, others where nothing passes it. */
  readonly judges: readonly Compiled[];
  /** The rows that the rule is judged for at a candidate's own write, and at writes of effects. */
  scenes(candidate: Candidate): readonly Scene[];
  scenesWithin(candidate: Candidate): readonly Scene[];
  /** Of a custom rule, whose SQL tells nothing of how to break it: candidates a step from one, each to be executed. */
  readonly nearby: ((candidate: Candidate) => Iterable<Candidate>) | null;
  /** Other candidates near one on which the rule might answer otherwise. */
  varied(scene: Scene): readonly Scene[];
}

/** At most so many acts are tried for what only effects reach. */
const REACHING = 4;

/** The task of a guard. A refused witness has every other rule accepting, or, where later ones forbid the same, all before it. */
export function guardTask(compiled: Compiled, start: Start, guard: Guard): Task {
  const { normal } = compiled;
  const index = normal.guards.indexOf(guard);
  const others = (guards: readonly Guard[]): readonly Guard[] => guards.filter(({ id }) => id !== guard.id);
  const { when } = guard;
  const isUnread = readableGuard(guard, compiled.catalogue) === null;
  return {
    rule: guard.id,
    goals: guard.must.kind === "sql" ? customGuardGoals(compiled, guard) : guardGoals(compiled, guard),
    nearby: isUnread ? nearbyOf(compiled, guard.must) : null,
    bases: [...basesFor(start, (act) => isJudgedAt(guard, act)), ...idleBases(compiled, start, guard)],
    reaching: isUnread ? [] : basesFor(start, (act) => isReached(compiled, guard.table, act)).slice(0, REACHING),
    through: isUnread ? [] : normal.effects.filter((effect) => isJudgedBy(guard, effect)).map(({ id }) => id),
    judges: [
      { ...compiled, normal: { ...normal, guards: others(normal.guards) } },
      { ...compiled, normal: { guards: others(normal.guards.slice(0, index)), effects: [] } },
    ],
    // Where the guard applies on a condition, its own condition is looked at where that is true.
    scenes: (candidate) =>
      scenesOf(compiled, candidate, guard).flatMap((scene) =>
        when === null ? [scene] : [...force(scene, when, "true").slice(0, 2), scene],
      ),
    scenesWithin: (candidate) => storedScenes(compiled, candidate, guard.table),
    varied: () => [],
  };
}

/** A rule that every change of a row is held to is held to by one that leaves the row as it is, for which no other row is judged. */
function idleBases({ catalogue }: Compiled, { state }: Start, { table: name, states, events }: Guard): readonly Candidate[] {
  const table = tableOf(catalogue, name);
  const column = table.states?.column;
  if (states === null || column === undefined || !events.some(({ kind }) => kind === "update")) return [];
  if (!events.some(({ kind }) => kind === "elsewhere")) return [];
  const row = (state[name] ?? []).find(({ [column]: value }) => typeof value === "string" && states.includes(value));
  if (row === undefined) return [];
  const key = Object.fromEntries(table.key.map((each) => [each, row[each] ?? null]));
  return [{ state, write: { op: "update", table: name, key, set: { [column]: row[column] ?? null } } }];
}

function nearbyOf(compiled: Compiled, sql: Expression): Task["nearby"] {
  return sql.kind === "sql" ? (candidate) => nearby(compiled, candidate, sql) : null;
}

/** Whether a guard judges the writes of an effect. */
function isJudgedBy(guard: Guard, effect: Effect): boolean {
  const { table, on } = writtenBy(effect);
  return guard.events.some((event) =>
    event.kind === "elsewhere"
      ? event.table === table && event.on === on
      : guard.table === table && (event.kind === "create") === (on === "insert"),
  );
}

function isJudgedAt(guard: Guard, { table, on, move }: Act): boolean {
  return guard.events.some((event) => {
    if (event.kind === "elsewhere") return event.table === table && event.on === (on === "create" ? "insert" : "update");
    if (guard.table !== table || event.kind === "delete" || event.kind === "created") return false;
    if (event.kind === "move") return event.from === move?.from && event.to === move.to;
    return event.kind === "create" ? on === "create" : on === "update";
  });
}

/** The task of an effect. */
export function effectTask(compiled: Compiled, start: Start, effect: Effect): Task {
  const common = {
    rule: effect.id,
    bases: basesFor(start, (act) => isCause(effect, act)),
    through:
      effect.kind === "custom_effect"
        ? []
        : compiled.normal.effects.filter((each) => each !== effect && setsOff(each, effect, compiled.catalogue)).map(({ id }) => id),
    judges: [compiled],
    scenesWithin: (candidate: Candidate) => storedScenes(compiled, candidate, effect.table),
    nearby: null,
    varied: () => [],
  };
  if (effect.kind === "custom_effect") {
    const into = tableOf(compiled.catalogue, effect.into);
    const target = { table: into.name, columns: columnsNamed(effect.sql.text, into) };
    return {
      ...common,
      goals: customEffectGoals(compiled, effect),
      reaching: [],
      scenes: (candidate) => [sceneOf(compiled, candidate, effect.table)],
      nearby: nearbyOf(compiled, { ...effect.sql, reads: [target, ...effect.sql.reads.filter(({ table }) => table !== into.name)] }),
    };
  }
  if (effect.kind === "counter")
    return {
      ...common,
      goals: counterGoals(compiled, effect),
      reaching: basesFor(start, (act) => effect.sources.some(({ table }) => isReached(compiled, table, act))).slice(0, REACHING),
      scenes: (candidate) => {
        const scene = sceneOf(compiled, candidate, candidate.write.table);
        return rowsAfter(scene, effect.table).map(({ place }) => bind(scene, "owner", place));
      },
    };
  return {
    ...common,
    goals: effectGoals(compiled, effect),
    reaching: basesFor(start, (act) => isReached(compiled, effect.table, act)).slice(0, REACHING),
    scenes: (candidate) => [sceneOf(compiled, candidate, effect.table)],
    varied: (scene) => (effect.kind === "spawn" || effect.pick === null ? [] : lastInLine(scene, effect.rows, effect.pick.order)),
  };
}

/** The row that would be picked put at the end of the line; where there is none, one more that could be. */
function lastInLine(scene: Scene, rows: Parameters<typeof fitting>[1], order: readonly string[]): readonly Scene[] {
  const [name] = order;
  if (name === undefined) return [];
  const column = columnOf(tableOf(scene.compiled.catalogue, rows.table), name);
  const lines = fitting(scene, rows).length > 0 ? [scene] : addFitting(scene, rows, force, 1);
  return lines.flatMap((line) => {
    const [picked] = fitting(line, rows);
    const highest = rowsAfter(line, rows.table).reduce(
      (high, { row: { [name]: value } }) => (typeof value === "bigint" && value > high ? value : high),
      0n,
    );
    const candidate = picked === undefined ? null : setCell(line, picked.place, column, highest + 1n);
    return candidate === null ? [] : [{ ...scene, candidate }];
  });
}

/** The rows of a table, each as an effect finds it. */
function storedScenes(compiled: Compiled, candidate: Candidate, table: string): readonly Scene[] {
  const scene: Scene = { compiled, candidate, roots: actorRoot(compiled, candidate) };
  return rowsAfter(scene, table)
    .slice(0, 6)
    .map(({ place }) => ({ ...scene, roots: { ...scene.roots, new: place, old: place } }));
}

function isCause(effect: Effect, { table, on, move }: Act): boolean {
  if (effect.kind === "counter") return effect.sources.some((source) => source.table === table);
  return table === effect.table && effect.events.some((event) => isEvent(event, { on, move }));
}

function isEvent(event: EffectEvent, { on, move }: Pick<Act, "on" | "move">): boolean {
  if (event.kind === "move") return event.from === move?.from && event.to === move.to;
  return event.kind === "create" ? on === "create" : on === "update";
}

/** Whether an act sets off effects that, directly or through others, write a table. */
function isReached({ normal, catalogue }: Compiled, table: string, act: Act): boolean {
  const reached = reachOf(
    normal.effects.filter((effect) => isCause(effect, act)),
    normal.effects,
    catalogue,
  );
  return [...reached].some((effect) => writtenBy(effect).table === table);
}

/** Accepted writes to start from; of an act that was never accepted, the plain write. */
function basesFor({ state, acts, seeds }: Start, isWanted: (act: Act) => boolean): readonly Candidate[] {
  return acts.filter(isWanted).map((act) => seeds.find((seed) => seed.act === act)?.candidate ?? { state, write: act.write });
}
