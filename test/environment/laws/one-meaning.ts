/**
 * One meaning, twice: the compiled triggers on SQLite against `interpretWrite` without it, on sheets, states and writes
 * drawn at random. Counts what was reached, rule by rule, and stops at the first disagreement with a small example of it.
 */
import { type Compiled, emitTriggers } from "../../../environment/compile/compile-sheet.js";
import { interpretWrite, type Verdict, type Write } from "../../../environment/compile/interpret-write.js";
import type { Effect, Guard, NormalForm } from "../../../environment/compile/normal-form.js";
import type { Rows } from "../../../environment/core/values.js";
import { type Rule, ruleSchema } from "../../../environment/sheet/sheet.js";
import { type Draw, drawFrom, seeded } from "../../doubles/random-draw.js";
import { type Aim, aimsOf, drawAimed } from "../../doubles/random-aim.js";
import { type DrawnSheet, drawSheet, effectKinds } from "../../doubles/random-sheet.js";
import { drawDesk, drawWorks } from "../../doubles/random-skeletons.js";
import { openRandomWorld, type RandomWorld, textsOf, type Tried } from "../../doubles/random-world.js";
import { compiledOf } from "../../doubles/lending-desk.js";
import { courses, projects } from "../sheets.js";
import { falseCounts, randomState, randomWrite } from "../random-writes.js";

/** Every kind of rule that the schema knows. */
export const kinds: readonly Rule["kind"][] = ruleSchema.options.map(({ shape }) => shape.kind.value);

/** Of a guard: writes accepted while it was judged, and writes it refused. Of an effect: writes accepted in which it fired, and calls refused for what it wrote. */
export interface KindCount {
  readonly accepted: number;
  readonly refused: number;
}

/** A write on which the two sides differ. */
export interface Disagreement {
  readonly drawn: DrawnSheet;
  readonly state: Rows;
  readonly write: Write;
  readonly recursive: 0 | 1;
  readonly engine: string;
  readonly interpreter: string;
}

export interface Counts {
  readonly sheets: number;
  readonly rules: number;
  readonly writes: number;
  readonly accepted: number;
  readonly refused: number;
  /** By kind of rule, and by kind of structural guard as `kind of declaration`. */
  readonly kinds: ReadonlyMap<string, KindCount>;
  /** One effect that set another off, as "promote→counter", "promote→counter (same table)", or a guard: "counter→guard". */
  readonly chains: ReadonlyMap<string, number>;
  readonly disagreement: Disagreement | null;
}

/** A clause dropped on purpose on one side. */
export interface Plant {
  readonly side: "compiler" | "interpreter";
  readonly spoil: (normal: NormalForm) => NormalForm;
}

export interface Trial {
  readonly seed: number;
  /** At most so many writes. */
  readonly writes: number;
  /** Ends sooner where every kind has accepted and refused so often: an effect fired so often, and so many calls were refused for what it wrote. */
  readonly goal?: number;
  readonly kinds?: readonly Rule["kind"][];
  readonly plant?: Plant;
}

interface Tally {
  sheets: number;
  rules: number;
  writes: number;
  accepted: number;
  refused: number;
  readonly kinds: Map<string, { accepted: number; refused: number }>;
  readonly chains: Map<string, number>;
}

const writesPerState = 350;
/** A state in which fewer writes of late add to what is short is left. */
const leastWorth = 0.15;

/** The two sheets that were made for their chains of effects. */
const handMade = [courses, projects].map((sheet): DrawnSheet => {
  const compiled = compiledOf(sheet);
  return { engine: compiled, twin: compiled, source: { sheet: compiled.sheet, twins: compiled.sheet.rules }, refused: 0 };
});

/** Draws sheets until so many writes are tried, those kinds more often that were reached less. */
export function tryOneMeaning(trial: Trial): Counts {
  // Refusals are errors on both sides, and nobody reads their stacks.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return tryWrites(trial);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function tryWrites({ seed, writes, goal = Infinity, kinds: wanted = kinds, plant }: Trial): Counts {
  const tally: Tally = {
    sheets: 0,
    rules: 0,
    writes: 0,
    accepted: 0,
    refused: 0,
    kinds: new Map(wanted.map((kind) => [kind, { accepted: 0, refused: 0 }])),
    chains: new Map(),
  };
  const isReached = () => wanted.every((kind) => lackOf(tally, kind, goal) === 0) && chainsBetween(tally) >= goal;
  let disagreement: Disagreement | null = null;
  for (let at = 1; disagreement === null && tally.writes < writes && !isReached(); at += 1) {
    const draw = drawFrom(seeded(seed * 100_003 + at));
    const isMade = wanted === kinds && at % 4 === 0;
    const drawn = isMade
      ? handMade[(at / 4) % 2]!
      : drawSheet(
          draw,
          at % 2 === 0 ? drawDesk(draw) : drawWorks(draw),
          drawKinds(draw, { tally, wanted, goal }),
          wanted === kinds ? 0.7 : 0,
        );
    if (drawn === null) continue;
    tally.sheets += 1;
    tally.rules += drawn.engine.sheet.rules.length;
    for (const recursive of [0, 1] as const) {
      disagreement ??= tryState(draw, drawn, { recursive, tally, goal, ...(plant && { plant }) });
    }
  }
  return { ...tally, disagreement };
}

/** How often one effect set another off. */
export function chainsBetween({ chains }: Pick<Counts, "chains">): number {
  return [...chains].reduce((sum, [chain, count]) => (/→(guard|declaration)$/.test(chain) ? sum : sum + count), 0);
}

/** Some guards and some effects, those that are still short the likelier, and one of any kind; effects come first, then what counts, then what refuses: the later may hang on what the earlier write. */
function drawKinds(
  draw: Draw,
  { tally, wanted, goal }: { readonly tally: Tally; readonly wanted: readonly Rule["kind"][]; readonly goal: number },
): readonly Rule["kind"][] {
  const aim = Math.min(goal, 100_000);
  const lack = (kind: string) => lackOf(tally, kind, aim) + aim / 500;
  const choose = (from: readonly Rule["kind"][], count: number) =>
    Array.from({ length: from.length === 0 ? 0 : count }, () => {
      let left = draw.random() * from.reduce((sum, kind) => sum + lack(kind), 0);
      return from.find((kind) => (left -= lack(kind)) <= 0) ?? draw.pick(from);
    });
  const guards = choose(
    wanted.filter((kind) => !effectKinds.has(kind)),
    draw.int(2, 4),
  );
  const effects = choose(
    wanted.filter((kind) => effectKinds.has(kind)),
    3,
  );
  const rank = (kind: string) => (kind === "counter" ? 1 : effectKinds.has(kind) ? 0 : 2);
  return [...guards, ...effects, draw.pick(wanted)].sort((a, b) => rank(a) - rank(b));
}

/** How many more verdicts a kind needs; of an effect, calls that it caused to be refused. */
function lackOf({ kinds: found }: Tally, kind: string, goal: number): number {
  const { accepted, refused } = found.get(kind) ?? { accepted: 0, refused: 0 };
  return Math.max(0, goal - accepted) + Math.max(0, goal - refused);
}

interface StateTrial {
  readonly recursive: 0 | 1;
  readonly tally: Tally;
  readonly goal: number;
  readonly plant?: Plant;
}

function tryState(draw: Draw, drawn: DrawnSheet, { recursive, tally, goal, plant }: StateTrial): Disagreement | null {
  const { engine } = drawn;
  let state = randomState(engine, draw.random);
  const world = openRandomWorld(engine, state, { triggerSql: triggersOf(engine, plant), recursive });
  const judged = new Set<string>();
  const aims = aimsOf(engine).map((aim) => ({ aim, score: 0.5 }));
  const kindsById = new Map(engine.sheet.rules.map(({ id, kind }) => [id, kind]));
  let worth = 0.5;
  const twin = watched(plant?.side === "interpreter" ? spoiled(drawn.twin, plant) : drawn.twin, judged, kindsById);
  try {
    for (let at = 0; at < writesPerState; at += 1) {
      const aim = chooseAim(draw, aims);
      const write = (aim === null ? null : drawAimed(engine, state, aim.aim, draw)) ?? randomWrite(engine, state, draw.random);
      judged.clear();
      const verdict = interpretWrite(twin, state, write);
      const tried = world.try(write, state);
      const [a, b] = [answerOf(engine, tried), answerOf(engine, verdict)];
      if (a !== b) return { drawn, state, write, recursive, engine: a, interpreter: b };
      const unread = engine === drawn.twin ? null : interpretWrite(engine, state, write);
      if (unread !== null && unread.kind !== "needs_sqlite" && answerOf(engine, unread) !== a)
        return { drawn, state, write, recursive, engine: a, interpreter: answerOf(engine, unread) };
      const wrong = verdict.kind === "accepted" && plant === undefined ? falseCounts(engine, verdict.state) : [];
      if (wrong.length > 0)
        return { drawn, state, write, recursive, engine: a, interpreter: `counters that are wrong: ${wrong.join(", ")}` };
      const isUseful = note(tally, { twin, state, write, verdict, judged, goal, kindsById });
      if (aim !== null) aim.score += ((isUseful === "useful" ? 1 : 0) - aim.score) / 8;
      worth += ((isUseful === "useful" ? 1 : 0) - worth) / 20;
      if (at > 40 && worth < leastWorth && goal < Infinity) break;
      if (verdict.kind === "accepted" && draw.chance(0.12)) state = kept(world, { write, state }, verdict);
    }
  } finally {
    world.close();
  }
  return null;
}

interface Scored {
  readonly aim: Aim;
  /** How often of late a write with this aim added to a count that was still short. */
  score: number;
}

/** One aim in five writes at random, else the better the likelier; now and then none. */
function chooseAim(draw: Draw, aims: readonly Scored[]): Scored | null {
  if (aims.length === 0 || draw.chance(0.1)) return null;
  if (draw.chance(0.2)) return draw.pick(aims);
  const total = aims.reduce((sum, { score }) => sum + score * score, 0);
  let left = draw.random() * total;
  for (const scored of aims) {
    left -= scored.score * scored.score;
    if (left <= 0) return scored;
  }
  return draw.pick(aims);
}

function kept(
  world: RandomWorld,
  { write, state }: { readonly write: Write; readonly state: Rows },
  verdict: Extract<Verdict, { kind: "accepted" }>,
): Rows {
  world.keep(write, state);
  return verdict.state;
}

/** What one side says, in a text that equal verdicts share. */
export function answerOf(compiled: Compiled, answer: Tried | Verdict): string {
  if (answer.kind === "refused") return `refused by ${answer.rule}`;
  if (answer.kind === "needs_sqlite") return `left to SQLite by ${answer.rule}`;
  return ["accepted", ...("rows" in answer ? answer.rows : textsOf(compiled, answer.state))].join("\n");
}

export function triggersOf(engine: Compiled, plant: Plant | undefined): readonly string[] {
  return plant?.side === "compiler" ? emitTriggers(engine.catalogue, plant.spoil(engine.normal)) : engine.triggerSql;
}

export function spoiled(twin: Compiled, plant: Plant): Compiled {
  return { ...twin, normal: plant.spoil(twin.normal) };
}

/** The same sheet, which notes the guards whose condition was looked at. */
function watched(compiled: Compiled, judged: Set<string>, kindsById: ReadonlyMap<string, string>): Compiled {
  const guards = compiled.normal.guards.map((guard): Guard => {
    const name = nameOf(guard, kindsById);
    return {
      ...guard,
      must: {
        kind: "and",
        get operands() {
          judged.add(name);
          return [guard.must];
        },
      },
    };
  });
  return { ...compiled, normal: { ...compiled.normal, guards } };
}

/** A guard's kind as the engine's sheet has it: the twin says SQL by other kinds. */
function nameOf({ origin, kind, id }: Guard, kindsById: ReadonlyMap<string, string>): string {
  return origin === "structure" ? `${kind} of declaration` : (kindsById.get(id) ?? kind);
}

interface Noted {
  readonly twin: Compiled;
  readonly state: Rows;
  readonly write: Write;
  readonly verdict: Verdict;
  readonly judged: ReadonlySet<string>;
  readonly goal: number;
  readonly kindsById: ReadonlyMap<string, string>;
}

function note(tally: Tally, noted: Noted): "useful" | "idle" {
  const { twin, verdict, judged, goal, kindsById } = noted;
  let worth: "useful" | "idle" = "idle";
  const add = (kind: string, what: "accepted" | "refused") => {
    const entry = tally.kinds.get(kind) ?? { accepted: 0, refused: 0 };
    if (!kind.endsWith(" of declaration") && entry[what] < goal) worth = "useful";
    entry[what] += 1;
    tally.kinds.set(kind, entry);
  };
  tally.writes += 1;
  if (verdict.kind === "needs_sqlite") return worth;
  tally[verdict.kind] += 1;
  if (verdict.kind === "accepted") {
    for (const kind of judged) add(kind, "accepted");
    const fired = verdict.effects.flatMap(({ rule }) => twin.normal.effects.find(({ id }) => id === rule) ?? []);
    for (const kind of new Set(fired.map(({ id, kind }) => kindsById.get(id) ?? kind))) add(kind, "accepted");
    const isNew = noteChains(tally, noted, fired).some((count) => count * 4 < goal);
    return isNew ? "useful" : worth;
  }
  const guard = twin.normal.guards.find(({ id }) => id === verdict.rule);
  if (guard === undefined) return worth;
  add(nameOf(guard, kindsById), "refused");
  for (const kind of causesOf(noted, verdict.rule)) {
    add(kind, "refused");
    const chain = `${kind}→${guard.origin === "structure" ? "declaration" : "guard"}`;
    tally.chains.set(chain, (tally.chains.get(chain) ?? 0) + 1);
  }
  return worth;
}

/** The kinds of effects without which the call would not have been refused by this rule. */
function causesOf({ twin, state, write, kindsById }: Noted, rule: string): readonly string[] {
  const kindOf = ({ id, kind }: Effect) => kindsById.get(id) ?? kind;
  const { effects } = twin.normal;
  if (effects.length === 0) return [];
  const without = (left: readonly Effect[]) => {
    const verdict = interpretWrite({ ...twin, normal: { ...twin.normal, effects: left } }, state, write);
    return verdict.kind === "refused" && verdict.rule === rule;
  };
  if (without([])) return [];
  return [...new Set(effects.map(kindOf))].filter((kind) => !without(effects.filter((effect) => kindOf(effect) !== kind)));
}

/** How often each chain was seen that this write set off: an effect stands after the one whose write it answers, and not for the client's own. */
function noteChains(tally: Tally, { write: { table: root }, kindsById }: Noted, fired: readonly Effect[]): readonly number[] {
  const kindOf = ({ id, kind }: Effect) => kindsById.get(id) ?? kind;
  return fired.flatMap((second, index) => {
    const source = fired
      .slice(0, index)
      .reverse()
      .find((first) => first !== second && first.kind !== "counter" && isSetOff(first, second, root));
    if (source === undefined) return [];
    const chain = `${kindOf(source)}→${kindOf(second)}${source.table === writtenTable(source) ? " (same table)" : ""}`;
    const count = (tally.chains.get(chain) ?? 0) + 1;
    tally.chains.set(chain, count);
    return [count];
  });
}

function isSetOff(first: Effect, second: Effect, root: string): boolean {
  const table = writtenTable(first);
  if (second.kind === "counter") return second.sources.some((source) => source.table === table);
  return second.table === table && second.table !== root;
}

function writtenTable(effect: Effect): string {
  return effect.kind === "counter" ? effect.table : "into" in effect ? effect.into : effect.rows.table;
}
