import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { createOpenAiModel, type OpenAiOptions } from "../../models/openai.js";
import { type Model, ModelError, type ModelErrorCode, type ModelRequest } from "../../models/port.js";
import { modelRequest } from "../doubles/model-request.js";
import { type Script, type ScriptedAnswer, type ScriptedEndpoint, startScriptedEndpoint } from "../doubles/scripted-endpoint.js";

const key = "sk-CANARY-0123456789";
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const structured = modelRequest({ reply: { name: "answer", schema } });
const opened: ScriptedEndpoint[] = [];

afterEach(async () => {
  for (const endpoint of opened.splice(0)) await endpoint.close();
});

async function modelAt(script: Script, over: Partial<OpenAiOptions> = {}): Promise<{ model: Model; endpoint: ScriptedEndpoint }> {
  const endpoint = await startScriptedEndpoint(script);
  opened.push(endpoint);
  return {
    endpoint,
    model: createOpenAiModel({ baseUrl: endpoint.baseUrl, apiKey: key, model: "plain-1", deadlineMs: 5_000, maxBytes: 100_000, ...over }),
  };
}

function ask(model: Model, request: ModelRequest = modelRequest(), signal: AbortSignal = new AbortController().signal) {
  return model.complete(request, { signal });
}

async function failureOf(model: Model, request?: ModelRequest): Promise<ModelError> {
  const outcome = await ask(model, request).catch((error: unknown) => error);
  if (outcome instanceof ModelError) return outcome;
  throw new TypeError(`No ModelError but ${inspect(outcome)}`);
}

function refusal(status: number, error: Record<string, unknown>, headers: Record<string, string> = {}): ScriptedAnswer {
  return { kind: "body", status, headers, body: JSON.stringify({ error }) };
}

describe("createOpenAiModel() names every failure", () => {
  const body = (text: string, headers: Record<string, string> = {}): ScriptedAnswer => ({ kind: "body", body: text, headers });
  const cases: readonly [string, ScriptedAnswer, ModelErrorCode, "retried" | "final"][] = [
    ["429", refusal(429, { code: "rate_limit_exceeded", message: "slow down" }), "RATE_LIMITED", "retried"],
    ["429 without quota", refusal(429, { code: "insufficient_quota", message: "You exceeded your current quota" }), "QUOTA", "final"],
    ["402", refusal(402, { message: "Insufficient Balance" }), "QUOTA", "final"],
    ["500", refusal(500, { message: "oops" }), "OVERLOADED", "retried"],
    [
      "502 with HTML",
      { kind: "body", status: 502, headers: { "content-type": "text/html" }, body: "<html>Bad Gateway</html>" },
      "OVERLOADED",
      "retried",
    ],
    ["503", refusal(503, { code: "overloaded" }), "OVERLOADED", "retried"],
    ["400", refusal(400, { message: "bad temperature" }), "BAD_REQUEST", "final"],
    ["400 past the context", refusal(400, { code: "context_length_exceeded", message: "too long" }), "CONTEXT_OVERFLOW", "final"],
    [
      "400 in bare words",
      { kind: "body", status: 400, body: '{"object":"error","message":"This model\'s maximum context length is 10"}' },
      "CONTEXT_OVERFLOW",
      "final",
    ],
    ["400 by the filter", refusal(400, { code: "content_filter" }), "FILTERED", "final"],
    ["404", refusal(404, { code: "model_not_found" }), "BAD_REQUEST", "final"],
    ["413", refusal(413, { message: "large" }), "CONTEXT_OVERFLOW", "final"],
    ["422", refusal(422, { message: "no" }), "BAD_REQUEST", "final"],
    ["401", refusal(401, { code: "invalid_api_key", message: `Incorrect key ${key}` }), "AUTH", "final"],
    ["403", refusal(403, { message: "forbidden" }), "AUTH", "final"],
    ["408", refusal(408, { code: "timeout" }), "OVERLOADED", "retried"],
    ["409", refusal(409, { message: "conflict" }), "OVERLOADED", "retried"],
    ["closed before headers", { kind: "close" }, "TRANSPORT", "retried"],
    ["closed in the body", { kind: "truncate" }, "TRANSPORT_TRUNCATED", "retried"],
    ["invalid JSON", body('{"choices": ['), "MALFORMED_BODY", "retried"],
    ["empty body", body(""), "MALFORMED_BODY", "retried"],
    ["HTML under 200", body("<html></html>", { "content-type": "text/html" }), "MALFORMED_BODY", "retried"],
    ["204", { kind: "body", status: 204, body: "" }, "MALFORMED_BODY", "retried"],
    ["a list", body("[]"), "MALFORMED_BODY", "retried"],
    ["JSON nested past the stack", body(`${'{"a":'.repeat(15_000)}1${"}".repeat(15_000)}`), "MALFORMED_BODY", "retried"],
    ["content of another type", body('{"choices":[{"message":{"content":7}}]}'), "MALFORMED_BODY", "retried"],
    ["error under 200", body('{"error":{"message":"upstream 503 unavailable"}}'), "OVERLOADED", "retried"],
    ["rate limit under 200", body('{"error":{"message":"Rate limit reached"}}'), "RATE_LIMITED", "retried"],
    ["wrong key under 200", body('{"error":{"message":"Invalid API key"}}'), "AUTH", "final"],
    ["an unknown error under 200", body('{"error":{"message":"hm"}}'), "UNKNOWN", "retried"],
    ["no choices", body('{"choices":[]}'), "EMPTY_CHOICES", "retried"],
    ["null choices", body('{"choices":null}'), "EMPTY_CHOICES", "retried"],
    ["null message", body('{"choices":[{"message":null}]}'), "EMPTY_CHOICES", "retried"],
    [
      "arguments as an object",
      body('{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":{}}}]}}]}'),
      "BAD_TOOL_CALL",
      "retried",
    ],
    ["a body past the cap", { kind: "huge", bytes: 100_001 }, "TOO_LARGE", "final"],
    ["a redirect", { kind: "redirect", to: "http://127.0.0.1:1/v1/chat/completions" }, "REDIRECT", "final"],
  ];

  test.each(cases)("%s", async (_name, answer, code, retry) => {
    const { model, endpoint } = await modelAt([answer]);
    const failure = await failureOf(model);
    expect([failure.code, failure.retryable ? "retried" : "final"]).toEqual([code, retry]);
    expect(endpoint.requests).toHaveLength(1);
  });

  test.each([
    ["no headers", { kind: "hang" }],
    ["a body that stalls", { kind: "stall" }],
  ] as const)("%s ends at the deadline as TIMEOUT", async (_name, answer) => {
    const { model } = await modelAt([answer], { deadlineMs: 80 });
    expect((await failureOf(model)).code).toBe("TIMEOUT");
  });

  test("a redirect is not followed: nobody else gets the prompt", async () => {
    const other = await modelAt([]);
    const { model } = await modelAt([{ kind: "redirect", to: `${other.endpoint.baseUrl}/chat/completions` }]);
    expect((await failureOf(model)).code).toBe("REDIRECT");
    expect(other.endpoint.requests).toEqual([]);
  });

  test("a refused connection is TRANSPORT", async () => {
    const { model, endpoint } = await modelAt([]);
    await endpoint.close();
    expect((await failureOf(model)).code).toBe("TRANSPORT");
  });

  test.each([
    ["seconds", { "retry-after": "2" }, 2_000],
    ["milliseconds", { "retry-after-ms": "1500", "retry-after": "9" }, 1_500],
    ["more than is honoured", { "retry-after": "86400" }, 900_000],
    ["no known form", { "retry-after": "soon" }, undefined],
  ])("a wait given in %s is carried", async (_name, headers, expected) => {
    const { model } = await modelAt([refusal(429, { message: "slow down" }, headers)]);
    expect((await failureOf(model)).retryAfterMs).toBe(expected);
  });

  test("no error holds the key, and no message the prompt", async () => {
    const echo = { message: `key ${key}, prompt: Say what you want.`, code: "invalid_api_key", param: "Say what you want." };
    const { model } = await modelAt([
      refusal(401, echo),
      refusal(400, { ...echo, code: null }),
      { kind: "body", body: JSON.stringify({ error: echo }) },
    ]);
    for (const failure of [await failureOf(model), await failureOf(model), await failureOf(model)]) {
      expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain(key);
      expect(failure.message).not.toContain("Say what");
    }
  });

  test("a cancelled call rejects with the signal's reason", async () => {
    const cancelled = new AbortController();
    const { model } = await modelAt(() => {
      cancelled.abort(new RangeError("stop"));
      return { kind: "hang" };
    });
    await expect(ask(model, modelRequest(), cancelled.signal)).rejects.toThrow(new RangeError("stop"));
  });
});

describe("createOpenAiModel() reads replies", () => {
  test("text, usage and the model's name", async () => {
    const { model, endpoint } = await modelAt([
      { kind: "reply", text: "Hello", usage: { prompt_tokens: 90, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 64 } } },
    ]);
    expect(await ask(model)).toEqual({
      text: "Hello",
      reasoning: "",
      toolCalls: [],
      usage: { prompt: 90, cached: 64, completion: 7, estimated: false },
      finishReason: "stop",
      model: "plain-1",
    });
    expect(endpoint.headers[0]?.authorization).toBe(`Bearer ${key}`);
    expect(endpoint.requests[0]).toEqual({
      model: "plain-1",
      messages: modelRequest().messages,
      temperature: 0.7,
      max_tokens: 500,
      seed: 42,
    });
  });

  test("usage is estimated where the endpoint gives none", async () => {
    const { model } = await modelAt([{ kind: "reply", text: "x".repeat(400), usage: null }]);
    expect((await ask(model)).usage).toMatchObject({ completion: 101, cached: 0, estimated: true });
  });

  test.each([
    ["reasoning_content", { reasoning_content: "because" }, "Hello"],
    ["reasoning", { reasoning: "because" }, "Hello"],
    ["think tags", {}, "<think>because</think>\nHello"],
  ])("reasoning in %s is kept apart", async (_name, message, text) => {
    const { model } = await modelAt([{ kind: "reply", text, message }]);
    expect(await ask(model)).toMatchObject({ text: "Hello", reasoning: "because" });
  });

  test("tool calls get new ids that count on from the conversation, arguments as written, whatever the finish reason", async () => {
    const calls = [
      { id: "dup", name: "query_flights", arguments: '{"a": 1' },
      { id: "dup", name: "", arguments: "" },
    ];
    const { model } = await modelAt([{ kind: "reply", toolCalls: calls, finishReason: "stop" }]);
    const conversation = [
      ...modelRequest().messages,
      { role: "assistant" as const, content: "", toolCalls: [{ id: "call_1", name: "query_users", arguments: "{}" }] },
      { role: "tool" as const, toolCallId: "call_1", content: "[]" },
    ];
    const reply = await ask(model, modelRequest({ messages: conversation }));
    expect(reply.toolCalls).toEqual([
      { id: "call_2", name: "query_flights", arguments: '{"a": 1' },
      { id: "call_3", name: "", arguments: "" },
    ]);
    expect(reply.finishReason).toBe("tool_calls");
  });

  test.each([
    ["length", { finishReason: "length", text: '{"city":' }, "length"],
    ["content_filter", { finishReason: "content_filter" }, "content_filter"],
    ["a refusal", { message: { content: null, refusal: "I will not" } }, "refusal"],
    ["a reason nobody knows", { finishReason: "eos" }, "other"],
  ])("finish by %s is a reply, not an error: it was paid", async (_name, answer, finishReason) => {
    const { model } = await modelAt([{ kind: "reply", ...answer }]);
    expect((await ask(model)).finishReason).toBe(finishReason);
  });

  test("a lone surrogate becomes a replacement character, so that the reply can be stored", async () => {
    const { model } = await modelAt([{ kind: "reply", text: "a\ud800b" }]);
    expect((await ask(model)).text).toBe("a\ufffdb");
  });

  test("connections are used again", async () => {
    const { model, endpoint } = await modelAt(() => ({ kind: "reply", text: "ok" }));
    await ask(model);
    await ask(model);
    expect(endpoint.connections()).toBe(1);
  });
});

describe("createOpenAiModel() finds out what the endpoint understands", () => {
  test("a reply schema goes as json_schema, strict where it is closed", async () => {
    const open = { type: "object", properties: { city: { type: "string" } } };
    const { model, endpoint } = await modelAt(() => ({ kind: "reply", text: '{"city":"Rome"}' }));
    expect((await ask(model, structured)).text).toBe('{"city":"Rome"}');
    await ask(model, modelRequest({ reply: { name: "answer", schema: open } }));
    expect(endpoint.requests.map((request) => request.response_format)).toMatchObject([
      { type: "json_schema", json_schema: { name: "answer", schema, strict: true } },
      { type: "json_schema", json_schema: { strict: false } },
    ]);
  });

  test("falls back to JSON mode, then to the prompt alone, and remembers it", async () => {
    const { model, endpoint } = await modelAt((request) => {
      if (request.response_format?.type === "json_schema") return refusal(400, { message: "This response_format type is unavailable now" });
      if (request.response_format?.type === "json_object")
        return { kind: "body", status: 422, body: '{"detail":"response_format: extra fields"}' };
      return { kind: "reply", text: 'Here it is:\n```json\n{"city":"Rome"}\n```\nAnything else?' };
    });
    expect((await ask(model, structured)).text).toBe('{"city":"Rome"}');
    expect((await ask(model, structured)).text).toBe('{"city":"Rome"}');
    expect(endpoint.requests.map((request) => request.response_format?.type ?? "prompt")).toEqual([
      "json_schema",
      "json_object",
      "prompt",
      "prompt",
    ]);
    expect(endpoint.requests[2]?.messages[0]?.content).toContain(JSON.stringify(schema));
  });

  test("an answer that is no JSON stays as it is, for the role's check to refuse", async () => {
    const { model } = await modelAt([{ kind: "reply", text: "I would say Rome." }]);
    expect((await ask(model, structured)).text).toBe("I would say Rome.");
  });

  test.each([
    ["max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", { max_completion_tokens: 500 }],
    ["seed", "Extra inputs are not permitted: seed", { max_tokens: 500 }],
  ])("leaves out %s where it is refused", async (parameter, message, expected) => {
    const { model, endpoint } = await modelAt((request) =>
      parameter in request ? refusal(400, { message }) : { kind: "reply", text: "ok" },
    );
    expect((await ask(model)).text).toBe("ok");
    expect(endpoint.requests[1]).toMatchObject(expected);
  });
});
