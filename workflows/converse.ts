/** One conversation: an agent with tools and somebody who wants something, turn by turn, until one of them ends it. */
import type { Ran, Ref, Spent, Spoken } from "../activities/contract.js";

/** More tool calls than this in one turn end the conversation: the agent goes round in circles. */
const CALLS_A_TURN = 25;

export interface Conversation {
  readonly state: Ref;
  readonly maxTurns: number;
  /** Who opens: the agent greets, or the other side asks. */
  readonly opens: "agent" | "other";
  /** `after` tells what the last batch of calls did, for the history's reader. */
  readonly agent: (state: Ref, step: string, after: string) => Promise<Spoken>;
  readonly other: (state: Ref, step: string) => Promise<Spoken>;
  readonly tools: (state: Ref, step: string, calls: string) => Promise<Ran>;
}

export interface Conversed {
  readonly state: Ref;
  /** Why it ended: what the parties said, or `max_turns`, or `calls`. */
  readonly end: string;
  readonly turns: number;
  readonly spent: Spent;
}

export async function converse({ state: first, maxTurns, opens, agent, other, tools }: Conversation): Promise<Conversed> {
  let state = first;
  let spent: Spent = { tokens: 0, money: 0 };
  const note = (spoken: Spoken): Spoken => {
    state = spoken.state;
    spent = { tokens: spent.tokens + spoken.spent.tokens, money: spent.money + spoken.spent.money };
    return spoken;
  };
  for (let turn = 1; turn <= maxTurns; turn += 1) {
    if (turn > 1 || opens === "other") {
      const spoken = note(await other(state, `turn ${String(turn)}`));
      if (spoken.kind === "ended") return { state, end: spoken.end, turns: turn, spent };
    }
    let after = "";
    let call = 1;
    for (;;) {
      const spoken = note(await agent(state, `turn ${String(turn)}.${String(call)}`, after));
      if (spoken.kind === "ended") return { state, end: spoken.end, turns: turn, spent };
      if (spoken.kind === "said") break;
      const ran = await tools(state, `turn ${String(turn)}.${String(call)}`, spoken.line);
      state = ran.state;
      if (ran.end !== null) return { state, end: ran.end, turns: turn, spent };
      after = ran.line;
      call += 1;
      if (call > CALLS_A_TURN) return { state, end: "calls", turns: turn, spent };
    }
  }
  return { state, end: "max_turns", turns: maxTurns, spent };
}
