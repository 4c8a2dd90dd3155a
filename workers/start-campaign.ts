/** Starts a campaign's workflow, or finds the one that is there: the same command again attaches or resumes. */
import { type Client, WorkflowExecutionAlreadyStartedError } from "@temporalio/client";
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from "@temporalio/common";
import { openStore } from "../storage/store.js";
import type { CampaignInput } from "../workflows/campaign.js";
import { type Observation, observeCampaign } from "./observe-campaign.js";
import { type CampaignPlan, storeScenario } from "./plan-campaign.js";
import { queuesOf } from "./queues.js";

const HOUR_MS = 3_600_000;

/** The campaign runs, or it had ended before. */
export type Started = { readonly kind: "open" } | { readonly kind: "complete"; readonly ending: Extract<Observation, { kind: "closed" }> };

/**
 * Submits the plan; what failed or was cancelled before is started again and finds its replies in the journal.
 * @throws {ServerError} If the server does not answer.
 */
export async function startCampaign(client: Client, plan: CampaignPlan, storeFolder: string): Promise<Started> {
  const { name } = plan.config;
  try {
    await client.workflow.start("campaign", {
      workflowId: name,
      taskQueue: queuesOf(name).models,
      args: [inputOf(plan, storeFolder)],
      workflowIdConflictPolicy: "USE_EXISTING",
      workflowIdReusePolicy: "ALLOW_DUPLICATE_FAILED_ONLY",
      workflowTaskTimeout: "30 seconds",
      staticSummary: `campaign of ${String(plan.scenarios.length)} scenarios, ${String(plan.config.environments)} environments each`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: defineSearchAttributeKey("LogigenCampaign", SearchAttributeType.KEYWORD), value: name },
      ]),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const seen = await observeCampaign(client, name);
  return seen.kind === "closed" ? { kind: "complete", ending: seen } : { kind: "open" };
}

/** Everything that decides the result, so that it stands in the history; large things by reference. */
function inputOf({ config, scenarios }: CampaignPlan, storeFolder: string): CampaignInput {
  const store = openStore(storeFolder);
  try {
    return {
      campaign: config.name,
      random: config.random,
      scenarios: scenarios.map((scenario) => ({
        id: scenario.id,
        title: scenario.title,
        entry: scenario.entry,
        ...storeScenario(store, scenario),
      })),
      queues: queuesOf(config.name),
      environments: config.environments,
      tasks: config.tasks,
      attempts: config.attempts,
      keep: config.keep,
      refusals: config.refusals,
      maxTurns: config.max_turns,
      timeoutMs: config.budget.hours === null ? null : config.budget.hours * HOUR_MS,
    };
  } finally {
    store.close();
  }
}
