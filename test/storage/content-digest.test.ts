import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, contentDigest } from "../../storage/content-digest.js";

test("contentDigest() is SHA-256 of the bytes, of a text as UTF-8", () => {
  expect(contentDigest("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(contentDigest("é")).toBe(contentDigest(Uint8Array.of(0xc3, 0xa9)));
});

// RFC 8785, section 3.2.2 and 3.2.3
test("canonicalJson() writes the RFC's example as the RFC does", () => {
  const value = {
    numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '€$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  expect(canonicalJson({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 })).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  );
});

test.each([
  ["NaN", Number.NaN],
  ["an infinity", Infinity],
  ["a bigint", 1n],
  ["undefined in a list", [undefined]],
  ["a lone surrogate", "\ud800"],
  ["a date", new Date(0)],
])("canonicalJson() refuses %s", (_name, value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});

test("canonicalJson() is read back as the same value, whatever the order of members", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ stringUnit: "grapheme" }), { noNullPrototype: true }),
      (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(canonicalJson(Object.fromEntries(Object.entries(value).toReversed()))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
});
