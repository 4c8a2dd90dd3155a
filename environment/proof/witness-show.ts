/** The search for witnesses of one rule: from accepted writes to such as tell the rule from one that differs a little. */
import type { Compiled } from "../compile/compile-sheet.js";
import { focusOn } from "./witness-focus.js";
import type { Goal } from "./witness-goals.js";
import { expectedOf, isSameAnswer, type Judgement } from "./witness-oracle.js";
import type { Witness } from "./witness-run.js";
import type { Candidate, Scene } from "./witness-scene.js";
import { repair, type Search } from "./witness-search.js";
import type { Task } from "./witness-tasks.js";

/** Interpreted writes to mend one candidate. */
const TRIALS = 30;
/** Tries at one node, from one base, that other rules stand in the way of. */
const PATIENCE = 6;
/** At most this many candidates are tried for one node from one base, with the sides of comparisons so far apart. */
const OWN: Trials = { limit: 40, apart: [0, 1, -1] };
/** The same from a base whose effects reach the rule: these move what it reads by a step more. */
const WITHIN: Trials = { limit: 12, apart: [0, 1, -1, 2, -2] };

interface Trials {
  readonly limit: number;
  readonly apart: readonly number[];
}

/** Edits thought out for one node from one base: where counts are nested in counts there would be no end to them. */
const EFFORT = 2000;

/** Candidates that the strictest judges did not pass, and that milder ones are asked about. */
const SPARE = 8;

/** So many candidates are looked at, and taken, for the condition of a custom rule. */
const CONDITIONED: Trials = { limit: 12, apart: [0] };
const BASES = 3;

/** Writes executed for one custom rule. */
const EXECUTIONS = 150;

export interface Shown {
  readonly witnesses: readonly Witness[];
  /** Goals that no witness shows. */
  readonly open: readonly Goal[];
  /** The judges to go on with: where the strictest never let the rule refuse, the milder ones. */
  readonly judges: readonly Compiled[];
}

/** Witnesses for goals of a task, as far as they are found. */
export function showGoals(search: Search, task: Task, goals: readonly Goal[]): Shown {
  const pending = new Set(goals);
  const witnesses: Witness[] = [];
  const [strict = search.compiled, ...milder] = task.judges;
  const groups = groupsOf(goals);
  let next = task.judges;

  /** Whether the candidate came to something: it showed a goal, or was no try at one. */
  function take(candidate: Candidate, judges: Compiled): boolean {
    const met = [...pending].filter((goal) => goal.isMet(candidate));
    if (met.length === 0) return true;
    const repaired = repair(search, { candidate, judges, trials: TRIALS, pin: (each) => met.some((goal) => goal.isMet(each)) });
    return (
      repaired !== null &&
      keep(
        repaired,
        [...pending].filter((goal) => goal.isMet(repaired)),
      )
    );
  }

  function keep(candidate: Candidate, met: readonly Goal[]): boolean {
    const verdict = search.interpret(search.compiled, candidate);
    if (verdict.kind === "refused" && verdict.rule !== task.rule) return false;
    const shown = met.filter((goal) => tells(search, goal, { candidate, verdict }));
    if (shown.length === 0) return false;
    witnesses.push({
      rule: task.rule,
      shows: shown.map(({ shows }) => shows).join("; "),
      pins: shown.flatMap(({ pin }) => pin ?? []),
      ...candidate,
      expected: expectedOf(verdict),
    });
    for (const goal of shown) pending.delete(goal);
    return true;
  }

  function work(group: readonly Goal[], base: Candidate, spare: Candidate[]): void {
    const isOpen = (): boolean => !search.isSpent() && group.some((goal) => pending.has(goal));
    let patience = PATIENCE;
    for (const candidate of isOpen() ? proposalsFor(task, task.scenes(base), group[0], OWN) : []) {
      if (!take(candidate, strict)) {
        patience -= 1;
        if (spare.length < SPARE) spare.push(candidate);
      }
      if (patience === 0 || !isOpen()) return;
    }
  }

  /** What an effect's write comes to shows only when it is run. */
  function workWithin(group: readonly Goal[], base: Candidate): void {
    for (const candidate of proposalsFor(task, task.scenesWithin(base), group[0], WITHIN)) {
      const open = group.filter((goal) => pending.has(goal));
      if (open.length === 0 || search.isSpent()) return;
      const repaired = repair(search, { candidate, judges: strict, trials: TRIALS / 3, pin: () => true });
      if (repaired !== null) keep(repaired, open);
    }
  }

  /** Candidates that some goal of a custom rule is about, as far as it can be read, and that the other rules accept. */
  function conditioned(group: readonly Goal[], base: Candidate): readonly Candidate[] {
    const near = [...proposalsFor(task, task.scenes(base), group[0], CONDITIONED)];
    const chosen = new Map(
      group.flatMap((goal) =>
        near
          .filter((each) => goal.isMet(each))
          .slice(0, BASES)
          .map((each) => [each, goal]),
      ),
    );
    return [...chosen].flatMap(
      ([candidate, goal]) => repair(search, { candidate, judges: strict, trials: TRIALS, pin: (each) => goal.isMet(each) }) ?? [],
    );
  }

  /** Every candidate is executed: what the SQL says of it cannot be foreseen. Those near each are tried in turn. */
  function execute(near: (candidate: Candidate) => Iterable<Candidate>): void {
    let left = EXECUTIONS;
    const isOver = (): boolean => left <= 0 || pending.size === 0 || search.isSpent();
    const line: Iterator<Candidate>[] = [];
    const attempt = (candidate: Candidate): boolean => {
      left -= 1;
      return keep(candidate, [...pending]);
    };
    for (const head of [...groups.flatMap((group) => task.bases.flatMap((base) => conditioned(group, base))), ...task.bases]) {
      if (isOver()) return;
      attempt(head);
      line.push(near(head)[Symbol.iterator]());
    }
    while (line.length > 0 && !isOver()) {
      const [first, ...others] = line.splice(0);
      const next = first?.next();
      if (first === undefined || next?.done !== false) line.push(...others);
      // What has shown something is gone on from first.
      else line.push(...(attempt(next.value) ? [near(next.value)[Symbol.iterator]()] : []), ...others, first);
    }
  }

  if (task.nearby !== null) {
    execute(task.nearby);
    return { witnesses, open: [...pending], judges: task.judges };
  }
  for (const base of task.bases) take(base, strict);
  for (const group of groups) {
    if (group[0]?.by === "effect") continue;
    const spare: Candidate[] = [];
    for (const base of task.bases) work(group, base, spare);
    for (const judges of milder) {
      const before = witnesses.length;
      for (const candidate of spare) if (group.some((goal) => pending.has(goal))) take(candidate, judges);
      if (witnesses.length > before) next = milder;
    }
  }
  for (const base of pending.size === 0 ? [] : task.reaching) {
    keep(
      base,
      [...pending].filter(({ changed }) => changed !== null),
    );
    for (const group of groups)
      if (group.some((goal) => pending.has(goal) && goal.changed !== null && goal.by !== "client")) workWithin(group, base);
  }
  return { witnesses, open: [...pending], judges: next };
}

/** Whether the rules changed as the goal says answer the candidate otherwise. */
function tells(
  search: Search,
  { changed }: Goal,
  { candidate, verdict }: { readonly candidate: Candidate; readonly verdict: Judgement },
): boolean {
  if (changed === null) return true;
  const other = search.interpret({ ...search.compiled, normal: changed() }, candidate);
  return !isSameAnswer(expectedOf(verdict), expectedOf(other));
}

/** The witness of a candidate as the whole sheet judges it; null where a rule other than the one to be shown refuses. */
export function witnessOf(search: Search, candidate: Candidate, about: Pick<Witness, "rule" | "shows" | "pins">): Witness | null {
  const verdict = search.interpret(search.compiled, candidate);
  if (verdict.kind === "refused" && verdict.rule !== about.rule) return null;
  return { ...about, ...candidate, expected: expectedOf(verdict) };
}

/** The goals that look at one node together: the same candidates serve them all. */
function groupsOf(goals: readonly Goal[]): readonly (readonly Goal[])[] {
  const groups = new Map<string, Goal[]>();
  for (const goal of goals) {
    const key = goal.focus === null ? "" : `${goal.by ?? ""} ${goal.focus.place.join(".")} ${JSON.stringify(goal.focus.expression)}`;
    groups.set(key, [...(groups.get(key) ?? []), goal]);
  }
  return [...groups.values()];
}

function* proposalsFor(task: Task, scenes: readonly Scene[], goal: Goal | undefined, { limit, apart }: Trials): Iterable<Candidate> {
  const focus = goal?.focus ?? null;
  if (focus === null) return;
  const seen = new Set<Candidate>();
  const effort = { left: EFFORT };
  for (const scene of scenes.slice(0, 6)) {
    for (const each of focusOn({ ...scene, effort }, focus, apart)) {
      for (const { candidate } of [each, ...task.varied(each)]) {
        if (seen.has(candidate)) continue;
        seen.add(candidate);
        yield candidate;
        if (seen.size >= limit) return;
      }
    }
  }
}
