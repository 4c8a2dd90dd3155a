import { describe, expect, test } from "vitest";
import { renderPolicy } from "../../agents/architect-policy.js";
import { policyFromText } from "../../agents/policy-from-text.js";

describe("policyFromText()", () => {
  test("reads back what renderPolicy() wrote", () => {
    const policy = {
      title: "Tool rental",
      clauses: [
        { id: "1.1", kind: "enforceable" as const, text: "A loan lasts at most 3 steps.", heading: "Loans" },
        { id: "1.2", kind: "conduct" as const, text: "The agent confirms before it writes.", heading: "Loans" },
        { id: "2.1", kind: "enforceable" as const, text: "A rookie borrows no saw.", heading: "Ranks" },
      ],
    };
    expect(policyFromText(renderPolicy(policy))).toEqual({ policy, gaps: [] });
  });

  test("keeps words, numbers what has no number, and says so", () => {
    const { policy, gaps } = policyFromText("# Shop\n\n## Orders\n- An order has 1 to 5 lines.\n2.7) Prices come from the list.\n2.7 Twice.\n");
    expect(policy.clauses.map(({ id, text }) => [id, text])).toEqual([["1.1", "An order has 1 to 5 lines."], ["2.7", "Prices come from the list."], ["1.2", "Twice."]]);
    expect(gaps).toEqual(["line 4: had no number and is clause 1.1", "line 6: number 2.7 stands twice; this one is clause 1.2"]);
  });
});
