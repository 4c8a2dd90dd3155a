import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createActivities } from "../../activities/create-activities.js";
import type { Workshop } from "../../activities/workshop.js";
import type { ModelReply } from "../../models/port.js";
import { openJournal } from "../../storage/journal.js";
import { openLedger } from "../../storage/ledger.js";
import { openStore, type Store, StoreError } from "../../storage/store.js";
import { trajectorySchema } from "../../datasets/trajectory.js";
import { lendingSheet } from "../doubles/lending-sheet.js";

vi.mock("@temporalio/activity", () => ({
  activityInfo: () => ({ attempt: 1, workflowExecution: { workflowId: "c/librarian-1" } }),
  cancellationSignal: () => new AbortController().signal,
  heartbeat: () => undefined,
}));

const at = {
  place: { campaign: "c", random: 1, scenario: "librarian", environment: 1, task: null, attempt: null },
  step: "reviewTables 0",
};
const words = "Jane Doe of Harbour Street";
let directory: string;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logigen-activities-"));
  store = openStore(join(directory, "store"));
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

function workshop(
  script: readonly (Partial<ModelReply> & { readonly text: string })[],
  tokens: number | null = null,
): Workshop & { readonly calls: () => number } {
  let calls = 0;
  const complete = (): Promise<ModelReply> => {
    const next = script[calls];
    calls += 1;
    if (next === undefined) return Promise.reject(new RangeError("Script ran out"));
    return Promise.resolve({
      reasoning: "",
      toolCalls: [],
      usage: { prompt: 10, cached: 0, completion: 5, estimated: false },
      finishReason: "stop",
      model: "plain-1",
      ...next,
    });
  };
  return {
    calls: () => calls,
    store,
    journal: openJournal(store),
    ledger: openLedger(store),
    models: () => ({ model: { complete }, endpoint: "main", name: "plain-1", sampling: { temperature: 1, maxTokens: 100 }, prices: null }),
    injected: () => null,
    budget: { money: null, tokens, hours: null },
    author: "models",
    directory,
    clock: () => 1_000,
  };
}

function reviewInput() {
  const { title, policy: clauses, actor, tables: declared } = lendingSheet;
  const policy = store.putJson({ title, clauses });
  const tables = store.putJson({ actor, ladders: {}, tables: declared });
  return { at, known: { policy, tables }, artefact: tables };
}

const silent = { text: JSON.stringify({ ok: true, findings: [] }) };

test.each([
  ["no JSON", { text: words }],
  ["a refusal without a finding", { text: JSON.stringify({ ok: false, findings: [] }) }],
  ["an answer cut off", { ...silent, finishReason: "length" as const }],
])("a review asks the Verifier once more after %s, and counts both calls", async (_name, malformed) => {
  const shop = workshop([malformed, silent]);
  const { models } = createActivities(shop);
  expect(await models.reviewTables(reviewInput())).toEqual({ kind: "passed", line: "no finding", spent: { tokens: 30, money: 0 } });
  expect(await models.reviewTables(reviewInput())).toMatchObject({ kind: "passed" });
  expect(shop.calls()).toBe(2);
});

test("a review that cannot be read twice fails, and its line holds no word of the answer", async () => {
  const { models } = createActivities(workshop([{ text: words }, { text: words }]));
  expect(await models.reviewTables(reviewInput())).toMatchObject({ kind: "failed", line: "1 findings, first: review" });
});

test("a finding's line tells its place and none of its words", async () => {
  const findings = [{ clause: null, where: `users ${words}`, problem: words, expected: words }];
  const { models } = createActivities(workshop([{ text: JSON.stringify({ ok: false, findings }) }]));
  expect(await models.reviewTables(reviewInput())).toMatchObject({ kind: "failed", line: "1 findings, first: users" });
});

test("writeExamples() is tried twice", async () => {
  const shop = workshop([{ text: words }, { text: JSON.stringify({ examples: [] }) }]);
  const { known } = reviewInput();
  expect(await createActivities(shop).models.writeExamples({ at, known })).toMatchObject({ kind: "drafted", spent: { tokens: 30 } });
});

test("a spent budget refuses a call and not a reply that is journalled", async () => {
  const shop = workshop([silent, silent], 15);
  const { models } = createActivities(shop);
  await models.reviewTables(reviewInput());
  expect(await models.reviewTables(reviewInput())).toMatchObject({ kind: "passed" });
  await expect(models.reviewTables({ ...reviewInput(), at: { ...at, step: "reviewTables 1" } })).rejects.toMatchObject({
    type: "BUDGET_REACHED",
  });
});

test("an activity on SQLite raises a store that cannot be written as the failure that pauses", async () => {
  const shop = workshop([]);
  const refused = (): never => {
    throw new StoreError("unwritable", "Cannot write");
  };
  const full = { ...shop, store: { ...store, getJson: refused } };
  const { environments } = createActivities(full);
  await expect(environments.checkTables({ at, ...reviewInput().known })).rejects.toMatchObject({
    type: "STORE_UNWRITABLE",
    nonRetryable: true,
  });
});

test("assembleDataset() removes what is not listed from a complete campaign alone, and never what is being written", async () => {
  const { environments } = createActivities(workshop([]));
  const folders = ["librarian-1/task-1", "librarian-2/task-1.unfinished"].map((name) => join(directory, "packages", name));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const there = (): boolean[] => folders.map((folder) => existsSync(folder));
  const { dataset } = await environments.assembleDataset({ at, packages: [], prune: false });
  expect(there()).toEqual([true, true]);
  expect(JSON.parse(readFileSync(join(directory, "dataset.json"), "utf8"))).toEqual({ version: 1, digest: dataset.digest, packages: [] });
  await environments.assembleDataset({ at, packages: [], prune: true });
  expect(there()).toEqual([false, true]);
  expect(existsSync(join(directory, "packages", "librarian-1"))).toBe(false);
});

test("the cost of a run that has not ended has neither success rate nor currency", async () => {
  const { models, environments } = createActivities(workshop([silent]));
  await models.reviewTables(reviewInput());
  const { cost } = await environments.assembleDataset({ at, packages: [], prune: false });
  expect(cost).toMatchObject([
    { success: null, currency: null },
    { success: null, currency: null },
  ]);
});

test("brokenRollout() leaves an attempt without calls, end and rewards, that shows what the Teacher was shown", async () => {
  const { environments } = createActivities(workshop([]));
  const { policy } = reviewInput().known;
  const other = store.put("of no matter here");
  const description = {
    version: 1,
    kind: "reach",
    user: { table: null, key: null, profile: {} },
    text: "",
    who_you_are: "",
    gaps: [],
    false_beliefs: [],
    goal: "",
    sub_goals: [{ title: "", text: "", trigger: null }],
    choices: [],
    values: [],
    refusal: null,
  };
  const task = store.putJson({
    environment: { seed: other, policy, sheet: store.putJson(lendingSheet), origin: other, boundaries: other, cast: other },
    description,
    gold: [],
    target: other,
    certificate: other,
    difficulty: "L1",
    refused: [],
  });
  const scored = await environments.brokenRollout({ at: { ...at, place: { ...at.place, task: 3, attempt: 2 } }, task, why: "TIMEOUT" });
  expect(scored).toMatchObject({ verified: false, outcome: "infrastructure", line: "TIMEOUT" });
  const trajectory = store.getJson(scored.trajectory, trajectorySchema);
  expect(trajectory).toMatchObject({
    task: "librarian-1/task-3",
    attempt: 2,
    outcome: "infrastructure",
    end: null,
    final: null,
    verified: false,
    calls: [],
    models: { teacher: "plain-1", user_simulator: "plain-1" },
  });
  expect(trajectory.messages).toMatchObject([{ role: "assistant", content: "Hello, how can I help you today?" }]);
  expect(trajectory.tools.map((tool) => tool.name)).toContain("authenticate");
});
