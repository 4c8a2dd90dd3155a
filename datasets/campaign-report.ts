/** What a campaign tells of itself while it runs and when it ends: the answer of the query `funnel` and the workflow's result. */
import { z } from "zod";

const count = z.int().nonnegative();

/** A stage of the pipeline: how many entered, how many passed, and why the others did not. */
export const funnelStageSchema = z.strictObject({
  stage: z.string().describe("stage of the pipeline, in its order: blueprint, policy, …, distil"),
  in: count,
  out: count,
  rejected: z.record(z.string(), count).describe("how many by reason"),
});

/** One agent's line of the cost table (the paper's Table 5). */
export const agentCostSchema = z.strictObject({
  agent: z.string(),
  calls: count,
  success: z.number().min(0).max(1).nullable().describe("accepted runs over runs that ended; null while none has"),
  turns: z.number().nonnegative().describe("mean calls a run"),
  promptTokens: z.number().nonnegative().describe("mean a run"),
  completionTokens: z.number().nonnegative().describe("mean a run"),
  cost: z.number().nonnegative().describe("of all calls, in `currency`"),
  currency: z.string().nullable().describe("null where nothing was charged"),
});

/** A task package of the campaign. */
export const packageLineSchema = z.strictObject({
  path: z.string().describe("folder, relative to the campaign's"),
  difficulty: z.string(),
  verified: z.boolean().describe("it has a verified trajectory"),
});

export const campaignStateSchema = z.enum(["running", "paused", "complete", "cancelled", "failed", "budget"]);

/** The dataset's folder and the digest over its packages. */
export const datasetSchema = z.strictObject({ path: z.string(), digest: z.string().regex(/^[0-9a-f]{64}$/) });

/** Corrective rounds of the Architect and the Set Designer, and what became of the errors the built-in author makes on purpose. */
export const roundsSchema = z.strictObject({
  drafts: count,
  corrections: count.describe("drafts that answered a report"),
  injected: count,
  found: count,
  repaired: count,
  missed: count,
});

export const campaignReportSchema = z.strictObject({
  campaign: z.string(),
  state: campaignStateSchema,
  funnel: z.array(funnelStageSchema),
  rounds: roundsSchema.optional(),
  cost: z.array(agentCostSchema),
  packages: z.array(packageLineSchema),
  dataset: datasetSchema.nullable().describe("null until the campaign has ended"),
  running: z.array(z.string()).describe("what is in flight, in words"),
  elapsedMs: count,
  forecastMs: count.nullable().describe("expected time to the end; null while unknown"),
});

export type FunnelStage = z.infer<typeof funnelStageSchema>;
export type AgentCost = z.infer<typeof agentCostSchema>;
export type CampaignRounds = z.infer<typeof roundsSchema>;
export type PackageLine = z.infer<typeof packageLineSchema>;
export type CampaignState = z.infer<typeof campaignStateSchema>;
export type CampaignReport = z.infer<typeof campaignReportSchema>;
