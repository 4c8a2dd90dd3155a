import type { ModelRequest } from "./port.js";

/** Bytes of UTF-8 to a token: the usual rule of thumb for English and JSON. */
const bytesPerToken = 4;
/** Tokens that each message costs beside its text. */
const tokensPerMessage = 4;

/** Tokens of a text, roughly: for limits, and for usage that an endpoint does not report. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, "utf8") / bytesPerToken);
}

/** Prompt tokens of a request, roughly: messages, tools and reply schema. */
export function estimatePromptTokens(request: Pick<ModelRequest, "messages" | "tools" | "reply">): number {
  const messages = request.messages.reduce((sum, message) => sum + tokensPerMessage + estimateTokens(JSON.stringify(message)), 0);
  return messages + estimateTokens(JSON.stringify(request.tools)) + estimateTokens(JSON.stringify(request.reply));
}
