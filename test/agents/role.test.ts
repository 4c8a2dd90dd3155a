import { describe, expect, test } from "vitest";
import { reviewSchema, decodeReply, withCorrection } from "../../agents/role.js";

const fine = JSON.stringify({ ok: true, findings: [] });

describe("decodeReply()", () => {
  test.each([
    ["a document", fine],
    ["a fenced document", `\`\`\`json\n${fine}\n\`\`\``],
  ])("reads %s", (_name, text) => {
    expect(decodeReply(reviewSchema, text)).toEqual({ kind: "parsed", value: { ok: true, findings: [] } });
  });

  test.each([
    ["cut off", fine.slice(0, 10), /not one JSON document/],
    ["with prose around it", `Here you are: ${fine}`, /not one JSON document/],
    ["with another key", '{"ok":true,"findings":[],"extra":1}', /extra/],
    ["with a wrong type", '{"ok":"yes","findings":[]}', /^ok: /],
  ])("refuses a reply %s, with the reason", (_name, text, reason) => {
    const decoded = decodeReply(reviewSchema, text);
    expect(decoded.kind === "malformed" && decoded.reason).toMatch(reason);
  });
});

describe("withCorrection()", () => {
  test("adds the previous answer and the report, and nothing to a first attempt", () => {
    const messages = [{ role: "user" as const, content: "Write." }];
    expect(withCorrection(messages, null)).toBe(messages);
    const corrected = withCorrection(messages, {
      previous: "{}",
      report: [{ clause: "1.1", where: "rules[0]", problem: "limit 4", expected: "limit 3" }],
    });
    expect(corrected.map((message) => message.role)).toEqual(["user", "assistant", "user"]);
    expect(corrected[2]?.content).toContain("limit 3");
  });
});
