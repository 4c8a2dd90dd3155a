/** The built-in Verifier on the policy: every rule of the plan must be read back from a clause, with the same parameters. */
import { blueprintSchema } from "../../agents/architect-blueprint.js";
import type { Finding, Review } from "../../agents/role.js";
import type { ModelRequest } from "../port.js";
import { readSentence } from "./patterns/library.js";
import type { Statement } from "./patterns/pattern.js";
import { readPolicyText } from "./reading/read-policy.js";
import { readJsonBlock, readTextBlock } from "./request.js";

/** Findings: a rule that no clause says, a clause that says it otherwise, a clause that the plan does not have. */
export function reviewPolicy(request: ModelRequest): Review {
  const { rules } = readJsonBlock(request, "blueprint", blueprintSchema);
  const { clauses, patterns } = readPolicyText(readTextBlock(request, "policy"));
  const planned = rules.flatMap(({ text }) => readSentence(text, "0") ?? []);
  const unsaid = withoutTwins(planned, patterns);
  const extra = withoutTwins(patterns, planned);
  const findings: Finding[] = [];
  for (const rule of unsaid) {
    const index = extra.findIndex((clause) => clause.pattern === rule.pattern && isNear(rule, clause));
    const near = extra[index];
    if (near !== undefined) extra.splice(index, 1);
    findings.push(near === undefined ? missing(rule) : different(rule, near));
  }
  for (const clause of extra)
    findings.push({
      clause: clause.clause,
      where: clause.clause,
      problem: `no rule of the blueprint says this: ${clause.text}`,
      expected: "",
    });
  const read = new Set(patterns.map(({ clause }) => clause));
  for (const { id, kind, text } of clauses) {
    if (kind === "enforceable" && !read.has(id))
      findings.push({ clause: id, where: id, problem: `a database cannot decide this: ${text}`, expected: "" });
  }
  return { ok: findings.length === 0, findings };
}

/** Statements of the first list for each of which the second has no equal of its own. */
function withoutTwins(statements: readonly Statement[], others: readonly Statement[]): Statement[] {
  const texts = others.map(({ text }) => text);
  return statements.filter(({ text }) => {
    const index = texts.indexOf(text);
    if (index >= 0) texts.splice(index, 1);
    return index < 0;
  });
}

/** The same rule but for numbers, ranks and listed values. */
function isNear(a: Statement, b: Statement): boolean {
  return Object.keys(a.slots).every((slot) => !isNoun(a.slots[slot]) || a.slots[slot] === b.slots[slot]);
}

function isNoun(value: unknown): boolean {
  return typeof value === "string" && /^[a-z]/.test(value);
}

function missing({ text }: Statement): Finding {
  return { clause: null, where: "policy", problem: `no clause says this rule of the blueprint: ${text}`, expected: text };
}

function different(rule: Statement, clause: Statement): Finding {
  return {
    clause: clause.clause,
    where: clause.clause,
    problem: `it says "${clause.text}", which is not the rule of the blueprint`,
    expected: rule.text,
  };
}
