import { describe, expect, test } from "vitest";
import { counted, funnelTable } from "../../workflows/funnel.js";

describe("counted()", () => {
  test("adds what went in, what came out, and the reasons of the rest, stage by stage", () => {
    const once = counted(
      [],
      [
        { stage: "policy", outcome: "accepted" },
        { stage: "policy", outcome: "unresolved" },
      ],
    );
    const twice = counted(once, [
      { stage: "policy", outcome: "unresolved" },
      { stage: "distil", outcome: "accepted" },
    ]);
    expect(twice.find((line) => line.stage === "policy")).toEqual({ stage: "policy", in: 3, out: 1, rejected: { unresolved: 2 } });
    expect(twice.map((line) => line.stage)).toEqual([
      "blueprint",
      "policy",
      "tables",
      "rules",
      "resources",
      "cast",
      "boundaries",
      "explore",
      "project",
      "certify",
      "distil",
    ]);
    expect(once.find((line) => line.stage === "policy")?.in).toBe(2);
  });
});

describe("funnelTable()", () => {
  test("shows the stages that were entered", () => {
    expect(funnelTable(counted([], [{ stage: "explore", outcome: "diverged" }]))).toBe(
      "| stage | in | out | rejected |\n| --- | --- | --- | --- |\n| explore | 1 | 0 | diverged 1 |",
    );
  });
});
