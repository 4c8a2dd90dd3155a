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
        { id: "2", kind: "enforceable" as const, text: "A rookie borrows no saw.", heading: "Ranks" },
        { id: "3", kind: "enforceable" as const, text: "A master borrows all.", heading: "Ranks" },
      ],
    };
    expect(policyFromText(renderPolicy(policy))).toEqual({ policy, lines: [5, 6, 10, 11], gaps: [] });
  });

  test("keeps words, numbers what has no number, and says so", () => {
    const { policy, gaps } = policyFromText(
      "# Shop\n\n## Orders\n- An order has 1 to 5 lines.\n2.7) Prices come from the list.\n2.7 Twice.\n",
    );
    expect(policy.clauses.map(({ id, text }) => [id, text])).toEqual([
      ["1.1", "An order has 1 to 5 lines."],
      ["2.7", "Prices come from the list."],
      ["1.2", "Twice."],
    ]);
    expect(gaps).toEqual(["line 4: had no number and is clause 1.1", "line 6: number 2.7 stands twice; this one is clause 1.2"]);
  });

  test("gives a clause without a number none that another brings", () => {
    const { policy } = policyFromText("A loan ends.\n\n1.1 A saw is dear.\n");
    expect(policy.clauses.map(({ id }) => id)).toEqual(["1.2", "1.1"]);
  });

  test("joins the lines of a wrapped clause; blank lines, list marks, numbers and headings start another", () => {
    const { policy, lines } = policyFromText(
      "# Shop\nAn order is cancelled within\n30 days of\nits making.\n\nAnother paragraph,\nof two lines.\n- an item\n  that goes on\n- an item\n1. numbered\nand wrapped\n2.1 Numbered again\n## More\nThe last.\n",
    );
    expect(policy.clauses.map(({ text }) => text)).toEqual([
      "An order is cancelled within 30 days of its making.",
      "Another paragraph, of two lines.",
      "an item that goes on",
      "an item",
      "numbered and wrapped",
      "Numbered again",
      "The last.",
    ]);
    expect(lines).toEqual([2, 6, 8, 10, 11, 13, 15]);
  });

  test.each([
    "The agent confirms the details with the customer before it writes.",
    "Never invent prices.",
    "Before any change, you must explain what it costs.",
    "The agent is polite. Ask, never guess.",
    "If nothing helps, transfer the customer to a human agent.",
    "An order has 3 lines. [conduct]",
  ])("classes as conduct: %s", (text) => {
    expect(policyFromText(text).policy.clauses).toMatchObject([{ kind: "conduct" }]);
  });

  test.each([
    "A customer who asks for a refund gets half.",
    "The agent confirms a rental only once it is paid.",
    "The agent tells the customer the price and rents out at most 3 tools.",
    "The agent is polite. A gold member rents saws.",
    "An order is confirmed before it is shipped.",
    "Never invent prices. [enforceable]",
  ])("classes as enforceable: %s", (text) => {
    expect(policyFromText(text).policy.clauses).toMatchObject([{ kind: "enforceable" }]);
  });

  test("reports what it classed by its words, and every line that is no clause", () => {
    const { policy, gaps } = policyFromText("1.1 Never invent prices.\n\n---\n| a | b |\n1.2 A\n");
    expect(policy.clauses).toEqual([{ id: "1.1", kind: "conduct", text: "Never invent prices." }]);
    expect(gaps).toEqual([
      expect.stringMatching(/^line 1: clause 1\.1 is about the conversation only/),
      'line 3: "---" is no clause',
      'line 4: "| a | b |" is no clause',
      'line 5: "A" is too short for a clause',
    ]);
  });
});
