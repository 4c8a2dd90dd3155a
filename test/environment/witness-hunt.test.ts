import { describe, expect, test } from "vitest";
import type { NormalForm } from "../../environment/compile/normal-form.js";
import { runWitnesses } from "../../environment/proof/prove.js";
import { beginSearch } from "../../environment/proof/witness-begin.js";
import { hunt, type Quarry } from "../../environment/proof/witness-hunt.js";
import { expectedOf, isSameAnswer, judgeWrite } from "../../environment/proof/witness-oracle.js";
import { findWitnesses } from "../../environment/proof/witness.js";
import { createRandom } from "../../models/builtin/random.js";
import { compiledOf } from "../doubles/lending-desk.js";
import { lendingSheet } from "../doubles/lending-sheet.js";

const compiled = compiledOf(lendingSheet);
const { catalogue, normal } = compiled;
const { witnesses } = findWitnesses(compiled, { work: 5000, random: createRandom(1, "near").next });

/** The sheet without one of its rules or effects, to be told from it near the witnesses of the others. */
function without(rule: string): Quarry {
  const changed: NormalForm = {
    guards: normal.guards.filter(({ id }) => id !== rule),
    effects: normal.effects.filter(({ id }) => id !== rule),
  };
  return { rule, shows: `${rule} is there`, mutated: { catalogue, normal: changed } };
}

const all = [...normal.guards.filter(({ origin }) => origin === "rule"), ...normal.effects].map(({ id }) => without(id));
const far = (rule: string) => witnesses.filter((each) => each.rule !== rule && each.expected.kind === "accepted");
const search = (work = 20_000, seed = 1) => beginSearch(compiled, { work, random: createRandom(seed, "hunt").next });

describe("hunt()", () => {
  test.each(all)("tells the sheet from one in which $rule is missing, from witnesses of other rules", (quarry) => {
    const { witnesses: found, open } = hunt(search(), [quarry], far(quarry.rule));
    expect(open).toEqual([]);
    expect(runWitnesses(compiled, found)).toEqual([]);
    const told = found.filter((each) => {
      const other = judgeWrite({ ...compiled, ...quarry.mutated }, each);
      return !isSameAnswer(each.expected, expectedOf(other));
    });
    expect(told.map(({ rule, shows }) => [rule, shows])).toEqual([[quarry.rule, quarry.shows]]);
  });

  test("finds the same again for the same seed", () => {
    expect(hunt(search(), all, witnesses)).toEqual(hunt(search(), all, witnesses));
  });

  test("leaves open what cannot be told, and ends", () => {
    const same: Quarry = { rule: all[0]?.rule ?? "", shows: "nothing", mutated: { catalogue, normal: { ...normal } } };
    expect(hunt(search(), [same], witnesses)).toEqual({ witnesses: [], open: [same] });
  });

  test("stops where its work is spent", () => {
    const spent = search(1);
    hunt(spent, all, witnesses);
    expect(spent.spent()).toBeLessThan(20);
  });
});
