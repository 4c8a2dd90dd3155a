import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Attributes, fitting } from "../../../../models/builtin/dialogue/options.js";
import { attributeOf, isSingledOut, singleOut, vaguer } from "../../../../models/builtin/dialogue/single-out.js";

const flats: readonly Attributes[] = [
  { district: "Harbour", rent: 900, rooms: 2 },
  { district: "Harbour", rent: 700, rooms: 3 },
  { district: "Hill", rent: 700, rooms: 1 },
];

describe("fitting()", () => {
  test.each([
    ["a filter", [{ column: "district", comparison: "=" as const, value: "Harbour" }], 2],
    ["a superlative with a tie", [{ column: "rent", comparison: "lowest" as const }], 2],
    [
      "a superlative after a filter, whatever the order",
      [
        { column: "rent", comparison: "lowest" as const },
        { column: "district", comparison: "=" as const, value: "Harbour" },
      ],
      1,
    ],
    [
      "two superlatives in order",
      [
        { column: "rent", comparison: "lowest" as const },
        { column: "rooms", comparison: "highest" as const },
      ],
      1,
    ],
    ["a bound", [{ column: "rent", comparison: ">" as const, value: 700 }], 1],
    ["text without regard to case", [{ column: "district", comparison: "contains" as const, value: "HARB" }], 2],
    ["a column that no row has", [{ column: "garden", comparison: "<>" as const, value: "none" }], 0],
  ])("judges %s", (_case, wishes, count) => {
    expect(fitting(flats, wishes, attributeOf)).toHaveLength(count);
  });
});

describe("singleOut()", () => {
  const row = fc.record({
    kind: fc.constantFrom("A", "B", "C"),
    price: fc.integer({ min: 1, max: 6 }),
    weight: fc.integer({ min: 1, max: 6 }),
    code: fc.string({ minLength: 4, maxLength: 4, unit: fc.constantFrom("a", "b", "c", "1") }),
  });
  const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 10, selector: ({ code }) => code });

  test("leaves the row meant alone, and so does every first part with that row among what is left", () => {
    fc.assert(
      fc.property(rows, fc.nat(9), fc.double({ min: 0, max: 0.999, noNaN: true }), (all, at, pick) => {
        const meant = all[at % all.length] as Attributes;
        const wishes = singleOut(all, meant, { pick, superlatives: "allowed" });
        expect(isSingledOut(all, meant, wishes)).toBe(true);
        expect(fitting<Attributes>(all, vaguer(wishes), attributeOf)).toContain(meant);
      }),
    );
  });

  test("avoids superlatives where not all rows are known", () => {
    const wishes = flats.flatMap((meant) => singleOut(flats, meant, { pick: 0.5, superlatives: "avoided" }));
    expect(wishes.every(({ comparison }) => comparison === "=")).toBe(true);
  });

  test("gives every attribute of a row that has a twin", () => {
    const twins: readonly Attributes[] = [
      { kind: "A", price: 1 },
      { kind: "A", price: 1 },
    ];
    expect(singleOut(twins, twins[0] as Attributes, { pick: 0, superlatives: "allowed" })).toHaveLength(2);
  });
});
