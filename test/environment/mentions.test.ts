import { expect, test } from "vitest";
import { mentions } from "../../environment/task/mentions.js";

test.each([
  ["costing under 1,200 in all", 1200n, true],
  ["for three days", 3n, true],
  ["for 3 days", 3n, true],
  ["for 30 days", 3n, false],
  ["for 3.5 days", 3n, false],
  ["at 13", 3n, false],
  ["in Business Class", "BUSINESS_CLASS", true],
  ["a workshop", "SHOP", false],
  ["fee of 2.5", 2.5, true],
] as const)("mentions() of %j and %s is %s", (text, value, found) => {
  expect(mentions(text, value)).toBe(found);
});

test("mentions() takes the verb of the act's phrase for a state", () => {
  expect(mentions("please cancel it", "CANCELLED", "cancel a booking")).toBe(true);
  expect(mentions("please keep it", "CANCELLED", "cancel a booking")).toBe(false);
});
