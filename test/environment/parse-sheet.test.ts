import { expect, test } from "vitest";
import { stringify } from "yaml";
import { compileSheet } from "../../environment/compile/compile-sheet.js";
import { parseSheet } from "../../environment/engine/parse-sheet.js";
import { courses } from "./sheets.js";

test("parseSheet() reads the key null as it stands, quoted or not", () => {
  const quoted = stringify(courses);
  const unquoted = quoted.replaceAll('"null":', "null:");
  expect(unquoted).not.toBe(quoted);
  for (const text of [quoted, unquoted, JSON.stringify(courses)]) expect(parseSheet(text)).toEqual({ ok: true, sheet: courses });
  const flow = parseSheet("columns: {note: {type: text, null: none, default: null}}");
  expect(flow).toEqual({ ok: true, sheet: { columns: { note: { type: "text", null: "none", default: null } } } });
  expect(compileSheet(courses).ok).toBe(true);
});

test.each([
  [
    "a tab",
    "tables:\n  a:\n    columns:\n\t    id: {type: integer}\n      b: {type: text}\n  c: 1\n",
    /^Tabs .* line 4,[^]*\n\(2 more behind it, which may go with it\)$/,
  ],
  ["a line out of line", "tables:\n  a:\n    b: {}\n   c: {}\n  d: {}\n", /^All mapping items .* line 4/],
  ["a bracket left open", "a: [", /^Flow sequence .* with a \] at line 1, column 5/],
  ["a key that is no text", "? [a]\n: b\n", /all keys must be strings at line 1/],
  ["an alias of nothing", "a: *b\n", /Unresolved alias/],
])("parseSheet() says one error of %s", (_name, text, message) => {
  const parsed = parseSheet(text);
  const errors = parsed.ok ? [] : parsed.errors;
  expect(errors.map(({ path }) => path)).toEqual([""]);
  expect(errors[0]?.message).toMatch(message);
});
