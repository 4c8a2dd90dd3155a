/** Finished tasks become packages in the campaign's folder, and packages a dataset with one digest. */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { activityInfo } from "@temporalio/activity";
import type { AgentCost } from "../datasets/campaign-report.js";
import { datasetDigest } from "../datasets/dataset-digest.js";
import { certificateSchema, readPackageManifest, writePackage } from "../datasets/package.js";
import { trajectorySchema } from "../datasets/trajectory.js";
import { writeFileAtomic } from "../storage/atomic-file.js";
import { type CostLine, costTable } from "../storage/cost-table.js";
import { settleRun } from "./ask-role.js";
import { certifiedTaskSchema } from "./certified-task.js";
import type { At, EnvironmentRefs, PackageLine, Ref } from "./contract.js";
import { loadCompiled } from "./loaded.js";
import { exact } from "./run-tools.js";
import { environmentName, load, type Workshop } from "./workshop.js";

interface Finished {
  readonly task: number;
  readonly certified: {
    readonly task: Ref;
    readonly difficulty: string;
    readonly verified: boolean;
    readonly trajectories: readonly Ref[];
  } | null;
}

export function createPackageActivities(workshop: Workshop) {
  function packageTasks({
    at,
    environment,
    tasks,
  }: {
    readonly at: At;
    readonly environment: EnvironmentRefs;
    readonly tasks: readonly Finished[];
  }): Promise<PackageLine[]> {
    return Promise.resolve(
      tasks.flatMap(({ task, certified }) => (certified === null ? [] : [packageTask(at, environment, { number: task, certified })])),
    );
  }

  function packageTask(
    at: At,
    environment: EnvironmentRefs,
    { number, certified: finished }: { readonly number: number; readonly certified: NonNullable<Finished["certified"]> },
  ): PackageLine {
    const certified = load(workshop, finished.task, certifiedTaskSchema);
    const name = environmentName(at.place);
    const path = join("packages", name, `task-${String(number)}`);
    mkdirSync(join(workshop.directory, "packages", name), { recursive: true });
    const { workflowExecution } = activityInfo();
    writePackage(join(workshop.directory, path), {
      task: `${name}/task-${String(number)}`,
      author: workshop.author,
      environment: { compiled: loadCompiled(workshop, environment.sheet), origin: workshop.store.get(environment.origin) },
      target: workshop.store.get(certified.target),
      log: certified.gold.map(({ tool, arguments: given }) => ({ tool, arguments: exact(given) })),
      refusals: certified.refused,
      description: certified.description,
      certificate: load(workshop, certified.certificate, certificateSchema),
      trajectories: finished.trajectories.map((ref) => load(workshop, ref, trajectorySchema)),
      provenance: {
        campaign: at.place.campaign,
        workflow: workflowExecution?.workflowId,
        run: workflowExecution?.runId,
        random: at.place.random,
        packaged: new Date(workshop.clock()).toISOString(),
        host: hostname(),
        ...accountOf(workshop, `${name}/task-${String(number)}`),
      },
    });
    return { path, difficulty: finished.difficulty, verified: finished.verified };
  }

  /** Writes the dataset's list of exactly the packages given and sums up what everything cost; `prune` removes all other packages of the folder. */
  function assembleDataset({
    packages,
    prune,
  }: {
    readonly at: At;
    readonly packages: readonly PackageLine[];
    readonly prune: boolean;
  }): Promise<{ readonly dataset: { readonly path: string; readonly digest: string }; readonly cost: AgentCost[] }> {
    const paths = packages.map((one) => one.path).sort();
    if (prune) removeOthers(workshop.directory, new Set(paths));
    const listed = paths.map((path) => ({ path, ...summary(join(workshop.directory, path)) }));
    const digest = datasetDigest(listed.map((one) => one.digest));
    writeFileAtomic(join(workshop.directory, "dataset.json"), `${JSON.stringify({ version: 1, digest, packages: listed }, null, 2)}\n`);
    return Promise.resolve({ dataset: { path: workshop.directory, digest }, cost: costTable(workshop.ledger.rows()).map(agentCost) });
  }

  /** Enters in the ledger how the stages of an environment ended, for the success rates of the cost table. */
  function settleStages({
    at,
    verdicts,
  }: {
    readonly at: At;
    readonly verdicts: Readonly<Record<string, "accepted" | "rejected">>;
  }): Promise<void> {
    for (const [stage, verdict] of Object.entries(verdicts)) settleRun(workshop, at, stage, verdict);
    return Promise.resolve();
  }

  return { packageTasks, assembleDataset, settleStages };
}

/** Removes packages that are not listed, and environments left without one; what is being written is no package yet. */
function removeOthers(directory: string, listed: ReadonlySet<string>): void {
  for (const name of foldersIn(join(directory, "packages"))) {
    const environment = join("packages", name);
    for (const task of foldersIn(join(directory, environment))) {
      const path = join(environment, task);
      if (!listed.has(path) && !task.endsWith(".unfinished")) rmSync(join(directory, path), { recursive: true, force: true });
    }
    if (readdirSync(join(directory, environment)).length === 0) rmdirSync(join(directory, environment));
  }
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function summary(folder: string): { digest: string; difficulty: string; kind: string; attempts: number; passes: number } {
  const { digest, difficulty, kind, attempts, passes } = readPackageManifest(folder);
  return { digest, difficulty, kind, attempts, passes };
}

/** The models that a task's calls were answered by, by agent, and what the calls cost. */
function accountOf(
  { ledger }: Workshop,
  task: string,
): { models: Readonly<Record<string, string>>; cost: { calls: number; tokens: number; costNanos: number } } {
  const mine = ledger.rows().filter((row) => row.task === task);
  const models = Object.fromEntries(mine.map((row) => [row.role, row.model]));
  return {
    models,
    cost: {
      calls: mine.length,
      tokens: mine.reduce((sum, row) => sum + row.prompt + row.completion, 0),
      costNanos: mine.reduce((sum, row) => sum + row.costNanos, 0),
    },
  };
}

function agentCost(line: CostLine): AgentCost {
  return {
    agent: line.agent ?? line.module,
    calls: line.calls,
    success: line.successRate,
    turns: line.meanTurns,
    promptTokens: line.meanPromptTokens,
    completionTokens: line.meanCompletionTokens,
    cost: line.cost,
    currency: line.currency,
  };
}
