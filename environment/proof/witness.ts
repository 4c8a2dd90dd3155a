/**
 * Witnesses: executable examples, derived from the rules' normal form, of what each rule must accept and must refuse.
 *
 * Each is found in memory by the interpreter, every other rule accepting, and then stands to be executed on the engine.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import { interpretWrite } from "../compile/interpret-write.js";
import type { Effect, Guard } from "../compile/normal-form.js";
import { effectGoals, counterGoals, type Goal, guardGoals, sceneOf } from "./witness-goals.js";
import { focusOn } from "./witness-focus.js";
import { type Expected, stateText, type Witness } from "./witness-run.js";
import { sampleState, samplerOf } from "./witness-sample.js";
import type { Candidate, Scene } from "./witness-scene.js";
import { type Act, actsOf, repair, scenesOf, type Search } from "./witness-search.js";
import { namedKeys } from "./witness-keys.js";
import { settle } from "./witness-settle.js";
import { force } from "./witness-force.js";
import { bind } from "./witness-rows.js";
import { rowsAfter } from "./witness-scene.js";
import { encodeValue } from "../core/encode-value.js";
import type { Rows } from "../core/values.js";

/** A rule that no witness shows, and what was looked for. */
export interface Unshown {
  readonly rule: string;
  readonly shows: string;
  readonly message: string;
}

export interface Witnesses {
  readonly witnesses: readonly Witness[];
  /** Guards that nothing trips, or nothing satisfies, and effects that nothing fires. */
  readonly unshown: readonly Unshown[];
  /** The sample state that the search started from. */
  readonly state: Rows;
  /** Interpreted writes that the search took. */
  readonly work: number;
}

/** How hard to look: interpreted writes at most, and a seeded generator for what is tried first. */
export interface WitnessOptions {
  readonly work: number;
  readonly random: () => number;
}

/** Structural guards that the write matrix tries in full, each column and each statement. */
const inMatrix: ReadonlySet<string> = new Set([
  "read_only",
  "no_delete",
  "key",
  "writable",
  "stamp",
  "reference",
  "values",
  "required",
  "start",
  "move",
]);

/** The witnesses of every rule of a sheet. Deterministic for equal options. */
export function findWitnesses(compiled: Compiled, { work, random }: WitnessOptions): Witnesses {
  let spent = 0;
  const search: Search = {
    compiled,
    random,
    sampler: samplerOf(compiled.catalogue, namedKeys(compiled)),
    interpret: (judges, candidate) => {
      spent += 1;
      return interpretWrite(judges, candidate.state, candidate.write);
    },
    isSpent: () => spent >= work,
  };
  const state = settle(compiled, sampleState(compiled.catalogue, namedKeys(compiled)));
  const acts = actsOf(search, state);
  const seeds = acts.flatMap((act): readonly Seed[] => {
    const candidate = repair(search, { candidate: { state, write: act.write }, judges: compiled, trials: SEED_TRIALS, pin: () => true });
    return candidate === null ? [] : [{ act, candidate }];
  });
  const all: Raw = { state, acts, seeds };
  const guards = compiled.normal.guards.filter(
    (guard) =>
      guard.origin === "rule" ||
      ((!inMatrix.has(guard.kind) || isRange(compiled, guard)) && compiled.catalogue.tables[guard.table]?.create?.by === "agent"),
  );
  const tasks = [
    ...guards.map((guard) => guardTask(search, all, guard)),
    ...compiled.normal.effects.map((effect) => effectTask(search, all, effect)),
  ];
  // What every rule must show comes first: should the work run out, it is fine distinctions that are left out.
  const needed = tasks.map((task) => showTask(search, { ...task, goals: task.goals.filter(({ needed: isNeeded }) => isNeeded) }));
  const others = tasks.map((task) => showTask(search, { ...task, goals: task.goals.filter(({ needed: isNeeded }) => !isNeeded) }));
  const parts = [...needed, ...others];
  const accepted = seeds.map(({ act, candidate }) => witnessOf(search, candidate, { rule: actName(act), shows: "the act is possible" }));
  return {
    witnesses: unique([...parts.flatMap(({ witnesses }) => witnesses), ...accepted.flatMap((each) => each ?? [])]),
    unshown: parts.flatMap(({ unshown }) => unshown),
    state,
    work: spent,
  };
}

/** Whether a structural guard holds a column that the agent gives to a list or between bounds, which are met like those of a rule. */
function isRange({ catalogue }: Compiled, { id, kind, table }: Guard): boolean {
  const column = catalogue.tables[table]?.columns.find(({ name }) => id === `${table}.${name}.values`);
  return kind === "values" && column?.insert.kind === "agent" && (column.values !== null || column.min !== null || column.max !== null);
}

interface Seed {
  readonly act: Act;
  readonly candidate: Candidate;
}

interface Raw {
  readonly state: Candidate["state"];
  readonly acts: readonly Act[];
  readonly seeds: readonly Seed[];
}

interface Shown {
  readonly witnesses: readonly Witness[];
  /** Goals that no witness shows. */
  readonly open: readonly Goal[];
  readonly unshown: readonly Unshown[];
}

function guardTask({ compiled }: Search, all: Raw, guard: Guard): Task {
  const without = { ...compiled, normal: { ...compiled.normal, guards: compiled.normal.guards.filter(({ id }) => id !== guard.id) } };
  const isJudged = ({ table, on, move }: Act): boolean =>
    guard.events.some((event) => {
      if (event.kind === "elsewhere") return event.table === table && event.on === (on === "create" ? "insert" : "update");
      if (guard.table !== table || event.kind === "delete" || event.kind === "created") return false;
      if (event.kind === "move") return event.from === move?.from && event.to === move.to;
      return event.kind === "create" ? on === "create" : on === "update";
    });
  const { when } = guard;
  // Where the guard applies on a condition, its own condition is looked at where that is true.
  const scenes = (candidate: Candidate): readonly Scene[] =>
    scenesOf(compiled, candidate, guard).flatMap((scene) => (when === null ? [scene] : [...force(scene, when, "true").slice(0, 2), scene]));
  const index = compiled.normal.guards.indexOf(guard);
  const earlier = {
    ...compiled,
    normal: { guards: compiled.normal.guards.slice(0, index).filter(({ id }) => id !== guard.id), effects: [] },
  };
  return { rule: guard.id, goals: guardGoals(compiled, guard), bases: basesFor(all, isJudged), judges: [without, earlier], scenes };
}

/**
 * Shows the goals, the strictest judges first. A guard whose forbidden writes later guards forbid as well (a column is missing
 * that another guard compares) still is the first to be named: its refused witness then has every guard before it accepting.
 * Effects, and what refuses them, come later.
 */
function showTask(search: Search, task: Task): Shown {
  const [first, ...others] = task.judges;
  if (first === undefined) return { witnesses: [], open: task.goals, unshown: [] };
  return others.reduce<Shown>(
    (shown, judges) => {
      const again = show(search, { ...task, goals: shown.open }, judges);
      return { ...again, witnesses: [...shown.witnesses, ...again.witnesses] };
    },
    show(search, task, first),
  );
}

function effectTask({ compiled }: Search, all: Raw, effect: Effect): Task {
  if (effect.kind === "counter") {
    const tables = new Set(effect.sources.map(({ table }) => table));
    const scenes = (candidate: Candidate): readonly Scene[] => {
      const scene = sceneOf(compiled, candidate, candidate.write.table);
      return rowsAfter(scene, effect.table).map(({ place }) => bind(scene, "owner", place));
    };
    return {
      rule: effect.id,
      goals: counterGoals(compiled, effect),
      bases: basesFor(all, ({ table }) => tables.has(table)),
      judges: [compiled],
      scenes,
    };
  }
  const isCause = ({ table, on, move }: Act): boolean =>
    table === effect.table &&
    effect.events.some((event) =>
      event.kind === "move"
        ? event.from === move?.from && event.to === move.to
        : event.kind === "create"
          ? on === "create"
          : on === "update",
    );
  return {
    rule: effect.id,
    goals: effectGoals(compiled, effect),
    bases: basesFor(all, isCause),
    judges: [compiled],
    scenes: (candidate) => [sceneOf(compiled, candidate, effect.table)],
  };
}

/** Accepted writes to start from; of an act that was never accepted, the plain write. */
function basesFor({ state, acts, seeds }: Raw, isWanted: (act: Act) => boolean): readonly Candidate[] {
  return acts.filter(isWanted).map((act) => seeds.find((seed) => seed.act === act)?.candidate ?? { state, write: act.write });
}

interface Task {
  readonly rule: string;
  readonly goals: readonly Goal[];
  readonly bases: readonly Candidate[];
  /** The rules that must accept a witness, whatever this one says; the strictest first, others where nothing passes it. */
  readonly judges: readonly Compiled[];
  scenes(candidate: Candidate): readonly Scene[];
}

function show(search: Search, task: Task, judges: Compiled): Shown {
  const pending = new Set(task.goals);
  const witnesses: Witness[] = [];

  /** Whether the candidate came to something: it showed a goal, or was no try at one. */
  function take(candidate: Candidate): boolean {
    const met = [...pending].filter((goal) => goal.isMet(candidate));
    if (met.length === 0) return true;
    const repaired = repair(search, { candidate, judges, trials: GOAL_TRIALS, pin: (each) => met.some((goal) => goal.isMet(each)) });
    if (repaired === null) return false;
    const shown = [...pending].filter((goal) => goal.isMet(repaired));
    const witness =
      shown[0] === undefined ? null : witnessOf(search, repaired, { rule: task.rule, shows: shown.map(({ shows }) => shows).join("; ") });
    if (witness === null) return false;
    witnesses.push(witness);
    for (const goal of shown) pending.delete(goal);
    return true;
  }

  for (const base of task.bases) {
    take(base);
    for (const group of groupsOf(task.goals)) {
      const isOpen = (): boolean => !search.isSpent() && group.some((goal) => pending.has(goal));
      let patience = PATIENCE;
      if (!isOpen()) continue;
      for (const candidate of proposalsFor(task, base, group[0])) {
        if (!take(candidate)) patience -= 1;
        if (patience === 0 || !isOpen()) break;
      }
    }
  }
  // What only effects write is judged through the acts that set them off, and has no act of its own to be shown by.
  const unshown = [...pending]
    .filter(({ needed }) => needed && task.bases.length > 0)
    .map(({ shows }) => ({
      rule: task.rule,
      shows,
      message: `No witness of rule "${task.rule}" was found for: ${shows}. Nothing that the other rules accept leads there, so the rule is dead or contradicts them.`,
    }));
  return { witnesses, open: [...pending], unshown };
}

/** The goals that look at one node together: the same candidates serve them all. */
function groupsOf(goals: readonly Goal[]): readonly (readonly Goal[])[] {
  const groups: { readonly first: Goal; readonly goals: Goal[] }[] = [];
  for (const goal of goals) {
    const group = groups.find(
      ({ first }) =>
        first.focus !== null &&
        goal.focus !== null &&
        first.focus.expression === goal.focus.expression &&
        first.focus.place.join() === goal.focus.place.join(),
    );
    if (group === undefined) groups.push({ first: goal, goals: [goal] });
    else group.goals.push(goal);
  }
  return groups.map(({ goals: each }) => each);
}

/** Interpreted writes to mend one candidate: of a plain act, and of a try at a goal. */
const SEED_TRIALS = 360;
const GOAL_TRIALS = 40;
/** Tries at one node that other rules stand in the way of. */
const PATIENCE = 8;
/** At most this many candidates are tried for one node from one base. */
const PROPOSALS = 40;

function* proposalsFor(task: Task, base: Candidate, goal: Goal | undefined): Iterable<Candidate> {
  const focus = goal?.focus ?? null;
  if (focus === null) return;
  const seen = new Set<Candidate>();
  for (const scene of task.scenes(base).slice(0, 4)) {
    for (const { candidate } of focusOn(scene, focus.expression, focus.place)) {
      if (seen.has(candidate)) continue;
      seen.add(candidate);
      yield candidate;
      if (seen.size >= PROPOSALS) return;
    }
  }
}

/** The witness of a candidate as the whole sheet judges it; null where a rule other than the one to be shown refuses. */
function witnessOf(search: Search, candidate: Candidate, { rule, shows }: Pick<Witness, "rule" | "shows">): Witness | null {
  const verdict = search.interpret(search.compiled, candidate);
  if (verdict.kind === "refused" && verdict.rule !== rule) return null;
  const expected: Expected =
    verdict.kind === "refused" ? { kind: "refused", rule: verdict.rule } : { kind: "accepted", after: verdict.state };
  return { rule, shows, ...candidate, expected };
}

function actName({ table, move, on }: Act): string {
  return move === null ? `${table}.${on}` : `${table}.${move.from}>${move.to}`;
}

function unique(witnesses: readonly Witness[]): readonly Witness[] {
  const known = new Map<string, Witness>();
  for (const witness of witnesses) {
    const { write } = witness;
    const cells = write.op === "insert" ? write.values : { ...write.key, ...write.set };
    const text = `${witness.rule}|${write.op}|${write.table}|${Object.entries(cells)
      .map(([column, value]) => `${column}=${encodeValue(value)}`)
      .join(",")}|${stateText(witness.state)}`;
    if (!known.has(text)) known.set(text, witness);
  }
  return [...known.values()];
}
