/** Types of failures that a workflow decides by. Constants alone: workflows import this file. */

/** Failures that time, money or a person must mend: the campaign pauses and says so, and no task is counted as failed. */
export const pausingFailures: readonly string[] = ["AUTH", "QUOTA", "STORE_UNWRITABLE"];

/** Failures that repeating the activity cannot mend; the list for `nonRetryableErrorTypes`. */
export const hopelessFailures: readonly string[] = [
  ...pausingFailures,
  "BAD_REQUEST",
  "CONTEXT_OVERFLOW",
  "FILTERED",
  "REDIRECT",
  "TOO_LARGE",
  "STORE_DAMAGED",
  "STORE_MISSING",
  "STORE_VERSION",
  "ARTEFACT_INVALID",
  // Raised by the SDK for a result past the server's limit, and retryable for ever by default.
  "PayloadsTooLarge",
];
