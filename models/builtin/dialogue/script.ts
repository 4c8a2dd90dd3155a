/**
 * A part in a conversation, written as a script: a generator that says something or calls tools and is told what came back.
 *
 * Nothing is remembered between two requests. The script is run again from its beginning over the recorded conversation,
 * and its first act beyond the record is the answer. Choices must therefore be the same each time: they depend on the
 * conversation as it was (`chance`); only wording may depend on the request's own random number.
 */
import type { Message, ToolCall } from "../../port.js";
import { chanceOf } from "./plain-text.js";

export interface Call {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** One act of a part: a line, or calls that are made together. */
export type Act = { readonly kind: "say"; readonly text: string } | { readonly kind: "call"; readonly calls: readonly Call[] };

/** Receives after a line what the other side said (one entry), after calls their results in order. */
export type Script<Result = void> = Generator<Act, Result, readonly string[]>;

/** A number in [0, 1) that depends on the conversation so far and on what is being chosen. */
export type Chance = (choice: string) => number;

/** Runs a script over a conversation and gives its next act; null where the script has ended. */
export function nextAct(messages: readonly Message[], begin: (chance: Chance) => Script<unknown>): Act | null {
  const past: string[] = [];
  const script = begin((choice) => chanceOf(JSON.stringify([choice, past])));
  const turns = turnsOf(messages);
  past.push(...(turns[0]?.heard ?? []));
  let step = script.next([]);
  for (const { said, heard } of turns.slice(1)) {
    past.push(said, ...heard);
    if (step.done === true) return null;
    step = script.next(heard);
  }
  return step.done === true ? null : step.value;
}

/** What the other side said before the part's first own act. */
export function openingOf(messages: readonly Message[]): string {
  return turnsOf(messages)[0]?.heard.join("\n") ?? "";
}

interface Turn {
  readonly said: string;
  readonly heard: readonly string[];
}

/** The first turn is what stood before the part's own first act; a greeting put into its mouth counts as heard by none. */
function turnsOf(messages: readonly Message[]): readonly Turn[] {
  const turns: { said: string; heard: string[] }[] = [{ said: "", heard: [] }];
  const lines = messages.filter(({ role }) => role !== "system");
  for (const message of lines[0]?.role === "assistant" ? lines.slice(1) : lines) {
    if (message.role === "assistant")
      turns.push({ said: message.content + (message.toolCalls ?? []).map(({ id }) => id).join(), heard: [] });
    else turns.at(-1)?.heard.push(message.content);
  }
  return turns;
}

/** Says a line and hears the answer. */
export function* say(text: string): Script<string> {
  return (yield { kind: "say", text }).join("\n");
}

/** Makes calls together and gets their results as JSON text. */
export function* call(calls: readonly Call[]): Script<readonly string[]> {
  return calls.length === 0 ? [] : yield { kind: "call", calls };
}

/** The act as an answer of the port. Ids carry the random number, so that later choices depend on it. */
export function answerOf(act: Act | null, random: number): { readonly text: string; readonly toolCalls: ToolCall[] } {
  if (act === null) return { text: "", toolCalls: [] };
  if (act.kind === "say") return { text: act.text, toolCalls: [] };
  return {
    text: "",
    toolCalls: act.calls.map((each, index) => ({
      id: `call_${random.toString(36)}_${index}`,
      name: each.tool,
      arguments: JSON.stringify(each.arguments),
    })),
  };
}
