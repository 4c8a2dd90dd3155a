/** The built-in Architect, dynamic rules: the guards and effects that the policy's clauses call for. */
import { type Rules, rulesSchema } from "../../agents/architect-rules.js";
import type { Finding } from "../../agents/role.js";
import type { ModelRequest } from "../port.js";
import { type Draft, err, type Erring, overlook } from "./errors.js";
import { createRandom, type Random } from "./random.js";
import { readPolicyText, rulesOf } from "./reading/read-policy.js";
import { readCorrection, readTextBlock } from "./request.js";

type Rule = Rules["rules"][number];

/** The rules, or the corrected ones; first ones may hold a slip. */
export function answerRules(request: ModelRequest, erring: Erring): Draft<Rules> {
  const random = createRandom(request.random, "errors");
  const right = rulesSchema.parse({ rules: rulesOf(readPolicyText(readTextBlock(request, "policy"))).rules });
  const correction = readCorrection(request, rulesSchema);
  if (correction !== null) {
    const { heeded, injected } = overlook(correction.findings, { erring, random });
    return { value: repair(correction.previous, heeded, right), injected };
  }
  return err(right, [dropRule, shiftLimit, shiftRank, breakExpression], { erring, random });
}

/** The previous rules with those of the clauses that the report concerns written anew from the policy. */
function repair({ rules }: Rules, findings: readonly Finding[], right: Rules): Rules {
  const concerned = new Set(findings.flatMap((finding) => clausesOf(finding, rules)));
  const isConcerned = ({ clauses }: Rule): boolean => clauses.some((clause) => concerned.has(clause));
  const kept = rules.filter((rule) => !isConcerned(rule));
  const order = right.rules.map(({ id }) => id);
  const all = [...kept, ...right.rules.filter(isConcerned)];
  return { rules: all.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id)) };
}

/** Clauses that a finding is about: the one it names, else those of the rule that it points at or mentions. */
function clausesOf({ clause, where, problem }: Finding, rules: readonly Rule[]): readonly string[] {
  if (clause !== null) return [clause];
  const index = /^rules[.[]([0-9]+)/.exec(where)?.[1];
  const rule =
    index === undefined ? rules.find(({ id }) => where === id || where.includes(id) || problem.includes(id)) : rules[Number(index)];
  return rule?.clauses ?? [];
}

function dropRule({ rules }: Rules, random: Random): Draft<Rules> | null {
  if (rules.length < 2) return null;
  const { id } = random.pick(rules);
  return { value: { rules: rules.filter((rule) => rule.id !== id) }, injected: `rule ${id} is dropped` };
}

/** Limits below this are counts or steps, others amounts. */
const SMALL = 100;

/** Fields in which a limit stands as a number. */
const limits = ["max", "min", "at_least", "at_most"] as const;

function shiftLimit({ rules }: Rules, random: Random): Draft<Rules> | null {
  const occasions = rules.flatMap((rule) =>
    limits.flatMap((field) => (field in rule && typeof fieldOf(rule, field) === "number" ? [{ rule, field }] : [])),
  );
  if (occasions.length === 0) return null;
  const { rule, field } = random.pick(occasions);
  const limit = Number(fieldOf(rule, field));
  // One cent more is no error where nothing costs a cent.
  const shifted = limit < SMALL ? limit + 1 : limit * 2;
  return replaced(rules, rule, { ...rule, [field]: shifted }, `${field} of rule ${rule.id} is ${shifted} instead of ${limit}`);
}

function shiftRank({ rules }: Rules, random: Random): Draft<Rules> | null {
  const occasions = rules.filter((rule) => "unless" in rule && typeof rule.unless === "string");
  if (occasions.length === 0) return null;
  const rule = random.pick(occasions);
  const { unless: _, ...rest } = { unless: "", ...rule };
  return replaced(rules, rule, rest, `rule ${rule.id} lacks its exempted ranks`);
}

/** Fields that hold an expression. */
const expressions = ["must", "check", "is", "to", "when", "row", "of"] as const;

function breakExpression({ rules }: Rules, random: Random): Draft<Rules> | null {
  const occasions = rules.flatMap((rule) =>
    expressions.flatMap((field) => (field in rule && /\bnew\.[a-z]/.test(String(fieldOf(rule, field))) ? [{ rule, field }] : [])),
  );
  if (occasions.length === 0) return null;
  const { rule, field } = random.pick(occasions);
  const broken = String(fieldOf(rule, field)).replace(/\bnew\.([a-z])/, "new.the_$1");
  return replaced(rules, rule, { ...rule, [field]: broken }, `rule ${rule.id} reads a column that is not there`);
}

function fieldOf(rule: Rule, field: string): unknown {
  return Object.entries(rule).find(([name]) => name === field)?.[1];
}

function replaced(rules: readonly Rule[], rule: Rule, other: unknown, injected: string): Draft<Rules> {
  return { value: rulesSchema.parse({ rules: rules.map((each) => (each === rule ? other : each)) }), injected };
}
