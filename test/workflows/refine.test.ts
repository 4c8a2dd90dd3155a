import { describe, expect, test } from "vitest";
import type { Checked, Drafted } from "../../activities/contract.js";
import { refine } from "../../workflows/refine.js";

const spent = { tokens: 0, money: 0 };
const passed: Checked = { kind: "passed", line: "fine" };
const failed: Checked = { kind: "failed", report: "report", problems: 1, line: "limit is 4, 3 expected" };

function drafted(artefact: string, injected: string | null): Drafted {
  return { kind: "drafted", artefact, reply: `reply of ${artefact}`, line: artefact, injected, spent };
}

describe("refine()", () => {
  test("accepts a draft that passes every check, and counts an error nobody found as missed", async () => {
    const refined = await refine({
      corrections: 2,
      draft: () => Promise.resolve(drafted("a", "limit shifted")),
      checks: [() => Promise.resolve(passed)],
    });
    expect(refined).toMatchObject({
      kind: "accepted",
      artefact: "a",
      rounds: { drafts: 1, corrections: 0, injected: 1, found: 0, repaired: 0, missed: 1 },
    });
  });

  test("sends previous reply and report back, and counts what was found and repaired", async () => {
    const corrections: unknown[] = [];
    const refined = await refine({
      corrections: 2,
      draft: (correction, round) => {
        corrections.push(correction);
        return Promise.resolve(round === 0 ? drafted("a", "limit shifted") : drafted("b", null));
      },
      checks: [(artefact) => Promise.resolve(artefact === "a" ? failed : passed)],
    });
    expect(corrections).toEqual([null, { previous: "reply of a", report: "report" }]);
    expect(refined).toMatchObject({
      kind: "accepted",
      artefact: "b",
      rounds: { drafts: 2, corrections: 1, injected: 1, found: 1, repaired: 1, missed: 0 },
    });
  });

  test("rejects with the last report when the rounds run out, and asks no later check after one has failed", async () => {
    let later = 0;
    const refined = await refine({
      corrections: 1,
      draft: () => Promise.resolve(drafted("a", null)),
      checks: [() => Promise.resolve(failed), () => Promise.resolve(((later += 1), passed))],
    });
    expect(refined).toMatchObject({
      kind: "rejected",
      report: "report",
      line: "limit is 4, 3 expected",
      rounds: { drafts: 2, corrections: 1 },
    });
    expect(later).toBe(0);
  });

  test("treats a reply off contract as a failed check", async () => {
    const refined = await refine({
      corrections: 1,
      draft: (_correction, round) =>
        Promise.resolve(
          round === 0
            ? { kind: "malformed", reply: "x", report: "schema", line: "reply: not JSON", injected: null, spent }
            : drafted("b", null),
        ),
      checks: [],
    });
    expect(refined).toMatchObject({ kind: "accepted", artefact: "b", rounds: { drafts: 2 } });
  });
});
