/** A batch of tool calls on a session rebuilt from its origin and log (a session's state is always recomputable). */
import type { Message, ToolCall } from "../agents/message.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { isIrrecoverable } from "../environment/proof/deviation.js";
import { callLimits, ExactJsonError, parseExactJson, stringifyExactJson } from "../environment/engine/exact-json.js";
import { openSession, type Session, type ToolResult } from "../environment/engine/session.js";
import { certifiedTaskSchema } from "./certified-task.js";
import type { At, Ran, Ref } from "./contract.js";
import { type CallRecord, type Conversation, loadConversation, messagesOf, saveConversation, withMessages } from "./conversation.js";
import { loadCompiled } from "./loaded.js";
import { load, type Workshop } from "./workshop.js";

/** Refused writes in a row after which an episode has diverged from its goal (paper 3.5.2). */
const HARD_VIOLATIONS = 5;

export function createToolActivities(workshop: Workshop) {
  /** Runs the calls of the agent's last message and leaves their results in the conversation. */
  function runTools({ state }: { readonly at: At; readonly state: Ref }): Promise<Ran> {
    const conversation = loadConversation(workshop, state);
    const compiled = loadCompiled(workshop, conversation.environment.sheet);
    const origin = workshop.store.get(conversation.environment.origin);
    const session = openSession({ compiled, origin });
    try {
      replay(session, conversation.log);
      let next = conversation;
      const lines: string[] = [];
      for (const call of lastCalls(workshop, conversation)) {
        const ran = runCall(workshop, session, next, call);
        next = ran.conversation;
        lines.push(ran.line);
      }
      const end = endOf(next) ?? (deviates(compiled, next, session) ? "deviation" : null);
      return Promise.resolve({ state: saveConversation(workshop, next), line: lines.join(", "), end });
    } finally {
      session.close();
    }
  }

  function deviates(compiled: Compiled, conversation: Conversation, session: Session): boolean {
    if (conversation.task === null) return false;
    const { target } = load(workshop, conversation.task, certifiedTaskSchema);
    return isIrrecoverable({
      compiled,
      origin: workshop.store.get(conversation.environment.origin),
      target: workshop.store.get(target),
      state: session.db,
    });
  }

  return { runTools };
}

/** Makes a log's calls again. @throws {TypeError} If one is refused, which a log's calls never are. */
export function replay(session: Session, log: Conversation["log"]): void {
  for (const { tool, arguments: given } of log) {
    const result = session.call(tool, exact(given));
    if (!result.ok) throw new TypeError(`Cannot replay ${tool}: ${result.error.code}`);
  }
}

/** Plain JSON arguments as the session takes them: integers exact. */
export function exact(given: unknown): unknown {
  return parseExactJson(JSON.stringify(given), callLimits);
}

function runCall(
  workshop: Workshop,
  session: Session,
  conversation: Conversation,
  call: ToolCall,
): { conversation: Conversation; line: string } {
  const { given, result } = answer(session, call);
  const shown = stringifyExactJson(result);
  const agent = withMessages(workshop, conversation.agent, { role: "tool", toolCallId: call.id, content: shown });
  const plainResult: unknown = JSON.parse(shown);
  const plainArguments = given === undefined ? {} : plainObject(given);
  const { turn } = conversation;
  const record = (kind: CallRecord["kind"]): CallRecord[] => [
    ...conversation.calls,
    { turn, tool: call.name, arguments: given === undefined ? call.arguments : plainArguments, result: plainResult, kind },
  ];
  const logged = { tool: call.name, arguments: plainArguments };
  if (!result.ok) {
    const isPolicy = result.error.code === "POLICY_VIOLATION";
    const rule = result.error.violated_rule ?? "";
    const refusals = isPolicy ? [...conversation.refusals, { ...logged, turn, rule }] : conversation.refusals;
    return {
      conversation: { ...conversation, agent, refusals, streak: conversation.streak + 1, calls: record(isPolicy ? "refused" : "invalid") },
      line: `${call.name} refused, ${isPolicy ? rule : result.error.code}`,
    };
  }
  if ("rows" in result)
    return { conversation: { ...conversation, agent, calls: record("read") }, line: `${call.name}: ${String(result.rows.length)} rows` };
  const writes = call.name === "authenticate" ? conversation.writes : [...conversation.writes, { ...logged, turn }];
  return {
    conversation: { ...conversation, agent, log: [...conversation.log, logged], writes, streak: 0, calls: record("write") },
    line: `${call.name} accepted`,
  };
}

function answer(session: Session, call: ToolCall): { given: unknown; result: ToolResult } {
  try {
    const given = parseExactJson(call.arguments === "" ? "{}" : call.arguments, callLimits);
    return { given, result: session.call(call.name, given) };
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error;
    return {
      given: undefined,
      result: {
        ok: false,
        error: {
          code: "INVALID_ARGUMENTS",
          message: `The arguments are not readable JSON: ${error.message}`,
          violated_rule: null,
          hint: "Send one JSON object",
        },
      },
    };
  }
}

function plainObject(given: unknown): Record<string, string | number | boolean | null> {
  const value: unknown = JSON.parse(stringifyExactJson(given));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, isScalar(one) ? one : null]));
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function lastCalls(workshop: Workshop, conversation: Conversation): readonly ToolCall[] {
  const [last]: readonly Message[] = messagesOf(workshop, conversation.agent.slice(-1));
  return last?.role === "assistant" ? (last.toolCalls ?? []) : [];
}

function endOf({ log, streak }: Conversation): string | null {
  if (log.at(-1)?.tool === "transfer_to_human_agents") return "transfer";
  return streak >= HARD_VIOLATIONS ? "diverged" : null;
}
