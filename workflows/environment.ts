/**
 * One environment's life: blueprint, policy, tables, rules, resources, cast, boundaries (each checked, fixed and verified),
 * then its tasks in waves until enough are verified. A rejected stage, a reached budget and a finished environment are
 * all results; what was built stays in the store.
 */
import { getExternalWorkflowHandle, isCancellation, workflowInfo } from "@temporalio/workflow";
import { type Checked, type CorrectionRefs, type EnvironmentRefs, noRounds, type PackageLine, type Place, type Ref, type Rounds, type Spent, type Stage, type StageEvent } from "../activities/contract.js";
import { addRounds, counted, funnelTable } from "./funnel.js";
import { applicationFailure, openGate } from "./gate.js";
import { crewOf, type Queues } from "./crew.js";
import { endsCampaign } from "./outcomes.js";
import { progressSignal } from "./progress-signal.js";
import { refine } from "./refine.js";
import { runChild } from "./run-child.js";
import { attributesOf, concludeStory, enterStage, tell } from "./story.js";
import { task, type TaskResult } from "./task.js";

/** Corrective rounds of each Check–Fix–Verify stage. */
const CORRECTIONS = 4;

/** Stages that happen once an environment. */
const stagesOfBuilding: ReadonlySet<string> = new Set(["blueprint", "policy", "tables", "rules", "resources", "cast", "boundaries"]);

/** How far in a scenario enters: the pipeline starts at the stage after it. */
export type Entry = "seed" | "policy" | "sheet" | "environment";

export interface EnvironmentInput {
  readonly place: Place;
  readonly queues: Queues;
  readonly seed: Ref;
  readonly entry: Entry;
  /** Artefact of what the scenario enters with (policy, sheet or environment); null for a plain seed. */
  readonly entered: Ref | null;
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

export async function environment(input: EnvironmentInput): Promise<EnvironmentResult> {
  const { place, queues } = input;
  const gate = openGate(place.campaign);
  const crew = crewOf(queues, gate);
  const events: StageEvent[] = [];
  let rounds = noRounds;
  let spent: Spent = { tokens: 0, money: 0 };
  let structure: string | null = null;
  let packages: readonly PackageLine[] = [];
  const show = (line: string): void => {
    tell([line, "", funnelTable(counted([], events))]);
  };
  /** Tells the campaign how far this environment is. */
  const note = async (...more: readonly StageEvent[]): Promise<void> => {
    events.push(...more);
    await getExternalWorkflowHandle(place.campaign).signal(progressSignal, workflowInfo().workflowId, events).catch(() => undefined);
  };
  const finish = async (outcome: EnvironmentResult["outcome"], line: string): Promise<EnvironmentResult> => {
    const verdicts = Object.fromEntries(events.filter((event) => stagesOfBuilding.has(event.stage)).map((event) => [event.stage, event.outcome === "accepted" ? ("accepted" as const) : ("rejected" as const)]));
    await crew.run("settleStages", "12 books | how the stages ended", { at: { place, step: "settle" }, verdicts });
    show(`**${outcome}**: ${line}`);
    concludeStory({ outcome, cost: spent.money });
    return { environment: place.environment, outcome, structure, events, rounds, packages, line, report, spent };
  };

  /** One Check–Fix–Verify stage; null and an event where it ran out of rounds. */
  async function stage(name: Stage, ordinal: string, work: { draft: "draftBlueprint" | "draftPolicy" | "draftTables" | "draftRules" | "designResources" | "assembleCast" | "nameBoundaries"; known: Readonly<Record<string, Ref>>; checks: readonly ((artefact: Ref, round: number) => Promise<Checked>)[] }): Promise<Ref | null> {
    enterStage(name);
    show(`stage **${name}**`);
    const refined = await refine({
      corrections: CORRECTIONS,
      draft: async (correction: CorrectionRefs | null, round) => {
        const summary = correction === null ? `${ordinal} ${name} | draft` : `${ordinal} ${name} | fix ${String(round)}`;
        const drafted = await crew.ask(work.draft, summary, { at: { place, step: `${name} draft ${String(round)}` }, known: work.known, correction });
        spent = { tokens: spent.tokens + drafted.spent.tokens, money: spent.money + drafted.spent.money };
        return drafted;
      },
      checks: work.checks,
    });
    rounds = addRounds(rounds, refined.rounds);
    await note({ stage: name, outcome: refined.kind === "accepted" ? "accepted" : "unresolved" });
    if (refined.kind === "accepted") return refined.artefact;
    reason = `${name}: ${refined.line}`;
    report = refined.report;
    return null;
  }
  let reason = "";
  let report: Ref | null = null;
  const purse = { isEmpty: false };
  const at = (step: string): { place: Place; step: string } => ({ place, step });
  const review = (name: "reviewPolicy" | "reviewTables", summary: string, known: Readonly<Record<string, Ref>>) => async (artefact: Ref, round: number): Promise<Checked> => {
    const outcome = await crew.ask(name, summary, { at: at(`${name} ${String(round)}`), known, artefact });
    spent = { tokens: spent.tokens + outcome.spent.tokens, money: spent.money + outcome.spent.money };
    return outcome;
  };

  try {
    const refs = await build();
    if (refs === null) return await finish("rejected", reason);
    const tasks = await makeTasks(refs);
    const kept = tasks.filter((result) => result.certified !== null);
    packages = await crew.run("packageTasks", `12 package | ${String(kept.length)} tasks`, { at: at("package"), environment: refs, tasks: kept.map((result) => ({ task: result.task, certified: result.certified })) });
    const verified = packages.filter((line) => line.verified).length;
    if (packages.length === 0 && !purse.isEmpty) return await finish("rejected", "no task was certified");
    if (purse.isEmpty) return await finish("budget", `the budget was reached with ${String(verified)} of ${String(input.tasks)} tasks verified`);
    return await finish("accepted", `${String(verified)} of ${String(input.tasks)} tasks verified, ${String(packages.length)} packages`);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = applicationFailure(error);
    if (failure !== null && endsCampaign(failure)) throw error;
    if (failure?.type === "BUDGET_REACHED") return await finish("budget", failure.message);
    return await finish("failed", failure === null ? "a call took too long" : `${failure.type ?? "failure"}: ${failure.message}`);
  }

  /** Everything up to the proven boundaries; null with `reason` set where a stage refused. */
  async function build(): Promise<EnvironmentRefs | null> {
    const { seed, entered } = input;
    if (input.entry === "environment" && entered !== null) {
      const taken = await crew.run("enterEnvironment", "00 enter | an environment of the user's", { at: at("enter"), environment: entered });
      if (taken.kind === "failed") return refuse("rules", taken.line);
      structure = taken.structure;
      return stageBoundaries({ seed, policy: taken.policy, sheet: taken.sheet, tables: taken.tables, rules: taken.rules, cast: taken.cast, origin: taken.origin });
    }
    if (input.entry === "sheet" && entered !== null) {
      const taken = await crew.run("enterSheet", "00 enter | a rule sheet of the user's", { at: at("enter"), sheet: entered });
      if (taken.kind === "failed") return refuse("rules", taken.line);
      structure = taken.structure;
      return stageWorld({ seed, policy: taken.policy, sheet: taken.sheet, tables: taken.tables, rules: taken.rules });
    }
    let policy: Ref | null = null;
    if (input.entry === "policy" && entered !== null) ({ policy } = await crew.run("enterPolicy", "00 enter | a policy of the user's, clause by clause", { at: at("enter"), text: entered }));
    if (input.entry === "seed") {
      const blueprint = await stage("blueprint", "01", { draft: "draftBlueprint", known: { seed }, checks: [] });
      if (blueprint === null) return null;
      policy = await stage("policy", "02", { draft: "draftPolicy", known: { seed, blueprint }, checks: [review("reviewPolicy", "02 policy | verify against seed and blueprint", { seed, blueprint })] });
    }
    if (policy === null) return null;
    const known = { seed, policy };
    const tables = await stage("tables", "03", {
      draft: "draftTables",
      known,
      checks: [
        (artefact, round) => crew.run("checkTables", "03 tables | check: do they load", { at: at(`checkTables ${String(round)}`), policy: known.policy, tables: artefact }),
        review("reviewTables", "03 tables | verify clause by clause", known),
      ],
    });
    if (tables === null) return null;
    const examples = await crew.ask("writeExamples", "04 rules | verifier writes clause examples", { at: at("writeExamples"), known: { ...known, tables } });
    if (examples.kind === "malformed") {
      report = examples.report;
      return refuse("rules", `examples: ${examples.line}`);
    }
    const rules = await stage("rules", "04", {
      draft: "draftRules",
      known: { ...known, tables },
      checks: [
        (artefact, round) => crew.run("checkRules", "04 rules | both proofs: clause examples, witnesses, matrix, mutants", { at: at(`checkRules ${String(round)}`), policy: known.policy, tables, rules: artefact, examples: examples.artefact }),
      ],
    });
    if (rules === null) return null;
    const joined = await crew.run("joinSheet", "04 rules | the sheet", { at: at("joinSheet"), policy: known.policy, tables, rules, title: place.scenario });
    structure = joined.structure;
    return stageWorld({ seed, policy: known.policy, sheet: joined.sheet, tables, rules });
  }

  /** Resources, cast and boundaries on a finished sheet. */
  async function stageWorld({ seed, policy, sheet, tables, rules }: Readonly<Record<"seed" | "policy" | "sheet" | "tables" | "rules", Ref>>): Promise<EnvironmentRefs | null> {
    const known = { seed, policy, tables };
    const resources = await stage("resources", "05", {
      draft: "designResources",
      known,
      checks: [(artefact, round) => crew.run("checkResources", "05 resources | labels hold, rows fit", { at: at(`checkResources ${String(round)}`), sheet, resources: artefact })],
    });
    if (resources === null) return null;
    const origin: { ref: Ref } = { ref: "" };
    const cast = await stage("cast", "06", {
      draft: "assembleCast",
      known: { ...known, resources },
      checks: [
        async (artefact, round) => {
          const outcome = await crew.run("checkCast", "06 cast | history through the engine, origin sealed", { at: at(`checkCast ${String(round)}`), sheet, resources, cast: artefact });
          if (outcome.kind === "passed") origin.ref = outcome.origin;
          return outcome;
        },
      ],
    });
    if (cast === null) return null;
    return stageBoundaries({ seed, policy, sheet, tables, rules, cast, origin: origin.ref });
  }

  /** The last stage before customers come in. */
  async function stageBoundaries({ seed, policy, sheet, tables, rules, cast, origin }: Readonly<Record<"seed" | "policy" | "sheet" | "tables" | "rules" | "cast" | "origin", Ref>>): Promise<EnvironmentRefs | null> {
    const proven: { ref: Ref } = { ref: "" };
    const boundaries = await stage("boundaries", "07", {
      draft: "nameBoundaries",
      known: { policy, tables, rules, sheet, origin },
      checks: [
        async (artefact, round) => {
          const outcome = await crew.run("checkBoundaries", "07 boundaries | each claim run on a copy of the origin", { at: at(`checkBoundaries ${String(round)}`), sheet, origin, boundaries: artefact });
          if (outcome.kind === "passed") proven.ref = outcome.proven;
          return outcome;
        },
      ],
    });
    return boundaries === null ? null : { seed, policy, sheet, origin, boundaries: proven.ref, cast };
  }

  function refuse(name: Stage, line: string): null {
    events.push({ stage: name, outcome: "unresolved" });
    reason = `${name}: ${line}`;
    return null;
  }

  /** Tasks in waves: as many at once as are still missing; equal stories count once. */
  async function makeTasks(refs: EnvironmentRefs): Promise<TaskResult[]> {
    enterStage("explore");
    const kept: TaskResult[] = [];
    const seen = new Set<string>();
    const missing = (): number => input.tasks - kept.filter((result) => result.certified?.verified === true).length;
    let next = 1;
    while (!purse.isEmpty && missing() > 0 && next <= input.episodes) {
      const wave = Array.from({ length: Math.min(missing(), input.episodes - next + 1) }, (_, index) => next + index);
      next += wave.length;
      show(`tasks ${wave.join(", ")}`);
      for (const result of await Promise.all(wave.map((number) => runTask(refs, number)))) {
        spent = { tokens: spent.tokens + result.spent.tokens, money: spent.money + result.spent.money };
        if (result.isBroke) purse.isEmpty = true;
        if (result.certified === null || missing() <= 0) continue;
        if (seen.has(result.certified.identity)) {
          events.push({ stage: "certify", outcome: "duplicate" });
          continue;
        }
        seen.add(result.certified.identity);
        kept.push(result);
      }
    }
    return kept;
  }

  async function runTask(refs: EnvironmentRefs, number: number): Promise<TaskResult> {
    const workflowId = `${workflowInfo().workflowId}/task-${String(number)}`;
    const isRefusal = Math.floor(number * input.refusals) > Math.floor((number - 1) * input.refusals);
    try {
      const result = await runChild(gate, task, {
        workflowId,
        summary: `${place.scenario} ${String(place.environment)}: task ${String(number)}${isRefusal ? ", a story that ends in a refusal" : ""}`,
        details: "An episode is explored, told from the user's side, certified, and distilled into trajectories.",
        input: { place: { ...place, task: number }, queues, environment: refs, wanted: isRefusal ? "refusal" : "reach", maxTurns: input.maxTurns, attempts: input.attempts, keep: input.keep },
        typedSearchAttributes: attributesOf(place, "explore"),
      });
      await note(...result.events);
      return result;
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = applicationFailure(error);
      if (failure !== null && endsCampaign(failure)) throw error;
      const isBroke = failure?.type === "BUDGET_REACHED";
      await note({ stage: "explore", outcome: isBroke ? "budget" : "infrastructure" });
      return { task: number, events: [], certified: null, isBroke, line: failure?.message ?? "a call took too long", spent: { tokens: 0, money: 0 } };
    }
  }
}
