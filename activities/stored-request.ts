/** A model request in the store: a short record of digests, each message once however many requests share it. */
import { z } from "zod";
import { messageSchema } from "../agents/message.js";
import { jsonSchemaSchema, type ModelRequest, modelRequestSchema, toolSpecSchema } from "../models/port.js";
import { type Digest, digestSchema } from "../storage/content-digest.js";
import type { Store } from "../storage/store.js";

/** Who is asked: part of the request's identity, as another model gives another reply. */
export interface Addressee {
  readonly endpoint: string;
  readonly model: string;
}

const replySpecSchema = z.strictObject({ name: z.string(), schema: jsonSchemaSchema });

/** No time and no attempt: the same question has the same digest. */
export const storedRequestSchema = modelRequestSchema.omit({ messages: true, tools: true, reply: true }).extend({
  endpoint: z.string(),
  model: z.string(),
  messages: z.array(digestSchema),
  tools: digestSchema.nullable().describe("the list of tools; null where there is none"),
  reply: digestSchema.nullable(),
});

/** Stores a request and its parts; returns the digest of its record. */
export function storeRequest(store: Store, request: ModelRequest, { endpoint, model }: Addressee): Digest {
  const { messages, tools, reply, ...rest } = request;
  return store.transaction(() =>
    store.putJson({
      ...rest,
      endpoint,
      model,
      messages: messages.map((message) => store.putJson(message)),
      tools: tools.length === 0 ? null : store.putJson(tools),
      reply: reply === null ? null : store.putJson(reply),
    } satisfies z.input<typeof storedRequestSchema>),
  );
}

/** The request that a record stands for. @throws {StoreError} If the record or a part is missing or damaged. */
export function loadRequest(store: Store, digest: Digest): ModelRequest & Addressee {
  const { messages, tools, reply, ...rest } = store.getJson(digest, storedRequestSchema);
  return {
    ...rest,
    messages: messages.map((message) => store.getJson(message, messageSchema)),
    tools: tools === null ? [] : store.getJson(tools, z.array(toolSpecSchema)),
    reply: reply === null ? null : store.getJson(reply, replySpecSchema),
  };
}
