/** Which rules give a column's value, so that an agent who knows the policy need not be told it. */
import type { CatalogueTable } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import type { Expression } from "../core/expression.js";
import type { Guard } from "../compile/normal-form.js";
import { conjunctsOf, pathsIn } from "../core/walk-expression.js";

/** Structural guards that leave one value where a state machine or the clock does. */
const fixingStructure: ReadonlySet<string> = new Set(["start", "move", "stamp"]);

/** The ids of the rules that fix the column: its calculation or decision, a guard that equates it, its start, moves or stamp. */
export function fixingRules({ sheet, normal }: Compiled, table: CatalogueTable, column: string): ReadonlySet<string> {
  const computed = new Map(
    sheet.rules.flatMap((rule): [string, string][] =>
      rule.kind === "calculation" || rule.kind === "decide" ? [[rule.id, rule.column]] : [],
    ),
  );
  const fixes = (guard: Guard): boolean => {
    if (guard.origin === "structure") return fixingStructure.has(guard.kind) && guard.id === `${table.name}.${column}.${guard.kind}`;
    // Of two values that pin each other only the computed one follows.
    const of = computed.get(guard.id);
    return of === undefined ? conjunctsOf(guard.must).some((term) => equates(term, column)) : of === column;
  };
  return new Set(normal.guards.filter((guard) => guard.table === table.name && fixes(guard)).map((guard) => guard.id));
}

function equates(term: Expression, column: string): boolean {
  if (term.kind === "in") return !term.negated && term.values.length === 1 && isColumn(term.operand, column);
  if (term.kind !== "same" && !(term.kind === "compare" && term.op === "=")) return false;
  const { left, right } = term;
  return (isColumn(left, column) && !reads(right, column)) || (isColumn(right, column) && !reads(left, column));
}

function isColumn(expression: Expression, column: string): boolean {
  return expression.kind === "path" && expression.root === "new" && expression.steps.length === 1 && expression.steps[0] === column;
}

function reads(expression: Expression, column: string): boolean {
  return pathsIn(expression).some(({ root, steps }) => root === "new" && steps[0] === column);
}
