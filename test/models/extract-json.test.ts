import { expect, test } from "vitest";
import { extractJson } from "../../models/extract-json.js";

test.each([
  ["a document", '{"a":1}', '{"a":1}'],
  ["blanks and a byte-order mark", '\uFEFF \n{"a":1}\n', '{"a":1}'],
  ["one fenced block", '```json\n{"a":1}\n```', '{"a":1}'],
  ["prose round a block", 'Sure:\n```\n{"a":1}\n```\nDone.', '{"a":1}'],
  ["a fence with CRLF", '```json\r\n{"a":1}\r\n```', '{"a":1}'],
  ["JSON text inside JSON", '"{\\"a\\":1}"', '"{\\"a\\":1}"'],
  ["a fence inside a string", '{"a":"```json\\n1\\n```"}', '{"a":"```json\\n1\\n```"}'],
])("extractJson() takes %s", (_name, answer, text) => {
  expect(extractJson(answer)).toEqual({ kind: "json", text });
});

test.each([
  ["prose around JSON without a fence", 'Sure: {"a":1}', "NOT_JSON"],
  ["two blocks", "```\n1\n```\n```\n2\n```", "TWO_BLOCKS"],
  ["a document cut off", '{"a":', "NOT_JSON"],
  ["a trailing comma", '{"a":1,}', "NOT_JSON"],
  ["typographic quotes", "{“a”:1}", "NOT_JSON"],
  ["NaN", '{"a":NaN}', "NOT_JSON"],
  ["nothing", " \n", "EMPTY"],
  ["5 MB", `"${"x".repeat(5_000_000)}"`, "TOO_LARGE"],
])("extractJson() refuses %s", (_name, answer, code) => {
  expect(extractJson(answer)).toMatchObject({ kind: "none", code });
});
