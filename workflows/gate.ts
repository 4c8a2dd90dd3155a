/**
 * Pausing: a workflow passes its gate before every call that costs money. A pause reaches the campaign, which hands it on
 * to every workflow below it; a failure that a person must mend (a refused key, a full disk) pauses the whole campaign and the call is made again later.
 */
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, condition, defineSignal, getExternalWorkflowHandle, setHandler } from "@temporalio/workflow";
import { pausingFailures } from "../activities/failure-types.js";

export const pauseSignal = defineSignal<[string]>("pause");
export const resumeSignal = defineSignal("resume");

export interface Gate {
  /** Why work stands still; null while it goes on. */
  reason(): string | null;
  /** Makes a call once the gate is open, and again after a pause that the call itself brought about. */
  pass<Result>(call: () => Promise<Result>): Promise<Result>;
  /** Children to which pause and resume are handed on while they run. */
  readonly below: Set<string>;
}

/** Opens the gate of this workflow; `root` is the campaign, which an endpoint's refusal pauses. */
export function openGate(root: string | null): Gate {
  let reason: string | null = null;
  const below = new Set<string>();
  setHandler(pauseSignal, async (why: string) => {
    reason = why;
    for (const id of below) await getExternalWorkflowHandle(id).signal(pauseSignal, why).catch(gone);
  });
  setHandler(resumeSignal, async () => {
    reason = null;
    for (const id of below) await getExternalWorkflowHandle(id).signal(resumeSignal).catch(gone);
  });
  const isOpen = (): boolean => reason === null;
  async function pass<Result>(call: () => Promise<Result>): Promise<Result> {
    for (;;) {
      await condition(isOpen);
      try {
        return await call();
      } catch (error) {
        const failure = applicationFailure(error);
        if (failure === null || !pausingFailures.includes(failure.type ?? "")) throw error;
        reason = failure.message;
        if (root !== null) await getExternalWorkflowHandle(root).signal(pauseSignal, failure.message).catch(gone);
      }
    }
  }
  return { reason: () => reason, pass, below };
}

/** The failure that an activity raised, here or in a workflow below; null for anything else (cancellation, timeouts). */
export function applicationFailure(error: unknown): ApplicationFailure | null {
  let found: unknown = error;
  while (found instanceof ActivityFailure || found instanceof ChildWorkflowFailure) found = found.cause;
  return found instanceof ApplicationFailure ? found : null;
}

function gone(): void {
  // A workflow that has just ended needs no pause.
}
