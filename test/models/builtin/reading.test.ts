import { describe, expect, test } from "vitest";
import { attributes } from "../../../models/builtin/reading/attributes.js";
import { calculationsOf, declarationsOf, readPolicyText, rulesOf } from "../../../models/builtin/reading/read-policy.js";
import { a, number, sentence, symbols, words } from "../../../models/builtin/reading/sentence.js";

const policy = `# Desk

## What is kept

1.1 Every change is made for one member, who is identified by member number and email.
1.2 The register of members holds a member by its member number, with email (text) and grade (ranked LOW below HIGH).
1.3 The catalogue of tools lists a tool by its tool code, with daily price (in cents) and kind (HAND or POWER).
1.4 Of a lending the list of lendings records member (one of the members; recorded by the system as who asks), tool (one of the tools), lending step (a step; recorded by the system when made) and deposit back (in cents; given when BACK).
1.5 A member may ask to lend a tool, which makes a lending that starts as OUT.
1.6 A member may ask to bring a tool back, which takes a lending from OUT to BACK.
1.7 A lending that is BACK never changes again.
1.8 Only lendings that are OUT count as live.
1.9 A member may have at most 2 live lendings, but 3 from grade HIGH up.
1.10 When a lending becomes BACK, its deposit back is, of the daily price of the tool, 0 percent from 4 steps, 50 percent from 2 steps and 100 percent below, by the steps passed since its lending step, rounded down.
1.11 Be kind to members. [conduct]
`;

describe("sentence()", () => {
  const form = sentence("{thing} may be in at most {max} {plural} that are {states}.", {
    thing: a,
    max: number,
    plural: words,
    states: symbols,
  });

  test("reads back what it says", () => {
    const values = { thing: "order line", max: 3, plural: "service orders", states: ["OPEN", "HELD", "DONE"] };
    const text = form.say(values);
    expect(text).toBe("An order line may be in at most 3 service orders that are OPEN, HELD or DONE.");
    expect(form.read(text)).toEqual(values);
  });

  test("does not read a sentence with another word", () => {
    expect(form.read("An order line can be in at most 3 service orders that are OPEN.")).toBeNull();
  });
});

test("attributes read back what they say, whatever their type and source", () => {
  const text =
    "route (text), price (in cents), seats (a count from 1 to 9), level (ranked LOW below HIGH), state (A, B or C), owner (one of the members; recorded by the system as who asks) and end (a step; recorded by the system when A or B)";
  expect(attributes.say(attributes.read(text))).toBe(text);
});

describe("readPolicyText()", () => {
  const reading = readPolicyText(policy);

  test("reads every clause with its heading and kind", () => {
    expect(reading.title).toBe("Desk");
    expect(reading.clauses).toHaveLength(11);
    expect(reading.clauses.at(-1)).toEqual({ id: "1.11", kind: "conduct", text: "Be kind to members.", heading: "What is kept" });
    expect(reading.patterns.map(({ pattern }) => pattern)).toContain("quota-rank");
  });

  test("yields the declarations that the clauses call for", () => {
    const { draft, unexplained } = declarationsOf(reading);
    expect(unexplained).toEqual({});
    expect(draft.actor).toEqual({ mode: "session", table: "members", evidence: ["email"], clauses: ["1.1"] });
    expect(draft.ladders).toEqual({ grade: ["LOW", "HIGH"] });
    expect(draft.tables["lendings"]?.states).toEqual({
      column: "status",
      start: "OUT",
      moves: [
        { from: "OUT", to: "BACK", by: "agent", when: "free", sets: ["deposit_back"], phrase: "bring a tool back", clauses: ["1.6"] },
      ],
      end: ["BACK"],
      clauses: ["1.5", "1.7"],
    });
  });

  test("yields the rules that the clauses call for", () => {
    expect(rulesOf(reading).rules.map(({ id }) => id)).toEqual(["quota-rank-1.9", "fee-since-1.10"]);
  });

  test("gives amounts that must be worked out as expressions of the typed core", () => {
    expect(calculationsOf(reading)).toEqual([
      {
        clause: "1.10",
        table: "lendings",
        column: "deposit_back",
        at: ["OUT>BACK"],
        expression:
          "case when now - new.lending_step >= 4 then 0 when now - new.lending_step >= 2 then floor(new.tool_code.daily_price * 50 / 100) else new.tool_code.daily_price end",
      },
    ]);
  });

  test("names the clause whose words nothing explains", () => {
    const broken = readPolicyText(policy.replace(/^1\.3 .*\n/m, ""));
    expect(Object.keys(rulesOf(broken).unexplained)).toContain("1.10");
  });
});
