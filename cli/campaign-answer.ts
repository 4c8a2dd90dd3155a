/** A campaign's report as the commands print it: paths absolute, with the way to it in the Temporal UI. */
import { resolve } from "node:path";
import type { CampaignReport } from "../datasets/campaign-report.js";
import { campaignFolder } from "../workers/campaign-folder.js";
import type { TemporalServer } from "../workers/connect.js";
import { campaignQuery } from "../workers/namespace.js";
import type { CampaignAnswer } from "./json-shapes.js";
import { reportText } from "./report.js";

/** The answer of `run` and `status`. */
export function campaignAnswer(out: string, server: Pick<TemporalServer, "ui" | "namespace">, report: CampaignReport): CampaignAnswer {
  const directory = campaignFolder(out, report.campaign).path;
  const query = campaignQuery(report.campaign);
  const { campaign, state, funnel, rounds, cost, packages, dataset, elapsedMs } = report;
  return {
    campaign,
    state,
    directory,
    dataset: dataset === null ? null : { ...dataset, path: resolve(directory, dataset.path) },
    funnel,
    ...(rounds === undefined ? {} : { rounds }),
    cost,
    packages: packages.map((line) => ({ ...line, path: resolve(directory, line.path) })),
    ui: server.ui === null ? null : `${server.ui}/namespaces/${server.namespace}/workflows?query=${encodeURIComponent(query)}`,
    query,
    elapsedMs,
  };
}

/** The same for people. */
export function campaignText(out: string, server: Pick<TemporalServer, "ui" | "namespace">, report: CampaignReport): string {
  const { directory, ui, query, dataset } = campaignAnswer(out, server, report);
  return reportText({ ...report, dataset }, { directory, packagesFolder: campaignFolder(out, report.campaign).packages, ui, query });
}
