import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { matchGlob } from "../../environment/core/match-glob.js";
import { sampleText } from "../../environment/proof/witness-sample.js";

const db = new Database(":memory:");
const glob = db.prepare<[string, string], number>("SELECT ? GLOB ?").pluck();
const matches = (text: string, pattern: string): boolean => glob.get(text, pattern) === 1;

const punctuation = Array.from({ length: 94 }, (_, index) => String.fromCodePoint(index + 33)).filter((each) => !/[a-z0-9]/i.test(each));
const rare = [
  "\u0301",
  "é",
  "\u{1f600}",
  "\u{1f601}",
  "\u{10ffff}",
  "\ufffd",
  "\ufffe",
  "\uffff",
  "\ud800",
  "\0",
  "\n",
  "\u2028",
  " ",
  "İ",
];
/** Few characters, so that texts and patterns often meet. */
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "c", "A", "0", "9") },
  { weight: 2, arbitrary: fc.constantFrom("-", "^", "]", "[", "*", "?", "\\") },
  fc.constantFrom(...punctuation, ...rare),
);
const set = fc
  .record({
    start: fc.constantFrom("[", "[^", "[]", "[^]", "[-", "[]-"),
    inside: fc.array(character, { maxLength: 5 }),
    end: fc.constantFrom("]", "]", "]", ""),
  })
  .map(({ start, inside, end }) => `${start}${inside.join("")}${end}`);
const range = fc
  .tuple(fc.constantFrom("[", "[^"), character, character, fc.constantFrom("", "-", "-z"))
  .map(([start, a, b, more]) => `${start}${a}-${b}${more}]`);
const pattern = fc.array(fc.oneof(character, set, range, fc.constantFrom("*", "?")), { maxLength: 6 }).map((pieces) => pieces.join(""));
const text = fc.array(character, { maxLength: 6 }).map((characters) => characters.join(""));

test("matchGlob() matches what SQLite's GLOB does", () => {
  fc.assert(
    fc.property(text, pattern, (value, wanted) => {
      expect(matchGlob(value, wanted)).toBe(matches(value, wanted));
    }),
    { numRuns: 20_000 },
  );
});

test("matchGlob() finds every set's members as SQLite does", () => {
  const all = ["a", "b", "c", "A", "0", "9", ...punctuation, ...rare];
  fc.assert(
    fc.property(fc.oneof(set, range), (wanted) => {
      expect(all.filter((each) => matchGlob(each, wanted))).toEqual(all.filter((each) => matches(each, wanted)));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["WO-7", "WO-[0-9]", true],
  ["WO-x", "WO-[0-9]", false],
  ["WO/7", "WO-[0-9]", false],
  ["z", "[z-a]", true],
  ["-", "[]-a]", true],
  ["b", "[]-a]", false],
  ["a", "[a", false],
])("matchGlob() reads %j by %j as %s", (value, wanted, expected) => {
  expect(matchGlob(value, wanted)).toBe(expected);
  expect(matches(value, wanted)).toBe(expected);
});

test("matchGlob() answers at once where many stars could share a text", () => {
  expect(matchGlob("a".repeat(2_000), `${"*a".repeat(200)}b`)).toBe(false);
});

test.each(["WO-[0-9][0-9]", "[^z-a]?", "[^a-zA-Z0]", "[^]x]*", "[]a]-[\\]", "[\u{1f600}-\u{1f601}]/*"])(
  "sampleText() finds texts like %j",
  (wanted) => {
    expect([0, 1, 12].filter((index) => !matches(sampleText(wanted, index), wanted))).toEqual([]);
  },
);
