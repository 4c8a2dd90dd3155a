/**
 * The one place that decides what Temporal does with an error: its type, whether the activity is tried again, and when. Messages end up
 * in the history, so none holds prompt text, a key, or what a parser quotes of its input.
 */
import { ApplicationFailure, ApplicationFailureCategory, TemporalFailure } from "@temporalio/common";
import { z } from "zod";
import { ModelError, type ModelErrorCode } from "../models/port.js";
import { StoreError } from "../storage/store.js";

/** Tried a second time and no more: the endpoint may have been paid for nonsense, and may give it for ever. */
const triedTwice: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>(["MALFORMED_BODY", "EMPTY_CHOICES", "BAD_TOOL_CALL", "UNKNOWN"]);
/** Everyday failures that pass by themselves: kept out of warnings and failure metrics. */
const passing: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>(["RATE_LIMITED", "OVERLOADED"]);
/** How often an error nobody foresaw is tried. */
const unforeseenAttempts = 3;

/** Runs an activity's work; whatever it throws comes out as the failure that Temporal is to see. `attempt` counts from 1. */
export async function withFailures<T>(attempt: number, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(error, attempt);
  }
}

/** The failure of an error at the given attempt of its activity, from 1. Cancellation and failures already classified pass as they are. */
export function toFailure(error: unknown, attempt: number): TemporalFailure {
  if (error instanceof TemporalFailure) return error;
  if (error instanceof ModelError) return modelFailure(error, attempt);
  if (error instanceof StoreError)
    return ApplicationFailure.create({ type: `STORE_${error.kind.toUpperCase()}`, message: error.message, nonRetryable: true });
  if (error instanceof z.ZodError)
    return ApplicationFailure.create({
      type: "ARTEFACT_INVALID",
      message: `Stored data does not fit its schema: ${pathsOf(error)}`,
      nonRetryable: true,
    });
  return ApplicationFailure.create({
    type: codeOf(error) ?? "UNFORESEEN",
    message: whereabouts(error),
    nonRetryable: attempt >= unforeseenAttempts,
  });
}

function modelFailure(error: ModelError, attempt: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !error.retryable || (triedTwice.has(error.code) && attempt >= 2),
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
    ...(passing.has(error.code) ? { category: ApplicationFailureCategory.BENIGN } : {}),
  });
}

function pathsOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join(".") || "(root)"} (${issue.code})`)
    .join(", ");
}

/** SQLite's and the system's codes, such as SQLITE_BUSY. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(error.code)
    ? error.code
    : undefined;
}

/** The class of an error and the line of the program that raised it: enough to find it, and no data. */
function whereabouts(error: unknown): string {
  if (!(error instanceof Error)) return `A ${typeof error} was thrown`;
  const frame = /\/((?:[\w.-]+\/)?[\w.-]+\.[cm]?[jt]s:\d+)/.exec(error.stack?.split("\n    at ").slice(1).join("\n") ?? "")?.[1];
  return `${error.name}${frame === undefined ? "" : ` at ${frame}`}`;
}
