/** Kinds about who acts. */
import type { Expression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction } from "../../core/walk-expression.js";
import { isIn, type Lowering, readBound, readRows, readText, unknown } from "./lowering.js";

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
  if (rule.any !== undefined && rule.ladder === undefined && rule.at_least === undefined) return isIn(of, rule.any);
  if (rule.any === undefined && rule.ladder !== undefined && rule.at_least !== undefined) {
    return {
      kind: "compare",
      op: ">=",
      left: { kind: "rank", ladder: rule.ladder, operand: of },
      right: { kind: "rank", ladder: rule.ladder, operand: { kind: "literal", value: rule.at_least } },
    };
  }
  lowering.errors.push({ path: lowering.path, message: "expected either `any`, or `ladder` and `at_least`" });
  return unknown;
}

/** `approval`: whoever approves stands as high on a ladder as the amount asks for; the first step that it is above decides. */
export function lowerApproval(rule: Extract<Rule, { kind: "approval" }>, lowering: Lowering): Expression {
  const rank = (operand: Expression): Expression => ({ kind: "rank", ladder: rule.ladder, operand });
  const amount = readText(lowering, "amount", rule.amount);
  const branches = rule.steps.map(({ above, at_least }, index) => {
    const over: Expression = { kind: "compare", op: ">", left: amount, right: readBound(lowering, `steps[${index}].above`, above) };
    return { when: over, then: rank({ kind: "literal", value: at_least }) };
  });
  const falls = rule.steps.every(({ above }, index) => {
    const before = rule.steps[index - 1]?.above;
    return typeof above !== "number" || typeof before !== "number" || above < before;
  });
  if (!falls) lowering.errors.push({ path: `${lowering.path}.steps`, message: "expected the highest amount first" });
  // Of an unknown amount it is unknown who may approve it.
  const given = { when: { kind: "is_null", operand: amount, negated: false } as const, then: unknown };
  const needed: Expression = { kind: "case", branches: [given, ...branches], otherwise: rank({ kind: "literal", value: rule.else }) };
  return { kind: "compare", op: ">=", left: rank(readText(lowering, "of", rule.of)), right: needed };
}
