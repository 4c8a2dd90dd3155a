import { expect, test } from "vitest";
import { readToolResult } from "../../environment/child/read-answer.js";
import { encodeExact } from "../../environment/child/wire.js";
import type { ToolResult } from "../../environment/engine/tool-result.js";

test("readToolResult() gives an accepted write back as it was sent, rows that an effect deleted included", () => {
  const sent: ToolResult = {
    ok: true,
    row: { id: 9_007_199_254_740_993n, cost: -0.5, code: null, seal: Buffer.from([0, 255]) },
    effects: [
      { table: "holds", key: { id: 3n }, columns: { code: "saw" }, deleted: true },
      { table: "members", key: { id: "m1" }, columns: { loans_out: 2n } },
    ],
  };
  expect(readToolResult(encodeExact(sent))).toEqual(sent);
});

test.each([
  ["no object", []],
  ["no verdict", { row: {} }],
  ["an unknown error code", { ok: false, error: { code: "FINE", message: "", violated_rule: null, hint: null } }],
  ["a row that is none", { ok: true, row: { id: [1n] }, effects: [] }],
])("readToolResult() refuses %s", (_name, sent) => {
  expect(() => readToolResult(encodeExact(sent))).toThrow("Cannot read a child's answer");
});
