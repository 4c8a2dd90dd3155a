/**
 * The task description in the author's English: what the Projector writes and the User Simulator reads back from the text
 * alone. Its sentences are built otherwise than those of a conversation, so that nobody recites them.
 */
import { hideQuotes, readValue, reveal, type Said, sayValue } from "./plain-text.js";
import { readThing, sayThing, sayWhose, type Thing } from "./wishes.js";

/** One way to have a wish fulfilled: what is pointed to, and values by label. */
export interface Attempt {
  readonly things: readonly Thing[];
  readonly values: Readonly<Record<string, Said>>;
}

/** A sub-goal: an act, the first attempt, and what to fall back on each time it cannot be done. */
export interface DescribedGoal {
  readonly act: string;
  readonly first: Attempt;
  readonly fallbacks: readonly Thing[];
  /** What to do when nothing of this can be done: give the wish up, or insist once and accept. */
  readonly end: "give_up" | "insist";
}

/** "You mean your loan whose status is RESERVED" */
export function describeThing(thing: Thing): string {
  return `You mean ${sayThing(thing, { own: "your", say: sayWhose })}.`;
}

/** "For the number of days you want 3" */
export function describeValue(label: string, value: Said): string {
  return `For the ${label} you want ${sayValue(value)}`;
}

/** "You want to cancel a loan." and what belongs to it. */
export function describeGoal({ act, first }: DescribedGoal): string {
  const values = Object.entries(first.values).map(([label, value]) => `${describeValue(label, value)}.`);
  return [`You want to ${act}.`, ...first.things.map(describeThing), ...values].join(" ");
}

/** "IF the agent says that it cannot be done, THEN …" */
export function describeTrigger({ fallbacks, end }: DescribedGoal): string {
  const steps = fallbacks.map((thing) => `you ask for ${sayThing(thing, { own: "your", say: sayWhose })} instead`);
  const last = end === "insist" ? "you insist once, then accept it and ask for nothing else" : "you give this wish up and go on";
  return [...steps, last]
    .map((step, index) => `IF ${index === 0 ? "the agent says that it cannot be done" : "that cannot be done either"}, THEN ${step}.`)
    .join(" ");
}

/** The sub-goals of a description's text, in order. */
export function readDescription(text: string): readonly DescribedGoal[] {
  const hidden = hideQuotes(text).replaceAll(/\s+/g, " ");
  return hidden
    .split(/(?=You want to )/)
    .slice(1)
    .map(readGoal)
    .filter((goal) => goal !== null);
}

function readGoal(part: string): DescribedGoal | null {
  const act = /^You want to (.+?)\.(?= |$)/.exec(part)?.[1];
  if (act === undefined) return null;
  const things = [...part.matchAll(/You mean (.+?)\.(?= |$)/g)]
    .map(([, phrase = ""]) => readThing(phrase))
    .filter((thing) => thing !== null);
  const values = [...part.matchAll(/For the (.+?) you want (.+?)\.(?= |$)/g)].map(([, label = "", value = ""]): [string, Said] => [
    reveal(label),
    readValue(value),
  ]);
  const fallbacks = [...part.matchAll(/THEN you ask for (.+?) instead\.(?= |$)/g)]
    .map(([, phrase = ""]) => readThing(phrase))
    .filter((thing) => thing !== null);
  return {
    act: reveal(act),
    first: { things, values: Object.fromEntries(values) },
    fallbacks,
    end: /THEN you insist once/.test(part) ? "insist" : "give_up",
  };
}
