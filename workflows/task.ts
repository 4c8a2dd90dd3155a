/**
 * One task: an episode is explored, told from the user's side, certified, and distilled into trajectories. A stage that
 * fails ends the task with its reason; a certified task that no attempt solves stays certified and is kept, unverified.
 */
import { isCancellation, workflowInfo } from "@temporalio/workflow";
import type { EnvironmentRefs, Place, Ref, Spent, StageEvent } from "../activities/contract.js";
import { converse } from "./converse.js";
import { distil, type DistilResult } from "./distil.js";
import { crewOf, type Queues } from "./crew.js";
import { applicationFailure, openGate } from "./gate.js";
import { endsCampaign } from "./outcomes.js";
import { refine } from "./refine.js";
import { runChild } from "./run-child.js";
import { attributesOf, concludeStory, enterStage, tell } from "./story.js";

/** Corrective rounds for a description that gives something away or does not determine the outcome. */
const PROJECTION_CORRECTIONS = 2;

export interface TaskInput {
  readonly place: Place;
  readonly queues: Queues;
  readonly environment: EnvironmentRefs;
  readonly wanted: "reach" | "refusal";
  readonly maxTurns: number;
  /** Distillation attempts at most, and verified trajectories wanted. */
  readonly attempts: number;
  readonly keep: number;
}

export interface TaskResult {
  readonly task: number;
  readonly events: readonly StageEvent[];
  /** The certified task with everything a package needs; null where a stage refused it. */
  readonly certified: {
    readonly task: Ref;
    readonly identity: string;
    readonly difficulty: string;
    readonly verified: boolean;
    readonly trajectories: readonly Ref[];
  } | null;
  /** The budget was spent before the attempts were. */
  readonly isBroke: boolean;
  readonly line: string;
  readonly spent: Spent;
}

export async function task(input: TaskInput): Promise<TaskResult> {
  const { place, queues } = input;
  const gate = openGate(place.campaign);
  const crew = crewOf(queues, gate);
  const number = place.task ?? 0;
  const events: StageEvent[] = [];
  let spent: Spent = { tokens: 0, money: 0 };
  const add = (more: Spent): void => {
    spent = { tokens: spent.tokens + more.tokens, money: spent.money + more.money };
  };
  const over = (line: string): TaskResult => {
    tell([`**rejected**: ${line}`]);
    concludeStory({ outcome: "rejected", cost: spent.money });
    return { task: number, events, certified: null, isBroke: false, line, spent };
  };

  const opened = await crew.run("openEpisode", "08 explore | a customer comes in", {
    at: { place, step: "open" },
    environment: input.environment,
    wanted: input.wanted,
  });
  const episode = await converse({
    state: opened.state,
    maxTurns: input.maxTurns,
    opens: "agent",
    agent: (state, step, after) =>
      crew.ask("consultantSpeaks", `08 explore | ${step} | consultant${after === "" ? "" : ` after ${after}`}`, {
        at: { place, step: `explore ${step} consultant` },
        state,
      }),
    other: (state, step) =>
      crew.ask("clientSpeaks", `08 explore | ${step} | client`, { at: { place, step: `explore ${step} client` }, state }),
    tools: (state, step, calls) =>
      crew.run("runTools", `08 explore | ${step} | ${calls}`, { at: { place, step: `explore ${step} tools` }, state }),
  });
  add(episode.spent);
  const closed = await crew.run("closeEpisode", `08 explore | what was reached (${episode.end})`, {
    at: { place, step: "close" },
    state: episode.state,
    end: episode.end,
  });
  events.push({ stage: "explore", outcome: closed.kind === "passed" ? "accepted" : closed.line });
  if (closed.kind === "failed") return over(`explore: ${closed.line}`);

  enterStage("project");
  const told = await refine({
    corrections: PROJECTION_CORRECTIONS,
    draft: async (correction, round) => {
      const drafted = await crew.ask("projectStory", `09 project | the user's side, round ${String(round + 1)}`, {
        at: { place, step: `project ${String(round)}` },
        episode: closed.episode,
        correction,
      });
      add(drafted.spent);
      return drafted;
    },
    checks: [
      (artefact, round) =>
        crew.run("checkProjection", "09 project | complete, and gives nothing away", {
          at: { place, step: `project ${String(round)} check` },
          episode: closed.episode,
          projection: artefact,
        }),
    ],
  });
  events.push({ stage: "project", outcome: told.kind === "accepted" ? "accepted" : "description" });
  if (told.kind === "rejected") return over(`project: ${told.line}`);

  enterStage("certify");
  const certified = await crew.run("certifyTask", "10 certify | eight points, re-run from the origin", {
    at: { place, step: "certify" },
    episode: closed.episode,
    projection: told.artefact,
  });
  events.push({ stage: "certify", outcome: certified.kind === "passed" ? "accepted" : certified.line });
  if (certified.kind === "failed") return over(`certify: ${certified.line}`);

  enterStage("distil");
  const attempts: DistilResult[] = [];
  while (attempts.length < input.attempts && attempts.filter((attempt) => attempt.verified).length < input.keep) {
    const attempt = attempts.length + 1;
    const workflowId = `${workflowInfo().workflowId}/distil-${String(attempt)}`;
    const result = await attemptOnce(certified.task, { attempt, workflowId });
    if (result === null) break;
    attempts.push(result);
    add(result.spent);
    events.push({ stage: "distil", outcome: result.verified ? "accepted" : result.outcome });
  }
  const isBroke = attempts.length < input.attempts && events.at(-1)?.outcome === "budget";
  const verified = attempts.some((attempt) => attempt.verified);
  const line = `${certified.line}; ${String(attempts.filter((attempt) => attempt.verified).length)} of ${String(attempts.length)} attempts verified`;
  tell([`**${verified ? "verified" : "certified"}** ${certified.difficulty}`, "", line]);
  concludeStory({ outcome: verified ? "verified" : "certified", cost: spent.money, difficulty: certified.difficulty });
  return {
    task: number,
    events,
    certified: {
      task: certified.task,
      identity: certified.identity,
      difficulty: certified.difficulty,
      verified,
      trajectories: attempts.map((attempt) => attempt.trajectory),
    },
    isBroke,
    line,
    spent,
  };

  /** One attempt; null when the budget is spent. What breaks the machinery is an attempt that failed by no fault of the agent's. */
  async function attemptOnce(
    work: Ref,
    { attempt, workflowId }: { readonly attempt: number; readonly workflowId: string },
  ): Promise<DistilResult | null> {
    try {
      return await runChild(gate, distil, {
        workflowId,
        summary: `${place.scenario} ${String(place.environment)}, task ${String(number)}: distillation attempt ${String(attempt)}`,
        details:
          "A Teacher and a User Simulator play the certified task from its origin; it is verified when the final state is the target.",
        input: { place: { ...place, attempt }, queues, maxTurns: input.maxTurns, task: work },
        typedSearchAttributes: attributesOf(place, "distil"),
      });
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = applicationFailure(error);
      if (failure !== null && endsCampaign(failure)) throw error;
      if (failure?.type === "BUDGET_REACHED") {
        events.push({ stage: "distil", outcome: "budget" });
        return null;
      }
      const broken = await crew.run("brokenRollout", `11 distil ${String(attempt)} | the machinery failed`, {
        at: { place: { ...place, attempt }, step: `distil ${String(attempt)} broken` },
        task: work,
        why: failure?.type ?? "a call took too long",
      });
      return { ...broken, spent: { tokens: 0, money: 0 } };
    }
  }
}
