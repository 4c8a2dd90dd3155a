import { describe, expect, test } from "vitest";
import { type SimulatedConversation, simulatorFindings } from "../../agents/simulator-lint.js";

const description =
  "You want to reserve a machine. You mean the machine whose kind is SAW and whose weight is the lowest of all. For the number of days you want 3.";

function talk(...lines: readonly (readonly ["user" | "agent", string])[]): SimulatedConversation {
  return {
    profile: { name: "Ines Falk", "member number": "M-101" },
    description,
    lines: lines.map(([speaker, text]) => ({ speaker, text })),
  };
}

describe("simulatorFindings()", () => {
  test("finds nothing in a conversation that keeps to its blocks", () => {
    const clean = talk(
      ["user", "Hello, I am Ines Falk, M-101."],
      ["agent", "Price 4,500. Anything else?"],
      ["user", "For three days, the SAW, at 4500."],
      ["agent", "Done."],
      ["user", "###STOP###"],
    );
    expect(simulatorFindings({ ...clean, writes: { needed: 1, accepted: 1 } })).toEqual([]);
  });

  test.each([
    ["a number", "For 17 days."],
    ["a code", "My card is X-99."],
    ["a word in capitals", "It should be BLUE."],
    ["what stands in quotes", "It is for 'my cousin'."],
  ])("reports %s that nobody told as invented", (_case, line) => {
    expect(simulatorFindings(talk(["agent", "Yes?"], ["user", line])).map(({ where }) => where)).toEqual(["user line 1"]);
  });

  test("allows a value that the agent said before, not one that it says later", () => {
    expect(simulatorFindings(talk(["agent", "There is X-99."], ["user", "Then X-99."]))).toEqual([]);
    expect(simulatorFindings(talk(["user", "Then X-99."], ["agent", "There is X-99."]))).toHaveLength(1);
  });

  test("reports ten words of the description in a row, and not nine", () => {
    expect(simulatorFindings(talk(["user", "the machine whose kind is SAW and whose weight is"]))).toHaveLength(1);
    expect(simulatorFindings(talk(["user", "machine whose kind is SAW and whose weight is, well, low"]))).toEqual([]);
  });

  test.each([
    ["not alone", talk(["user", "Hi."], ["agent", "Done."], ["user", "Thanks! ###STOP###"])],
    ["before any answer", talk(["agent", "Hello, how can I help you today?"], ["user", "###STOP###"])],
    ["while a yes is awaited", talk(["user", "Hi."], ["agent", "I would reserve it. Shall I go ahead?"], ["user", "###STOP###"])],
    [
      "with writes missing",
      { ...talk(["user", "Hi."], ["agent", "Done. Is there anything else?"], ["user", "###STOP###"]), writes: { needed: 2, accepted: 1 } },
    ],
  ])("reports a stop %s as premature", (_case, conversation) => {
    expect(simulatorFindings(conversation)).toHaveLength(1);
  });

  test("takes a stop after a refusal for a wish that was given up", () => {
    const given = talk(["user", "Hi."], ["agent", "Unfortunately that cannot be done. Is there anything else?"], ["user", "###STOP###"]);
    expect(simulatorFindings({ ...given, writes: { needed: 2, accepted: 1 } })).toEqual([]);
  });
});
