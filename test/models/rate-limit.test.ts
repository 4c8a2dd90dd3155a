import { expect, test } from "vitest";
import { ModelError } from "../../models/port.js";
import { createRateLimit, type RateLimitOptions } from "../../models/rate-limit.js";

const { signal } = new AbortController();

/** A limit on a clock that moves only while something sleeps. */
function limitOnFakeClock(options: RateLimitOptions) {
  let now = 0;
  const limit = createRateLimit({
    ...options,
    clock: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  });
  return { limit, now: () => now };
}

async function startTimes(options: RateLimitOptions, tokens: readonly number[]): Promise<readonly number[]> {
  const { limit, now } = limitOnFakeClock(options);
  const times: number[] = [];
  for (const count of tokens) {
    await limit.acquire(count, signal);
    times.push(now());
  }
  return times;
}

test.each<[string, RateLimitOptions, readonly number[], readonly number[]]>([
  ["spaces requests", { requestsPerMinute: 60 }, [1, 1, 1], [0, 1000, 2000]],
  ["spaces tokens", { tokensPerMinute: 60_000 }, [3000, 500, 1], [0, 3000, 3500]],
  ["holds both", { requestsPerMinute: 60, tokensPerMinute: 60_000 }, [3000, 500, 1], [0, 3000, 4000]],
  ["without limits waits for nothing", {}, [1e9, 1e9], [0, 0]],
])("createRateLimit() %s", async (_name, options, tokens, expected) => {
  expect(await startTimes(options, tokens)).toEqual(expected);
});

test("acquire() refuses a wait too long for a slot, says how long, and reserves nothing", async () => {
  const { limit } = limitOnFakeClock({ tokensPerMinute: 1000, maxWaitMs: 20_000 });
  await limit.acquire(1000, signal);
  const refused = [
    await limit.acquire(1, signal).catch((error: unknown) => error),
    await limit.acquire(1, signal).catch((error: unknown) => error),
  ];
  expect(refused).toEqual([expect.any(ModelError), expect.any(ModelError)]);
  expect(refused).toMatchObject([
    { code: "RATE_LIMITED", retryAfterMs: 60_000 },
    { code: "RATE_LIMITED", retryAfterMs: 60_000 },
  ]);
});

test("correct() gives back tokens that were not used", async () => {
  const { limit, now } = limitOnFakeClock({ tokensPerMinute: 60_000 });
  await limit.acquire(5000, signal);
  limit.correct(-4000);
  await limit.acquire(1, signal);
  expect(now()).toBe(1000);
});

test("pause() holds everything back for the time the endpoint asked for", async () => {
  const { limit, now } = limitOnFakeClock({});
  limit.pause(7000);
  await limit.acquire(1, signal);
  expect(now()).toBe(7000);
});
