/** `logigen status`: how a campaign stands. */
import type { Command } from "commander";
import type { CampaignReport } from "../datasets/campaign-report.js";
import { missingPackages, readKeptReport } from "../workers/campaign-folder.js";
import { observeCampaign, type Observation } from "../workers/observe-campaign.js";
import { say, writeAnswer } from "./answer.js";
import { campaignAnswer, campaignText } from "./campaign-answer.js";
import { campaignAnswerSchema } from "./json-shapes.js";
import { PackagesMissing } from "./packages-missing.js";
import { formOf, jsonOption, outOption, type SharedOptions } from "./options.js";
import { withCampaign } from "./with-campaign.js";

/** Adds `status <campaign>`. */
export function addStatus(program: Command): void {
  program
    .command("status")
    .description("how a campaign stands: funnel, cost, packages")
    .argument("<campaign>", "its name")
    .addOption(outOption())
    .addOption(jsonOption())
    .action(tellStatus);
}

async function tellStatus(name: string, options: SharedOptions): Promise<void> {
  await withCampaign(options.out, name, async (client, server) => {
    const report = reportOf(name, await observeCampaign(client, name), readKeptReport(options.out, name));
    const missing = report.state === "complete" ? missingPackages(options.out, report) : [];
    if (missing.length > 0) throw new PackagesMissing(name, missing);
    writeAnswer(
      formOf(options),
      campaignAnswerSchema,
      campaignAnswer(options.out, server, report),
      campaignText(options.out, server, report),
    );
  });
}

/** What can be told: the workflow's own report, else the last one kept with the state that the server knows. */
function reportOf(name: string, seen: Observation, kept: CampaignReport | null): CampaignReport {
  switch (seen.kind) {
    case "closed":
      return seen.report;
    case "open":
      if (seen.report !== null) return seen.report;
      say("No worker answers; this is the last report. The command that started the campaign resumes it");
      return kept ?? emptyReport(name, "running");
    case "ended":
      say(`The campaign has ended: ${seen.reason}`);
      return { ...(kept ?? emptyReport(name, seen.state)), state: seen.state, running: [], forecastMs: null };
    case "absent":
      say("The server does not know this campaign; the command that started it starts it again");
      return kept ?? emptyReport(name, "failed");
  }
}

function emptyReport(campaign: string, state: CampaignReport["state"]): CampaignReport {
  return { campaign, state, funnel: [], cost: [], packages: [], dataset: null, running: [], elapsedMs: 0, forecastMs: null };
}
