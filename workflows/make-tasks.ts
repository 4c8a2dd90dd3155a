/** The tasks of a finished environment. */
import { isCancellation, workflowInfo } from "@temporalio/workflow";
import type { EnvironmentRefs } from "../activities/contract.js";
import type { EnvironmentInput } from "./environment.js";
import { applicationFailure } from "./gate.js";
import { endsCampaign } from "./outcomes.js";
import { runChild } from "./run-child.js";
import { note, show, type Site, spend } from "./site.js";
import { attributesOf, enterStage } from "./story.js";
import { task, type TaskResult } from "./task.js";

/** Tasks in waves: as many at once as are still missing; equal stories count once. */
export async function makeTasks(site: Site, input: EnvironmentInput, refs: EnvironmentRefs): Promise<TaskResult[]> {
  const { standing } = site;
  enterStage("explore");
  const kept: TaskResult[] = [];
  const seen = new Set<string>();
  const missing = (): number => input.tasks - kept.filter((result) => result.certified?.verified === true).length;
  let next = 1;
  while (!standing.isBroke && missing() > 0 && next <= input.episodes) {
    const wave = Array.from({ length: Math.min(missing(), input.episodes - next + 1) }, (_, index) => next + index);
    next += wave.length;
    show(site, `tasks ${wave.join(", ")}`);
    for (const result of await Promise.all(wave.map((number) => runTask(site, input, { refs, number })))) {
      spend(site, result.spent);
      if (result.isBroke) standing.isBroke = true;
      if (result.certified === null || missing() <= 0) continue;
      if (seen.has(result.certified.identity)) {
        standing.events.push({ stage: "certify", outcome: "duplicate" });
        continue;
      }
      seen.add(result.certified.identity);
      kept.push(result);
    }
  }
  return kept;
}

async function runTask(
  site: Site,
  input: EnvironmentInput,
  { refs, number }: { readonly refs: EnvironmentRefs; readonly number: number },
): Promise<TaskResult> {
  const { place, gate } = site;
  const workflowId = `${workflowInfo().workflowId}/task-${String(number)}`;
  const isRefusal = Math.floor(number * input.refusals) > Math.floor((number - 1) * input.refusals);
  try {
    const result = await runChild(gate, task, {
      workflowId,
      summary: `${place.scenario} ${String(place.environment)}: task ${String(number)}${isRefusal ? ", a story that ends in a refusal" : ""}`,
      details: "An episode is explored, told from the user's side, certified, and distilled into trajectories.",
      input: {
        place: { ...place, task: number },
        queues: input.queues,
        environment: refs,
        wanted: isRefusal ? "refusal" : "reach",
        maxTurns: input.maxTurns,
        attempts: input.attempts,
        keep: input.keep,
      },
      typedSearchAttributes: attributesOf(place, "explore"),
    });
    await note(site, ...result.events);
    return result;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = applicationFailure(error);
    if (failure !== null && endsCampaign(failure)) throw error;
    const isBroke = failure?.type === "BUDGET_REACHED";
    await note(site, { stage: "explore", outcome: isBroke ? "budget" : "infrastructure" });
    return {
      task: number,
      events: [],
      certified: null,
      isBroke,
      line: failure?.message ?? "a call took too long",
      spent: { tokens: 0, money: 0 },
    };
  }
}
