/** Kinds about who acts. */
import { checkExpression } from "../../core/check-expression.js";
import type { Expression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction } from "../../core/walk-expression.js";
import { isIn, type Lowering, readBound, readRows, readText, scopeOf, unknown } from "./lowering.js";

/** `ownership`: the actor is the one that the path names. */
export function lowerOwnership(rule: Extract<Rule, { kind: "ownership" }>, lowering: Lowering): Expression {
  return { kind: "compare", op: "=", left: readText(lowering, "is", rule.is), right: readText(lowering, "actor", rule.actor) };
}

/** `conflict`: the actor is somebody else than the one that the path names, and no row relates him to the case. */
export function lowerConflict(rule: Extract<Rule, { kind: "conflict" }>, lowering: Lowering): Expression {
  const actor = readText(lowering, "actor", rule.actor);
  const terms: Expression[] = [];
  if (rule.not !== undefined) terms.push({ kind: "compare", op: "<>", left: readText(lowering, "not", rule.not), right: actor });
  if (rule.none !== undefined) terms.push({ kind: "none", rows: readRows(lowering, "none", rule.none) });
  if (terms.length === 0) lowering.errors.push({ path: lowering.path, message: "expected `not` or `none`" });
  return conjunction(terms);
}

/** `role`: a rank is one of a list, or stands at least so high on a ladder. */
export function lowerRole(rule: Extract<Rule, { kind: "role" }>, lowering: Lowering): Expression {
  const of = readText(lowering, "of", rule.of);
  const { ladder, at_least: least } = rule;
  if (rule.any !== undefined && ladder === undefined && least === undefined) return isIn(of, rule.any);
  if (rule.any === undefined && ladder !== undefined && least !== undefined) {
    if (!isLadder(lowering, ladder)) return unknown;
    const needed = readRank(lowering, "at_least", { ladder, rank: least });
    return { kind: "compare", op: ">=", left: { kind: "rank", ladder, operand: of }, right: needed };
  }
  lowering.errors.push({ path: lowering.path, message: "expected either `any`, or `ladder` and `at_least`" });
  return unknown;
}

/** Whether there is such a ladder; else an error at `ladder`, and then nothing is to be ranked by it. */
function isLadder({ catalogue, errors, path: place }: Lowering, ladder: string): boolean {
  if (Object.hasOwn(catalogue.ladders, ladder)) return true;
  errors.push({ path: `${place}.ladder`, message: `there is no ladder "${ladder}"` });
  return false;
}

/** How high a rank stands; unknown, and an error at the field, where the ladder has none of this name. */
function readRank(lowering: Lowering, field: string, { ladder, rank }: { readonly ladder: string; readonly rank: string }): Expression {
  const before = lowering.errors.length;
  const ranked: Expression = { kind: "rank", ladder, operand: { kind: "literal", value: rank } };
  checkExpression(ranked, scopeOf(lowering, field));
  return lowering.errors.length === before ? ranked : unknown;
}

/** `approval`: whoever approves stands as high on a ladder as the amount asks for; the first step that it is above decides. */
export function lowerApproval(rule: Extract<Rule, { kind: "approval" }>, lowering: Lowering): Expression {
  const { ladder } = rule;
  const [of, amount] = [readText(lowering, "of", rule.of), readText(lowering, "amount", rule.amount)];
  if (!isLadder(lowering, ladder)) return unknown;
  const branches = rule.steps.map(({ above, at_least }, index) => {
    const over: Expression = { kind: "compare", op: ">", left: amount, right: readBound(lowering, `steps[${index}].above`, above) };
    return { when: over, then: readRank(lowering, `steps[${index}].at_least`, { ladder, rank: at_least }) };
  });
  const falls = rule.steps.every(({ above }, index) => {
    const before = rule.steps[index - 1]?.above;
    return typeof above !== "number" || typeof before !== "number" || above < before;
  });
  if (!falls) lowering.errors.push({ path: `${lowering.path}.steps`, message: "expected the highest amount first" });
  // Of an unknown amount it is unknown who may approve it.
  const given = { when: { kind: "is_null", operand: amount, negated: false } as const, then: unknown };
  const needed: Expression = {
    kind: "case",
    branches: [given, ...branches],
    otherwise: readRank(lowering, "else", { ladder, rank: rule.else }),
  };
  return { kind: "compare", op: ">=", left: { kind: "rank", ladder, operand: of }, right: needed };
}
