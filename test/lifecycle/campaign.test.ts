/** One small campaign of the built-in author, undisturbed, and once more, killed and stopped on its way. */
import { Client, Connection } from "@temporalio/client";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { CampaignAnswer } from "../../cli/json-shapes.js";
import { readPackage } from "../../datasets/package.js";
import { findPackages, verifyPackage } from "../../datasets/verify.js";
import { openJournal } from "../../storage/journal.js";
import { openStore } from "../../storage/store.js";
import { workflowBundle } from "../../workers/workflow-bundle.js";
import { answerOf, type Campaign, killWorker, outputFolder, prepareCampaign, repliesReach, runToTheEnd, startCommand } from "./campaign-command.js";
import { activitiesOf, childrenOf, historiesOf, payloadsOf, type Recorded } from "./histories.js";

const LONG_MS = 240_000;
const out = outputFolder();
const small = (name: string): Campaign => prepareCampaign(out, { name, environments: 1, tasks: 2, keep: 1 }, { seeds: ["education-knowledge/librarian"] });
const undisturbed = small("undisturbed");
const disturbed = small("disturbed");
let answer: CampaignAnswer;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  connection = await Connection.connect({ address: inject("temporal") });
  client = new Client({ connection });
  const finished = await runToTheEnd(undisturbed);
  expect(finished.code, finished.stderr).toBe(0);
  answer = answerOf(finished);
}, LONG_MS);
afterAll(() => connection.close());

describe("the histories of a campaign", () => {
  let recorded: readonly Recorded[] = [];
  beforeAll(async () => {
    recorded = await historiesOf(client, undisturbed.name);
  });

  test("are all found by its one search query, under ids that say what they are", () => {
    const ids = recorded.map(({ workflowId }) => workflowId).sort();
    expect(ids).toEqual([undisturbed.name, ...recorded.flatMap(childrenOf)].sort());
    expect(ids.filter((id) => !/^undisturbed(\/librarian-\d+(\/task-\d+(\/distil-\d+)?)?)?$/.test(id))).toEqual([]);
    expect(ids.filter((id) => id.includes("/distil-")).length).toBeGreaterThanOrEqual(2);
  });

  test("have a line for every activity that a person can read", () => {
    const activities = recorded.flatMap(activitiesOf);
    expect(activities.length).toBeGreaterThan(50);
    expect(activities.filter(({ summary }) => !/^(\d\d [a-z]+|dataset)\b.* \| \S/.test(summary))).toEqual([]);
  });

  test("hold references: no policy, no prompt and no database, and nothing of 4 KB", () => {
    const payloads = recorded.flatMap(payloadsOf);
    const { policy } = readPackage(answer.packages[0]?.path ?? "").environment.compiled.sheet;
    const marks = [...policy.map((clause) => clause.text), "<policy>", "You are the ", "You play a customer", "You are a service agent", "SQLite format 3"];
    expect(marks.filter((mark) => payloads.some((payload) => payload.includes(mark)))).toEqual([]);
    expect(Math.max(...payloads.map((payload) => payload.length))).toBeLessThan(4096);
  });

  test("replay", async () => {
    await expectReplay(recorded);
  }, LONG_MS);
});

test("a campaign whose worker and whose command are killed, and that is stopped, resumes to the same dataset and repeats no call that was answered", async () => {
  const first = startCommand(disturbed);
  console.log("PHASE 1", Date.now());
  await repliesReach(disturbed, 5);
  console.log("PHASE 2", Date.now());
  killWorker(disturbed, "models");
  console.log("PHASE 3", Date.now());
  await repliesReach(disturbed, 25);
  console.log("PHASE 4", Date.now());
  first.kill("SIGKILL");
  console.log("PHASE 5", Date.now());
  expect(await first.ended).toBeNull();
  console.log("PHASE 6", Date.now());
  const second = startCommand(disturbed);
  console.log("PHASE 7", Date.now());
  await repliesReach(disturbed, 60);
  console.log("PHASE 8", Date.now());
  second.kill("SIGTERM");
  console.log("PHASE 9", Date.now());
  expect(await second.ended).toBe(130);
  console.log("PHASE 10", Date.now());
  const last = await runToTheEnd(disturbed);
  console.log("PHASE 11", Date.now());
  expect(last.code, last.stderr).toBe(0);
  console.log("PHASE 12", Date.now());

  expect(answerOf(last).dataset?.digest).toBe(answer.dataset?.digest);
  console.log("PHASE 13", Date.now());
  expect(findPackages(disturbed.folder.packages).map((folder) => verifyPackage(folder).ok)).toEqual([true, true]);
  console.log("PHASE 14", Date.now());
  const [calm, rough] = [journalCounts(undisturbed), journalCounts(disturbed)];
  console.log("PHASE 15", Date.now());
  expect(calm).toEqual({ calls: calm.replies, replies: calm.replies, perhapsCharged: 0 });
  console.log("PHASE 16", Date.now());
  expect(rough.replies).toBe(calm.replies);
  console.log("PHASE 17", Date.now());
  expect(rough.calls - rough.perhapsCharged).toBe(rough.replies);
  console.log("PHASE 18", Date.now());
  // Two kills, with a call of each of two tasks in flight at most.
  expect(rough.perhapsCharged).toBeLessThanOrEqual(4);
  console.log("PHASE 19", Date.now());
  await expectReplay(await historiesOf(client, disturbed.name));
  console.log("PHASE 20", Date.now());
}, LONG_MS);

async function expectReplay(recorded: readonly Recorded[]): Promise<void> {
  const codePath = await workflowBundle(out);
  console.log("PHASE 21", Date.now());
  const failures: string[] = [];
  console.log("PHASE 22", Date.now());
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, recorded)) {
    if (error !== undefined) failures.push(`${workflowId}: ${error.message}`);
  }
  expect(failures).toEqual([]);
  console.log("PHASE 23", Date.now());
}

function journalCounts({ folder }: Campaign): { readonly calls: number; readonly replies: number; readonly perhapsCharged: number } {
  const store = openStore(folder.store);
  console.log("PHASE 24", Date.now());
  try {
    return openJournal(store).counts();
  } finally {
    store.close();
  }
}
