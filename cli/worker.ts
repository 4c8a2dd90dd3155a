/** `logigen worker`: one more worker process for a campaign that runs. */
import { type Command, Option } from "commander";
import type { WorkerKind } from "../workers/queues.js";
import { say } from "./answer.js";
import { outOption, type SharedOptions } from "./options.js";
import { requireCampaign } from "./with-campaign.js";

/** Adds `worker <campaign>`. */
export function addWorker(program: Command): void {
  program
    .command("worker")
    .description("run one more worker process for a campaign, until Ctrl-C")
    .argument("<campaign>", "its name")
    .addOption(outOption())
    .addOption(
      new Option("--kind <kind>", "model calls and workflows, or SQLite work").choices(["models", "environments"]).default("models"),
    )
    .action(async (campaign: string, { out, kind }: SharedOptions & { readonly kind: WorkerKind }) => {
      requireCampaign(out, campaign);
      const { runWorkerProcess } = await import("../workers/worker-process.js");
      await runWorkerProcess({ out, campaign, kind }, say);
    });
}
