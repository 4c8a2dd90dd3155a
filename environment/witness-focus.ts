/**
 * Scenes in which one node of an expression decides: whatever could hide it is made neutral on the way down (the other
 * operands of an `and` true, those of an `or` false), then the node is tried on both sides of its boundary.
 */
import type { Expression, RowsExpression } from "./expression.js";
import { assign, bind, domainOf, force, forceDifference, forceEach, unbind } from "./witness-force.js";
import { readExpression } from "./witness-read.js";
import { addRow, cellOf, rowsAfter, type Scene } from "./witness-scene.js";
import { childrenOf, conjunctsOf } from "./walk-expression.js";
import { tableOf } from "./catalogue.js";

/** How many scenes are carried on at each node. */
const WIDTH = 10;

/** Candidates for the node at a place; proposals only, as everything that forces. */
export function focusOn(scene: Scene, expression: Expression, place: readonly number[]): readonly Scene[] {
  const [index, ...rest] = place;
  if (index === undefined) return tryNode(scene, expression);
  const part = childrenOf(expression)[index];
  if (part === undefined) return [];
  return descend(scene, expression, { index, part, rest });
}

interface Step {
  readonly index: number;
  readonly part: Expression;
  readonly rest: readonly number[];
}

function descend(scene: Scene, node: Expression, { index, part, rest }: Step): readonly Scene[] {
  const on = (each: Scene): readonly Scene[] => focusOn(each, part, rest);
  switch (node.kind) {
    case "and":
    case "or": {
      const others = node.operands.filter((_, i) => i !== index);
      return forceEach(scene, others, node.kind === "and" ? "true" : "false").flatMap(on).slice(0, 4 * WIDTH);
    }
    case "compare":
      return [...on(scene), scene].flatMap((each) => [each, ...boundaries(each, node)]).slice(0, 6 * WIDTH);
    case "count":
    case "exists":
    case "none":
    case "pick":
      return inRows(scene, node.rows, (each) => (part === node.rows.where ? on(each) : [each]));
    case "aggregate":
      return inRows(scene, node.rows, on);
    case "case":
      return inCase(scene, node, index).flatMap(on);
    default:
      return on(scene);
  }
}

/** The scenes with the row variable bound: to rows that are there, and to a new one that is as the filter asks. */
function inRows(scene: Scene, rows: RowsExpression, on: (scene: Scene) => readonly Scene[]): readonly Scene[] {
  const table = tableOf(scene.compiled.catalogue, rows.table);
  const added = addRow(scene, table, {});
  const fresh = added === null ? [] : [bind({ ...scene, candidate: added.candidate }, rows.variable, added.place)];
  const filled = fresh.flatMap((each) => (rows.where === null ? [each] : forceEach(each, conjunctsOf(rows.where), "true").slice(0, 1)));
  const known = rowsAfter(scene, rows.table)
    .slice(0, 3)
    .map(({ place }) => bind(scene, rows.variable, place));
  return unbind([...filled, ...known].flatMap((each) => [each, ...on(each).slice(0, WIDTH)]), scene);
}

function inCase(scene: Scene, node: Extract<Expression, { kind: "case" }>, index: number): readonly Scene[] {
  const branch = Math.floor(index / 2);
  const earlier = forceEach(
    scene,
    node.branches.slice(0, branch).map(({ when }) => when),
    "false",
  );
  const chosen = node.branches[branch];
  return chosen === undefined || index % 2 === 0 ? earlier : earlier.flatMap((each) => force(each, chosen.when, "true"));
}

function tryNode(scene: Scene, node: Expression): readonly Scene[] {
  switch (node.kind) {
    case "compare":
      return [scene, ...boundaries(scene, node), ...listed(scene, node.left), ...listed(scene, node.right)].slice(0, 3 * WIDTH);
    case "and":
    case "or":
      return [scene, ...node.operands.flatMap((operand, index) => oneApart(scene, node, { operand, index })), ...force(scene, node, "true"), ...force(scene, node, "false")];
    case "in":
    case "rank":
      return [scene, ...listed(scene, node.operand)];
    case "path":
      return [scene, ...(cellOf(scene, node)?.column.nullable === true ? assign(scene, node, null) : []), ...listed(scene, node)];
    case "not":
      return tryNode(scene, node.operand);
    case "is_null":
    case "same":
    case "exists":
    case "none":
    case "matches":
    case "reaches":
    case "literal":
      return [scene, ...force(scene, node, "true"), ...force(scene, node, "false")];
    case "divide": {
      const value = readExpression(scene, node.dividend);
      return typeof value === "bigint" ? [scene, ...assign(scene, node.dividend, value + 1n)] : [scene];
    }
    default:
      return [scene];
  }
}

/** One operand alone the other way: false among true ones, true among false ones. */
function oneApart(scene: Scene, { kind, operands }: Extract<Expression, { kind: "and" | "or" }>, { operand, index }: { readonly operand: Expression; readonly index: number }): readonly Scene[] {
  const others = operands.filter((_, i) => i !== index);
  const [usual, other] = kind === "and" ? (["true", "false"] as const) : (["false", "true"] as const);
  return forceEach(scene, others, usual)
    .slice(0, 3)
    .flatMap((each) => force(each, operand, other).slice(0, 3));
}

/** The two sides equal, and one apart in each direction. */
function boundaries(scene: Scene, node: Extract<Expression, { kind: "compare" }>): readonly Scene[] {
  return [0, 1, -1].flatMap((by) => forceDifference(scene, node, by).slice(0, 4));
}

function listed(scene: Scene, node: Expression): readonly Scene[] {
  if (node.kind === "rank") return listed(scene, node.operand);
  if (node.kind !== "path") return [];
  const cell = cellOf(scene, node);
  return cell === null || (cell.column.values === null && cell.column.references === null) ? [] : domainOf(scene, node).flatMap((value) => assign(scene, node, value).slice(0, 2));
}
