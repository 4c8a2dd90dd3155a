import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from "@temporalio/common";
import { expect, test } from "vitest";
import { z } from "zod";
import { hopelessFailures, pausingFailures } from "../../activities/failure-types.js";
import { toFailure, withFailures } from "../../activities/failures.js";
import { ModelError, type ModelErrorCode } from "../../models/port.js";
import { StoreError } from "../../storage/store.js";

test.each<[ModelErrorCode, number, "retried" | "final"]>([
  ["RATE_LIMITED", 19, "retried"],
  ["OVERLOADED", 19, "retried"],
  ["TIMEOUT", 5, "retried"],
  ["TRANSPORT", 5, "retried"],
  ["TRANSPORT_TRUNCATED", 5, "retried"],
  ["MALFORMED_BODY", 1, "retried"],
  ["MALFORMED_BODY", 2, "final"],
  ["EMPTY_CHOICES", 2, "final"],
  ["BAD_TOOL_CALL", 1, "retried"],
  ["QUOTA", 1, "final"],
  ["AUTH", 1, "final"],
  ["BAD_REQUEST", 1, "final"],
  ["CONTEXT_OVERFLOW", 1, "final"],
  ["FILTERED", 1, "final"],
  ["REDIRECT", 1, "final"],
  ["TOO_LARGE", 1, "final"],
  ["UNKNOWN", 1, "retried"],
  ["UNKNOWN", 2, "final"],
])("toFailure() of %s at attempt %i", (code, attempt, retry) => {
  expect(toFailure(new ModelError(code, "why"), attempt)).toMatchObject({ type: code, message: "why", nonRetryable: retry === "final" });
});

test("toFailure() hands on the wait an endpoint asked for, and keeps everyday refusals out of the warnings", () => {
  const failure = toFailure(new ModelError("RATE_LIMITED", "later", { retryAfterMs: 7_000 }), 1);
  expect(failure).toMatchObject({ nextRetryDelay: 7_000, category: ApplicationFailureCategory.BENIGN });
});

test.each([
  ["a full disk", new StoreError("unwritable", "Cannot write"), "STORE_UNWRITABLE"],
  ["a damaged artefact", new StoreError("damaged", "Artefact x is damaged"), "STORE_DAMAGED"],
  ["stored data off its schema", z.object({ text: z.string() }).safeParse({ text: 7 }).error, "ARTEFACT_INVALID"],
])("toFailure() gives up on %s", (_name, error, type) => {
  expect(toFailure(error, 1)).toMatchObject({ type, nonRetryable: true });
});

test("toFailure() tries what nobody foresaw three times, and says no more than class and place", () => {
  const failures = [1, 2, 3].map((attempt) => toFailure(unreadable("the secret prompt"), attempt));
  expect(failures).toMatchObject([false, false, true].map((nonRetryable) => ({ type: "UNFORESEEN", nonRetryable })));
  expect(failures[0]?.message).toMatch(/^SyntaxError at .*failures\.test\.ts:\d+$/);
});

function unreadable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

test("toFailure() names SQLite's code", () => {
  expect(toFailure(Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" }), 1)).toMatchObject({
    type: "SQLITE_BUSY",
    nonRetryable: false,
  });
});

test("withFailures() passes results, cancellation and failures already classified", async () => {
  expect(await withFailures(1, () => 7)).toBe(7);
  for (const error of [new CancelledFailure("stop"), ApplicationFailure.nonRetryable("no")]) {
    await expect(withFailures(1, () => Promise.reject(error))).rejects.toBe(error);
  }
});

test("every failure that pauses a campaign is final", () => {
  expect(hopelessFailures).toEqual(expect.arrayContaining([...pausingFailures]));
});
