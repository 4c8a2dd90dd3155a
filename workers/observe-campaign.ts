/** What the server knows of a campaign. */
import { type Client, type WorkflowHandle, WorkflowNotFoundError } from "@temporalio/client";
import { type CampaignReport, campaignReportSchema } from "../datasets/campaign-report.js";

/** A campaign as the server sees it; `report` is null while no worker answers. */
export type Observation =
  | { readonly kind: "absent" }
  | { readonly kind: "open"; readonly report: CampaignReport | null }
  | { readonly kind: "closed"; readonly report: CampaignReport }
  | { readonly kind: "ended"; readonly state: "cancelled" | "failed"; readonly reason: string };

const ANSWER_WITHIN_MS = 5000;

/** Looks once; asks the workflow itself only while it is open. */
export async function observeCampaign(client: Client, campaign: string): Promise<Observation> {
  const handle = client.workflow.getHandle(campaign);
  const status = await client.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => statusOf(handle));
  switch (status) {
    case null:
      return { kind: "absent" };
    case "RUNNING":
    case "PAUSED":
    case "CONTINUED_AS_NEW":
    case "UNSPECIFIED":
    case "UNKNOWN":
      return { kind: "open", report: await askForReport(client, handle) };
    case "COMPLETED":
      return { kind: "closed", report: campaignReportSchema.parse(await handle.result()) };
    case "CANCELLED":
      return { kind: "ended", state: "cancelled", reason: "cancelled" };
    case "FAILED":
    case "TERMINATED":
    case "TIMED_OUT":
      return { kind: "ended", state: "failed", reason: await reasonOf(handle, status) };
  }
}

async function statusOf(handle: WorkflowHandle) {
  try {
    return (await handle.describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

async function askForReport(client: Client, handle: WorkflowHandle): Promise<CampaignReport | null> {
  try {
    const answer = await client.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => handle.query("funnel"));
    return campaignReportSchema.parse(answer);
  } catch (error) {
    if (error instanceof Error && error.name === "ZodError") throw error;
    return null;
  }
}

async function reasonOf(handle: WorkflowHandle, status: string): Promise<string> {
  try {
    await handle.result();
    return status.toLowerCase();
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? error.cause.message : error.message;
  }
}
