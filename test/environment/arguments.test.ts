import { describe, expect, test } from "vitest";
import { checkArguments, type Parameter } from "../../environment/engine/arguments.js";

const parameters: ReadonlyMap<string, Parameter> = new Map(
  (
    [
      { name: "id", type: "integer", description: "", required: true },
      { name: "weight", type: "number", description: "", required: false },
      { name: "note", type: "string", description: "", required: false },
      { name: "status", type: "string", description: "", enum: ["OPEN", "CLOSED"], required: false },
      { name: "flag", type: "integer", description: "", enum: [0, 1], required: false },
      { name: "descending", type: "boolean", description: "", required: false },
    ] satisfies Parameter[]
  ).map((parameter) => [parameter.name, parameter]),
);

const big = "9007199254740993";

describe("checkArguments()", () => {
  test.each([
    ["a bigint", { id: 7n }, 7n],
    ["a JavaScript integer", { id: 7 }, 7n],
    ["an integer beyond 2^53 written as a string", { id: big }, 9007199254740993n],
    ["a negative one", { id: `-${big}` }, -9007199254740993n],
    ["the largest integer of 64 bits", { id: 2n ** 63n - 1n }, 2n ** 63n - 1n],
  ])("takes %s for an integer", (_name, given, id) => {
    expect(checkArguments(parameters, given)).toEqual({ ok: true, value: new Map([["id", id]]) });
  });

  test.each([
    ["a small integer as a string", { id: "7" }],
    ["2^53 itself as a string", { id: "9007199254740992" }],
    ["a big integer with a leading zero", { id: `0${big}` }],
    ["a hexadecimal string", { id: "0x10" }],
    ["an empty string", { id: "" }],
    ["a fraction", { id: 1.5 }],
    ["NaN", { id: Number.NaN }],
    ["a number that is rounded", { id: 2 ** 53 + 2 }],
    ["an integer past 64 bits", { id: 2n ** 63n }],
    ["a string past 64 bits", { id: "9223372036854775808" }],
    ["true", { id: true }],
    ["null", { id: null }],
    ["undefined", { id: undefined }],
    ["an array with an integer", { id: [7] }],
    ["an object", { id: { value: 7 } }],
    ["an integer for a string", { id: 1, note: 2 }],
    ["null for an optional string", { id: 1, note: null }],
    ["a NUL in a string", { id: 1, note: "a\0b" }],
    ["a lone surrogate", { id: 1, note: "\ud800" }],
    ["a value outside the enum", { id: 1, status: "open" }],
    ["an integer outside the enum", { id: 1, flag: 2 }],
    ["an integer for a boolean", { id: 1, descending: 1 }],
    ["infinity for a number", { id: 1, weight: Number.POSITIVE_INFINITY }],
    ["an unknown name", { id: 1, more: 2 }],
    ["a name of the prototype", { id: 1, constructor: 2 }],
    ["a missing argument", { note: "x" }],
    ["an array for all of them", [1]],
    ["null for all of them", null],
    ["nothing at all", undefined],
    ["a string for all of them", "id=1"],
  ])("refuses %s", (_name, given) => {
    expect(checkArguments(parameters, given)).toMatchObject({ ok: false, fault: { code: "INVALID_ARGUMENTS" } });
  });

  test("refuses __proto__ as an unknown name and leaves prototypes alone", () => {
    expect(checkArguments(parameters, JSON.parse('{"id":1,"__proto__":{"admin":true}}'))).toMatchObject({ ok: false });
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test("takes an integer where a number is asked for", () => {
    expect(checkArguments(parameters, { id: 1n, weight: 2n })).toEqual({
      ok: true,
      value: new Map<string, unknown>([
        ["id", 1n],
        ["weight", 2],
      ]),
    });
  });

  test("keeps hostile text as it is", () => {
    const note = "'); DROP TABLE members;--";
    expect(checkArguments(parameters, { id: 1n, note })).toEqual({
      ok: true,
      value: new Map<string, unknown>([
        ["id", 1n],
        ["note", note],
      ]),
    });
  });

  test("takes 65,536 bytes of text and answers one more with LIMIT", () => {
    expect(checkArguments(parameters, { id: 1, note: "x".repeat(65_536) })).toMatchObject({ ok: true });
    expect(checkArguments(parameters, { id: 1, note: "x".repeat(65_537) })).toMatchObject({ ok: false, fault: { code: "LIMIT" } });
  });
});
