/** A workflow that calls one activity a step and reports as a campaign does. */
import { condition, defineQuery, defineSignal, proxyActivities, setHandler } from "@temporalio/workflow";
import type { CampaignReport } from "../../datasets/campaign-report.js";

const { countStep } = proxyActivities<{ countStep(step: number): Promise<number> }>({
  startToCloseTimeout: "5 seconds",
  heartbeatTimeout: "2 seconds",
  retry: { initialInterval: "100 milliseconds" },
});

export async function countdown(input: {
  readonly campaign: string;
  readonly steps: number;
  readonly held: boolean;
}): Promise<CampaignReport> {
  let done = 0;
  let held = input.held;
  const report = (): CampaignReport => ({
    campaign: input.campaign,
    state: held ? "paused" : done === input.steps ? "complete" : "running",
    funnel: [{ stage: "count", in: input.steps, out: done, rejected: {} }],
    cost: [],
    packages: [],
    dataset: null,
    running: done < input.steps ? [`step ${String(done + 1)}`] : [],
    elapsedMs: 0,
    forecastMs: null,
  });
  setHandler(defineQuery<CampaignReport>("funnel"), report);
  setHandler(defineSignal<[string]>("pause"), () => {
    held = true;
  });
  setHandler(defineSignal("resume"), () => {
    held = false;
  });
  while (done < input.steps) {
    await condition(() => !held);
    done = await countStep(done);
  }
  return report();
}
