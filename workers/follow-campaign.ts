/** Follows an open campaign to its end: shows its report, keeps the last one, and brings back a local server that died. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CampaignReport } from "../datasets/campaign-report.js";
import { keepReport } from "./campaign-folder.js";
import { connectClient, type OpenClient } from "./connect.js";
import type { Notice } from "./notice.js";
import { observeCampaign, type Observation } from "./observe-campaign.js";
import type { TemporalServer } from "./connect.js";

export interface Following {
  readonly out: string;
  readonly campaign: string;
  readonly everyMs: number;
  /** The server, started again if it does not run. */
  readonly server: () => Promise<TemporalServer>;
  readonly show: (report: CampaignReport) => void;
  readonly notice: Notice;
  readonly stop: AbortSignal;
}

/** How a campaign ended, or that following it was stopped. */
export type Ending = Exclude<Observation, { kind: "open" | "absent" }> | { readonly kind: "stopped" } | { readonly kind: "absent" };

/** Resolves when the campaign has ended on the server, or when `stop` aborts. */
export async function followCampaign(following: Following): Promise<Ending> {
  const { out, campaign, everyMs, show, notice, stop } = following;
  const ticking = tickingClock();
  let open: OpenClient | null = null;
  try {
    while (!stop.aborted) {
      open ??= await connectClient(await following.server(), notice);
      const seen = await lookOnce(open, campaign);
      if (seen === null) {
        await open.close();
        open = null;
      } else if (seen.kind !== "open") {
        if (seen.kind === "closed") keepReport(out, seen.report);
        return seen;
      } else if (seen.report !== null) {
        keepReport(out, seen.report);
        show(ticking(seen.report));
      }
      await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined);
    }
    return { kind: "stopped" };
  } finally {
    await open?.close();
  }
}

/** A workflow's clock stands still between its tasks: what has passed since its last word is added here. */
function tickingClock(): (report: CampaignReport) => CampaignReport {
  let said = { elapsedMs: -1, atMs: 0 };
  return (report) => {
    if (report.elapsedMs !== said.elapsedMs) said = { elapsedMs: report.elapsedMs, atMs: Date.now() };
    return { ...report, elapsedMs: report.elapsedMs + Date.now() - said.atMs };
  };
}

/** Null when the server did not answer. */
async function lookOnce({ client }: OpenClient, campaign: string): Promise<Observation | null> {
  try {
    return await observeCampaign(client, campaign);
  } catch (error) {
    if (error instanceof Error && error.name === "ServiceError") return null;
    throw error;
  }
}
