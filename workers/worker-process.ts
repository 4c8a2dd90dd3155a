/** A worker process of one campaign: the store, the models and the activities of its folder, on one task queue. */
import { createActivities } from "../activities/create-activities.js";
import { campaignConfigSchema } from "./campaign-config.js";
import { campaignFolder, readCampaignRecord } from "./campaign-folder.js";
import { readProcessConfig } from "./config.js";
import { connectWorker } from "./connect-worker.js";
import { ensureServer } from "./connect.js";
import type { Notice } from "./notice.js";
import { openWorkshop } from "./open-workshop.js";
import { queuesOf, type WorkerKind } from "./queues.js";
import { installRuntime, runWorker } from "./run-worker.js";
import { ServerError } from "./server-error.js";
import { stopSignal } from "./stop-signal.js";
import { workflowBundle } from "./workflow-bundle.js";

/** Which work of which campaign. */
export interface WorkerProcess {
  /** The output folder. */
  readonly out: string;
  readonly campaign: string;
  readonly kind: WorkerKind;
}

/**
 * Works until SIGTERM, SIGINT, or the end of the command that started it; calls in flight end first.
 * @throws {ServerError} If the campaign or the server is not there.
 */
export async function runWorkerProcess({ out, campaign, kind }: WorkerProcess, notice: Notice): Promise<void> {
  const stop = stopSignal();
  const record = readCampaignRecord(out, campaign);
  if (record === null) throw new ServerError(`No campaign "${campaign}" has been run under ${out}`, "start it with `logigen run` first");
  const config = campaignConfigSchema.parse(record.config);
  const processConfig = readProcessConfig();
  const workshop = openWorkshop(campaignFolder(out, campaign), config, process.env);
  installRuntime();
  const server = await ensureServer(out, processConfig, notice);
  const connection = await connectWorker(server);
  try {
    const bundle = await workflowBundle(out);
    const activities = createActivities(workshop)[kind];
    await runWorker({ connection, namespace: server.namespace, kind, taskQueue: queuesOf(campaign)[kind], bundle, activities }, stop);
  } finally {
    await connection.close();
    workshop.store.close();
  }
}
