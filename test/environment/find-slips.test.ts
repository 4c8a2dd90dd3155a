import { describe, expect, test } from "vitest";
import { compileSheet } from "../../environment/compile/compile-sheet.js";
import { findSlips } from "../../environment/sheet/find-slips.js";
import { sheetSchema } from "../../environment/sheet/sheet.js";

interface Parts {
  readonly columns?: object;
  readonly states?: object;
  readonly rules?: readonly object[];
}

const states = { column: "status", start: "NEW", moves: [{ from: "NEW", to: "DONE", when: "free" }], end: ["DONE"] };

function sheetWith({ columns = {}, states: changed = {}, rules = [] }: Parts): unknown {
  return {
    logigen: 1,
    id: "jobs",
    title: "Jobs",
    policy: [{ id: "1", kind: "conduct", text: "All that the rules say." }],
    actor: { mode: "columns" },
    tables: {
      jobs: {
        label: "job",
        plural: "jobs",
        layer: "L2",
        key: "id",
        create: { by: "agent" },
        duplicates: ["1"],
        columns: {
          id: { type: "integer" },
          parent: { type: "integer", references: "jobs", null: "none" },
          from_step: { type: "integer" },
          status: { type: "text" },
          ...columns,
        },
        states: { ...states, ...changed },
      },
    },
    rules: rules.map((rule) => ({ id: "r", table: "jobs", clauses: ["1"], holds: "always", message: "It is refused.", ...rule })),
  };
}

function errorsOf(parts: Parts): readonly string[] {
  const compilation = compileSheet(sheetWith(parts));
  return compilation.ok ? [] : compilation.errors.map(({ path, message }) => `${path}: ${message}`);
}

const text = { type: "text", class: "text" };
const integer = { type: "integer" };
const at = "tables.jobs.columns.x";
const window = { kind: "window", from: "new.from_step", to: "new.parent.from_step" };
const children = { kind: "children", rows: { from: "jobs", match: { parent: "new.id" }, states: "any" } };
const part = { count: { from: "jobs", states: ["DONE"] } };
const ratio = { kind: "ratio", part, of: { count: { from: "jobs", states: "any" } }, empty: "accept" };

describe("compileSheet() refuses", () => {
  test.each([
    [{ ...integer, min: 10, max: 1 }, `${at}.min: expected at most \`max\`, which is 1, got 10: no value is in the range`],
    [
      { ...text, format: "A[0-9" },
      `${at}.format: expected "]" after each "[" (a "[" itself is written "[[]"), got "A[0-9": nothing matches it`,
    ],
    [{ ...integer, values: [1, 20], max: 10 }, `${at}.values[1]: expected at most \`max\`, which is 10, got 20`],
    [{ ...text, values: ["A-1", "B"], format: "?-?" }, `${at}.values[1]: expected text like \`format\`, which is "?-?", got "B"`],
    [{ ...text, values: ["PENDING", "PASS"], default: "WAIT" }, `${at}.default: expected one of PENDING, PASS, got "WAIT"`],
    [{ ...integer, min: 1, default: 0 }, `${at}.default: expected at least \`min\`, which is 1, got 0`],
    [{ ...integer, max: 1, default: 2 }, `${at}.default: expected at most \`max\`, which is 1, got 2`],
    [{ ...integer, unit: "flag", default: 2 }, `${at}.default: expected one of 0, 1, got 2`],
    [{ ...text, max_length: 3, default: "long" }, `${at}.default: expected at most \`max_length\` characters, which is 3, got "long"`],
    [{ ...text, format: "[A-Z]*", default: "low" }, `${at}.default: expected text like \`format\`, which is "[A-Z]*", got "low"`],
    [
      { ...integer, default: null },
      `${at}.default: expected a value, or what NULL means (\`null: none\`, \`open\` or \`unknown\`), got null`,
    ],
    [{ ...integer, default: "one" }, `${at}.default: expected a default of type integer`],
  ])("the column %j", (x, error) => {
    expect(errorsOf({ columns: { x } })).toEqual([error]);
  });

  test.each([
    [{ ...window, at_least: 20, at_most: 1 }, "at_least: expected at most `at_most`, which is 1, got 20"],
    [{ kind: "limit", count: children.rows, min: 3, max: 2 }, "min: expected at most `max`, which is 2, got 3"],
    [{ ...children, min: 3, max: 2 }, "min: expected at most `max`, which is 2, got 3"],
    [{ ...children, min: 3, equals: 2 }, "min: expected at most `equals`, which is 2, got 3"],
    [{ ...children, equals: 3, max: 2 }, "equals: expected at most `max`, which is 2, got 3"],
    [{ ...ratio, at_least: [2, 3], at_most: [1, 2] }, "at_least: expected at most `at_most`, which is [1,2], got [2,3]"],
    [{ ...ratio, above: [2, 4], at_most: [1, 2] }, "above: expected less than `at_most`, which is [1,2], got [2,4]"],
  ])("the bounds of %j", (rule, error) => {
    expect(errorsOf({ rules: [rule] })).toEqual([`rules[0].${error}: nothing meets both`]);
  });

  test("a state that no row comes to", () => {
    const moves = [
      { from: "BOOKED", to: "HELD", when: "free" },
      { from: "HELD", to: "DONE", when: "free" },
    ];
    const message = "no row comes to the state BOOKED: declare a move that leads there, or make it a start";
    expect(errorsOf({ states: { moves } })).toEqual([`tables.jobs.states.moves[0].from: ${message}`]);
    expect(errorsOf({ states: { end: ["DONE", "BOOKED"] } })).toEqual([`tables.jobs.states.end[1]: ${message}`]);
    const circle = [...moves.slice(0, 1), { from: "HELD", to: "BOOKED", when: "free" }];
    expect(errorsOf({ states: { moves: circle, end: [] } })).toEqual([`tables.jobs.states.moves[0].from: ${message}`]);
  });
});

test.each<Parts>([
  { columns: { x: { ...integer, min: 1, max: 1, default: 1, values: [1] }, y: { ...integer, null: "none", default: null } } },
  { columns: { status: { type: "text", default: "NEW" } } },
  { columns: { x: { ...text, format: "[^]a]-[[]", default: "b-[" } } },
  { rules: [{ ...window, at_least: 1, at_most: 1 }] },
  { rules: [{ ...window, at_least: 20, at_most: "new.parent.from_step" }] },
  { rules: [{ ...ratio, at_least: [1, 2], at_most: [2, 4] }] },
  { states: { start: ["NEW", "DONE"], moves: [], end: [] } },
])("findSlips() finds none in %j", (parts) => {
  expect(findSlips(sheetSchema.parse(sheetWith(parts)))).toEqual([]);
  expect(errorsOf(parts)).toEqual([]);
});
