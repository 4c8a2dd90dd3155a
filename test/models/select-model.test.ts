import { afterEach, expect, test } from "vitest";
import type { Endpoint } from "../../models/endpoint-config.js";
import type { Model } from "../../models/port.js";
import { createModels } from "../../models/select-model.js";
import { modelRequest } from "../doubles/model-request.js";
import { type ScriptedEndpoint, startScriptedEndpoint } from "../doubles/scripted-endpoint.js";

const builtin: Model = { complete: () => Promise.reject(new RangeError("The built-in author was asked")) };
const prices = { prompt: 1, completion: 2, currency: "USD" };
const opened: ScriptedEndpoint[] = [];

afterEach(async () => {
  for (const endpoint of opened.splice(0)) await endpoint.close();
});

function endpointAt(base_url: string): Endpoint {
  return { base_url, key_env: "MAIN_KEY", prices };
}

test("createModels() gives every role the built-in author where that is the author", () => {
  const select = createModels({ config: { author: "builtin", endpoints: {}, roles: { default: { temperature: 0 } } }, env: {}, builtin });
  expect(select("teacher")).toEqual({
    model: builtin,
    endpoint: "builtin",
    name: "builtin",
    sampling: { temperature: 0, maxTokens: 16_384 },
    prices: null,
  });
});

test("createModels() gives a role its own settings over the default's, with the key from the environment", async () => {
  const server = await startScriptedEndpoint(() => ({ kind: "reply", text: "ok" }));
  opened.push(server);
  const select = createModels({
    config: {
      author: "models",
      endpoints: { main: endpointAt(server.baseUrl) },
      roles: { default: { model: "small", max_tokens: 100 }, teacher: { model: "large", temperature: 0.2 } },
    },
    env: { MAIN_KEY: "secret\n" },
    builtin,
  });
  expect(select("client")).toMatchObject({ endpoint: "main", name: "small", sampling: { temperature: 1, maxTokens: 100 }, prices });
  expect(select("teacher")).toMatchObject({ name: "large", sampling: { temperature: 0.2, maxTokens: 100 } });
  await select("teacher").model.complete(modelRequest(), { signal: new AbortController().signal });
  expect(server.requests[0]?.model).toBe("large");
  expect(server.headers[0]?.authorization).toBe("Bearer secret");
});

test("createModels() shares one limit among the models of an endpoint", async () => {
  const server = await startScriptedEndpoint(() => ({ kind: "reply", text: "ok" }));
  opened.push(server);
  const select = createModels({
    config: {
      author: "models",
      endpoints: { main: { base_url: server.baseUrl, requests_per_minute: 1 } },
      roles: { default: { model: "small" }, teacher: { model: "large" } },
    },
    env: {},
    builtin,
  });
  const { signal } = new AbortController();
  await select("client").model.complete(modelRequest(), { signal });
  await expect(select("teacher").model.complete(modelRequest(), { signal })).rejects.toMatchObject({ code: "RATE_LIMITED" });
  expect(server.requests).toHaveLength(1);
});

test("createModels() says which variable lacks the key", () => {
  const select = createModels({
    config: { author: "models", endpoints: { main: endpointAt("http://127.0.0.1:9/v1") }, roles: { default: { model: "small" } } },
    env: { MAIN_KEY: " " },
    builtin,
  });
  expect(() => select("client")).toThrow(/MAIN_KEY is not set/);
});
