/** Expressions that stand in declarations: conditions of moves, derived columns, the actor's standing. */
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { checkCondition, checkExpression, checkValue, commonRoots, type Scope } from "../core/check-expression.js";
import type { Expression } from "../core/expression.js";
import type { Errors } from "../core/sheet-error.js";
import { childrenOf, walk } from "../core/walk-expression.js";

/** Adds what is wrong with a catalogue's expressions to `errors`. */
export function checkCatalogue(catalogue: Catalogue, standing: Expression | null, errors: Errors): void {
  for (const table of Object.values(catalogue.tables)) {
    checkMoves(catalogue, table, errors);
    checkDerived(catalogue, table, errors);
  }
  if (standing !== null) checkCondition(standing, { catalogue, errors, path: "actor.when", roots: commonRoots(catalogue) });
}

function checkMoves(catalogue: Catalogue, table: CatalogueTable, errors: Errors): void {
  const row = { kind: "row", table: table.name } as const;
  table.states?.moves.forEach(({ when }, index) => {
    const scope: Scope = {
      catalogue,
      errors,
      path: `tables.${table.name}.states.moves[${index}].when`,
      roots: { new: row, old: row, ...commonRoots(catalogue) },
    };
    if (when !== null) checkCondition(when, scope);
  });
}

/** A derived column reads plain columns of its own row that are not derived themselves. */
function checkDerived(catalogue: Catalogue, table: CatalogueTable, errors: Errors): void {
  for (const { name, insert } of table.columns) {
    if (insert.kind !== "derived") continue;
    const path = `tables.${table.name}.columns.${name}.derived`;
    const scope: Scope = { catalogue, errors, path, roots: { new: { kind: "row", table: table.name } } };
    const before = errors.length;
    const type = checkExpression(insert.expression, { ...scope, errors: [] });
    if (type.kind === "boolean") checkCondition(insert.expression, scope);
    else checkValue(insert.expression, { table: table.name, column: name }, scope);
    if (errors.length > before) continue;
    if (divisionsIn(insert.expression) > 2) errors.push({ path, message: "expected at most two divisions within each other" });
    const other = walk(insert.expression).find((node) => !isPlain(node, table));
    if (other !== undefined)
      errors.push({
        path,
        message: "expected plain columns of the same row (new.…), none of them derived or a key that the database chooses",
      });
  }
}

/** How many divisions stand within each other: in a generated column each repeats its operands. */
function divisionsIn(expression: Expression): number {
  return Math.max(0, ...childrenOf(expression).map(divisionsIn)) + (expression.kind === "divide" ? 1 : 0);
}

function isPlain(node: Expression, table: CatalogueTable): boolean {
  if (["count", "exists", "none", "aggregate", "pick", "reaches", "sql", "due"].includes(node.kind)) return false;
  if (node.kind !== "path") return true;
  const column = table.columns.find(({ name }) => name === node.steps[0]);
  return node.steps.length === 1 && column?.insert.kind !== "derived" && column?.insert.kind !== "key";
}
