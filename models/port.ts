/**
 * The one port to a model. A request carries a role, rendered messages, tools or a reply schema, sampling settings and a
 * random number, and nothing else: whatever a role may know stands in the messages, as delimited data blocks.
 */
import { z } from "zod";
import { messageSchema, toolCallSchema } from "../agents/message.js";

export type { Message, ToolCall } from "../agents/message.js";

/** A JSON schema (draft 2020-12). */
export const jsonSchemaSchema = z.record(z.string(), z.unknown());
export type JsonSchema = z.infer<typeof jsonSchemaSchema>;

export const toolSpecSchema = z.strictObject({ name: z.string(), description: z.string(), parameters: jsonSchemaSchema });
export type ToolSpec = z.infer<typeof toolSpecSchema>;

export const samplingSchema = z.strictObject({ temperature: z.number(), maxTokens: z.int().positive() });
export type Sampling = z.infer<typeof samplingSchema>;

export const modelRequestSchema = z.strictObject({
  role: z.string().describe("name of the agent that asks"),
  promptVersion: z.string().describe("version of the prompt and reply schema: agent.task@number"),
  messages: z.array(messageSchema).readonly(),
  tools: z.array(toolSpecSchema).readonly().describe("empty where the role has none"),
  reply: z
    .strictObject({ name: z.string(), schema: jsonSchemaSchema })
    .nullable()
    .describe("null where the answer is free text or tool calls"),
  sampling: samplingSchema,
  random: z
    .int()
    .min(0)
    .max(2 ** 48 - 1),
});
export type ModelRequest = z.infer<typeof modelRequestSchema>;

/** Tokens of one call; `prompt` includes `cached`; `estimated` where the endpoint did not say. */
export const usageSchema = z.strictObject({
  prompt: z.int().min(0),
  cached: z.int().min(0),
  completion: z.int().min(0),
  estimated: z.boolean(),
});
export type Usage = z.infer<typeof usageSchema>;

export const modelReplySchema = z.strictObject({
  text: z
    .string()
    .describe(
      "what the model said; for a request with a reply schema the JSON document, freed from prose and fences where that is unambiguous",
    ),
  reasoning: z.string().describe("kept apart from the text; empty where there is none"),
  toolCalls: z.array(toolCallSchema).readonly(),
  usage: usageSchema,
  finishReason: z.enum(["stop", "length", "tool_calls", "content_filter", "refusal", "other"]),
  model: z.string().describe("as the endpoint names it"),
});
export type ModelReply = z.infer<typeof modelReplySchema>;

export interface Model {
  /**
   * One call, paid at most once: an adapter never repeats a call that may have been charged.
   *
   * @throws {ModelError} If the endpoint failed; the reason of `signal`, if that was aborted.
   */
  complete(request: ModelRequest, options: { readonly signal: AbortSignal }): Promise<ModelReply>;
}

/** Every way a model call can fail; `LENGTH`, `FILTERED` and `REFUSED` are said of replies (`replyDefect`). */
export type ModelErrorCode =
  | "RATE_LIMITED"
  | "QUOTA"
  | "OVERLOADED"
  | "TIMEOUT"
  | "TRANSPORT"
  | "TRANSPORT_TRUNCATED"
  | "MALFORMED_BODY"
  | "EMPTY_CHOICES"
  | "LENGTH"
  | "FILTERED"
  | "REFUSED"
  | "BAD_TOOL_CALL"
  | "CONTEXT_OVERFLOW"
  | "AUTH"
  | "BAD_REQUEST"
  | "REDIRECT"
  | "TOO_LARGE"
  | "UNKNOWN";

/** A failed model call. `message` holds neither prompt text nor key; `detail` (what the endpoint said, key removed) stays on this machine. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly code: ModelErrorCode;
  readonly retryable: boolean;
  /** How long the endpoint asked to wait. */
  readonly retryAfterMs?: number;
  readonly detail: string;

  constructor(
    code: ModelErrorCode,
    message: string,
    options: { readonly retryAfterMs?: number | undefined; readonly detail?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    this.detail = options.detail ?? "";
  }
}

const retryableCodes: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>([
  "RATE_LIMITED",
  "OVERLOADED",
  "TIMEOUT",
  "TRANSPORT",
  "TRANSPORT_TRUNCATED",
  "MALFORMED_BODY",
  "EMPTY_CHOICES",
  "BAD_TOOL_CALL",
  "UNKNOWN",
]);
