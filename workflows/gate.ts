/**
 * Standing still and stopping. A workflow passes its gate before every call; a pause reaches the campaign, which hands it on
 * to every workflow below it; a failure that a person must mend (a refused key, a full disk) pauses the whole campaign and
 * the call is made again later. After a stop no model is called any more, and what there is is brought to an end.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  type SignalDefinition,
} from "@temporalio/workflow";
import { pausingFailures } from "../activities/failure-types.js";

export const pauseSignal = defineSignal<[string]>("pause");
export const resumeSignal = defineSignal("resume");
export const stopSignal = defineSignal<[string]>("stop");

export interface Gate {
  /** Why work stands still; null while it goes on. */
  readonly reason: () => string | null;
  /** Waits until the gate is open. */
  readonly open: () => Promise<void>;
  /** Makes a call once the gate is open, and again after a pause that the call itself brought about. */
  readonly pass: <Result>(call: () => Promise<Result>) => Promise<Result>;
  /** The same for a call that costs money. @throws {ApplicationFailure} `BUDGET_REACHED`, after a stop. */
  readonly spend: <Result>(call: () => Promise<Result>) => Promise<Result>;
  /** Lets no model be called any more, here and below. */
  readonly stop: (why: string) => Promise<void>;
  /** Children to which pause, resume and stop are handed on while they run. */
  readonly below: Set<string>;
}

/** Opens the gate of this workflow; `root` is the campaign, which such a failure pauses (null: this is the campaign). */
export function openGate(root: string | null): Gate {
  const held: { paused: string | null; stopped: string | null } = { paused: null, stopped: null };
  const below = new Set<string>();
  async function handOn<Args extends [] | [string]>(signal: SignalDefinition<Args>, ...args: Args): Promise<void> {
    for (const id of below)
      await getExternalWorkflowHandle(id)
        .signal(signal, ...args)
        .catch(gone);
  }
  async function stop(why: string): Promise<void> {
    held.stopped = why;
    held.paused = null;
    await handOn(stopSignal, why);
  }
  setHandler(pauseSignal, async (why: string) => {
    held.paused = why;
    await handOn(pauseSignal, why);
  });
  setHandler(resumeSignal, async () => {
    held.paused = null;
    await handOn(resumeSignal);
  });
  setHandler(stopSignal, stop);

  function open(): Promise<void> {
    return condition(() => held.paused === null);
  }
  async function pass<Result>(call: () => Promise<Result>): Promise<Result> {
    for (;;) {
      await open();
      try {
        return await call();
      } catch (error) {
        const failure = applicationFailure(error);
        if (failure === null || !pausingFailures.includes(failure.type ?? "")) throw error;
        held.paused = failure.message;
        if (root !== null) await getExternalWorkflowHandle(root).signal(pauseSignal, failure.message).catch(gone);
      }
    }
  }
  function spend<Result>(call: () => Promise<Result>): Promise<Result> {
    return pass(() => {
      if (held.stopped !== null) throw ApplicationFailure.nonRetryable(held.stopped, "BUDGET_REACHED");
      return call();
    });
  }
  return { reason: () => held.paused, open, pass, spend, stop, below };
}

/** The failure that an activity raised, here or in a workflow below; null for anything else (cancellation, timeouts). */
export function applicationFailure(error: unknown): ApplicationFailure | null {
  let found: unknown = error;
  while (found instanceof ActivityFailure || found instanceof ChildWorkflowFailure) found = found.cause;
  return found instanceof ApplicationFailure ? found : null;
}

function gone(): void {
  // A workflow that has not begun, or has just ended, is told by whoever waits for it.
}
