import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callLimits, ExactJsonError, parseExactJson, stringifyExactJson } from "../../environment/engine/exact-json.js";

const read = (text: string): unknown => parseExactJson(text, callLimits);

describe("parseExactJson()", () => {
  test.each([
    ["an integer", "12", 12n],
    ["an integer beyond 2^53", "9007199254740993", 9007199254740993n],
    ["a negative integer", "-0", 0n],
    ["a number with a fraction", "1.5", 1.5],
    ["a number with an exponent", "1e3", 1000],
    ["escapes", '"\\u0041\\n\\"\\/"', 'A\n"/'],
    ["a surrogate pair written as escapes", '"\\ud83d\\ude00"', "😀"],
    ["blanks around values", " \t[ true , false , null ]\r\n", [true, false, null]],
    ["an empty object", "{}", {}],
  ])("reads %s", (_name, text, value) => {
    expect(read(text)).toEqual(value);
  });

  test.each([
    ["a duplicate key", '{"a":1,"a":2}', /duplicate key "a" at position 7/],
    ["a duplicate key written as an escape", '{"a":1,"\\u0061":2}', /duplicate key/],
    ["a lone surrogate", '"\\ud800"', /lone surrogate/],
    ["a NUL", '"a\\u0000b"', /NUL in a string/],
    ["a control character", '"a\nb"', /the end of the string/],
    ["a number past the range of a double", "1e999", /out of range/],
    ["a leading zero", "01", /expected the end, found "1" at position 1/],
    ["NaN", "NaN", /expected a value/],
    ["a trailing comma", "[1,]", /expected a value, found "]"/],
    ["single quotes", "{'a':1}", /expected a key/],
    ["a comment", "1 // one", /expected the end/],
    ["nothing", "", /expected a value, found the end/],
    ["two documents", "{} {}", /expected the end/],
    ["a text cut off", '{"a":', /expected a value, found the end/],
    ["a no-break space", "\u00a01", /expected a value/],
  ])("refuses %s", (_name, text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(ExactJsonError);
  });

  test("keeps __proto__ as a key of its own", () => {
    const value = read('{"__proto__":{"admin":true}}') as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test("reads at the depth cap and refuses one level more, saying that it is a limit", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(read(nested(32))).toBeInstanceOf(Array);
    expect(() => read(nested(33))).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  test("reads at the byte cap, counted in UTF-8, and refuses one byte more", () => {
    const limits = { maxBytes: 4, maxDepth: 1 };
    expect(parseExactJson('"é"', limits)).toBe("é");
    expect(() => parseExactJson('"éa"', limits)).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  test("reads as JSON.parse does, save that integers are bigint", () => {
    const widen = (_key: string, value: unknown): unknown => (Number.isSafeInteger(value) ? BigInt(value as number) : value);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3, noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes("\\u0000") && !/(?<![.\d])\d{16,}(?![.\d])/.test(text));
        expect(parseExactJson(text, { maxBytes: 1e6, maxDepth: 32 })).toEqual(JSON.parse(text, widen));
      }),
    );
  });

  test("reads what stringifyExactJson() wrote", () => {
    const exact = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
        fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
        fc.array(tie("value")),
        fc.dictionary(fc.string(), tie("value")),
      ),
    }));
    fc.assert(
      fc.property(exact.value, (value) => {
        expect(parseExactJson(stringifyExactJson(value), { maxBytes: 1e6, maxDepth: 32 })).toEqual(value);
      }),
    );
  });
});

describe("stringifyExactJson()", () => {
  test.each([
    ["an integer up to 2^53 as a number", 2n ** 53n, "9007199254740992"],
    ["an integer beyond 2^53 as a string", 2n ** 53n + 1n, '"9007199254740993"'],
    ["a negative integer beyond 2^53 as a string", -(2n ** 63n), '"-9223372036854775808"'],
    ["a blob as base64", Buffer.from([255, 0]), '{"base64":"/wA="}'],
    ["an infinite real past the range", Number.NEGATIVE_INFINITY, "-1e999"],
    ["members in their order, undefined ones left out", { b: 1n, a: undefined, c: [null, "x"] }, '{"b":1,"c":[null,"x"]}'],
  ])("writes %s", (_name, value, text) => {
    expect(stringifyExactJson(value)).toBe(text);
  });

  test("refuses NaN and functions", () => {
    expect(() => stringifyExactJson(Number.NaN)).toThrow(TypeError);
    expect(() => stringifyExactJson(() => 1)).toThrow(TypeError);
  });
});
