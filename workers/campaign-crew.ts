/** The worker processes that a campaign's command keeps alive. */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { campaignFolder } from "./campaign-folder.js";
import type { Notice } from "./notice.js";
import type { WorkerKind } from "./queues.js";
import { type Supervisor, superviseWorkers, type WorkerCommand } from "./supervise.js";

const WORKER_FILE = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Starts one process for workflows and model calls, and one a core for SQLite work. */
export function startCampaignCrew(out: string, campaign: string, notice: Notice): Supervisor {
  const command = (name: string, kind: WorkerKind): WorkerCommand => ({
    name,
    file: WORKER_FILE,
    args: ["--out", out, "--campaign", campaign, "--kind", kind],
  });
  const environments = Array.from({ length: availableParallelism() }, (_, index) =>
    command(`environments ${String(index + 1)}`, "environments"),
  );
  return superviseWorkers({
    commands: [command("models", "models"), ...environments],
    logFile: campaignFolder(out, campaign).workersLog,
    notice,
  });
}
