/** `logigen run`: starts, resumes or attaches to a campaign, keeps its workers alive, and tells how it goes. */
import { type Command, Option } from "commander";
import type { CampaignReport } from "../datasets/campaign-report.js";
import { startCampaignCrew } from "../workers/campaign-crew.js";
import { campaignFolder, type Claim, claimCampaign, compareClaim, missingPackages, readKeptReport } from "../workers/campaign-folder.js";
import { readKey, readProcessConfig } from "../workers/config.js";
import { connectClient, ensureServer, type TemporalServer } from "../workers/connect.js";
import { type Ending, followCampaign } from "../workers/follow-campaign.js";
import { type CampaignPlan, planCampaign, planRecord } from "../workers/plan-campaign.js";
import { startCampaign } from "../workers/start-campaign.js";
import { workflowBundle } from "../workers/workflow-bundle.js";
import { writeAnswer } from "./answer.js";
import { campaignAnswer, campaignText } from "./campaign-answer.js";
import { EXIT, UsageError } from "./command-error.js";
import { tellPlan } from "./dry-run.js";
import { campaignAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption, outOption, type SharedOptions } from "./options.js";
import { PackagesMissing } from "./packages-missing.js";
import { createProgress, type Progress } from "./progress.js";
import { requireWritable } from "./require-writable.js";

interface RunOptions extends SharedOptions {
  readonly config?: string;
  readonly dryRun?: true;
}

const LOOK_EVERY_MS = 500;
const ENDED_WITHIN_MS = 1000;

/** Adds `run <seeds…>`. */
export function addRun(program: Command): void {
  program
    .command("run")
    .description("run a campaign over seeds; the same command again resumes it")
    .argument("<seeds...>", "seed files (YAML)")
    .addOption(new Option("--config <file>", "campaign.yaml; every key has a default"))
    .addOption(outOption())
    .addOption(new Option("--dry-run", "print the resolved configuration, the counts and a forecast; start nothing"))
    .addOption(jsonOption())
    .action(async (seeds: readonly string[], options: RunOptions) => {
      const plan = planCampaign(options.config ?? null, seeds);
      for (const line of plan.notices) process.stderr.write(`${line}\n`);
      if (options.dryRun === true) tellPlan(plan, formOf(options));
      else process.exitCode = await runCampaign(plan, options);
    });
}

async function runCampaign(plan: CampaignPlan, options: RunOptions): Promise<number> {
  const { out } = options;
  const { name } = plan.config;
  requireKeys(plan, options.config);
  requireWritable(out);
  refuseChanged(plan, out, compareClaim(out, name, planRecord(plan)));
  const progress = createProgress(process.stderr);
  const interruption = interrupted(progress, name);
  const server = (): Promise<TemporalServer> => ensureServer(out, readProcessConfig(), progress.notice);
  const found = await server();
  const started = await start(plan, { out, server: found, progress });
  if (started.kind === "complete") progress.notice(`Campaign "${name}" is already complete; nothing is left to do`);
  const ending =
    started.kind === "complete"
      ? started.ending
      : await work({ out, name, server, progress, stop: interruption.signal }).finally(progress.end);
  interruption.end();
  return conclude(plan, { ending, options, server: found });
}

/** Every variable that holds an endpoint's key is set, before anything is started. */
function requireKeys({ config }: CampaignPlan, file: string | undefined): void {
  for (const [name, { key_env: variable }] of Object.entries(config.endpoints)) {
    if (variable === undefined || readKey(variable) !== null) continue;
    throw new UsageError(`The environment variable ${variable} is not set; endpoint "${name}" takes its key from there`, {
      ...(file === undefined ? {} : { file }),
      key: `endpoints.${name}.key_env`,
      fix: `export ${variable}=…, or name another variable`,
    });
  }
}

/** Nothing runs under a campaign's name with another configuration. */
function refuseChanged(plan: CampaignPlan, out: string, claimed: Claim): void {
  if (claimed.kind !== "changed") return;
  throw new UsageError(
    `Campaign "${plan.config.name}" was started with another configuration; these keys differ: ${claimed.keys.join(", ")}`,
    {
      file: campaignFolder(out, plan.config.name).record,
      key: claimed.keys[0] ?? "",
      fix: "put the old values back to resume it, or give the campaign another name",
    },
  );
}

type Started = { readonly kind: "open" } | { readonly kind: "complete"; readonly ending: Ending };

async function start(
  plan: CampaignPlan,
  { out, server, progress }: { out: string; server: TemporalServer; progress: Progress },
): Promise<Started> {
  const { client, close } = await connectClient(server, progress.notice);
  try {
    // Only now: a campaign that never reached a server may still be given another configuration.
    refuseChanged(plan, out, claimCampaign(out, plan.config.name, planRecord(plan)));
    return await startCampaign(client, plan, campaignFolder(out, plan.config.name).store);
  } finally {
    await close();
  }
}

interface Work {
  readonly out: string;
  readonly name: string;
  readonly server: () => Promise<TemporalServer>;
  readonly progress: Progress;
  readonly stop: AbortSignal;
}

/** Keeps the workers alive while the campaign is open; what ends first ends the other. */
async function work({ out, name, server, progress, stop }: Work): Promise<Ending> {
  await workflowBundle(out);
  const crew = startCampaignCrew(out, name, progress.notice);
  const over = new AbortController();
  const { show, notice } = progress;
  const following = followCampaign({
    out,
    campaign: name,
    everyMs: LOOK_EVERY_MS,
    server,
    show,
    notice,
    stop: AbortSignal.any([stop, over.signal]),
  });
  try {
    const ending = await Promise.race([following, crew.failed]);
    // A campaign that has ended leaves no call in flight to wait for.
    if (ending.kind !== "stopped") await crew.stop(ENDED_WITHIN_MS);
    return ending;
  } finally {
    over.abort();
    await Promise.allSettled([crew.stop(), following]);
  }
}

/** Ctrl-C and SIGTERM stop in order; a second one ends at once. */
function interrupted(progress: Progress, name: string): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    progress.notice(
      `Stopping: calls in flight end first (Ctrl-C again ends at once). Campaign "${name}" stays; the same command resumes it`,
    );
    controller.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return {
    signal: controller.signal,
    end: () => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
    },
  };
}

interface Conclusion {
  readonly ending: Ending;
  readonly options: RunOptions;
  readonly server: TemporalServer;
}

/** Prints what came of it and returns the exit code. */
function conclude(plan: CampaignPlan, { ending, options, server }: Conclusion): number {
  const { out } = options;
  switch (ending.kind) {
    case "closed": {
      const missing = missingPackages(out, ending.report);
      if (missing.length > 0) throw new PackagesMissing(plan.config.name, missing);
      tell(ending.report, options, server);
      return exitCode(plan, ending.report);
    }
    case "ended": {
      const kept = readKeptReport(out, plan.config.name);
      if (kept !== null) tell({ ...kept, state: ending.state, running: [], forecastMs: null }, options, server);
      throw new Error(`Campaign "${plan.config.name}" has ended: ${ending.reason}`);
    }
    case "stopped":
      return EXIT.interrupted;
    case "absent":
      throw new Error(`The Temporal server lost campaign "${plan.config.name}"; the same command starts it again`);
  }
}

function tell(report: CampaignReport, options: RunOptions, server: TemporalServer): void {
  writeAnswer(
    formOf(options),
    campaignAnswerSchema,
    campaignAnswer(options.out, server, report),
    campaignText(options.out, server, report),
  );
}

function exitCode({ config, scenarios }: CampaignPlan, report: CampaignReport): number {
  if (report.state === "budget") return EXIT.budget;
  const verified = report.packages.filter((line) => line.verified).length;
  return verified < config.environments * config.tasks * scenarios.length ? EXIT.belowYield : EXIT.ok;
}
