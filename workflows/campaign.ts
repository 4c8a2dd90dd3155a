/**
 * A campaign: environments of every scenario, as many at once as the window holds, replaced while too few are accepted,
 * then the dataset. Paused, resumed and cancelled by people; a reached budget ends it early with what there is.
 */
import { condition, continueAsNew, defineQuery, isCancellation, ParentClosePolicy, CancellationScope, setHandler, startChild, workflowInfo } from "@temporalio/workflow";
import { type FunnelLine, noRounds, type PackageLine, type Place, type Ref, type Rounds } from "../activities/contract.js";
import type { CampaignReport } from "../datasets/campaign-report.js";
import { type Entry, environment, type EnvironmentResult } from "./environment.js";
import { addRounds, counted, funnelTable } from "./funnel.js";
import { openGate } from "./gate.js";
import { crewOf, type Queues } from "./crew.js";
import { attributesOf, concludeStory, tell } from "./story.js";

/** Environments tried for each one wanted, before a scenario is given up. */
const TRIES = 4;
/** Environments open at once. */
const WINDOW = 50;

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly seed: Ref;
  readonly entry: Entry;
  readonly entered: Ref | null;
}

export interface CampaignInput {
  readonly campaign: string;
  readonly random: number;
  readonly scenarios: readonly Scenario[];
  readonly queues: Queues;
  /** Environments wanted a scenario, verified tasks wanted an environment. */
  readonly environments: number;
  readonly tasks: number;
  /** Episodes tried for each task wanted; distillation attempts a task; verified trajectories kept a task. */
  readonly attempts: { readonly explore: number; readonly distil: number };
  readonly keep: number;
  readonly refusals: number;
  readonly maxTurns: number;
  /** Wall-clock bound in milliseconds; null for none. */
  readonly timeoutMs: number | null;
  /** State handed on when the campaign continues as a new run; absent at the start. */
  readonly carried?: Carried;
}

interface Carried {
  readonly startedMs: number;
  readonly funnel: readonly FunnelLine[];
  readonly rounds: Rounds;
  readonly done: readonly Done[];
}

/** An environment that has ended. */
interface Done {
  readonly scenario: string;
  readonly environment: number;
  readonly outcome: EnvironmentResult["outcome"] | "duplicate";
  readonly structure: string | null;
  readonly packages: readonly PackageLine[];
}

/** Packages of an environment that the budget cut short are kept too. */
function isKept(one: Done): boolean {
  return one.outcome === "accepted" || (one.outcome === "budget" && one.packages.length > 0);
}

export const funnelQuery = defineQuery<CampaignReport>("funnel");

export async function campaign(input: CampaignInput): Promise<CampaignReport> {
  const gate = openGate(null);
  const crew = crewOf(input.queues, gate);
  const startedMs = input.carried?.startedMs ?? Date.now();
  let funnel: readonly FunnelLine[] = input.carried?.funnel ?? counted([], []);
  let rounds = input.carried?.rounds ?? noRounds;
  const done: Done[] = [...(input.carried?.done ?? [])];
  const running = new Map<string, string>();
  let final: Pick<CampaignReport, "cost" | "dataset"> = { cost: [], dataset: null };
  const standing: { state: CampaignReport["state"] } = { state: "running" };

  function report(): CampaignReport {
    const wanted = input.scenarios.length * input.environments;
    const accepted = done.filter((one) => one.outcome === "accepted").length;
    const elapsedMs = Date.now() - startedMs;
    return {
      campaign: input.campaign,
      state: standing.state === "running" && gate.reason() !== null ? "paused" : standing.state,
      funnel: funnel.map((line) => ({ ...line, rejected: { ...line.rejected } })),
      rounds: { ...rounds },
      cost: final.cost,
      packages: done.filter(isKept).flatMap((one) => one.packages.map((line) => ({ ...line }))),
      dataset: final.dataset,
      running: gate.reason() === null ? [...running.values()] : [`paused: ${gate.reason() ?? ""}`],
      elapsedMs,
      forecastMs: accepted === 0 || standing.state !== "running" ? null : Math.max(0, Math.round((elapsedMs / accepted) * wanted) - elapsedMs),
    };
  }
  setHandler(funnelQuery, report);
  const show = (): void => {
    const now = report();
    tell([`**${now.state}**: ${String(now.packages.length)} packages from ${String(done.length)} environments`, "", funnelTable(now.funnel), "", ...now.running.map((line) => `- ${line}`)]);
  };
  const isOver = (): boolean => standing.state !== "running" || (input.timeoutMs !== null && Date.now() - startedMs >= input.timeoutMs);

  async function runEnvironment(scenario: Scenario, number: number): Promise<EnvironmentResult> {
    const place: Place = { campaign: input.campaign, random: input.random, scenario: scenario.id, environment: number, task: null, attempt: null };
    const workflowId = `${workflowInfo().workflowId}/${scenario.id}-${String(number)}`;
    const child = await startChild(environment, {
      workflowId,
      args: [{ place, queues: input.queues, seed: scenario.seed, entry: scenario.entry, entered: scenario.entered, tasks: input.tasks, episodes: input.tasks * input.attempts.explore, attempts: input.attempts.distil, keep: input.keep, refusals: input.refusals, maxTurns: input.maxTurns }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${scenario.title}, environment ${String(number)}`,
      staticDetails: `Entry: ${scenario.entry}. Wanted: ${String(input.tasks)} verified tasks from at most ${String(input.tasks * input.attempts.explore)} episodes.`,
      typedSearchAttributes: attributesOf(place, "blueprint"),
    });
    running.set(workflowId, `${scenario.id}-${String(number)}`);
    gate.below.add(workflowId);
    show();
    try {
      return await child.result();
    } catch (error) {
      if (isCancellation(error)) throw error;
      const line = error instanceof Error ? error.message : "failed";
      return { environment: number, outcome: "failed", structure: null, events: [{ stage: "blueprint", outcome: "infrastructure" }], rounds: noRounds, packages: [], line, report: null, spent: { tokens: 0, money: 0 } };
    } finally {
      running.delete(workflowId);
      gate.below.delete(workflowId);
    }
  }

  /** Environments of one scenario, in waves of as many as are missing, so that the set that runs does not depend on timing. */
  async function runScenario(scenario: Scenario): Promise<void> {
    const mine = (): Done[] => done.filter((one) => one.scenario === scenario.id);
    const missing = (): number => input.environments - mine().filter((one) => one.outcome === "accepted").length;
    const limit = scenario.entry === "seed" ? input.environments * TRIES : input.environments;
    while (!isOver() && missing() > 0 && mine().length < limit && !workflowInfo().continueAsNewSuggested) {
      const next = mine().length + 1;
      const wave = Array.from({ length: Math.min(missing(), limit - mine().length) }, (_, index) => next + index);
      await condition(() => running.size < WINDOW);
      const results = await Promise.all(wave.map((number) => runEnvironment(scenario, number)));
      for (const result of results) {
        funnel = counted(funnel, result.events);
        rounds = addRounds(rounds, result.rounds);
        const isTwin = result.outcome === "accepted" && scenario.entry === "seed" && mine().some((one) => one.outcome === "accepted" && one.structure === result.structure);
        if (isTwin) funnel = counted(funnel, [{ stage: "blueprint", outcome: "duplicate structure" }]);
        done.push({ scenario: scenario.id, environment: result.environment, outcome: isTwin ? "duplicate" : result.outcome, structure: result.structure, packages: result.packages });
        if (result.outcome === "budget") standing.state = "budget";
      }
      show();
    }
  }

  const at = (step: string): { place: Place; step: string } => ({ place: { campaign: input.campaign, random: input.random, scenario: "", environment: 0, task: null, attempt: null }, step });
  try {
    await Promise.all(input.scenarios.map(runScenario));
    const isUnfinished = input.scenarios.some((scenario) => done.filter((one) => one.scenario === scenario.id && one.outcome === "accepted").length < input.environments);
    if (workflowInfo().continueAsNewSuggested && standing.state === "running" && isUnfinished && !isOver()) {
      return await continueAsNew<typeof campaign>({ ...input, carried: { startedMs, funnel, rounds, done } });
    }
    final = await crew.run("assembleDataset", "dataset | packages, digests, statistics", { at: at("dataset"), environments: done.filter(isKept).map((one) => `${one.scenario}-${String(one.environment)}`) });
    if (standing.state === "running") standing.state = isOver() ? "budget" : "complete";
  } catch (error) {
    if (!isCancellation(error)) throw error;
    standing.state = "cancelled";
    await CancellationScope.nonCancellable(async () => {
      final = await crew.run("assembleDataset", "dataset | what there is at the cancellation", { at: at("dataset cancelled"), environments: done.filter(isKept).map((one) => `${one.scenario}-${String(one.environment)}`) });
      concludeStory({ outcome: "cancelled", cost: final.cost.reduce((sum, line) => sum + line.cost, 0) });
      show();
    });
    throw error;
  }
  concludeStory({ outcome: standing.state, cost: final.cost.reduce((sum, line) => sum + line.cost, 0) });
  show();
  return report();
}
