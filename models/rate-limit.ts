/** Requests and tokens a minute of one endpoint, within one process. */
import { setTimeout as wait } from "node:timers/promises";
import { ModelError } from "./port.js";

export interface RateLimit {
  /**
   * Resolves when a request of so many tokens may start.
   *
   * @throws {ModelError} `RATE_LIMITED` with the time to wait, where that is too long to hold a slot for; nothing is reserved then.
   */
  acquire(tokens: number, signal: AbortSignal): Promise<void>;
  /** Takes the difference of real to reserved tokens into account. */
  correct(tokens: number): void;
  /** The endpoint asked to wait: nothing starts for so long; 5 s where it did not say. */
  pause(ms: number | undefined): void;
}

export interface RateLimitOptions {
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** The longest wait inside a call; default 20 s. */
  readonly maxWaitMs?: number;
  /** A clock that never jumps, in ms; default that of the process. */
  readonly clock?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const minuteMs = 60_000;
const pauseMs = 5_000;

/** A limit that spaces requests evenly: each takes its share of a minute, and starts when the shares before it are over. */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { requestsPerMinute, tokensPerMinute, maxWaitMs = 20_000, clock = processClock, sleep = sleepFor } = options;
  const requestMs = requestsPerMinute === undefined ? 0 : minuteMs / requestsPerMinute;
  const tokenMs = tokensPerMinute === undefined ? 0 : minuteMs / tokensPerMinute;
  let requestsUntil = -Infinity;
  let tokensUntil = -Infinity;
  let pausedUntil = -Infinity;

  async function acquire(tokens: number, signal: AbortSignal): Promise<void> {
    const now = clock();
    const start = Math.max(requestsUntil, tokensUntil, pausedUntil, now);
    const waitMs = start - now;
    if (waitMs > maxWaitMs)
      throw new ModelError("RATE_LIMITED", "The endpoint's limit for a minute is used up", { retryAfterMs: Math.ceil(waitMs) });
    requestsUntil = start + requestMs;
    tokensUntil = start + tokens * tokenMs;
    if (waitMs > 0) await sleep(waitMs, signal);
  }

  return {
    acquire,
    correct(tokens) {
      tokensUntil += tokens * tokenMs;
    },
    pause(ms = pauseMs) {
      pausedUntil = Math.max(pausedUntil, clock() + ms);
    },
  };
}

function processClock(): number {
  return performance.now();
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal });
}
