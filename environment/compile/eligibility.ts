import type { ElsewhereEvent, Guard } from "./normal-form.js";

/** Guards that an effect's own write meets in any case: it is due, and leaves the key alone. */
const met: ReadonlySet<string> = new Set(["read_only", "key", "writable"]);

/** Whether a guard of the table has a say in which of its rows a promotion may take. */
export function isEligibilityGuard(guard: Guard, table: string): boolean {
  return guard.table === table && guard.id !== "session.required" && !(guard.origin === "structure" && met.has(guard.kind));
}

/** The events by which a guard has a say for other rows than the one promoted; those judged after further effects cannot be known before. */
export function eligibilityEvents({ events }: Guard, table: string): readonly ElsewhereEvent[] {
  return events.filter(
    (event): event is ElsewhereEvent => event.kind === "elsewhere" && event.table === table && event.on === "update" && !event.settled,
  );
}
