/** The longest wait that is honoured; an endpoint that asks for more is asked again after this. */
const maxWaitMs = 15 * 60_000;

/**
 * How long an answer asks to wait, in ms, at most 15 minutes: `retry-after-ms`, else `retry-after` in seconds or as a date.
 *
 * @returns undefined where it does not say, or says it in no known form.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function retryAfterMs(headers: { get(name: string): string | null }, nowMs: number): number | undefined {
  const milliseconds = headers.get("retry-after-ms");
  if (milliseconds !== null && /^\d+(\.\d+)?$/.test(milliseconds)) return bounded(Number(milliseconds));
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return bounded(Number(text) * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : bounded(date - nowMs);
}

function bounded(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, 0), maxWaitMs));
}
