import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Client } from "@temporalio/client";
import { afterAll, expect, test } from "vitest";
import type { CampaignReport } from "../../datasets/campaign-report.js";
import { readKeptReport } from "../../workers/campaign-folder.js";
import { readProcessConfig } from "../../workers/config.js";
import { connectClient, ensureServer } from "../../workers/connect.js";
import { followCampaign } from "../../workers/follow-campaign.js";
import { localServerState, stopLocalServer } from "../../workers/local-server.js";
import { observeCampaign } from "../../workers/observe-campaign.js";
import { type Supervisor, superviseWorkers } from "../../workers/supervise.js";
import { workflowBundle } from "../../workers/workflow-bundle.js";

const doubles = fileURLToPath(new URL("../doubles/", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "logigen-follow-"));
const notices: string[] = [];
const notice = (line: string): void => {
  notices.push(line);
};
const server = () => ensureServer(out, { ...readProcessConfig(), namedServer: null }, notice);
let crew: Supervisor | null = null;

afterAll(async () => {
  await crew?.stop();
  await stopLocalServer(out);
});

async function startCountdown(client: Client, address: string, input: { campaign: string; steps: number; held: boolean }): Promise<void> {
  mkdirSync(join(out, input.campaign), { recursive: true });
  const bundle = await workflowBundle(out, join(doubles, "countdown-workflow.ts"));
  crew ??= superviseWorkers({
    commands: [{ name: "models", file: join(doubles, "countdown-worker.ts"), args: [address, "countdown", bundle] }],
    logFile: join(out, "workers.log"),
    notice,
  });
  await client.workflow.start("countdown", { taskQueue: "countdown", workflowId: input.campaign, args: [input] });
}

test("followCampaign() brings back a local server that was killed, and the campaign ends", async () => {
  const found = await server();
  const { client, close } = await connectClient(found, notice);
  await startCountdown(client, found.address, { campaign: "spring", steps: 15, held: false });
  await close();
  const shown: CampaignReport[] = [];
  const show = (report: CampaignReport): void => {
    shown.push(report);
    const state = localServerState(out);
    if (shown.length === 3 && state.kind === "running") process.kill(state.server.pid, "SIGKILL");
  };
  const ending = await followCampaign({ out, campaign: "spring", everyMs: 100, server, show, notice, stop: new AbortController().signal });
  expect(ending).toMatchObject({ kind: "closed", report: { state: "complete", funnel: [{ out: 15 }] } });
  expect(notices.filter((line) => line.startsWith("Temporal server"))).toHaveLength(2);
  expect(readKeptReport(out, "spring")).toMatchObject({ state: "complete" });
});

test("followCampaign() leaves a paused campaign as it is when it is told to stop", async () => {
  const found = await server();
  const { client, close } = await connectClient(found, notice);
  await startCountdown(client, found.address, { campaign: "autumn", steps: 2, held: true });
  const stop = new AbortController();
  const show = (report: CampaignReport): void => {
    expect(report.state).toBe("paused");
    stop.abort();
  };
  expect(await followCampaign({ out, campaign: "autumn", everyMs: 50, server, show, notice, stop: stop.signal })).toEqual({
    kind: "stopped",
  });
  await client.workflow.getHandle("autumn").cancel();
  await expect.poll(() => observeCampaign(client, "autumn")).toMatchObject({ kind: "ended", state: "cancelled" });
  expect(await observeCampaign(client, "winter")).toEqual({ kind: "absent" });
  await close();
});
