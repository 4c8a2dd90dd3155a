import { expect, test } from "vitest";
import { replyDefect } from "../../models/reply-defect.js";

test.each([
  ["length", "LENGTH"],
  ["content_filter", "FILTERED"],
  ["refusal", "REFUSED"],
  ["stop", undefined],
  ["tool_calls", undefined],
  ["other", undefined],
] as const)("replyDefect() of a reply that finished by %s", (finishReason, code) => {
  expect(replyDefect({ finishReason })?.code).toBe(code);
});
