/** One small campaign of the built-in author, undisturbed, and once more, killed and stopped on its way. */
import { renameSync } from "node:fs";
import { Client, Connection } from "@temporalio/client";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { EXIT } from "../../cli/command-error.js";
import type { CampaignAnswer } from "../../cli/json-shapes.js";
import { readPackage } from "../../datasets/package.js";
import { findPackages, verifyPackage } from "../../datasets/verify.js";
import { openJournal } from "../../storage/journal.js";
import { openStore } from "../../storage/store.js";
import { workflowBundle } from "../../workers/workflow-bundle.js";
import { runCommand } from "../cli/command.js";
import { answerOf, type Campaign, killWorker, outputFolder, prepareCampaign, repliesReach, startCommand } from "./campaign-command.js";
import { activitiesOf, childrenOf, historiesOf, payloadsOf, type Recorded } from "./histories.js";

const LONG_MS = 240_000;
const out = outputFolder();
const small = (name: string): Campaign =>
  prepareCampaign(out, { name, environments: 1, tasks: 2, keep: 1 }, { seeds: ["education-knowledge/librarian"] });
const undisturbed = small("undisturbed");
const disturbed = small("disturbed");
let answer: CampaignAnswer;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  connection = await Connection.connect({ address: inject("temporal") });
  client = new Client({ connection });
  const finished = await startCommand(undisturbed).finished;
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
    expect(payloads.length).toBeGreaterThan(200);
    const { policy } = readPackage(answer.packages[0]?.path ?? "").environment.compiled.sheet;
    const marks = ["<policy>", "You are the ", "You play a customer", "You are a service agent", "SQLite format 3"];
    expect(policy.length).toBeGreaterThan(10);
    expect(policy.filter(({ text }) => payloads.some((payload) => payload.includes(text)))).toEqual([]);
    expect(marks.filter((mark) => payloads.some((payload) => payload.includes(mark)))).toEqual([]);
    expect(Math.max(...payloads.map((payload) => payload.length))).toBeLessThan(4096);
  });

  test(
    "replay",
    async () => {
      await expectReplay(recorded);
    },
    LONG_MS,
  );
});

test(
  "a campaign whose worker and whose command are killed, and that is stopped, resumes to the same dataset and repeats no call that was answered",
  async () => {
    const first = startCommand(disturbed);
    await repliesReach(disturbed, 5);
    killWorker(disturbed, "models");
    await repliesReach(disturbed, 25);
    first.kill("SIGKILL");
    expect((await first.finished).code).toBeNull();
    const second = startCommand(disturbed);
    await repliesReach(disturbed, 60);
    second.kill("SIGTERM");
    expect((await second.finished).code).toBe(EXIT.interrupted);
    const last = await startCommand(disturbed).finished;
    expect(last.code, last.stderr).toBe(0);

    expect(answerOf(last).dataset?.digest).toBe(answer.dataset?.digest);
    expect(findPackages(disturbed.folder.packages).map((folder) => verifyPackage(folder).ok)).toEqual([true, true]);
    const [calm, rough] = [journalCounts(undisturbed), journalCounts(disturbed)];
    expect(calm).toEqual({ calls: calm.replies, replies: calm.replies, perhapsCharged: 0 });
    expect(rough.replies).toBe(calm.replies);
    expect(rough.calls - rough.perhapsCharged).toBe(rough.replies);
    // Two kills, with a call of each of two tasks in flight at most.
    expect(rough.perhapsCharged).toBeLessThanOrEqual(4);
    await expectReplay(await historiesOf(client, disturbed.name));
  },
  LONG_MS,
);

test("the same command again, and status, find the campaign complete; lost packages are an error that says so", async () => {
  const again = await startCommand(undisturbed).finished;
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toContain("already complete");
  expect(answerOf(again)).toEqual(answer);
  expect(answerOf(await runCommand(["status", undisturbed.name, "--out", out, "--json"], undisturbed.env))).toEqual(answer);

  renameSync(undisturbed.folder.packages, `${undisturbed.folder.packages}.elsewhere`);
  const third = await startCommand(undisturbed).finished;
  renameSync(`${undisturbed.folder.packages}.elsewhere`, undisturbed.folder.packages);
  expect(third.code).toBe(EXIT.internal);
  expect(third.stderr).toContain("complete on the server, but 2 of its packages are missing");
});

async function expectReplay(recorded: readonly Recorded[]): Promise<void> {
  const codePath = await workflowBundle(out);
  const failures: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, recorded)) {
    if (error !== undefined) failures.push(`${workflowId}: ${error.message}`);
  }
  expect(failures).toEqual([]);
}

function journalCounts({ folder }: Campaign): { readonly calls: number; readonly replies: number; readonly perhapsCharged: number } {
  const store = openStore(folder.store);
  try {
    return openJournal(store).counts();
  } finally {
    store.close();
  }
}
