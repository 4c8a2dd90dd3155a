/**
 * The built-in author: a deterministic author without a language model, that answers as every role from the request alone.
 * It is no recording: what it writes is composed from the seed's vocabulary, or follows from the text that it is given.
 */
import type { Model, ModelReply, ModelRequest, ToolCall } from "../port.js";
import { estimatePromptTokens, estimateTokens } from "../token-estimate.js";
import { answerBlueprint } from "./architect-blueprint.js";
import { answerPolicy } from "./architect-policy.js";
import { answerRules } from "./architect-rules.js";
import { answerTables } from "./architect-tables.js";
import { answerClient } from "./client.js";
import { answerConsultant } from "./consultant.js";
import type { Erring } from "./errors.js";
import { answerProjector } from "./projector.js";
import { answerBoundaries } from "./set-designer-boundaries.js";
import { answerCast } from "./set-designer-cast.js";
import { answerResources } from "./set-designer-resources.js";
import { answerTeacher } from "./teacher.js";
import { answerUserSimulator } from "./user-simulator.js";
import { answerExamples } from "./verifier-examples.js";
import { reviewPolicy } from "./verifier-policy.js";
import { reviewTables } from "./verifier-tables.js";

interface Answer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** What was put wrong on purpose; null where nothing was. */
  readonly injected: string | null;
}

export interface BuiltinAuthor {
  readonly model: Model;
  /** What the answer to this request has wrong on purpose; null where nothing is, or where the role does not err. */
  readonly injected: (request: ModelRequest) => string | null;
}

/** Slips of corrective rounds, as a share of those of first attempts. */
const AGAIN = 0.25;

/** The author; `errRate` is how often each of the Architect's stages errs on purpose, from 0 to 1. */
export function createBuiltinAuthor({ errRate = 0.2 }: { readonly errRate?: number } = {}): BuiltinAuthor {
  const erring = { first: errRate, again: errRate * AGAIN };
  return {
    model: { complete: (request) => Promise.resolve().then(() => replyOf(request, answer(request, erring))) },
    injected: (request) => (request.role === "architect" ? answer(request, erring).injected : null),
  };
}

/** @throws {RangeError} If there is no such prompt. */
function answer(request: ModelRequest, erring: Erring): Answer {
  const task = request.promptVersion.split("@")[0] ?? "";
  switch (task) {
    case "architect.blueprint":
      return document(answerBlueprint(request, erring));
    case "architect.policy":
      return document(answerPolicy(request, erring));
    case "architect.tables":
      return document(answerTables(request, erring));
    case "architect.rules":
      return document(answerRules(request, erring));
    case "verifier.policy":
      return document({ value: reviewPolicy(request), injected: null });
    case "verifier.tables":
      return document({ value: reviewTables(request), injected: null });
    case "verifier.examples":
      return document({ value: answerExamples(request), injected: null });
    case "set_designer.resources":
      return document({ value: answerResources(request), injected: null });
    case "set_designer.cast":
      return document({ value: answerCast(request), injected: null });
    case "set_designer.boundaries":
      return document({ value: answerBoundaries(request), injected: null });
    case "client":
      return { ...answerClient(request), injected: null };
    case "consultant":
      return { ...answerConsultant(request), injected: null };
    case "projector":
      return { ...answerProjector(request), injected: null };
    case "user_simulator":
      return { ...answerUserSimulator(request), injected: null };
    case "teacher":
      return { ...answerTeacher(request), injected: null };
    default:
      throw new RangeError(`Cannot answer prompt "${request.promptVersion}": the built-in author does not know it`);
  }
}

function document({ value, injected }: { readonly value: unknown; readonly injected: string | null }): Answer {
  return { text: JSON.stringify(value, null, 1), toolCalls: [], injected };
}

function replyOf(request: ModelRequest, { text, toolCalls }: Answer): ModelReply {
  const completion = estimateTokens(text) + toolCalls.reduce((sum, call) => sum + estimateTokens(call.name + call.arguments), 0);
  return {
    text,
    reasoning: "",
    toolCalls: [...toolCalls],
    usage: { prompt: estimatePromptTokens(request), cached: 0, completion, estimated: true },
    finishReason: toolCalls.length > 0 ? "tool_calls" : "stop",
    model: "builtin",
  };
}
