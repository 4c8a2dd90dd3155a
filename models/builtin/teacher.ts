/** The built-in Teacher: the agent whose trajectories are kept where they reach the target, from policy, tools and conversation. */
import { readBlock } from "../../agents/block.js";
import type { ModelRequest, ToolCall } from "../port.js";
import type { Heed } from "./dialogue/agent-resolve.js";
import { serve } from "./dialogue/agent.js";
import { wordingOf } from "./dialogue/plain-text.js";
import { clockOf, readPolicy } from "./dialogue/policy-book.js";
import { answerOf, type Chance, nextAct, openingOf } from "./dialogue/script.js";
import { readTools } from "./dialogue/tool-book.js";

/** How often one of several wishes slips the Teacher's mind. */
const SLIPS = 0.08;

/** Answers as the Teacher: a line for the customer, or tool calls. */
export function answerTeacher(request: ModelRequest): { text: string; toolCalls: ToolCall[] } {
  const words = wordingOf(request.random);
  const act = nextAct(request.messages, (chance) =>
    serve(
      {
        book: readTools(request.tools),
        rules: readPolicy(readBlock(request.messages, "policy") ?? ""),
        words,
        chance,
        seen: new Map(),
        customer: null,
        now: clockOf(request.messages),
      },
      { greeting: words(["Gladly. ", "I will see to it. ", ""]), menu: "none", heed: forgetful(chance) },
      openingOf(request.messages),
    ),
  );
  return answerOf(act, request.random);
}

/** A natural mistake: one of several wishes is forgotten. */
function forgetful(chance: Chance): Heed {
  return (slot, wishes) => {
    if (wishes.length < 2 || chance(`slip ${slot.label}`) >= SLIPS) return wishes;
    const forgotten = Math.floor(chance(`forget ${slot.label}`) * wishes.length);
    return wishes.filter((_wish, index) => index !== forgotten);
  };
}
