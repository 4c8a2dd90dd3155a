/** A model request in the words of the chat completions protocol, as one endpoint understands it. */
import type OpenAI from "openai";
import type { Message } from "../agents/message.js";
import type { Dialect } from "./dialect.js";
import type { JsonSchema, ModelRequest } from "./port.js";

type Body = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;
type WireMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;

/** The body of the request; equal requests give equal bodies. */
export function wireRequest(request: ModelRequest, model: string, dialect: Dialect): Body {
  return {
    model,
    messages: withSchema(request, dialect).map((message) => wireMessage(message, dialect)),
    temperature: request.sampling.temperature,
    [dialect.tokenLimit]: request.sampling.maxTokens,
    ...seedOf(request, dialect),
    ...(request.tools.length > 0 ? { tools: request.tools.map((tool) => ({ type: "function" as const, function: { ...tool } })) } : {}),
    ...responseFormat(request, dialect),
  };
}

/** Seeds past 2^31 are refused by some endpoints. */
function seedOf({ random }: ModelRequest, { seed }: Dialect): Readonly<Record<string, number>> {
  return seed === "sent" ? { seed: random % 2 ** 31 } : {};
}

function responseFormat({ reply }: ModelRequest, { replyMode }: Dialect): Pick<Body, "response_format"> {
  if (reply === null || replyMode === "prompt") return {};
  if (replyMode === "json_object") return { response_format: { type: "json_object" } };
  return {
    response_format: { type: "json_schema", json_schema: { name: reply.name, schema: reply.schema, strict: isStrict(reply.schema) } },
  };
}

/** Where the endpoint does not enforce the schema, the prompt asks for it. */
function withSchema({ messages, reply }: ModelRequest, { replyMode }: Dialect): readonly Message[] {
  if (reply === null || replyMode === "json_schema") return messages;
  const demand = `Answer with one JSON document that fits this JSON schema, and nothing else:\n${JSON.stringify(reply.schema)}`;
  const [first, ...rest] = messages;
  if (first?.role === "system") return [{ role: "system", content: `${first.content}\n\n${demand}` }, ...rest];
  return [{ role: "system", content: demand }, ...messages];
}

function wireMessage(message: Message, dialect: Dialect): WireMessage {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.content };
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: message.content };
    case "assistant":
      return {
        role: "assistant",
        content: message.content,
        ...(dialect.reasoning === "sent" && message.reasoning !== undefined ? { reasoning_content: message.reasoning } : {}),
        ...(message.toolCalls !== undefined && message.toolCalls.length > 0
          ? {
              tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
                id,
                type: "function" as const,
                function: { name, arguments: text },
              })),
            }
          : {}),
      };
  }
}

/** Endpoints that enforce a schema to the letter take only closed objects with every property required. */
function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== "object" || schema === null) return true;
  const { properties, required, additionalProperties, type } = schema as JsonSchema;
  if (type === "object" || properties !== undefined) {
    const names = Object.keys(properties ?? {});
    if (additionalProperties !== false || !Array.isArray(required) || !names.every((name) => required.includes(name))) return false;
  }
  return Object.values(schema).every(isStrict);
}
