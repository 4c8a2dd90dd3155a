/** Kinds about who acts. */
import type { Expression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { isIn, type Lowering, readText } from "./lowering.js";

/** `ownership`: the actor is the one that the path names. */
export function lowerOwnership(rule: Extract<Rule, { kind: "ownership" }>, lowering: Lowering): Expression {
  return { kind: "compare", op: "=", left: readText(lowering, "is", rule.is), right: readText(lowering, "actor", rule.actor) };
}

/** `conflict`: the actor is somebody else than the one that the path names. */
export function lowerConflict(rule: Extract<Rule, { kind: "conflict" }>, lowering: Lowering): Expression {
  return { kind: "compare", op: "<>", left: readText(lowering, "not", rule.not), right: readText(lowering, "actor", rule.actor) };
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
  return { kind: "literal", value: null };
}
