/** A chat completion as endpoints send it, read into the one shape of a model reply. */
import { z } from "zod";
import type { ToolCall } from "../agents/message.js";
import { extractJson } from "./extract-json.js";
import { type ModelReply, type ModelRequest, ModelError, type Usage } from "./port.js";
import { estimatePromptTokens, estimateTokens } from "./token-estimate.js";

const count = z.int().min(0).nullish();
const usageEnvelope = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.looseObject({ cached_tokens: count }).nullish(),
  prompt_cache_hit_tokens: count,
});
const callEnvelope = z.looseObject({ id: z.string().nullish(), function: z.looseObject({ name: z.string(), arguments: z.string() }) });
const messageEnvelope = z.looseObject({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
});
const envelopeSchema = z.looseObject({
  model: z.string().nullish(),
  choices: z.array(z.looseObject({ finish_reason: z.string().nullish(), message: messageEnvelope.nullish() })).nullish(),
  usage: usageEnvelope.nullish(),
});

/**
 * The reply that a body holds. Tool calls get the ids `call_1`, `call_2`, … counting on from those in the request's conversation,
 * whatever the endpoint called them: endpoints repeat ids and leave them empty.
 *
 * @throws {ModelError} `MALFORMED_BODY`, `EMPTY_CHOICES` or `BAD_TOOL_CALL` where it holds none.
 */
export function readReply(body: unknown, request: ModelRequest, askedModel: string): ModelReply {
  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success)
    throw new ModelError("MALFORMED_BODY", `The answer is no chat completion (${z.prettifyError(envelope.error).split("\n")[0] ?? ""})`);
  const choice = envelope.data.choices?.[0];
  const message = choice?.message;
  if (choice === undefined || message === null || message === undefined)
    throw new ModelError("EMPTY_CHOICES", "The answer holds no message");
  const toolCalls = readToolCalls(message.tool_calls ?? [], request);
  const said = message.content ?? "";
  const refusal = message.refusal ?? "";
  const { text, reasoning } = splitReasoning(refusal === "" ? said : refusal, message.reasoning_content ?? message.reasoning ?? "");
  return {
    text: request.reply === null ? text : documentOf(text),
    reasoning,
    toolCalls,
    usage: readUsage(envelope.data.usage, request, [text, reasoning, JSON.stringify(toolCalls)].join("")),
    finishReason: refusal !== "" ? "refusal" : finishReason(choice.finish_reason, toolCalls.length),
    model: envelope.data.model ?? askedModel,
  };
}

function documentOf(text: string): string {
  const found = extractJson(text);
  return found.kind === "json" ? found.text : text;
}

/** Some servers leave reasoning in the content, between `<think>` tags at its very start. */
function splitReasoning(content: string, apart: string): { readonly text: string; readonly reasoning: string } {
  const inline = apart === "" ? /^\s*<think>([\s\S]*?)<\/think>\s*/.exec(content) : null;
  if (inline === null) return { text: content, reasoning: apart };
  return { text: content.slice(inline[0].length), reasoning: (inline[1] ?? "").trim() };
}

/** Calls that are there count, whatever the reason says; a reply that was cut off or filtered stays so. */
function finishReason(reason: string | null | undefined, calls: number): ModelReply["finishReason"] {
  if (reason === "length" || reason === "content_filter") return reason;
  if (calls > 0) return "tool_calls";
  return reason === "stop" ? "stop" : "other";
}

function readToolCalls(calls: readonly unknown[], request: ModelRequest): readonly ToolCall[] {
  const before = request.messages.reduce((sum, message) => sum + (message.role === "assistant" ? (message.toolCalls?.length ?? 0) : 0), 0);
  return calls.map((call, position) => {
    const parsed = callEnvelope.safeParse(call);
    if (!parsed.success)
      throw new ModelError(
        "BAD_TOOL_CALL",
        `Tool call ${position + 1} of the answer is no function call with a name and a text of arguments`,
      );
    return { id: `call_${before + position + 1}`, name: parsed.data.function.name, arguments: parsed.data.function.arguments };
  });
}

function readUsage(usage: z.infer<typeof usageEnvelope> | null | undefined, request: ModelRequest, said: string): Usage {
  const prompt = usage?.prompt_tokens;
  const completion = usage?.completion_tokens;
  if (typeof prompt !== "number" || typeof completion !== "number") {
    return { prompt: estimatePromptTokens(request), cached: 0, completion: estimateTokens(said), estimated: true };
  }
  const cached = usage?.prompt_tokens_details?.cached_tokens ?? usage?.prompt_cache_hit_tokens ?? 0;
  return { prompt, cached: Math.min(cached, prompt), completion, estimated: false };
}
