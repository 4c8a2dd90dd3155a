/** A role is asked: prompt, one journalled call within the budget, usage. The reply comes back unread, or read by the role's schema. */
import { cancellationSignal, heartbeat } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import { type AgentName, decodeReply, replyJsonSchema, type Role } from "../agents/role.js";
import type { ModelReply, ModelRequest, ToolSpec } from "../models/port.js";
import { costNanos } from "../models/price.js";
import { replyDefect } from "../models/reply-defect.js";
import { budgetState } from "../storage/budget.js";
import { askModel } from "./ask-model.js";
import type { At, Drafted, Ref, Spent } from "./contract.js";
import { environmentName, finding, randomOf, report, stepKey, type Workshop } from "./workshop.js";

export interface Asked {
  readonly reply: ModelReply;
  readonly replyRef: Ref;
  readonly request: ModelRequest;
  /** Why the reply must not be read although it was paid for: cut off, filtered, refused; null where it may. */
  readonly defect: string | null;
  readonly spent: Spent;
}

/** The paper's Table 5 sums calls by module; a run is what turns are counted in. */
const modules: Readonly<Record<AgentName, string>> = {
  architect: "Architect",
  verifier: "Architect",
  set_designer: "Set Designer",
  client: "Explorer",
  consultant: "Explorer",
  projector: "Explorer",
  user_simulator: "Distill Trajectory",
  teacher: "Distill Trajectory",
};

/** Asks a role; `run` names the piece of work that the call belongs to. */
export async function askRole<Input, Output>(
  workshop: Workshop,
  role: Role<Input, Output>,
  question: { readonly at: At; readonly input: Input; readonly tools?: readonly ToolSpec[]; readonly run: string },
): Promise<Asked> {
  const selected = workshop.models(role.agent);
  const request: ModelRequest = {
    role: role.agent,
    promptVersion: role.version,
    messages: role.prompt(question.input),
    tools: question.tools ?? [],
    reply: role.reply === null ? null : { name: role.version.replace(/[^A-Za-z0-9_]/g, "_"), schema: replyJsonSchema(role.reply) },
    sampling: selected.sampling,
    random: randomOf(question.at, role.version),
  };
  const { place } = question.at;
  const answer = await askModel(
    { model: selected, store: workshop.store, journal: workshop.journal, ledger: workshop.ledger, clock: workshop.clock },
    {
      key: stepKey(question.at),
      request,
      account: {
        module: modules[role.agent],
        run: runOf(question.at, question.run),
        environment: environmentName(place),
        task: place.task === null ? null : `${environmentName(place)}/task-${String(place.task)}`,
      },
      signal: cancellationSignal(),
      heartbeat,
      beforeCall: () => {
        refuseBeyondBudget(workshop);
      },
    },
  );
  if (answer.kind === "request_changed") {
    throw ApplicationFailure.nonRetryable(
      `Step "${question.at.step}" was answered before, to another request; that reply is not used. Give the campaign another name`,
      "REQUEST_CHANGED",
    );
  }
  const { usage } = answer.reply;
  return {
    reply: answer.reply,
    replyRef: answer.replyDigest,
    request,
    defect: replyDefect(answer.reply)?.reason ?? null,
    spent: { tokens: usage.prompt + usage.completion, money: costNanos(usage, selected.prices) / 1e9 },
  };
}

/** Settles in the ledger how a run of calls ended. */
export function settleRun(workshop: Workshop, at: At, run: string, verdict: "accepted" | "rejected"): void {
  workshop.ledger.settle(runOf(at, run), verdict);
}

/** Asks a role with a reply schema for an artefact; a reply off contract is a report like any other failed check. */
export async function draftArtefact<Input, Output>(
  workshop: Workshop,
  role: Role<Input, Output>,
  question: {
    readonly at: At;
    readonly input: Input;
    readonly run: string;
    line(value: Output): string;
    gaps?(value: Output): readonly string[];
  },
): Promise<Drafted> {
  const { reply, replyRef, request, defect, spent } = await askRole(workshop, role, question);
  const previous = workshop.store.put(reply.text);
  const injected = workshop.injected(request);
  if (role.reply === null) throw new TypeError(`Cannot read a reply of role "${role.version}": it has no schema`);
  const decoded = defect === null ? decodeReply(role.reply, reply.text) : { kind: "malformed" as const, reason: defect };
  if (decoded.kind === "malformed") {
    const failed = report(workshop, [finding("reply", decoded.reason, "one JSON document that fits the schema")]);
    return { kind: "malformed", reply: previous, report: failed.report, line: failed.line, injected, spent };
  }
  const gaps = question.gaps?.(decoded.value) ?? [];
  if (gaps.length > 0) {
    const failed = report(
      workshop,
      gaps.map((gap) => finding("plan", gap, gap)),
    );
    return { kind: "malformed", reply: previous, report: failed.report, line: failed.line, injected, spent };
  }
  return {
    kind: "drafted",
    artefact: workshop.store.putJson(decoded.value),
    reply: previous,
    line: `${question.line(decoded.value)} (${replyRef.slice(0, 8)})`,
    injected,
    spent,
  };
}

function runOf({ place }: At, run: string): string {
  return [
    environmentName(place),
    ...(place.task === null ? [] : [`task-${String(place.task)}`]),
    ...(place.attempt === null ? [] : [`distil-${String(place.attempt)}`]),
    run,
  ].join("/");
}

function refuseBeyondBudget({ budget, ledger }: Workshop): void {
  const { costNanos: nanos, tokens } = ledger.spent();
  const state = budgetState(budget, { money: nanos / 1e9, tokens, hours: 0 });
  if (state.kind === "exhausted") {
    throw ApplicationFailure.nonRetryable(
      `The budget of ${String(state.allowed)} ${state.limit} is spent (${String(state.spent)}); raise it in the configuration under another name, or take what there is`,
      "BUDGET_REACHED",
    );
  }
}
