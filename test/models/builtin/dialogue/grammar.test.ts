import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as agent from "../../../../models/builtin/dialogue/agent-lines.js";
import * as customer from "../../../../models/builtin/dialogue/customer-lines.js";
import { type DescribedGoal, describeGoal, describeTrigger, readDescription } from "../../../../models/builtin/dialogue/description.js";
import {
  hideQuotes,
  inWords,
  meansValue,
  readValue,
  type Said,
  sayValue,
  wordingOf,
} from "../../../../models/builtin/dialogue/plain-text.js";
import { readThing, sayThing, sayWhose, sayWith, type Thing, type Wish } from "../../../../models/builtin/dialogue/wishes.js";

const label = fc.constantFrom("daily price", "kind", "maker", "number of days", "reserved step", "licence");
const noun = fc.constantFrom("machine", "loan", "insurance plan", "evening class");
const phrase = fc.constantFrom("reserve a machine", "cancel a loan", "move an appointment to another day");
const text = fc.oneof(
  fc.constantFrom(
    "Harbour",
    "New York",
    "IN_REPAIR",
    "board meeting",
    "Borg & Sons",
    "O'Neil",
    'it\'s the "best" one',
    "12",
    "and whose price is 3",
    "a. b; c: d",
    "Nr. 5",
    "no",
    "the lowest",
  ),
  fc
    .string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...Array.from("abc XYZ09.,;:?!&'-_()")) })
    .filter((value) => value.trim() === value && value !== ""),
);
const value: fc.Arbitrary<Said> = fc.oneof(fc.integer({ min: -1000, max: 10 ** 9 }), text);
const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record({ column: label, comparison: fc.constantFrom("lowest" as const, "highest" as const) }),
  fc.record({ column: label, comparison: fc.constantFrom("=" as const, "<>" as const, "contains" as const), value }),
  fc.record({
    column: label,
    comparison: fc.constantFrom("<" as const, "<=" as const, ">" as const, ">=" as const),
    value: fc.integer({ min: 0, max: 10 ** 6 }),
  }),
);
const thing: fc.Arbitrary<Thing> = fc.record({ label: noun, own: fc.boolean(), wishes: fc.array(wish, { minLength: 1, maxLength: 4 }) });
const words = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map(wordingOf);
const attributes = fc.dictionary(label, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true });

describe("sayValue()", () => {
  test("reads back whatever the value holds", () => {
    fc.assert(
      fc.property(value, (each) => {
        expect(readValue(hideQuotes(sayValue(each)))).toEqual(each);
      }),
    );
  });

  test.each([
    ["Harbour", "Harbour"],
    ["New York", "New York"],
    ["board meeting", "'board meeting'"],
    ["0042", "0042"],
    ["42", "'42'"],
    ["O'Neil's", "\"O'Neil's\""],
  ])("says %s as %s", (given, said) => {
    expect(sayValue(given)).toBe(said);
  });
});

describe("meansValue()", () => {
  test("takes a listed value in words for the value", () => {
    expect(inWords("IN_REPAIR")).toBe("in repair");
    expect(meansValue("in repair", "IN_REPAIR")).toBe(true);
    expect(meansValue("repair", "IN_REPAIR")).toBe(false);
  });
});

describe("sayThing()", () => {
  test.each([
    ["whose", sayWhose],
    ["with", sayWith],
  ])("reads back in the form of %s", (_form, say) => {
    fc.assert(
      fc.property(thing, (each) => {
        expect(readThing(hideQuotes(sayThing(each, { own: "my", say })))).toEqual(each);
      }),
    );
  });
});

describe("readCustomer()", () => {
  test("reads every wording of a request", () => {
    fc.assert(
      fc.property(phrase, words, (act, said) => {
        expect(customer.readCustomer(customer.sayRequest(act, said))).toEqual([{ kind: "request", act }]);
      }),
    );
  });

  test("reads every wording of a description, and of another instead", () => {
    fc.assert(
      fc.property(thing, words, (each, said) => {
        expect(customer.readCustomer(customer.sayPoint(each, said))).toEqual([{ kind: "point", thing: each }]);
        expect(customer.readCustomer(customer.sayInstead(each, said))).toEqual([{ kind: "point", thing: each }]);
      }),
    );
  });

  test("reads values and facts as told", () => {
    fc.assert(
      fc.property(label, value, words, (name, told, said) => {
        expect(customer.readCustomer(customer.sayTold(name, told, said))).toEqual([{ kind: "tell", label: name, value: told }]);
        expect(customer.readCustomer(customer.sayFacts({ [name]: told, "birth year": 1980 }, said))).toEqual([
          { kind: "tell", label: name, value: told },
          { kind: "tell", label: "birth year", value: 1980 },
        ]);
      }),
    );
  });

  test.each(["yes", "no", "insist", "drop", "accept", "finish", "unknown"] as const)("reads every wording of %s", (kind) => {
    fc.assert(
      fc.property(words, (said) => {
        expect(customer.readCustomer(customer.sayPlainly(kind, said)).map((act) => act.kind)).toContain(kind);
      }),
    );
  });

  test("reads a question for the options", () => {
    fc.assert(
      fc.property(noun, words, (each, said) => {
        expect(customer.readCustomer(customer.sayAskOptions(each, said))).toEqual([{ kind: "ask_options", thing: each }]);
      }),
    );
  });
});

describe("readAgent()", () => {
  test("reads options with every value", () => {
    const options = fc.record({
      thing: noun,
      own: fc.boolean(),
      open: fc.array(attributes, { maxLength: 4 }),
      closed: fc.array(attributes, { maxLength: 2 }),
      more: fc.nat(9),
    });
    fc.assert(
      fc.property(options, words, (each, said) => {
        expect(agent.readAgent(agent.sayOptions(each, agent.sayTellApart(said)))).toEqual([{ kind: "options", options: each }]);
      }),
    );
  });

  test("reads an announcement with its rows and values", () => {
    const row = fc.record({ kind: fc.constant("row" as const), label: noun, attributes });
    const single = fc.record({ kind: fc.constant("value" as const), label, value });
    fc.assert(
      fc.property(phrase, fc.array(fc.oneof(row, single), { minLength: 1, maxLength: 3 }), words, (act, details, said) => {
        expect(agent.readAgent(agent.sayConfirm(act, details, said))).toContainEqual({ kind: "confirm", act, details });
      }),
    );
  });

  test("reads every wording of its other lines", () => {
    fc.assert(
      fc.property(noun, label, words, fc.boolean(), (name, column, said, own) => {
        expect(agent.readAgent(agent.sayWhich({ label: name, own }, said))).toEqual([{ kind: "which", thing: name, own }]);
        expect(agent.readAgent(agent.sayNone(name, said))).toEqual([{ kind: "none", thing: name }]);
        expect(agent.readAgent(agent.sayRestate(name, said))).toEqual([{ kind: "restate", thing: name }]);
        expect(agent.readAgent(agent.sayAsk({ label: column, choices: ["NONE", "IN_REPAIR"], number: null }, said))).toEqual([
          { kind: "ask", label: column, choices: ["NONE", "IN_REPAIR"], number: null },
        ]);
        expect(agent.readAgent(agent.sayAsk({ label: column, choices: [], number: "whole" }, said))).toEqual([
          { kind: "ask", label: column, choices: [], number: "whole" },
        ]);
        expect(agent.readAgent(agent.sayIdentify([column, "birth year"], said))).toEqual([
          { kind: "identify", labels: [column, "birth year"] },
        ]);
        expect(agent.readAgent(`${agent.sayDone({ [column]: "OUT" }, [], said)} ${agent.sayElse(said)}`).map(({ kind }) => kind)).toEqual([
          "done",
          "else",
        ]);
        expect(agent.readAgent(agent.sayRefused("The loan is over.", said))).toContainEqual({
          kind: "refused",
          reason: "The loan is over",
        });
        expect(agent.readAgent(agent.sayStuck(said)).map(({ kind }) => kind)).toContain("stuck");
      }),
    );
  });

  test("reads a menu, with and without notes", () => {
    const items = [
      { act: "reserve a machine", note: "3 machines on offer" },
      { act: "cancel a loan", note: "" },
    ];
    fc.assert(
      fc.property(words, (said) => {
        expect(agent.readAgent(agent.sayMenu(items, said))).toContainEqual({ kind: "menu", items });
      }),
    );
  });
});

describe("readDescription()", () => {
  test("reads back the sub-goals with their fallbacks", () => {
    const goal: fc.Arbitrary<DescribedGoal> = fc.record({
      act: phrase,
      first: fc.record({
        things: fc.array(thing, { maxLength: 2 }),
        values: fc.dictionary(label, value, { maxKeys: 2, noNullPrototype: true }),
      }),
      fallbacks: fc.array(thing, { maxLength: 2 }),
      end: fc.constantFrom("give_up" as const, "insist" as const),
    });
    fc.assert(
      fc.property(fc.array(goal, { minLength: 1, maxLength: 3 }), (goals) => {
        const rendered = goals
          .map((each, index) => `${index + 1}. [Title] ${describeGoal(each)} REACTIVE_TRIGGER: ${describeTrigger(each)}`)
          .join("\n");
        expect(readDescription(`WHO_YOU_ARE:\nYou are a customer.\n\nSUB_GOALS:\n${rendered}\n`)).toEqual(goals);
      }),
    );
  });
});
