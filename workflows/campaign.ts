/**
 * A campaign: environments of every scenario, as many at once as the window holds, replaced while too few are accepted,
 * then the dataset. Paused, resumed and cancelled by people; a reached budget ends it early with what there is.
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  isCancellation,
  setHandler,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import { type FunnelLine, noRounds, type PackageLine, type Place, type Ref, type Rounds, type StageEvent } from "../activities/contract.js";
import type { CampaignReport } from "../datasets/campaign-report.js";
import type { Entry } from "./build-environment.js";
import { environment, type EnvironmentResult } from "./environment.js";
import { crewOf, type Queues } from "./crew.js";
import { addRounds, counted, funnelTable } from "./funnel.js";
import { applicationFailure, openGate } from "./gate.js";
import { endsCampaign } from "./outcomes.js";
import { progressSignal } from "./progress-signal.js";
import { runChild } from "./run-child.js";
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
  /** Environments in flight: what they are called, and what has happened in them. */
  const running = new Map<string, { readonly name: string; events: readonly StageEvent[] }>();
  const standing: { state: CampaignReport["state"]; final: Pick<CampaignReport, "cost" | "dataset"> } = {
    state: "running",
    final: { cost: [], dataset: null },
  };

  function report(): CampaignReport {
    const paused = gate.reason();
    const packages = keptPackages(done);
    const wanted = input.scenarios.length * input.environments * input.tasks;
    const elapsedMs = Date.now() - startedMs;
    const live = counted(
      funnel,
      [...running.values()].flatMap((one) => one.events),
    );
    const verified = live.find((line) => line.stage === "distil")?.out ?? 0;
    return {
      campaign: input.campaign,
      state: standing.state === "running" && paused !== null ? "paused" : standing.state,
      funnel: live.map((line) => ({ ...line, rejected: { ...line.rejected } })),
      rounds: { ...rounds },
      cost: standing.final.cost,
      packages: packages.map((line) => ({ ...line })),
      dataset: standing.final.dataset,
      running: paused === null ? [...running.values()].map((one) => one.name) : [`paused: ${paused}`],
      elapsedMs,
      forecastMs:
        verified === 0 || standing.state !== "running" ? null : Math.max(0, Math.round((elapsedMs / verified) * wanted) - elapsedMs),
    };
  }
  setHandler(funnelQuery, report);
  setHandler(progressSignal, (workflowId, events) => {
    const one = running.get(workflowId);
    if (one !== undefined) one.events = events;
  });
  const show = (): void => {
    const now = report();
    tell([
      `**${now.state}**: ${String(now.packages.length)} packages from ${String(done.length)} environments`,
      "",
      funnelTable(now.funnel),
      "",
      ...now.running.map((line) => `- ${line}`),
    ]);
  };

  async function runEnvironment(scenario: Scenario, number: number): Promise<void> {
    await condition(() => running.size < WINDOW);
    const place: Place = {
      campaign: input.campaign,
      random: input.random,
      scenario: scenario.id,
      environment: number,
      task: null,
      attempt: null,
    };
    const workflowId = `${workflowInfo().workflowId}/${scenario.id}-${String(number)}`;
    running.set(workflowId, { name: `${scenario.id}-${String(number)}`, events: [] });
    show();
    const result = await environmentResult(scenario, { place, workflowId });
    running.delete(workflowId);
    funnel = counted(funnel, result.events);
    rounds = addRounds(rounds, result.rounds);
    if (result.outcome === "budget") standing.state = "budget";
    done.push({
      scenario: scenario.id,
      environment: number,
      outcome: result.outcome,
      structure: result.structure,
      packages: result.packages,
    });
    show();
  }

  async function environmentResult(
    scenario: Scenario,
    { place, workflowId }: { readonly place: Place; readonly workflowId: string },
  ): Promise<EnvironmentResult> {
    try {
      return await runChild(gate, environment, {
        workflowId,
        summary: `${scenario.title}, environment ${String(place.environment)}`,
        details: `Entry: ${scenario.entry}. Wanted: ${String(input.tasks)} verified tasks from at most ${String(input.tasks * input.attempts.explore)} episodes.`,
        input: {
          place,
          queues: input.queues,
          seed: scenario.seed,
          entry: scenario.entry,
          entered: scenario.entered,
          tasks: input.tasks,
          episodes: input.tasks * input.attempts.explore,
          attempts: input.attempts.distil,
          keep: input.keep,
          refusals: input.refusals,
          maxTurns: input.maxTurns,
        },
        typedSearchAttributes: attributesOf(place, "blueprint"),
      });
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = applicationFailure(error);
      if (failure !== null && endsCampaign(failure)) throw error;
      return {
        environment: place.environment,
        outcome: "failed",
        structure: null,
        report: null,
        events: [{ stage: "blueprint", outcome: "infrastructure" }],
        rounds: noRounds,
        packages: [],
        line: failure?.message ?? "failed",
        spent: { tokens: 0, money: 0 },
      };
    }
  }

  /** Environments of one scenario, in waves of as many as are missing, so that the set that runs does not depend on timing. */
  async function runScenario(scenario: Scenario): Promise<void> {
    const mine = (): Done[] => done.filter((one) => one.scenario === scenario.id);
    const missing = (): number => input.environments - mine().filter((one) => one.outcome === "accepted").length;
    const limit = scenario.entry === "seed" ? input.environments * TRIES : input.environments;
    while (standing.state === "running" && missing() > 0 && mine().length < limit && !workflowInfo().continueAsNewSuggested) {
      const next = mine().length + 1;
      const wave = Array.from({ length: Math.min(missing(), limit - mine().length) }, (_, index) => next + index);
      await Promise.all(wave.map((number) => runEnvironment(scenario, number)));
      if (scenario.entry === "seed") for (const twin of twinsOf(mine())) takeBack(twin);
    }
  }

  /** Two environments of one structure count once: the one with the lower number. */
  function takeBack(twin: Done): void {
    done.splice(done.indexOf(twin), 1, { ...twin, outcome: "duplicate" });
    funnel = counted(funnel, [{ stage: "boundaries", outcome: "duplicate" }]);
  }

  async function assemble(step: string, summary: string): Promise<void> {
    const at = { place: { campaign: input.campaign, random: input.random, scenario: "", environment: 0, task: null, attempt: null }, step };
    standing.final = await crew.run("assembleDataset", summary, { at, packages: keptPackages(done), prune: standing.state === "complete" });
    concludeStory({ outcome: standing.state, cost: standing.final.cost.reduce((sum, line) => sum + line.cost, 0) });
    show();
  }

  try {
    const work = Promise.all(input.scenarios.map(runScenario));
    await withDeadline(work, { startedMs, timeoutMs: input.timeoutMs, stop: gate.stop });
    const isShort = input.scenarios.some(
      (scenario) => done.filter((one) => one.scenario === scenario.id && one.outcome === "accepted").length < input.environments,
    );
    if (workflowInfo().continueAsNewSuggested && standing.state === "running" && isShort) {
      return await continueAsNew<typeof campaign>({ ...input, carried: { startedMs, funnel, rounds, done } });
    }
    if (standing.state === "running") standing.state = "complete";
    await assemble("dataset", "dataset | packages, digests, statistics");
  } catch (error) {
    if (!isCancellation(error)) throw error;
    standing.state = "cancelled";
    await CancellationScope.nonCancellable(() => assemble("dataset cancelled", "dataset | what there is at the cancellation"));
  }
  return report();
}

/** Waits for the work; when the hours are up, no model is called any more and what runs comes to its end. */
async function withDeadline(
  work: Promise<unknown>,
  {
    startedMs,
    timeoutMs,
    stop,
  }: { readonly startedMs: number; readonly timeoutMs: number | null; readonly stop: (why: string) => Promise<void> },
): Promise<void> {
  if (timeoutMs === null) {
    await work;
    return;
  }
  const timer = new CancellationScope();
  const deadline = timer
    .run(() => sleep(Math.max(1, startedMs + timeoutMs - Date.now())))
    .then(
      () => stop("the budget of hours is spent"),
      (error: unknown) => {
        if (!isCancellation(error)) throw error;
      },
    );
  try {
    await work;
  } finally {
    timer.cancel();
    await deadline;
  }
}

/** Packages of environments that count, in the order of their numbers, whenever they ended. */
function keptPackages(done: readonly Done[]): readonly PackageLine[] {
  const byNumber = (a: Done, b: Done): number =>
    a.scenario === b.scenario ? a.environment - b.environment : a.scenario < b.scenario ? -1 : 1;
  return done
    .filter(isKept)
    .sort(byNumber)
    .flatMap((one) => one.packages);
}

function twinsOf(mine: readonly Done[]): Done[] {
  const accepted = mine.filter((one) => one.outcome === "accepted" && one.structure !== null);
  return accepted.filter((one) => accepted.some((other) => other.structure === one.structure && other.environment < one.environment));
}
