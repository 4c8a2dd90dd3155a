import { foldName } from "../../sql/tokenize-sql.js";
import { type Finding, type ImportFacts, sitesOn, tableNamed } from "../facts.js";
import { columnKey, outcomesOf, TRUE } from "../possible.js";
import type { SqlExpression } from "../sql-expression.js";
import type { TriggerShape } from "../trigger-shape.js";

/** Columns that a trigger judges only where they are not NULL, while nothing asks that they be given: leaving them out passes all of it. */
export function nullExempt(facts: ImportFacts): readonly Finding[] {
  return facts.triggers.flatMap((trigger) => {
    const table = tableNamed(facts, trigger.table);
    const sites = sitesOn({ triggers: [trigger] }, trigger.table, trigger.event);
    const exempt = new Set(sites.flatMap(({ raise }) => (raise.own === null ? [] : exemptIn(raise.own))));
    return [...exempt].flatMap((name) => {
      const column = table?.columns.find((each) => foldName(each.name) === name);
      if (column === undefined || column.notNull || isAsked(facts, trigger, name)) return [];
      const message = `NEW.${column.name} is judged only where it is not NULL, and nothing refuses a NULL: leaving it out passes`;
      return [{ kind: "null-hole", object: trigger.name, message }];
    });
  });
}

/** The columns of NEW that a condition asks not to be NULL beside something else. */
function exemptIn(condition: SqlExpression): readonly string[] {
  if (condition.kind !== "logic" || condition.op !== "and") return [];
  return condition.operands.flatMap((operand): readonly string[] => {
    if (operand.kind === "logic") return exemptIn(operand);
    const isNotNull =
      operand.kind === "compare" && operand.op === "is not" && operand.right.kind === "literal" && operand.right.value === null;
    return isNotNull && operand.left.kind === "column" && operand.left.row === "new" ? [operand.left.name] : [];
  });
}

/** Whether some refusal of the event may be for the column being NULL. */
function isAsked(facts: ImportFacts, { table, event }: TriggerShape, name: string): boolean {
  const known = new Map([[columnKey({ row: "new", name }), null]]);
  return sitesOn(facts, table, event).some(({ raise }) => raise.own !== null && asksFor(raise.own, known));
}

function asksFor(condition: SqlExpression, known: ReadonlyMap<string, null>): boolean {
  if (condition.kind === "logic") return condition.operands.some((operand) => asksFor(operand, known));
  if (condition.kind !== "compare" || condition.op !== "is") return false;
  return condition.left.kind === "column" && condition.left.row === "new" && outcomesOf(condition, known) === TRUE;
}
