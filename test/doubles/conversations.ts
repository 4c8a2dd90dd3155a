/** Conversations of two built-in roles in one process, over anything that answers tool calls. */
import { client, type ClientInput, clientReplySchema } from "../../agents/client.js";
import { consultant } from "../../agents/consultant.js";
import type { Message } from "../../agents/message.js";
import type { Policy } from "../../agents/architect-policy.js";
import { teacher } from "../../agents/teacher.js";
import { stopSignal, userSimulator } from "../../agents/user-simulator.js";
import { answerClient } from "../../models/builtin/client.js";
import { answerConsultant } from "../../models/builtin/consultant.js";
import { answerTeacher } from "../../models/builtin/teacher.js";
import { answerUserSimulator } from "../../models/builtin/user-simulator.js";
import type { ModelRequest, ToolCall, ToolSpec } from "../../models/port.js";

/** What answers tool calls; the answer is JSON text. */
export interface Shop {
  readonly policy: Policy;
  readonly tools: readonly ToolSpec[];
  call(tool: string, given: Readonly<Record<string, unknown>>): string;
}

export interface Called {
  readonly turn: number;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result: {
    readonly ok: boolean;
    readonly rows?: unknown;
    readonly error?: { readonly code: string; readonly violated_rule: string | null };
  };
}

export interface Talk {
  readonly lines: readonly { readonly speaker: "customer" | "agent"; readonly text: string }[];
  readonly calls: readonly Called[];
  readonly agent: readonly Message[];
  readonly customer: readonly Message[];
  readonly goal: string | null;
  /** The client's last status, "stop" or "max_turns". */
  readonly end: string;
}

type Answer = (request: ModelRequest) => { readonly text: string; readonly toolCalls: readonly ToolCall[] };

interface Sides {
  readonly agent: (conversation: readonly Message[]) => readonly Message[];
  readonly customer: (conversation: readonly Message[]) => readonly Message[];
  readonly answerAgent: Answer;
  readonly answerCustomer: Answer;
  /** What the customer's answer says, and the end that it sets. */
  readonly heard: (text: string) => { readonly say: string; readonly end: string | null; readonly goal: string | null };
  readonly begins: "agent" | "customer";
}

/** Client and Consultant until the client sets a status. */
export function explore(shop: Shop, input: Omit<ClientInput, "conversation">, random: number): Talk {
  return converse(shop, random, {
    agent: (conversation) => consultant.prompt({ policy: shop.policy, conversation }),
    customer: (conversation) => client.prompt({ ...input, conversation }),
    answerAgent: answerConsultant,
    answerCustomer: answerClient,
    heard: (text) => {
      const { say, status, goal } = clientReplySchema.parse(JSON.parse(text));
      return { say, end: status === "going_on" ? null : status, goal };
    },
    begins: "agent",
  });
}

/** User Simulator and Teacher until the stop signal. */
export function rollOut(
  shop: Shop,
  input: { readonly profile: ClientInput["profile"]; readonly description: string },
  random: number,
): Talk {
  return converse(shop, random, {
    agent: (conversation) => teacher.prompt({ policy: shop.policy, conversation }),
    customer: (conversation) => userSimulator.prompt({ ...input, conversation }),
    answerAgent: answerTeacher,
    answerCustomer: answerUserSimulator,
    heard: (text) => ({ say: text, end: text === stopSignal ? "stop" : null, goal: null }),
    begins: "customer",
  });
}

const MAX_TURNS = 200;

function converse(shop: Shop, random: number, sides: Sides): Talk {
  const agent: Message[] = [];
  const customer: Message[] = [];
  const lines: Talk["lines"][number][] = [];
  const calls: Called[] = [];
  let goal: string | null = null;
  let turn = 0;
  let speaker = sides.begins;
  for (let step = 0; step < MAX_TURNS; step += 1) {
    const number = (random * 7919 + step * 104_729) % 2 ** 40;
    if (speaker === "agent") {
      const reply = sides.answerAgent(requestOf(sides.agent(agent), shop.tools, number));
      agent.push({ role: "assistant", content: reply.text, ...(reply.toolCalls.length === 0 ? {} : { toolCalls: [...reply.toolCalls] }) });
      for (const call of reply.toolCalls) {
        const given = JSON.parse(call.arguments) as Record<string, unknown>;
        const content = shop.call(call.name, given);
        agent.push({ role: "tool", toolCallId: call.id, content });
        calls.push({ turn, tool: call.name, arguments: given, result: JSON.parse(content) as Called["result"] });
      }
      if (reply.toolCalls.length > 0) continue;
      customer.push({ role: "user", content: reply.text });
      lines.push({ speaker: "agent", text: reply.text });
      speaker = "customer";
    } else {
      const reply = sides.answerCustomer(requestOf(sides.customer(customer), [], number));
      const heard = sides.heard(reply.text);
      goal = heard.goal ?? goal;
      turn += 1;
      customer.push({ role: "assistant", content: reply.text });
      lines.push({ speaker: "customer", text: heard.say });
      if (heard.end !== null) return { lines, calls, agent, customer, goal, end: heard.end };
      agent.push({ role: "user", content: heard.say });
      speaker = "agent";
    }
  }
  return { lines, calls, agent, customer, goal, end: "max_turns" };
}

/** A request as the port carries it. */
export function requestOf(messages: readonly Message[], tools: readonly ToolSpec[], random: number): ModelRequest {
  return { role: "any", promptVersion: "any@1", messages, tools, reply: null, sampling: { temperature: 0, maxTokens: 1000 }, random };
}
