import { expect, test } from "vitest";
import { describeCounts } from "./counts.js";
import { chainsBetween, kinds, tryOneMeaning } from "./one-meaning.js";
import { dropClauses } from "./plants.js";
import { describeDisagreement, shrink } from "./shrink.js";

test("interpretWrite() and the compiled triggers agree on sheets, states and writes drawn at random: each kind accepts and refuses a thousand times, effects in chains among them", {
  timeout: 300_000,
}, () => {
  const counts = tryOneMeaning({ seed: 20_261_121, writes: 600_000, goal: 1000 });
  console.info(describeCounts(counts));
  expect(counts.disagreement === null ? "" : describeDisagreement(shrink(counts.disagreement))).toBe("");
  for (const kind of kinds) {
    const { accepted, refused } = counts.kinds.get(kind) ?? { accepted: 0, refused: 0 };
    expect([kind, accepted >= 1000, refused >= 1000]).toEqual([kind, true, true]);
  }
  expect(chainsBetween(counts)).toBeGreaterThanOrEqual(1000);
  for (const chain of ["spawn→counter (same table)", "promote→counter (same table)", "propagate→spawn", "counter→guard", "spawn→guard"])
    expect([chain, (counts.chains.get(chain) ?? 0) >= 10]).toEqual([chain, true]);
});

test.each(kinds)(
  "a clause dropped from %s is noticed, be it the compiler that drops it or the interpreter",
  { timeout: 120_000 },
  (kind) => {
    for (const side of ["compiler", "interpreter"] as const) {
      const plant = { side, spoil: dropClauses } as const;
      const { disagreement, writes } = tryOneMeaning({ seed: 7, writes: 12_000, kinds: [kind], plant });
      expect([side, writes, disagreement === null]).toEqual([side, writes, false]);
    }
  },
);

test("shrink() leaves of a disagreement what is needed to see it", { timeout: 60_000 }, () => {
  const plant = { side: "compiler", spoil: dropClauses } as const;
  const { disagreement } = tryOneMeaning({ seed: 3, writes: 12_000, plant });
  const small = disagreement === null ? null : shrink(disagreement, plant);
  expect(small?.drawn.engine.sheet.rules.length).toBeLessThanOrEqual(2);
  expect(Object.values(small?.state ?? {}).flat().length).toBeLessThanOrEqual(6);
});
