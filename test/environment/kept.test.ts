import { expect, test } from "vitest";
import { keptFor, type Sources } from "../../environment/core/kept.js";

interface Part {
  readonly asks: readonly string[] | "all";
}

interface Other {
  readonly name: string;
}

/** What a part says of those that it asks for, with a count of how often it was derived. */
function counted() {
  const runs = { count: 0 };
  const derive = keptFor(({ asks }: Part, { given: [word], parts }: Sources<readonly [string], Other>) => {
    runs.count += 1;
    return { said: word.length, of: (asks === "all" ? Object.keys(parts) : asks).map((name) => parts[name]?.name ?? "nobody") };
  });
  return { derive, runs };
}

const a = { name: "a" };
const b = { name: "b" };

test("keptFor() gives the first result again where nothing that was read changed", () => {
  const { derive, runs } = counted();
  const part = { asks: ["a"] };
  const first = derive(part, { given: ["one"], parts: { a, b } });
  expect(derive(part, { given: ["one"], parts: { a, b: { name: "another" } } })).toBe(first);
  expect(runs.count).toBe(1);
});

test.each([
  ["what is given", { given: ["four"], parts: { a, b } }, { said: 4, of: ["a", "nobody"] }],
  ["a part that was read", { given: ["one"], parts: { a: { name: "c" }, b } }, { said: 3, of: ["c", "nobody"] }],
  ["a part that was looked for and is there now", { given: ["one"], parts: { a, b, c: { name: "c" } } }, { said: 3, of: ["a", "c"] }],
] as const)("keptFor() derives anew where %s changed", (_, sources, expected) => {
  const { derive } = counted();
  const part = { asks: ["a", "c"] };
  derive(part, { given: ["one"], parts: { a, b } });
  expect(derive(part, sources)).toEqual(expected);
});

test("keptFor() derives anew where all names were gone through and there is one more", () => {
  const { derive } = counted();
  const part = { asks: "all" } as const;
  derive(part, { given: ["one"], parts: { a } });
  expect(derive(part, { given: ["one"], parts: { a, b } }).of).toEqual(["a", "b"]);
});

test("keptFor() gives the first result where one derived anew comes out equal", () => {
  const { derive, runs } = counted();
  const part = { asks: ["a"] };
  const first = derive(part, { given: ["one"], parts: { a } });
  expect(derive(part, { given: ["one"], parts: { a: { name: "a" } } })).toBe(first);
  expect(runs.count).toBe(2);
});
