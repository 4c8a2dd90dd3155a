import { expect, test } from "vitest";
import { costNanos } from "../../models/price.js";

const prices = { prompt: 2, cached: 0.5, completion: 8, currency: "USD" };

test.each([
  ["fresh, cached and completion tokens", { prompt: 1_000_000, cached: 400_000, completion: 100_000 }, prices, 2_200_000_000],
  ["one token", { prompt: 1, cached: 0, completion: 0 }, prices, 2_000],
  [
    "cached tokens without a price of their own",
    { prompt: 10, cached: 10, completion: 0 },
    { prompt: 2, completion: 8, currency: "USD" },
    20_000,
  ],
  ["no prices", { prompt: 1_000_000, cached: 0, completion: 1 }, null, 0],
])("costNanos() of %s", (_name, usage, given, expected) => {
  expect(costNanos(usage, given)).toBe(expected);
});
