/** The built-in Architect, analysis: a plan composed from the seed's vocabulary, as sentences of the controlled English. */
import { z } from "zod";
import { type Blueprint, blueprintSchema } from "../../agents/architect-blueprint.js";
import type { Finding } from "../../agents/role.js";
import { vocabularySchema } from "../../agents/vocabulary.js";
import type { ModelRequest } from "../port.js";
import { composePlan } from "./compose.js";
import { type Draft, err, type Erring } from "./errors.js";
import * as life from "./patterns/life.js";
import { readSentence } from "./patterns/library.js";
import type { Statement } from "./patterns/pattern.js";
import { createRandom } from "./random.js";
import { termsOf } from "./reading/read-policy.js";
import { readCorrection, readJsonBlock } from "./request.js";

const seedSchema = z.object({ title: z.string(), summary: z.string(), vocabulary: vocabularySchema });

/** The plan, or the corrected plan; a first plan may leave something out on purpose. */
export function answerBlueprint(request: ModelRequest, erring: Erring): Draft<Blueprint> {
  const correction = readCorrection(request, blueprintSchema);
  if (correction !== null) return { value: correction.findings.reduce(repair, correction.previous), injected: null };
  const seed = readJsonBlock(request, "seed", seedSchema);
  const plan = blueprintOf(seed, composePlan(seed.vocabulary, request.random));
  return err(plan, [forgetThresholds, forgetEnds], { erring, random: createRandom(request.random, "errors") });
}

function blueprintOf({ title, summary }: z.infer<typeof seedSchema>, rules: Blueprint["rules"]): Blueprint {
  const statements = statementsOf(rules);
  const { things, acts, customer } = termsOf(statements);
  const who = customer?.thing.noun ?? "customer";
  return {
    title,
    summary: summary.trim().slice(0, 1200),
    entities: things.map(({ table, layer, plural }) => ({ name: table, layer, purpose: `the ${plural}` })),
    operations: acts.map(({ phrase, thing }) => ({ phrase, purpose: `concerns ${thing.plural}` })),
    roles: [
      { name: who, may: `ask for what concerns the ${who} alone` },
      { name: "system", may: "does what follows from an accepted change, and nobody can do it by hand" },
    ],
    rules,
  };
}

function statementsOf(rules: Blueprint["rules"]): Statement[] {
  return rules.flatMap(({ text }, index) => readSentence(text, String(index)) ?? []);
}

function forgetThresholds(plan: Blueprint): Draft<Blueprint> {
  return {
    value: { ...plan, rules: plan.rules.map((rule) => ({ ...rule, threshold: null })) },
    injected: "no limit is marked as a threshold",
  };
}

function forgetEnds(plan: Blueprint): Draft<Blueprint> {
  return {
    value: { ...plan, rules: plan.rules.filter(({ sort }) => sort !== "irreversible") },
    injected: "nothing is planned that cannot be undone",
  };
}

/** Puts right what one finding names, from the plan itself. */
function repair(plan: Blueprint, { problem }: Finding): Blueprint {
  if (problem.includes("threshold")) return { ...plan, rules: plan.rules.map((rule) => readSentence(rule.text, "0")?.planned ?? rule) };
  if (problem.includes("irreversible")) return { ...plan, rules: [...plan.rules, ...ends(plan)] };
  return plan;
}

/** What nothing leaves never changes again. */
function ends(plan: Blueprint): Blueprint["rules"] {
  const { things, moves } = termsOf(statementsOf(plan.rules));
  return things.flatMap((thing) => {
    const granted = moves.get(thing.table) ?? [];
    const last = [...new Set(granted.map(({ to }) => to))].filter((state) => granted.every(({ from }) => from !== state));
    return last.length === 0 ? [] : [life.final.plan({ thing: thing.noun, states: last })];
  });
}
