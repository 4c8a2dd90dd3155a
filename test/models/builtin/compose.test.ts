import { describe, expect, test } from "vitest";
import { blueprintGaps } from "../../../agents/architect-blueprint.js";
import { vocabularySchema } from "../../../agents/vocabulary.js";
import { structureOf } from "../../../environment/compile/structure.js";
import { composePlan } from "../../../models/builtin/compose.js";
import { library, readSentence } from "../../../models/builtin/patterns/library.js";
import { declarationsOf, readPolicyText, rulesOf } from "../../../models/builtin/reading/read-policy.js";
import { compileReading } from "../../../models/builtin/world.js";
import { readSeed, seedFiles } from "./chain.js";

const numbers = Array.from({ length: 30 }, (_, index) => index + 1);

/** A plan as a policy's text. */
function policyOf(plan: readonly { readonly text: string }[]): string {
  return [
    "# plan",
    ...plan.map(({ text }, index) => `1.${index + 1} ${text}${readSentence(text, "1")?.kind === "conduct" ? " [conduct]" : ""}`),
  ].join("\n");
}

describe.each(seedFiles)("composePlan() of %s", (file) => {
  const vocabulary = vocabularySchema.parse(readSeed(file).vocabulary);
  const plans = numbers.map((number) => composePlan(vocabulary, number));

  test("gives the same plan for the same number, and at least 20 distinct structures for 30 numbers", () => {
    const structures = plans.map((plan) => {
      const compilation = compileReading(readPolicyText(policyOf(plan)));
      return compilation.ok ? structureOf(compilation.compiled) : compilation.errors;
    });
    expect(structures.filter((structure) => typeof structure !== "string")).toEqual([]);
    expect(new Set(structures).size).toBeGreaterThanOrEqual(20);
    expect(composePlan(vocabulary, 1)).toEqual(plans[0]);
  }, 60_000);

  test("plans what a blueprint must have", () => {
    const gaps = plans.flatMap((rules) =>
      blueprintGaps({ title: "plan", summary: "a plan to look at", entities: [], operations: [], roles: [], rules }),
    );
    expect(gaps).toEqual([]);
  });

  test("says only sentences that exactly one pattern reads back", () => {
    const texts = [...new Set(plans.flatMap((plan) => plan.map(({ text }) => text)))];
    const readers = texts.map((text) => library.filter((pattern) => readsBack(pattern, text)).map(({ id }) => id));
    expect(readers.filter((ids) => ids.length !== 1)).toEqual([]);
  });

  test("leaves no word of a policy unexplained", () => {
    const unexplained = plans.flatMap((plan) => {
      const reading = readPolicyText(policyOf(plan));
      return [...Object.entries(declarationsOf(reading).unexplained), ...Object.entries(rulesOf(reading).unexplained)];
    });
    expect(unexplained).toEqual([]);
  });
});

test("the two first scenarios use at least 12 patterns of rules each", () => {
  for (const file of seedFiles.slice(0, 2)) {
    const vocabulary = vocabularySchema.parse(readSeed(file).vocabulary);
    const used = new Set(
      numbers.flatMap((number) => composePlan(vocabulary, number).flatMap(({ text }) => readSentence(text, "1")?.pattern ?? [])),
    );
    expect(used.size).toBeGreaterThan(24);
  }
});

function readsBack(pattern: (typeof library)[number], text: string): boolean {
  try {
    return pattern.read(text, "1") !== null;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
