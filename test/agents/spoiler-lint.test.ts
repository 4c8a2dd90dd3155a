import { describe, expect, test } from "vitest";
import { spoilerFindings } from "../../agents/spoiler-lint.js";

const names = {
  toolNames: ["insert_loans", "query_machines", "authenticate"],
  tableNames: ["loans", "machines", "insurance_plans"],
  columnNames: ["price", "machine_code", "status"],
};

describe("spoilerFindings()", () => {
  test.each([
    ["a tool's name", "Ask the agent to use insert_loans.", "insert_loans"],
    ["a tool named by one word", "You authenticate first.", "authenticate"],
    ["a column's name with an underscore", "Tell the machine_code.", "machine_code"],
    ["any other identifier", "You want the one that is IN_REPAIR.", "IN_REPAIR"],
    ["a word of procedure", "The agent must update the loan.", "update"],
    ["a word of procedure at the start of a sentence", "Query the machines.", "query"],
  ])("reports %s", (_case, text, word) => {
    expect(spoilerFindings(text, names).map(({ where }) => where)).toEqual([`description: "${word}"`]);
  });

  test.each([
    ["names of one dictionary word", "You want the loan whose price is the lowest and whose status is OPEN."],
    [
      "the headings of a rendered description",
      "WHO_YOU_ARE:\nYou.\n\nSUB_GOALS (must be completed in order):\n1. [A] B REACTIVE_TRIGGER: IF so, THEN so.",
    ],
    ["words that merely contain one of procedure", "You are insertive, and the tableau is nice."],
  ])("allows %s", (_case, text) => {
    expect(spoilerFindings(text, names)).toEqual([]);
  });

  test("allows a word of procedure that the trade itself uses", () => {
    expect(spoilerFindings("You want a table for two.", { ...names, tableNames: ["dining_tables"] })).toEqual([]);
    expect(spoilerFindings("You want a table for two.", names)).toHaveLength(1);
  });

  test("reports a key that the system chose where it is said as a key", () => {
    expect(spoilerFindings("You mean loan #12.", { ...names, surrogateKeys: [12] })).toHaveLength(1);
    expect(spoilerFindings("You want it for 12 days.", { ...names, surrogateKeys: [12] })).toEqual([]);
  });
});
