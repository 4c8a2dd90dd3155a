/** One message of a conversation, one model call each: Consultant and Client in an episode, Teacher and User Simulator in a rollout. */
import { policySchema } from "../agents/architect-policy.js";
import { client, clientReplySchema } from "../agents/client.js";
import { consultant } from "../agents/consultant.js";
import type { Message } from "../agents/message.js";
import { decodeReply, type Role } from "../agents/role.js";
import { teacher } from "../agents/teacher.js";
import { stopSignal, userSimulator } from "../agents/user-simulator.js";
import { toolsOf } from "../environment/engine/tools.js";
import { askRole } from "./ask-role.js";
import type { At, Ref, Spoken } from "./contract.js";
import { type Conversation, loadConversation, messagesOf, saveConversation, withMessages } from "./conversation.js";
import { loadCompiled } from "./loaded.js";
import { certifiedTaskSchema } from "./certified-task.js";
import { load, type Workshop } from "./workshop.js";

export interface SpeakInput {
  readonly at: At;
  readonly state: Ref;
}

/** Longest message that is passed on; what is beyond is cut and said so. */
const LONGEST = 8_000;

export function createSpeakActivities(workshop: Workshop) {
  /** The side with the tools: it calls them, or says something that the other side hears. */
  async function agentSpeaks<Input extends { readonly conversation: readonly Message[] }>(
    role: Role<Input, never>,
    { at, state }: SpeakInput,
    input: (conversation: Conversation) => Input,
  ): Promise<Spoken> {
    const conversation = loadConversation(workshop, state);
    const { reply, defect, spent } = await askRole(workshop, role, {
      at,
      input: input(conversation),
      tools: toolsOf(loadCompiled(workshop, conversation.environment.sheet)).map(({ name, description, parameters }) => ({
        name,
        description,
        parameters,
      })),
      run: conversation.kind,
    });
    if (defect !== null) return { kind: "ended", state, end: "unreadable", line: defect, spent };
    const toolCalls = [...reply.toolCalls];
    const said = cut(reply.text);
    const message: Message = {
      role: "assistant",
      content: said,
      ...(reply.reasoning === "" ? {} : { reasoning: reply.reasoning }),
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
    };
    const agent = withMessages(workshop, conversation.agent, message);
    if (toolCalls.length > 0) {
      return {
        kind: "called",
        state: saveConversation(workshop, { ...conversation, agent }),
        line: toolCalls.map((call) => call.name).join(", "),
        spent,
      };
    }
    const other = withMessages(workshop, conversation.other, { role: "user", content: said });
    return { kind: "said", state: saveConversation(workshop, { ...conversation, agent, other }), line: lengthOf(said), spent };
  }

  function consultantSpeaks(input: SpeakInput): Promise<Spoken> {
    return agentSpeaks(consultant, input, (conversation) => ({
      policy: load(workshop, conversation.environment.policy, policySchema),
      conversation: messagesOf(workshop, conversation.agent),
    }));
  }

  function teacherSpeaks(input: SpeakInput): Promise<Spoken> {
    return agentSpeaks(teacher, input, (conversation) => ({
      policy: load(workshop, conversation.environment.policy, policySchema),
      conversation: messagesOf(workshop, conversation.agent),
    }));
  }

  async function clientSpeaks({ at, state }: SpeakInput): Promise<Spoken> {
    const conversation = loadConversation(workshop, state);
    const { user, wanted, episode, leads } = conversation;
    const { reply, defect, spent } = await askRole(workshop, client, {
      at,
      input: { profile: user.profile, wanted, episode, leads, conversation: messagesOf(workshop, conversation.other) },
      run: "episode",
    });
    const decoded = defect === null ? decodeReply(clientReplySchema, reply.text) : { kind: "malformed" as const, reason: defect };
    if (decoded.kind === "malformed")
      return { kind: "ended", state, end: "unreadable", line: defect ?? "the answer is not the document asked for", spent };
    const { say, goal, status } = decoded.value;
    const next: Conversation = {
      ...conversation,
      turn: conversation.turn + 1,
      goal: goal ?? conversation.goal,
      status,
      other: withMessages(workshop, conversation.other, { role: "assistant", content: JSON.stringify(decoded.value) }),
      agent: withMessages(workshop, conversation.agent, { role: "user", content: cut(say) }),
    };
    const saved = saveConversation(workshop, next);
    if (status !== "going_on") return { kind: "ended", state: saved, end: status, line: lengthOf(say), spent };
    return { kind: "said", state: saved, line: lengthOf(say), spent };
  }

  async function userSpeaks({ at, state }: SpeakInput): Promise<Spoken> {
    const conversation = loadConversation(workshop, state);
    if (conversation.task === null) throw new TypeError("Cannot simulate a user without a task");
    const { description } = load(workshop, conversation.task, certifiedTaskSchema);
    const { reply, defect, spent } = await askRole(workshop, userSimulator, {
      at,
      input: { profile: description.user.profile, description: description.text, conversation: messagesOf(workshop, conversation.other) },
      run: "rollout",
    });
    if (defect !== null) return { kind: "ended", state, end: "unreadable", line: defect, spent };
    const said = cut(reply.text.trim());
    const next: Conversation = {
      ...conversation,
      turn: conversation.turn + 1,
      other: withMessages(workshop, conversation.other, { role: "assistant", content: said }),
      agent: said === stopSignal ? conversation.agent : withMessages(workshop, conversation.agent, { role: "user", content: said }),
    };
    const saved = saveConversation(workshop, next);
    if (said === stopSignal) return { kind: "ended", state: saved, end: "stop", line: "the user is satisfied", spent };
    return { kind: "said", state: saved, line: lengthOf(said), spent };
  }

  return { consultantSpeaks, teacherSpeaks, clientSpeaks, userSpeaks };
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} [cut]`;
}

/** What a history tells of a message; its words stay in the store. */
function lengthOf(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== "").length;
  return `${String(words)} words`;
}
