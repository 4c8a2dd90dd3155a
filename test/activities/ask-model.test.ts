import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askModel, type ModelAccess, type Question } from "../../activities/ask-model.js";
import { loadRequest } from "../../activities/stored-request.js";
import { type Model, ModelError, type ModelReply } from "../../models/port.js";
import { openJournal } from "../../storage/journal.js";
import { openLedger } from "../../storage/ledger.js";
import { openStore, type Store } from "../../storage/store.js";
import { modelRequest } from "../doubles/model-request.js";

let directory: string;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logigen-ask-"));
  store = openStore(directory);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Answers by script, an error in it being thrown; throws when it runs out. */
function scriptedModel(script: readonly (string | Error)[]): Model & { readonly calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    complete: () => {
      const next = script[calls];
      calls += 1;
      if (next === undefined) return Promise.reject(new RangeError("Script ran out"));
      return typeof next === "string" ? Promise.resolve(replyOf(next)) : Promise.reject(next);
    },
  };
}

function replyOf(text: string): ModelReply {
  return {
    text,
    reasoning: "",
    toolCalls: [],
    usage: { prompt: 1000, cached: 0, completion: 100, estimated: false },
    finishReason: "stop",
    model: "plain-1",
  };
}

function accessTo(model: Model): ModelAccess {
  const selected = {
    model,
    endpoint: "main",
    name: "plain-1",
    sampling: { temperature: 1, maxTokens: 100 },
    prices: { prompt: 1, completion: 2, currency: "USD" },
  };
  return { model: selected, store, journal: openJournal(store), ledger: openLedger(store), clock: () => 1_000 };
}

function question(over: Partial<Question> = {}): Question {
  return {
    key: { workflowId: "c/librarian-1/task-2", step: "client/1" },
    request: modelRequest(),
    account: { module: "Explorer", run: "episode", environment: "librarian-1", task: "task-2" },
    signal: new AbortController().signal,
    heartbeat: () => undefined,
    beforeCall: () => undefined,
    ...over,
  };
}

test("askModel() pays for a step once: asked again it answers from the journal", async () => {
  const model = scriptedModel(["Hello"]);
  const access = accessTo(model);
  const first = await askModel(access, question());
  const second = await askModel(access, question());
  expect(first).toMatchObject({ kind: "answered", reply: replyOf("Hello"), source: "call" });
  expect(second).toEqual({ ...first, source: "journal" });
  expect(model.calls()).toBe(1);
  expect(access.ledger.rows()).toMatchObject([
    { role: "client", run: "episode", task: "task-2", prompt: 1000, completion: 100, costNanos: 1_200_000, currency: "USD", verdict: null },
  ]);
});

test("askModel() makes no call that `beforeCall` refuses, and does not ask it about a step that was answered", async () => {
  const model = scriptedModel(["Hello"]);
  const access = accessTo(model);
  const refuse = (): never => {
    throw new RangeError("spent");
  };
  await expect(askModel(access, question({ beforeCall: refuse }))).rejects.toThrow(new RangeError("spent"));
  expect(access.journal.counts()).toMatchObject({ calls: 0 });
  await askModel(access, question());
  expect(await askModel(access, question({ beforeCall: refuse }))).toMatchObject({ kind: "answered", source: "journal" });
  expect(model.calls()).toBe(1);
});

test("askModel() neither uses a reply to another request nor calls", async () => {
  const model = scriptedModel(["Hello"]);
  const access = accessTo(model);
  const first = await askModel(access, question());
  const changed = await askModel(access, question({ request: modelRequest({ random: 43 }) }));
  expect(changed).toMatchObject({ kind: "request_changed", recorded: first.requestDigest });
  expect(model.calls()).toBe(1);
});

test("askModel() notes the call before it is made, so that a killed one can be counted", async () => {
  const access = accessTo({
    complete: () => {
      expect(access.journal.counts()).toEqual({ calls: 1, replies: 0, perhapsCharged: 1 });
      return Promise.resolve(replyOf("Hello"));
    },
  });
  await askModel(access, question());
  expect(access.journal.counts()).toEqual({ calls: 1, replies: 1, perhapsCharged: 0 });
});

test.each([
  ["a refusal as not charged", new ModelError("RATE_LIMITED", "later"), 0],
  ["a broken connection as perhaps charged", new ModelError("TRANSPORT", "gone"), 1],
])("askModel() counts %s, and the next attempt calls again", async (_name, error, perhapsCharged) => {
  const access = accessTo(scriptedModel([error, "Hello"]));
  await expect(askModel(access, question())).rejects.toBe(error);
  expect(await askModel(access, question())).toMatchObject({ kind: "answered", source: "call" });
  expect(access.journal.counts()).toEqual({ calls: 2, replies: 1, perhapsCharged });
});

test("askModel() gives two attempts at once the same reply, and accounts for both", async () => {
  const access = accessTo(scriptedModel(["one", "two"]));
  const answers = await Promise.all([askModel(access, question()), askModel(access, question())]);
  expect(answers.map((answer) => (answer.kind === "answered" ? answer.reply.text : answer.kind))).toEqual(["one", "one"]);
  expect(access.ledger.rows()).toHaveLength(2);
});

test("askModel() rejects with the signal's reason and beats at once", async () => {
  const cancelled = new AbortController();
  const beats: string[] = [];
  const access = accessTo({
    complete: async (_request, { signal }) => {
      cancelled.abort(new RangeError("stop"));
      signal.throwIfAborted();
      return Promise.resolve(replyOf("too late"));
    },
  });
  await expect(askModel(access, question({ signal: cancelled.signal, heartbeat: () => beats.push("beat") }))).rejects.toThrow(
    new RangeError("stop"),
  );
  expect(beats).toEqual(["beat"]);
  expect(access.journal.counts().perhapsCharged).toBe(1);
});

test("a request is stored as a list of message digests, each message once, and read back whole", async () => {
  const access = accessTo(scriptedModel(["a", "b"]));
  const request = modelRequest({
    reply: { name: "answer", schema: { type: "object" } },
    tools: [{ name: "t", description: "d", parameters: { type: "object" } }],
  });
  const longer = {
    ...request,
    messages: [...request.messages, { role: "assistant" as const, content: "a" }, { role: "user" as const, content: "more" }],
  };
  await askModel(access, question({ request }));
  const before = artefacts();
  const answer = await askModel(access, question({ key: { workflowId: "c", step: "2" }, request: longer }));
  // Two new messages, the record of the request, and the reply.
  expect(artefacts() - before).toBe(4);
  expect(loadRequest(store, answer.requestDigest)).toEqual({ ...longer, endpoint: "main", model: "plain-1" });
});

function artefacts(): number {
  return Number(store.database.prepare("SELECT count(*) FROM artefact").pluck().get());
}
