/**
 * Any OpenAI-compatible endpoint behind the model port. Temporal alone repeats calls: the client's own retries are off, and the only
 * request sent twice is one that was refused for a part the endpoint does not know (`dialect.ts`).
 */
import OpenAI, { APIConnectionError, APIConnectionTimeoutError } from "openai";
import { createBoundedFetch, type Fetch } from "./bounded-fetch.js";
import { type Dialect, firstDialect, nextDialect } from "./dialect.js";
import { refusalError } from "./endpoint-failure.js";
import { type Model, ModelError, type ModelReply, type ModelRequest } from "./port.js";
import type { RateLimit } from "./rate-limit.js";
import { redact } from "./redact.js";
import { readReply } from "./reply-envelope.js";
import { estimatePromptTokens } from "./token-estimate.js";
import { wireRequest } from "./wire-request.js";

export interface OpenAiOptions {
  readonly baseUrl: string;
  /** Empty where the endpoint needs none. */
  readonly apiKey: string;
  readonly model: string;
  /** From sending to the last byte of the answer. */
  readonly deadlineMs: number;
  /** Cap on an answer's body. */
  readonly maxBytes: number;
  /** Shared by all models of an endpoint. */
  readonly rateLimit?: RateLimit;
}

/** A model at an endpoint; every failure is a {@link ModelError} without the key. */
export function createOpenAiModel(options: OpenAiOptions): Model {
  const { baseUrl, apiKey, model, deadlineMs, maxBytes, rateLimit } = options;
  const client = new OpenAI({
    baseURL: baseUrl,
    // The client insists on a key; an endpoint without one ignores the word.
    apiKey: apiKey === "" ? "none" : apiKey,
    organization: null,
    project: null,
    maxRetries: 0,
    // The fetch below holds the deadline; the client's own must not come first.
    timeout: deadlineMs + 60_000,
    logLevel: "off",
    fetch: refusing(createBoundedFetch({ deadlineMs, maxBytes }), apiKey),
  });
  let dialect: Dialect = firstDialect;

  async function send(request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    const tried = dialect;
    try {
      const response = await client.chat.completions.create(wireRequest(request, model, tried), { signal }).asResponse();
      return readReply(await readBody(response, apiKey), request, model);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failure = asModelError(error, apiKey);
      const next = failure.code === "BAD_REQUEST" ? nextDialect(tried, failure.detail) : null;
      if (next === null) throw failure;
      dialect = next;
      return send(request, signal);
    }
  }

  async function complete(request: ModelRequest, { signal }: { readonly signal: AbortSignal }): Promise<ModelReply> {
    signal.throwIfAborted();
    const reserved = estimatePromptTokens(request);
    try {
      await rateLimit?.acquire(reserved, signal);
      const reply = await send(request, signal);
      rateLimit?.correct(reply.usage.prompt + reply.usage.completion - reserved);
      return reply;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ModelError && error.code === "RATE_LIMITED") rateLimit?.pause(error.retryAfterMs);
      throw error;
    }
  }

  return { complete };
}

/** The client keeps only the `error` part of a refusal, which some servers do not send; so refusals are read here, whole. */
function refusing(fetch: Fetch, key: string): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.ok) return response;
    const text = await response.text();
    throw refusalError({ status: response.status, headers: response.headers, error: errorPart(text), text }, { key, nowMs: Date.now() });
  };
}

/** `{"error": …}` as most send it, or the body itself. */
function errorPart(text: string): unknown {
  const body = jsonOf(text);
  return typeof body === "object" && body !== null && "error" in body ? body.error : body;
}

/** The JSON of an answer that came with a good status. */
async function readBody(response: Response, key: string): Promise<unknown> {
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  if (!type.includes("json")) throw malformed(`it is ${/^[\w/+.-]{1,40}/.exec(type)?.[0] ?? "of no type"}, not JSON`, text, key);
  const body = jsonOf(text);
  if (body === undefined) throw malformed("it is not JSON", text, key);
  if (typeof body !== "object" || body === null) throw malformed("it is no object", text, key);
  const error = "error" in body ? body.error : null;
  if (error === null || error === undefined) return body;
  throw refusalError(
    { status: response.status, headers: response.headers, error, text: JSON.stringify(error) },
    { key, nowMs: Date.now() },
  );
}

/** Undefined where the text is no JSON. Lone surrogates, which no UTF-8 file can hold, become replacement characters. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text, (_name, value: unknown) => (typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value));
  } catch (error) {
    // A RangeError: nested too deep for the stack.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function malformed(why: string, text: string, key: string): ModelError {
  return new ModelError("MALFORMED_BODY", `The answer is no chat completion: ${why}`, { detail: redact(text, key) });
}

/** The client wraps what its fetch throws, and takes an error that speaks of a timeout for one of its own. */
function asModelError(error: unknown, key: string): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIConnectionTimeoutError) return new ModelError("TIMEOUT", "The endpoint took too long");
  if (error instanceof APIConnectionError && error.cause instanceof ModelError) return error.cause;
  return new ModelError("UNKNOWN", "The call failed for an unknown reason", { detail: redact(String(error), key) });
}
