/** Is a trajectory that is called verified what it says? Its calls are made again, and everything it claims of them compared. */
import { isDeepStrictEqual } from "node:util";
import { stringifyExactJson } from "../environment/engine/exact-json.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { oncePer } from "../environment/core/memo.js";
import type { Environment } from "../environment/engine/folder-files.js";
import { toolsOf } from "../environment/engine/tools.js";
import { policyText } from "../environment/sheet/policy-text.js";
import { type RolloutCall, scoreIn, type ScoredRollout } from "../environment/compare/replay.js";
import type { Trial } from "../environment/compare/trial.js";
import { readsMade, refusalReads } from "../environment/task/refusal-reads.js";
import type { TaskPackage } from "./package.js";
import type { Trajectory } from "./trajectory.js";

type SpokenCall = RolloutCall & { readonly id: string };

/** The task that the trajectories are of, and a trial of it. */
type Tried = Pick<TaskPackage, "environment" | "manifest" | "description" | "log"> & { readonly trial: Trial };

/** What is wrong with one of the package's trajectories, a line each; of one that is not called verified, only whose it is. */
export function trajectoryFaults(found: Tried, trajectory: Trajectory): readonly string[] {
  const faults = trajectory.task === found.manifest.task ? [] : [`it is of the task "${trajectory.task}"`];
  if (trajectory.verified)
    faults.push(...claimFaults(trajectory), ...stageFaults(found.environment, trajectory), ...replayFaults(found, trajectory));
  return faults.map((fault) => `trajectory ${trajectory.attempt}: ${fault}`);
}

function claimFaults({ messages, outcome, end }: Trajectory): readonly string[] {
  const faults: string[] = [];
  if (!(["user", "assistant"] as const).every((role) => messages.some((message) => message.role === role)))
    faults.push("it is called verified without a conversation");
  if (outcome !== "completed" || (end !== "stop" && end !== "transfer"))
    faults.push(`it is called verified and ended as ${outcome} (${end ?? "no end"})`);
  return faults;
}

/** What the agent was shown: the environment's tools, and the policy somewhere in the system prompt, whose other words are free. */
function stageFaults({ compiled }: Environment, { system, tools }: Trajectory): readonly string[] {
  const stage = stageOf(compiled);
  const faults = isDeepStrictEqual(tools, stage.tools) ? [] : ["its tools are not those of the environment"];
  return readBack(system).includes(stage.policy) ? faults : [...faults, "its system prompt does not hold the policy"];
}

const stageOf = oncePer((compiled: Compiled) => ({
  tools: plain(toolsOf(compiled)),
  policy: readBack(policyText(compiled.sheet).trimEnd()),
}));

/** Prompts may write `<` and `&` as entities, so that no text ends the block that it stands in. */
function readBack(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&amp;", "&");
}

function replayFaults(found: Tried, trajectory: Trajectory): readonly string[] {
  const calls = callsOf(trajectory);
  const heard = trajectory.messages.filter((message) => message.role === "user").length;
  // The user's last word, that he is satisfied, is a turn but no message.
  const turns = heard + (trajectory.end === "stop" ? 1 : 0);
  const scored = scoreIn(found.trial, { calls, turns });
  const { success } = scored.final.default;
  const faults =
    success === 1
      ? []
      : [
          `it is called verified, but its ${calls.length} calls leave ${scored.final.default.missing} missing, ${scored.final.default.collateral} collateral`,
        ];
  const claimed = { final: trajectory.final, calls: trajectory.calls, turns: trajectory.turns };
  const made = madeOf(scored);
  for (const part of ["final", "calls", "turns"] as const)
    if (!isDeepStrictEqual(plain(claimed[part]), plain(made[part])))
      faults.push(`its ${part} are not what its messages' ${calls.length} calls give`);
  return [...faults, ...readsFaults(found, trajectory, scored), ...answerFaults(trajectory, calls, scored)];
}

/** A line may leave the metric out; one that claims it claims what its calls give. */
function readsFaults(
  { environment, description, log }: Pick<TaskPackage, "environment" | "description" | "log">,
  { refusal_reads: claimed }: Trajectory,
  { calls }: ScoredRollout,
): readonly string[] {
  if (claimed === undefined) return [];
  const { refusal } = description;
  const reads = refusal === null ? null : refusalReads({ ...environment, log, refusal });
  const made = reads === null ? null : readsMade(environment.compiled, reads, calls);
  return isDeepStrictEqual(claimed, made) ? [] : ["its refusal_reads are not what its calls give"];
}

/** The calls of the messages in order, each with the number of user messages before it. */
function callsOf({ messages }: Trajectory): readonly SpokenCall[] {
  return messages.flatMap((message, i): SpokenCall[] => {
    if (message.role !== "assistant") return [];
    const turn = messages.slice(0, i).filter(({ role }) => role === "user").length;
    return message.tool_calls.map((call) => ({ id: call.id, tool: call.name, arguments: call.arguments, turn }));
  });
}

function madeOf({ final, calls, turns }: ScoredRollout): Pick<Trajectory, "final" | "calls" | "turns"> {
  const { paper, default: counted } = final;
  return {
    final: {
      paper: { diff: paper.diff, r_final: paper.r_final, p: paper.p },
      default: { missing: counted.missing, collateral: counted.collateral, success: counted.success, p: counted.p },
    },
    calls: calls.map(({ turn, tool, outcome, reward }) => ({
      turn,
      tool,
      outcome,
      r: { paper: reward.paper.r, default: reward.default.r },
      p: { paper: reward.paper.p, default: reward.default.p },
    })),
    turns: turns.map((turn) => ({
      turn: turn.turn,
      r: { paper: turn.paper.r, default: turn.default.r },
      p: { paper: turn.paper.p, default: turn.default.p },
    })),
  };
}

/** What the agent read is what the environment answers; of an invalid call the wording may be the reader's. */
function answerFaults({ messages }: Trajectory, calls: readonly SpokenCall[], { calls: scored }: ScoredRollout): readonly string[] {
  const answers = messages.flatMap((message) => (message.role === "tool" ? [message] : []));
  if (answers.length !== calls.length) return [`it has ${calls.length} calls and ${answers.length} answers`];
  return calls.flatMap((call, i) => {
    const [answer, made] = [answers[i], scored[i]];
    if (answer === undefined || made === undefined) return [];
    const isSame = answer.tool_call_id === call.id && (made.outcome === "invalid" || answer.content === stringifyExactJson(made.result));
    return isSame ? [] : [`call ${i} (${call.tool}) is not answered as the environment does`];
  });
}

/** As a line holds it: JSON has no −0. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
