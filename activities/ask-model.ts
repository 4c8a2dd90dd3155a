/** One model call of one workflow step, paid once: from the journal where the step was answered before, else from the endpoint. */
import { ModelError, type ModelErrorCode, type ModelReply, type ModelRequest, modelReplySchema } from "../models/port.js";
import { costNanos } from "../models/price.js";
import type { SelectedModel } from "../models/select-model.js";
import type { Digest } from "../storage/content-digest.js";
import type { Journal, Lookup, StepKey } from "../storage/journal.js";
import type { Ledger, LedgerEntry } from "../storage/ledger.js";
import type { Store } from "../storage/store.js";
import { storeRequest } from "./stored-request.js";

export interface ModelAccess {
  readonly model: SelectedModel;
  readonly store: Store;
  readonly journal: Journal;
  readonly ledger: Ledger;
  /** The time, as an epoch in ms; for the journal alone. */
  readonly clock: () => number;
}

export interface Question {
  readonly key: StepKey;
  readonly request: ModelRequest;
  /** What the call is entered under in the ledger. */
  readonly account: Pick<LedgerEntry, "module" | "run" | "environment" | "task">;
  readonly signal: AbortSignal;
  /** Called at once and every 10 s while the call lasts. */
  readonly heartbeat: () => void;
  /** Called when the step has no reply yet and a call is about to be made; what it throws prevents the call. */
  readonly beforeCall: () => void;
}

/** `request_changed`: the step was answered before, to another request; that reply is not used, and no call is made. */
export type Answer =
  | {
      readonly kind: "answered";
      readonly reply: ModelReply;
      readonly requestDigest: Digest;
      readonly replyDigest: Digest;
      readonly source: "call" | "journal";
    }
  | { readonly kind: "request_changed"; readonly requestDigest: Digest; readonly recorded: Digest };

const heartbeatMs = 10_000;

/**
 * The reply to a question. It is durable, with its account, before this returns.
 *
 * @throws {ModelError} If the endpoint failed; {StoreError} if the store did; the reason of the signal if that was aborted; what `beforeCall` throws.
 */
export async function askModel(access: ModelAccess, question: Question): Promise<Answer> {
  const { model, store, journal } = access;
  const requestDigest = storeRequest(store, question.request, { endpoint: model.endpoint, model: model.name });
  const known = journal.find(question.key, requestDigest);
  if (known.kind !== "absent") return answerOf(access, known, { requestDigest, source: "journal" });
  question.beforeCall();
  const call = journal.begin(question.key, { request: requestDigest, startedMs: access.clock() });
  const reply = await callModel(access, question, call);
  return answerOf(access, record(access, question, { call, reply }), { requestDigest, source: "call" });
}

async function callModel(
  { model, journal, clock }: ModelAccess,
  { request, signal, heartbeat }: Question,
  call: number,
): Promise<ModelReply> {
  heartbeat();
  const beat = setInterval(heartbeat, heartbeatMs);
  try {
    return await model.model.complete(request, { signal });
  } catch (error) {
    journal.fail(call, { ...failureOf(error, signal), endedMs: clock() });
    throw error;
  } finally {
    clearInterval(beat);
  }
}

/** Reply, end of the call and account, in one transaction. */
function record(
  { model, store, journal, ledger, clock }: ModelAccess,
  { request, account }: Question,
  { call, reply }: { call: number; reply: ModelReply },
): Lookup {
  const { prompt, cached, completion, estimated } = reply.usage;
  return store.transaction(() => {
    const first = journal.succeed(call, { reply: store.putJson(reply), endedMs: clock() });
    ledger.enter({
      call,
      role: request.role,
      ...account,
      endpoint: model.endpoint,
      model: reply.model,
      prompt,
      cached,
      completion,
      estimated,
      costNanos: costNanos(reply.usage, model.prices),
      currency: model.prices?.currency ?? null,
    });
    return first;
  });
}

function answerOf(
  { store }: ModelAccess,
  known: Lookup,
  { requestDigest, source }: { requestDigest: Digest; source: "call" | "journal" },
): Answer {
  switch (known.kind) {
    case "found":
      return { kind: "answered", reply: store.getJson(known.reply, modelReplySchema), requestDigest, replyDigest: known.reply, source };
    case "request_changed":
      return { kind: "request_changed", requestDigest, recorded: known.recorded };
    case "absent":
      throw new TypeError("Cannot answer a step whose call has not ended");
  }
}

function failureOf(
  error: unknown,
  signal: AbortSignal,
): { readonly outcome: string; readonly detail: string; readonly charged: "no" | "perhaps" } {
  if (signal.aborted) return { outcome: "CANCELLED", detail: "", charged: "perhaps" };
  if (!(error instanceof ModelError)) return { outcome: "UNKNOWN", detail: error instanceof Error ? error.name : "", charged: "perhaps" };
  return {
    outcome: error.code,
    detail: error.detail === "" ? error.message : error.detail,
    charged: refusals.has(error.code) ? "no" : "perhaps",
  };
}

/** Codes by which an endpoint says that it did not answer. */
const refusals: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>([
  "RATE_LIMITED",
  "QUOTA",
  "OVERLOADED",
  "CONTEXT_OVERFLOW",
  "FILTERED",
  "AUTH",
  "BAD_REQUEST",
  "REDIRECT",
]);
