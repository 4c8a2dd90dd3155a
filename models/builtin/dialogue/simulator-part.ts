/** The User Simulator's part: the sub-goals of the description one after the other, told step by step, and a stop when all are settled. */
import { stopSignal } from "../../../agents/user-simulator.js";
import { type AgentAct, type Detail, readAgent } from "./agent-lines.js";
import { sayFacts, sayInstead, sayPlainly, sayPoint, sayRequest, sayTold } from "./customer-lines.js";
import type { DescribedGoal } from "./description.js";
import { fits, isSuperlative } from "./options.js";
import { inWords, meansValue, type Said, type Wording } from "./plain-text.js";
import { type Chance, say, type Script } from "./script.js";
import { vaguer } from "./single-out.js";
import { sayWith, type Thing, type Wish } from "./wishes.js";

export interface SimulatorDesk {
  readonly profile: Readonly<Record<string, Said | null>>;
  readonly goals: readonly DescribedGoal[];
  readonly words: Wording;
  readonly chance: Chance;
}

/** What has been told of the present sub-goal. */
interface Step {
  readonly goal: DescribedGoal;
  readonly things: Map<string, Thing>;
  readonly told: Map<string, number>;
  fallbacks: readonly Thing[];
  insisted: boolean;
}

type Move = { readonly kind: "say"; readonly line: string } | { readonly kind: "settled" };

/** Lines that one sub-goal may take; then it is given up. */
const ROUNDS = 30;

/** Plays the customer until every sub-goal is settled. */
export function* beUser(desk: SimulatorDesk, _opening: string): Script {
  let lead = desk.words(["Hello! ", "Good day. ", "Hi, "]);
  for (const goal of desk.goals) {
    yield* pursue(desk, goal, lead);
    lead = desk.words(["Good, thank you. ", "Thanks. Then there is something else: ", "Fine. Next: "]);
  }
  yield* say(stopSignal);
}

function* pursue(desk: SimulatorDesk, goal: DescribedGoal, lead: string): Script {
  const step: Step = {
    goal,
    things: new Map(goal.first.things.map((thing) => [thing.label.toLowerCase(), thing])),
    told: new Map(),
    fallbacks: goal.fallbacks,
    insisted: false,
  };
  let line = `${lead}${sayRequest(goal.act, desk.words)}`;
  for (let round = 0; round < ROUNDS; round += 1) {
    const move = react(desk, step, readAgent(yield* say(line)));
    if (move.kind === "settled") return;
    line = move.line;
  }
}

function react(desk: SimulatorDesk, step: Step, heard: readonly AgentAct[]): Move {
  const asked = heard.flatMap((act) => (act.kind === "identify" ? act.labels : []));
  if (asked.length > 0) return { kind: "say", line: introduce(desk, asked) };
  for (const act of heard) {
    switch (act.kind) {
      case "done":
        return { kind: "settled" };
      case "refused":
        return fallBack(desk, step);
      case "confirm":
        return { kind: "say", line: judge(desk, step, act.details) };
      case "ask":
        return { kind: "say", line: answer(desk, step, act.label) };
      case "none":
        step.told.delete(act.thing.toLowerCase());
        break;
      default:
    }
  }
  const thing =
    heard
      .map((act) => (act.kind === "which" || act.kind === "restate" ? act.thing : act.kind === "options" ? act.options.thing : null))
      .find((each) => each !== null) ?? null;
  return { kind: "say", line: thing === null ? sayRequest(step.goal.act, desk.words) : point(desk, step, thing) };
}

function introduce({ profile, words }: SimulatorDesk, asked: readonly string[]): string {
  const known = Object.entries(profile).filter((entry): entry is [string, Said] => entry[1] !== null);
  const facts = known.filter(([label]) => asked.some((other) => other.toLowerCase() === label.toLowerCase()));
  return facts.length === 0 ? sayPlainly("unknown", words) : sayFacts(Object.fromEntries(facts), words);
}

/** Tells more of the thing each time it is asked for: first a part, then all. */
function point(desk: SimulatorDesk, step: Step, label: string): string {
  const thing = step.things.get(label.toLowerCase());
  if (thing === undefined) return sayPlainly("unknown", desk.words);
  const times = step.told.get(label.toLowerCase()) ?? 0;
  step.told.set(label.toLowerCase(), times + 1);
  const wishes = times === 0 && desk.chance(`vague ${label}`) < 0.4 ? vaguer(thing.wishes) : thing.wishes;
  return sayPoint({ ...thing, wishes: wishes.map(spoken) }, desk.words, sayWith);
}

function answer({ profile, words }: SimulatorDesk, { goal }: Step, label: string): string {
  const known = { ...profile, ...goal.first.values };
  const found = Object.entries(known).find(([other]) => other.toLowerCase() === label.toLowerCase())?.[1] ?? null;
  return found === null ? sayPlainly("unknown", words) : sayTold(label, found, words);
}

/** Yes to an announcement that fits what is wanted; else what should be different. */
function judge(desk: SimulatorDesk, step: Step, details: readonly Detail[]): string {
  for (const detail of details) {
    const thing = detail.kind === "row" ? step.things.get(detail.label.toLowerCase()) : undefined;
    if (
      detail.kind === "row" &&
      thing !== undefined &&
      !thing.wishes.every((wish) => isMet(detail.attributes[wish.column] ?? null, wish))
    ) {
      return `${sayPlainly("no", desk.words)} ${sayPoint({ ...thing, wishes: thing.wishes.map(spoken) }, desk.words, sayWith)}`;
    }
    const wanted = detail.kind === "value" ? step.goal.first.values[detail.label] : undefined;
    if (detail.kind === "value" && wanted !== undefined && !meansValue(wanted, detail.value))
      return `${sayPlainly("no", desk.words)} ${sayTold(detail.label, wanted, desk.words)}`;
  }
  return sayPlainly("yes", desk.words);
}

/** Superlatives, and what the announcement does not name, cannot be judged from the announcement. */
function isMet(value: Said | null, wish: Wish): boolean {
  if (value === null || isSuperlative(wish.comparison)) return true;
  return wish.comparison === "=" && wish.value !== undefined ? meansValue(wish.value, value) : fits(value, wish);
}

function fallBack(desk: SimulatorDesk, step: Step): Move {
  const [next, ...rest] = step.fallbacks;
  if (next !== undefined) {
    step.fallbacks = rest;
    step.things.set(next.label.toLowerCase(), next);
    step.told.set(next.label.toLowerCase(), 1);
    return { kind: "say", line: sayInstead({ ...next, wishes: next.wishes.map(spoken) }, desk.words, sayWith) };
  }
  if (step.goal.end !== "insist" || step.insisted) return { kind: "settled" };
  step.insisted = true;
  return { kind: "say", line: sayPlainly("insist", desk.words) };
}

function spoken(wish: Wish): Wish {
  return wish.value === undefined ? wish : { ...wish, value: inWords(wish.value) };
}
