/**
 * One environment's life: blueprint, policy, tables, rules, resources, cast, boundaries (each checked, fixed and verified),
 * then its tasks in waves until enough are verified. A rejected stage, a reached budget and a finished environment are
 * all results; what was built stays in the store.
 */
import { isCancellation } from "@temporalio/workflow";
import { noRounds, type PackageLine, type Place, type Ref, type Rounds, type Spent, type StageEvent } from "../activities/contract.js";
import { buildEnvironment, type Entering } from "./build-environment.js";
import { crewOf, type Queues } from "./crew.js";
import { applicationFailure, openGate } from "./gate.js";
import { makeTasks } from "./make-tasks.js";
import { endsCampaign } from "./outcomes.js";
import { show, type Site } from "./site.js";
import { concludeStory } from "./story.js";

/** Stages that happen once an environment. */
const stagesOfBuilding: ReadonlySet<string> = new Set(["blueprint", "policy", "tables", "rules", "resources", "cast", "boundaries"]);

export interface EnvironmentInput extends Entering {
  readonly place: Place;
  readonly queues: Queues;
  /** Verified tasks wanted, and episodes at most. */
  readonly tasks: number;
  readonly episodes: number;
  readonly attempts: number;
  readonly keep: number;
  readonly refusals: number;
  readonly maxTurns: number;
}

export interface EnvironmentResult {
  readonly environment: number;
  readonly outcome: "accepted" | "rejected" | "budget" | "failed";
  /** Digest of the structure with names and numbers left out; null where it was not reached. */
  readonly structure: string | null;
  readonly events: readonly StageEvent[];
  readonly rounds: Rounds;
  readonly packages: readonly PackageLine[];
  readonly line: string;
  /** The findings that no round resolved, where a stage was rejected; else null. */
  readonly report: Ref | null;
  readonly spent: Spent;
}

type Ending = Pick<EnvironmentResult, "outcome" | "line" | "packages">;

export async function environment(input: EnvironmentInput): Promise<EnvironmentResult> {
  const gate = openGate(input.place.campaign);
  const site: Site = {
    place: input.place,
    gate,
    crew: crewOf(input.queues, gate),
    standing: { events: [], rounds: noRounds, spent: { tokens: 0, money: 0 }, structure: null, reason: "", report: null, isBroke: false },
  };
  const ending = await liveThrough(site, input);
  await settle(site);
  show(site, `**${ending.outcome}**: ${ending.line}`);
  const { events, rounds, spent, structure, report } = site.standing;
  concludeStory({ outcome: ending.outcome, cost: spent.money });
  return { environment: input.place.environment, ...ending, structure, events, rounds, report, spent };
}

/** Builds, makes tasks, packages; failures that only concern this environment are endings of it. */
async function liveThrough(site: Site, input: EnvironmentInput): Promise<Ending> {
  try {
    const refs = await buildEnvironment(site, input);
    if (refs === null) return { outcome: "rejected", line: site.standing.reason, packages: [] };
    const tasks = await makeTasks(site, input, refs);
    const packages = await site.crew.run("packageTasks", `12 package | ${String(tasks.length)} tasks`, {
      at: { place: site.place, step: "package" },
      environment: refs,
      tasks: tasks.map((result) => ({ task: result.task, certified: result.certified })),
    });
    const line = `${String(packages.filter((one) => one.verified).length)} of ${String(input.tasks)} tasks verified, ${String(packages.length)} packages`;
    if (site.standing.isBroke) return { outcome: "budget", line: `the budget was reached with ${line}`, packages };
    return packages.length === 0
      ? { outcome: "rejected", line: "no task was certified", packages }
      : { outcome: "accepted", line, packages };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = applicationFailure(error);
    if (failure !== null && endsCampaign(failure)) throw error;
    if (failure?.type === "BUDGET_REACHED") return { outcome: "budget", line: failure.message, packages: [] };
    return {
      outcome: "failed",
      line: failure === null ? "a call took too long" : `${failure.type ?? "failure"}: ${failure.message}`,
      packages: [],
    };
  }
}

/** Enters in the books how the stages ended. */
async function settle({ place, crew, standing }: Site): Promise<void> {
  const ended = standing.events.filter((event) => stagesOfBuilding.has(event.stage));
  const verdicts = Object.fromEntries(
    ended.map((event) => [event.stage, event.outcome === "accepted" ? ("accepted" as const) : ("rejected" as const)]),
  );
  await crew.run("settleStages", "12 books | how the stages ended", { at: { place, step: "settle" }, verdicts });
}
