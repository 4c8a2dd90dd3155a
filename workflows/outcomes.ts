/** Which failures are outcomes of one piece of work, and which end the campaign. */
import type { ApplicationFailure } from "@temporalio/workflow";

/** A step answered before to another request, or a store that lost what it held: going on would make another dataset. */
const fatal: ReadonlySet<string> = new Set(["REQUEST_CHANGED", "STORE_DAMAGED", "STORE_MISSING", "STORE_VERSION"]);

/** Whether nothing made after this failure could be trusted. */
export function endsCampaign(failure: ApplicationFailure): boolean {
  return fatal.has(failure.type ?? "");
}
