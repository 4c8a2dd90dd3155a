import type { Prices } from "./endpoint-config.js";
import type { Usage } from "./port.js";

/** Nanos in one unit of a currency: costs are whole nanos, so that sums are exact in any order. */
export const nanosPerUnit = 1_000_000_000;

/** Cost of one call in nanos of the currency, rounded to the nearest; 0 where no prices are known. */
export function costNanos(usage: Pick<Usage, "prompt" | "cached" | "completion">, prices: Prices | null): number {
  if (prices === null) return 0;
  const fresh = usage.prompt - usage.cached;
  const perMillion = fresh * prices.prompt + usage.cached * (prices.cached ?? prices.prompt) + usage.completion * prices.completion;
  return Math.round((perMillion * nanosPerUnit) / 1_000_000);
}
