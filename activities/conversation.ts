/** A conversation between workflow steps: both sides' messages by reference, the log of writes, and what was refused. */
import { z } from "zod";
import { leadSchema } from "../agents/client.js";
import { type Message, messageSchema } from "../agents/message.js";
import { digestSchema } from "../storage/content-digest.js";
import type { Ref } from "./contract.js";
import { load, type Workshop } from "./workshop.js";

const scalar = z.union([z.string(), z.number(), z.null()]);
export const loggedCallSchema = z.strictObject({ tool: z.string(), arguments: z.record(z.string(), z.union([scalar, z.boolean()])) });
const turned = loggedCallSchema.extend({ turn: z.int() });

export const environmentRefsSchema = z.strictObject({
  seed: digestSchema,
  policy: digestSchema,
  sheet: digestSchema,
  origin: digestSchema,
  boundaries: digestSchema,
  cast: digestSchema,
});

/** One tool call as it went: for rewards, statistics and trajectories. */
export const callRecordSchema = z.strictObject({
  turn: z.int(),
  tool: z.string(),
  arguments: z.unknown(),
  result: z.unknown(),
  kind: z.enum(["read", "write", "refused", "invalid"]),
});

export const conversationSchema = z.strictObject({
  kind: z.enum(["episode", "rollout"]),
  environment: environmentRefsSchema,
  /** The certified task of a rollout; null in an episode. */
  task: digestSchema.nullable(),
  user: z.strictObject({
    table: z.string().nullable(),
    key: z.union([z.string(), z.number()]).nullable(),
    profile: z.record(z.string(), scalar),
  }),
  wanted: z.enum(["reach", "refusal"]),
  episode: z.int(),
  leads: z.array(leadSchema),
  turn: z.int().describe("messages of the client or user so far"),
  agent: z.array(digestSchema).describe("messages from the agent's side"),
  other: z.array(digestSchema).describe("messages from the client's or simulator's side"),
  log: z.array(loggedCallSchema).describe("accepted writes, authentication and transfer included"),
  writes: z.array(turned).describe("accepted writes without authentication"),
  refusals: z.array(turned.extend({ rule: z.string() })),
  calls: z.array(callRecordSchema),
  goal: z.string().nullable(),
  status: z.string().describe("the client's last status"),
  streak: z.int().describe("refused writes since the last accepted write or read"),
});
export type Conversation = z.infer<typeof conversationSchema>;
export type CallRecord = z.infer<typeof callRecordSchema>;

export function loadConversation(workshop: Workshop, state: Ref): Conversation {
  return load(workshop, state, conversationSchema);
}

export function saveConversation(workshop: Workshop, conversation: Conversation): Ref {
  return workshop.store.putJson(conversation);
}

/** The messages behind references. */
export function messagesOf(workshop: Workshop, refs: readonly Ref[]): Message[] {
  return refs.map((ref) => load(workshop, ref, messageSchema));
}

/** References with one more message behind them. */
export function withMessages(workshop: Workshop, refs: readonly Ref[], ...messages: readonly Message[]): Ref[] {
  return [...refs, ...messages.map((message) => workshop.store.putJson(message))];
}

/** A conversation before anybody has spoken. */
export function openConversation(
  start: Pick<Conversation, "kind" | "environment" | "task" | "user" | "wanted" | "episode" | "leads">,
): Conversation {
  return {
    ...start,
    turn: 0,
    agent: [],
    other: [],
    log: [],
    writes: [],
    refusals: [],
    calls: [],
    goal: null,
    status: "going_on",
    streak: 0,
  };
}
