/** A rollout's beginning and its end: the stage at the origin, then the trajectory with its rewards and its outcome. */
import type { Message } from "../agents/message.js";
import { simulatorFindings } from "../agents/simulator-lint.js";
import { teacher } from "../agents/teacher.js";
import { stopSignal, userSimulator } from "../agents/user-simulator.js";
import { policySchema } from "../agents/architect-policy.js";
import { type EndReason, type Outcome, type Trajectory, trajectorySchema } from "../datasets/trajectory.js";
import { type Reward } from "../environment/compare/reward.js";
import { scoreRollout as scoreCalls, type ScoredCall } from "../environment/compare/replay.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { readsMade, refusalReads } from "../environment/task/refusal-reads.js";
import { toolsOf } from "../environment/engine/tools.js";
import { type CertifiedTask, certifiedTaskSchema } from "./certified-task.js";
import type { At, Ref } from "./contract.js";
import { settleRun } from "./ask-role.js";
import { type Conversation, loadConversation, messagesOf, openConversation, saveConversation } from "./conversation.js";
import { loadCompiled } from "./loaded.js";
import { exact } from "./run-tools.js";
import { environmentName, load, type Workshop } from "./workshop.js";

export interface Scored {
  readonly trajectory: Ref;
  readonly verified: boolean;
  readonly outcome: Outcome;
  readonly end: string;
  readonly line: string;
}

/** How a conversation's end is told in a trajectory. */
const ends: Readonly<Record<string, EndReason>> = {
  stop: "stop",
  transfer: "transfer",
  deviation: "deviation",
  diverged: "deviation",
  max_turns: "max_turns",
  calls: "max_turns",
};

export function createRolloutActivities(workshop: Workshop) {
  function openRollout({ at, task }: { readonly at: At; readonly task: Ref }): Promise<{ readonly state: Ref }> {
    const { environment, description } = load(workshop, task, certifiedTaskSchema);
    return Promise.resolve({
      state: saveConversation(
        workshop,
        openConversation({
          kind: "rollout",
          environment,
          task,
          user: description.user,
          wanted: description.kind,
          episode: at.place.attempt ?? 1,
          leads: [],
        }),
      ),
    });
  }

  function scoreRollout({
    at,
    state,
    end,
  }: {
    readonly at: At;
    readonly state: Ref;
    readonly end: string;
    readonly turns: number;
  }): Promise<Scored> {
    const conversation = loadConversation(workshop, state);
    if (conversation.task === null) throw new TypeError("Cannot score a conversation that is no rollout");
    const task = load(workshop, conversation.task, certifiedTaskSchema);
    const compiled = loadCompiled(workshop, task.environment.sheet);
    const turns = Math.max(conversation.turn, ...conversation.calls.map((call) => call.turn));
    const scored = scoreCalls(
      { compiled, origin: workshop.store.get(task.environment.origin), target: workshop.store.get(task.target) },
      { calls: conversation.calls.map(({ turn, tool, arguments: given }) => ({ turn, tool, arguments: exact(given) })), turns },
    );
    const lint = simulatorFindings({
      profile: task.description.user.profile,
      description: task.description.text,
      lines: spokenLines(conversation),
      writes: { needed: task.gold.filter((call) => call.tool !== "authenticate").length, accepted: conversation.writes.length },
    });
    const isReached = scored.final.default.success === 1;
    const verified = isReached && lint.length === 0 && (ends[end] === "stop" || ends[end] === "transfer");
    const outcome = outcomeOf({ end, verified, isReached, userFailed: lint.length > 0 });
    const trajectory: Trajectory = trajectorySchema.parse({
      ...stageOf(at, task, messagesOf(workshop, conversation.agent)),
      outcome,
      end: ends[end] ?? null,
      verified,
      final: outcome === "infrastructure" ? null : finalOf(scored.final),
      ...readsOf({ compiled, origin: workshop.store.get(task.environment.origin), task, calls: scored.calls }),
      calls: scored.calls.map(callLine),
      turns: scored.turns.map((turn) => ({
        turn: turn.turn,
        r: { paper: turn.paper.r, default: turn.default.r },
        p: { paper: turn.paper.p, default: turn.default.p },
      })),
    });
    settleRun(workshop, at, "rollout", verified ? "accepted" : "rejected");
    const { missing, collateral } = scored.final.default;
    const line = `${verified ? "verified" : outcome}: missing ${String(missing)}, collateral ${String(collateral)}${lint.length === 0 ? "" : `; findings on the user: ${String(lint.length)}`}`;
    return Promise.resolve({ trajectory: workshop.store.putJson(trajectory), verified, outcome, end, line });
  }

  /** The line of an attempt that the machinery broke off, where no conversation is at hand; `at.place.attempt` is that attempt. */
  function brokenRollout({ at, task, why }: { readonly at: At; readonly task: Ref; readonly why: string }): Promise<Scored> {
    const broken = { outcome: "infrastructure", verified: false } as const;
    const trajectory: Trajectory = trajectorySchema.parse({
      ...stageOf(at, load(workshop, task, certifiedTaskSchema), []),
      ...broken,
      end: null,
      final: null,
      calls: [],
      turns: [],
    });
    return Promise.resolve({ trajectory: workshop.store.putJson(trajectory), ...broken, end: "infrastructure", line: why });
  }

  /** What stands in a trajectory however it went: what the Teacher was shown, tools, models and sampling. */
  function stageOf(
    at: At,
    { environment }: CertifiedTask,
    conversation: readonly Message[],
  ): Omit<Trajectory, "outcome" | "end" | "verified" | "final" | "calls" | "turns"> {
    const [system, ...messages] = teacher.prompt({ policy: load(workshop, environment.policy, policySchema), conversation });
    const models = { teacher: workshop.models(teacher.agent), user_simulator: workshop.models(userSimulator.agent) };
    return {
      version: 1,
      task: `${environmentName(at.place)}/task-${String(at.place.task)}`,
      attempt: at.place.attempt ?? 1,
      system: system?.content ?? "",
      tools: toolsOf(loadCompiled(workshop, environment.sheet)).map(({ name, description, parameters }) => ({
        name,
        description,
        parameters,
      })),
      messages: messages.map(trajectoryMessage),
      models: { teacher: models.teacher.name, user_simulator: models.user_simulator.name },
      sampling: { teacher: { ...models.teacher.sampling }, user_simulator: { ...models.user_simulator.sampling } },
    };
  }

  /** What was said, in order, with who said it. */
  function spokenLines(conversation: Conversation): { readonly speaker: "user" | "agent"; readonly text: string }[] {
    return messagesOf(workshop, conversation.other).map((message) => ({
      speaker: message.role === "assistant" ? ("user" as const) : ("agent" as const),
      text: message.content,
    }));
  }

  return { openRollout, scoreRollout, brokenRollout };
}

/** Of a refusal task whose rule tells what it reads: which of that was read. */
function readsOf({
  compiled,
  origin,
  task: { description, gold },
  calls,
}: {
  readonly compiled: Compiled;
  readonly origin: Buffer;
  readonly task: CertifiedTask;
  readonly calls: readonly ScoredCall[];
}): Pick<Trajectory, "refusal_reads"> {
  const { kind, refusal } = description;
  const reads = kind === "refusal" && refusal !== null ? refusalReads({ compiled, origin, log: gold, refusal }) : null;
  return reads === null ? {} : { refusal_reads: readsMade(compiled, reads, calls) };
}

function outcomeOf({
  end,
  verified,
  isReached,
  userFailed,
}: {
  readonly end: string;
  readonly verified: boolean;
  readonly isReached: boolean;
  readonly userFailed: boolean;
}): Outcome {
  if (verified) return "completed";
  if (end === "unreadable") return "infrastructure";
  if (userFailed || (isReached && end !== "stop")) return "user_failure";
  return "agent_failure";
}

function finalOf({ paper, default: counted }: Reward): Trajectory["final"] {
  const { diff, r_final, p } = paper;
  const { missing, collateral, success } = counted;
  return { paper: { diff, r_final, p }, default: { missing, collateral, success, p: counted.p } };
}

function callLine(call: ScoredCall): Trajectory["calls"][number] {
  const { paper, default: counted } = call.reward;
  return {
    turn: Math.max(1, call.turn),
    tool: call.tool,
    outcome: call.outcome,
    r: { paper: paper.r, default: counted.r },
    p: { paper: paper.p, default: counted.p },
  };
}

function trajectoryMessage(message: Message): Trajectory["messages"][number] {
  switch (message.role) {
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: message.content };
    case "assistant":
      return {
        role: "assistant",
        content: message.content,
        reasoning: message.reasoning ?? null,
        tool_calls: (message.toolCalls ?? []).map((call) => ({ id: call.id, name: call.name, arguments: parsedArguments(call.arguments) })),
      };
    default:
      return { role: "user", content: message.content === stopSignal ? "" : message.content };
  }
}

function parsedArguments(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text === "" ? "{}" : text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : { unparsed: text };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { unparsed: text };
  }
}
