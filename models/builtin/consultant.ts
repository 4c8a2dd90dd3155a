/** The built-in Consultant: policy-aware, grounded in reads, from its policy, its tools and the conversation. */
import { readBlock } from "../../agents/block.js";
import type { ModelRequest, ToolCall } from "../port.js";
import { serve } from "./dialogue/agent.js";
import { wordingOf } from "./dialogue/plain-text.js";
import { clockOf, readPolicy } from "./dialogue/policy-book.js";
import { answerOf, nextAct } from "./dialogue/script.js";
import { readTools } from "./dialogue/tool-book.js";

/** Answers as the Consultant: a line for the client, or tool calls. */
export function answerConsultant(request: ModelRequest): { text: string; toolCalls: ToolCall[] } {
  const words = wordingOf(request.random);
  const greeting = words([
    "Welcome! I can tell you what is possible here and take care of it. ",
    "Good day, and welcome. ",
    "Hello! I am here to help you. ",
  ]);
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
      { greeting, menu: "offered", heed: (_slot, wishes) => wishes },
      "",
    ),
  );
  return answerOf(act, request.random);
}
