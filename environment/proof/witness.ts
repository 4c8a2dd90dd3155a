/**
 * Witnesses: executable examples, derived from the rules' normal form, of what each rule must accept and must refuse.
 *
 * Each is found in memory by the interpreter, every other rule accepting, and then stands to be executed on the engine.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Guard } from "../compile/normal-form.js";
import { CONTEXT_TABLE } from "../core/catalogue.js";
import { encodeValue } from "../core/encode-value.js";
import type { Rows } from "../core/values.js";
import { actorRefusal, withActor } from "./witness-actor.js";
import { beginSearch, type WitnessOptions } from "./witness-begin.js";
import { type Goal, REFUSES } from "./witness-goals.js";
import { hunt, type Quarry } from "./witness-hunt.js";
import { namedKeys } from "./witness-keys.js";
import { stateText, type Witness } from "./witness-run.js";
import { isWholeList, rootsOf } from "./witness-nodes.js";
import { sampleState } from "./witness-sample.js";
import type { Candidate } from "./witness-scene.js";
import { actsOf, repair, type Act } from "./witness-search.js";
import { settle } from "./witness-settle.js";
import { showGoals, witnessOf } from "./witness-show.js";
import { effectTask, guardTask, type Seed, type Start, type Task } from "./witness-tasks.js";

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
  /** The sample state that the search started from; none of its users can be authenticated where that is what `unshown` says. */
  readonly state: Rows;
  /** Interpreted writes that the search took. */
  readonly work: number;
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
export function findWitnesses(compiled: Compiled, options: WitnessOptions): Witnesses {
  const search = beginSearch(compiled, options);
  const sample = settle(compiled, sampleState(compiled.catalogue, namedKeys(compiled)));
  const state = servedState(compiled, sample);
  if (state === null) return { witnesses: [], unshown: [unserved(compiled, sample)], state: sample, work: search.spent() };
  const acts = actsOf(search, state);
  const seeds = acts.flatMap((act): readonly Seed[] => {
    const candidate = repair(search, { candidate: { state, write: act.write }, judges: compiled, trials: SEED_TRIALS, pin: () => true });
    return candidate === null ? [] : [{ act, candidate }];
  });
  const start: Start = { state, acts, seeds };
  const guards = compiled.normal.guards.filter((guard) => isShown(compiled, guard)).map((guard) => guardTask(compiled, start, guard));
  const effects = compiled.normal.effects.map((effect) => effectTask(compiled, start, effect));
  // What every rule must show comes first: should the work run out, it is fine distinctions that are left out.
  const fired = new Map<string, readonly Candidate[]>();
  const neededOf = (task: Task): Needed => {
    const chained = { ...task, reaching: [...task.through.flatMap((rule) => fired.get(rule)?.slice(0, CHAINED) ?? []), ...task.reaching] };
    const { witnesses, open, judges } = showGoals(
      search,
      chained,
      task.goals.filter((goal) => goal.needed),
    );
    fired.set(task.rule, witnesses);
    return { task: { ...chained, judges }, witnesses, open };
  };
  // Effects before guards, since a write that an effect makes may be the only one that a guard refuses.
  const ofEffects = effects.map(neededOf);
  const needed = [...guards.map(neededOf), ...ofEffects];
  const others = needed.map(({ task }) =>
    showGoals(
      search,
      task,
      task.goals.filter((goal) => !goal.needed),
    ),
  );
  const accepted = seeds.flatMap(
    ({ act, candidate }) => witnessOf(search, candidate, { rule: actName(act), shows: "the act is possible", pins: [] }) ?? [],
  );
  const witnesses = [...needed.flatMap(({ witnesses }) => witnesses), ...others.flatMap(({ witnesses }) => witnesses), ...accepted];
  const second = hunt(search, needed.flatMap(missedBy(compiled)), witnesses);
  return {
    witnesses: unique([...witnesses, ...second.witnesses]),
    unshown: second.open.map((each) => unshown(compiled, each)),
    state,
    work: search.spent(),
  };
}

/** The sample state with an actor that can be authenticated; null where none is found. */
function servedState(compiled: Compiled, state: Rows): Rows | null {
  if (actorRefusal(compiled, state) === null) return state;
  // No act is looked at yet, so any write will do.
  const [served] = withActor(compiled, { state, write: { op: "insert", table: CONTEXT_TABLE, values: {} } });
  return served?.state ?? null;
}

function unserved(compiled: Compiled, state: Rows): Unshown {
  const rule = actorRefusal(compiled, state)?.id ?? "";
  const message = `No row of "${compiled.catalogue.actor?.table ?? ""}" was found that "${rule}" lets in, so no write of an actor can be tried; change "actor.when" so that some user meets it.`;
  return { rule, shows: "an actor who is served", message };
}

/** A task with what it must show: shown, and open. */
interface Needed {
  readonly task: Task;
  readonly witnesses: readonly Witness[];
  readonly open: readonly Goal[];
}

/** Writes that make one effect fire, from which what that sets off is looked for. */
const CHAINED = 2;

/** Interpreted writes to mend a plain act. */
const SEED_TRIALS = 360;

/** What a task had to show and did not, as a sheet that a write is to be answered otherwise by. */
function missedBy({ catalogue }: Compiled): (needed: Needed) => readonly Quarry[] {
  return ({ task: { rule }, open }) =>
    open.flatMap(({ shows, changed }) => (changed === null ? [] : [{ rule, shows, mutated: { catalogue, normal: changed() } }]));
}

function unshown({ catalogue, normal }: Compiled, { rule, shows }: Quarry): Unshown {
  const guards = normal.guards.filter(({ id }) => id === rule);
  const isIdle = guards.length > 0 && guards.every((guard) => isWholeList(guard.must, { catalogue, tables: rootsOf(guard) }));
  const why =
    isIdle && shows === REFUSES
      ? "It can never refuse: its list holds every value that the column may have."
      : "No write that the other rules accept was found to lead there, so the rule is dead, contradicts them, or needs a state that the search does not come to.";
  return { rule, shows, message: `No witness of rule "${rule}" was found for: ${shows}. ${why}` };
}

/** Rules, and what structure asks of columns and moves beyond what the write matrix tries. */
function isShown(compiled: Compiled, guard: Guard): boolean {
  if (guard.origin === "rule") return true;
  return (!inMatrix.has(guard.kind) || isRange(compiled, guard)) && compiled.catalogue.tables[guard.table]?.create?.by === "agent";
}

/** Whether a structural guard holds a column that the agent gives to a list or between bounds, which are met like those of a rule. */
function isRange({ catalogue }: Compiled, { id, kind, table }: Guard): boolean {
  const column = catalogue.tables[table]?.columns.find(({ name }) => id === `${table}.${name}.values`);
  return kind === "values" && column?.insert.kind === "agent" && (column.values !== null || column.min !== null || column.max !== null);
}

function actName({ table, move, on }: Act): string {
  return move === null ? `${table}.${on}` : `${table}.${move.from}>${move.to}`;
}

/** Each write on each state once; equal states become one, so that one database serves them all. */
function unique(witnesses: readonly Witness[]): readonly Witness[] {
  const states = new Map<string, Rows>();
  const known = new Map<string, Witness>();
  for (const witness of witnesses) {
    const { write } = witness;
    const cells = write.op === "insert" ? write.values : { ...write.key, ...write.set };
    const text = stateText(witness.state);
    const state = states.get(text) ?? witness.state;
    states.set(text, state);
    const name = `${witness.rule}|${write.op}|${write.table}|${Object.entries(cells)
      .map(([column, value]) => `${column}=${encodeValue(value)}`)
      .join(",")}|${text}`;
    const same = known.get(name);
    known.set(name, same === undefined ? { ...witness, state } : { ...same, pins: [...same.pins, ...witness.pins] });
  }
  return [...known.values()];
}
