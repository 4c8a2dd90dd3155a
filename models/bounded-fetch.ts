/**
 * A `fetch` that gives whole answers or fails: one deadline over connecting, headers and body, a cap on the body's bytes,
 * and no redirects. The platform's fetch has a deadline of its own (300 s to the headers), inflates without bound, and
 * ends some truncated bodies as if they were whole.
 */
import http from "node:http";
import https from "node:https";
import { ModelError } from "./port.js";

export interface FetchBounds {
  /** From the call to the last byte of the body. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
}

/** The part of the fetch interface that the client of `openai` uses. */
export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A fetch within these bounds. It rejects with a {@link ModelError}, or with the reason of the caller's signal. */
export function createBoundedFetch(bounds: FetchBounds): Fetch {
  const agents = { "http:": new http.Agent({ keepAlive: true }), "https:": new https.Agent({ keepAlive: true }) };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const secure = url.protocol === "https:";
    const deadline = AbortSignal.timeout(bounds.deadlineMs);
    const signal = init.signal ? AbortSignal.any([deadline, init.signal]) : deadline;
    const request = (secure ? https : http).request(url, {
      agent: secure ? agents["https:"] : agents["http:"],
      method: init.method ?? "GET",
      headers: { ...Object.fromEntries(new Headers(init.headers)), "accept-encoding": "identity" },
      signal,
    });
    try {
      return await exchange(request, typeof init.body === "string" ? init.body : "", bounds.maxBytes);
    } catch (error) {
      request.destroy();
      if (init.signal?.aborted) throw init.signal.reason;
      if (deadline.aborted) throw new ModelError("TIMEOUT", `No whole answer within ${bounds.deadlineMs / 1000} s`);
      throw error;
    }
  };
}

async function exchange(request: http.ClientRequest, body: string, maxBytes: number): Promise<Response> {
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", (cause: NodeJS.ErrnoException) => {
      reject(new ModelError("TRANSPORT", `No answer from the endpoint (${cause.code ?? "connection failed"})`));
    });
    request.end(body);
  });
  const status = answer.statusCode ?? 0;
  if (status >= 300 && status < 400)
    throw new ModelError("REDIRECT", `The endpoint redirects (status ${status}); give the final address as base_url`);
  const bytes = await wholeBody(answer, maxBytes);
  return new Response(bodyless.has(status) ? null : new Uint8Array(bytes), { status, headers: headersOf(answer) });
}

const bodyless: ReadonlySet<number> = new Set([204, 205]);

async function wholeBody(answer: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new ModelError("TOO_LARGE", `The answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError("TRANSPORT_TRUNCATED", "The connection broke inside the answer");
  }
  if (!answer.complete) throw new ModelError("TRANSPORT_TRUNCATED", "The answer ended before its end");
  return Buffer.concat(chunks);
}

function headersOf(answer: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && name !== "set-cookie") headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}
