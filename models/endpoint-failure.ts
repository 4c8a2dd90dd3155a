/** What an endpoint's refusal means, in the closed list of the port. */
import { z } from "zod";
import { ModelError, type ModelErrorCode } from "./port.js";
import { redact } from "./redact.js";
import { retryAfterMs } from "./retry-after.js";

/** A status and body that hold no completion. */
export interface EndpointRefusal {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The `error` part of the body, or the body itself; undefined where it is no JSON. */
  readonly error: unknown;
  /** The body as text. */
  readonly text: string;
}

/** The error of a refusal; its message holds the status and the endpoint's own code, never its free text. */
export function refusalError(refusal: EndpointRefusal, { key, nowMs }: { readonly key: string; readonly nowMs: number }): ModelError {
  const said = errorEnvelope.safeParse(refusal.error).data ?? {};
  const words = `${String(said.code ?? "")} ${said.type ?? ""} ${said.message ?? refusal.text}`;
  const code = codeOf(refusal.status, words);
  const name = [said.code, said.type, said.param].find((word) => typeof word === "string" && isIdentifier(word));
  const message = `The endpoint refused with status ${refusal.status}${name === undefined ? "" : ` (${redact(String(name), key)})`}`;
  return new ModelError(code, message, { retryAfterMs: retryAfterMs(refusal.headers, nowMs), detail: redact(refusal.text, key) });
}

const errorEnvelope = z.looseObject({
  code: z.union([z.string(), z.number()]).nullish().catch(undefined),
  type: z.string().nullish().catch(undefined),
  param: z.string().nullish().catch(undefined),
  message: z.string().nullish().catch(undefined),
});

/** No text that an endpoint may have taken from the prompt; and no timeout, since the client takes an error that names one for its own. */
function isIdentifier(word: string): boolean {
  return /^[a-z][\w.[\]-]{2,60}$/i.test(word) && !/timed?.?out/i.test(word);
}

function codeOf(status: number, words: string): ModelErrorCode {
  if (status === 402 || /insufficient_quota|insufficient balance|billing|exceeded your current quota/i.test(words)) return "QUOTA";
  if (status === 429) return "RATE_LIMITED";
  if (status === 401 || status === 403) return "AUTH";
  if (status === 413 || /context_length_exceeded|context length|context window|maximum context|prompt is too long/i.test(words))
    return "CONTEXT_OVERFLOW";
  if (/content_filter|content_policy|content management policy/i.test(words)) return "FILTERED";
  if (status === 408 || status === 409 || status >= 500) return "OVERLOADED";
  return status >= 400 ? "BAD_REQUEST" : codeWithoutStatus(words);
}

/** Proxies send errors under status 200; what they mean stands in the words alone. */
function codeWithoutStatus(words: string): ModelErrorCode {
  if (/rate.?limit|too many requests|\b429\b/i.test(words)) return "RATE_LIMITED";
  if (/unauthori[sz]ed|invalid.{0,3}api.{0,3}key|authentication|\b40[13]\b/i.test(words)) return "AUTH";
  if (/overloaded|unavailable|internal|server.?error|timeout|upstream|\b5\d\d\b/i.test(words)) return "OVERLOADED";
  if (/invalid_request|bad request|\b4\d\d\b/i.test(words)) return "BAD_REQUEST";
  return "UNKNOWN";
}
