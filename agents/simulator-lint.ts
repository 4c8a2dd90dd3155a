/**
 * What a user simulator may not do (paper B.1): stop before its goals are settled, make up a fact, recite its script.
 *
 * Decided meaning, for any model's lines:
 * - A stop is premature where it does not stand alone, where the agent has not yet answered or its last line asks for a yes,
 *   and where fewer writes were accepted than the task needs though the agent's last line refuses nothing.
 * - A fact is a number, a word with a digit in it, a word in capitals, or what stands in quotes; it is invented where neither
 *   the profile, nor the description, nor any earlier line of the agent holds it (a number may stand there as a word).
 * - A script leaks where ten words in a row stand in one line of the description too, values in quotes left out.
 */
import type { Finding } from "./role.js";
import { stopSignal } from "./user-simulator.js";

export interface SimulatedConversation {
  readonly profile: Readonly<Record<string, string | number | null>>;
  /** The task description's text. */
  readonly description: string;
  /** What was said, in order; the agent's tool calls are none of it. */
  readonly lines: readonly { readonly speaker: "user" | "agent"; readonly text: string }[];
  /** Writes that the task needs, and writes that were accepted; left out where that is not known. */
  readonly writes?: { readonly needed: number; readonly accepted: number };
}

/** Words in a row that are no coincidence. */
const LEAK_WORDS = 10;
const NUMBER_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** One finding for each fault, in the order of the lines; empty where there is none. */
export function simulatorFindings(conversation: SimulatedConversation): Finding[] {
  const { lines } = conversation;
  return lines.flatMap(({ speaker, text }, index) => {
    if (speaker === "agent") return [];
    const before = lines.slice(0, index);
    const where = `user line ${before.filter((line) => line.speaker === "user").length + 1}`;
    if (text.includes(stopSignal)) return stopFindings(conversation, { text, before, where });
    return [...inventedFindings(conversation, { text, before, where }), ...leakFindings(conversation, { text, where })];
  });
}

interface Said {
  readonly text: string;
  readonly where: string;
  readonly before: SimulatedConversation["lines"];
}

function stopFindings({ writes }: SimulatedConversation, { text, before, where }: Said): Finding[] {
  const last = before.at(-1);
  const stop = (problem: string, expected: string): Finding[] => [{ clause: null, where, problem, expected }];
  if (text.trim() !== stopSignal) return stop("the stop does not stand alone", `${stopSignal} and nothing else`);
  if (last?.speaker !== "agent" || !before.some(({ speaker }) => speaker === "user"))
    return stop("it stops before the agent has answered", "a first wish");
  if (asksForYes(last.text)) return stop("it stops while the agent waits for a yes", "yes, or what should be different");
  if (writes !== undefined && writes.accepted < writes.needed && !refuses(last.text))
    return stop(`it stops after ${writes.accepted} of ${writes.needed} things that it wants`, "the next sub-goal");
  return [];
}

function asksForYes(line: string): boolean {
  return (
    /(?:shall i|should i|do you confirm|would you like me to|may i|go ahead|proceed)[^?.!\n]*\?|\(?yes(?:\/| or )no\)?/i.test(
      line.slice(-300),
    ) && !/anything else[^?]*\?\s*$/i.test(line)
  );
}

function refuses(line: string): boolean {
  return /\b(?:cannot|can't|can not|unable|not possible|not allowed|unfortunately|afraid)\b/i.test(line);
}

function inventedFindings({ profile, description }: SimulatedConversation, { text, before, where }: Said): Finding[] {
  const known = fold(
    [
      ...Object.values(profile).map(String),
      description,
      ...before.filter(({ speaker }) => speaker === "agent").map((line) => line.text),
    ].join("\n"),
  );
  return factsOf(text)
    .filter((fact) => !holds(known, fact))
    .map((fact) => ({
      clause: null,
      where,
      problem: `"${fact}" stands in neither block, and the agent did not say it`,
      expected: "that it does not know",
    }));
}

function factsOf(text: string): readonly string[] {
  const quoted = [...text.matchAll(/(?<=^|[\s(:])(?:'([^'\n]+)'|"([^"\n]+)"|“([^”\n]+)”)(?=$|[\s.,;:?!)])/g)].map(
    ([, a, b, c]) => a ?? b ?? c ?? "",
  );
  const bare = text.replaceAll(/(?<=^|[\s(:])(?:'[^'\n]+'|"[^"\n]+"|“[^”\n]+”)(?=$|[\s.,;:?!)])/g, " ");
  const words = bare.match(/[\p{L}\p{N}][\p{L}\p{N}@_-]*(?:[.,][\p{L}\p{N}@_-]+)*/gu) ?? [];
  return [...new Set([...quoted, ...words.filter((word) => /\p{N}/u.test(word) || /^\p{Lu}{3,}$/u.test(word))])];
}

function holds(known: string, fact: string): boolean {
  const number = /^[0-9]+$/.test(fact) ? NUMBER_WORDS[Number(fact)] : undefined;
  return [fold(fact), fold(fact).replaceAll("_", " "), fact.replaceAll(",", ""), ...(number === undefined ? [] : [number])].some(
    (form) => hasWord(known, form) || hasWord(known.replaceAll("_", " "), form),
  );
}

function hasWord(text: string, form: string): boolean {
  let at = text.indexOf(form);
  for (; at >= 0; at = text.indexOf(form, at + 1)) {
    if (!/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ") && !/[\p{L}\p{N}]/u.test(text[at + form.length] ?? " ")) return true;
  }
  return false;
}

/** Lower case, and numbers without their thousands separators. */
function fold(text: string): string {
  return text.toLowerCase().replaceAll(/(?<=[0-9]),(?=[0-9]{3}\b)/g, "");
}

function leakFindings({ description }: SimulatedConversation, { text, where }: Omit<Said, "before">): Finding[] {
  const said = wordsOf(text);
  const scripts = description.split("\n").map(wordsOf);
  for (let start = 0; start + LEAK_WORDS <= said.length; start += 1) {
    const run = said.slice(start, start + LEAK_WORDS).join(" ");
    if (scripts.some((script) => ` ${script.join(" ")} `.includes(` ${run} `)))
      return [
        { clause: null, where, problem: `"${run}" is copied from the description`, expected: "the same in the customer's own words" },
      ];
  }
  return [];
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .replaceAll(/'[^'\n]*'(?=$|[\s.,;:?!)])|"[^"\n]*"/g, " ")
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
