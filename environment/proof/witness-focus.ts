/**
 * Scenes in which one node of an expression decides: whatever could hide it is made neutral on the way down (the other
 * operands of an `and` true, those of an `or` false), then the node is tried on both sides of its boundary.
 */
import type { Expression, RowsExpression } from "../core/expression.js";
import { domainOf } from "./witness-domain.js";
import { assign, force, forceDifference, forceEach } from "./witness-force.js";
import { bind, unbind } from "./witness-rows.js";
import { readExpression } from "./witness-read.js";
import { addRow, cellOf, rowsAfter, type Scene } from "./witness-scene.js";
import { childrenOf, conjunctsOf } from "../core/walk-expression.js";
import { tableOf } from "../core/catalogue.js";

/** Candidates for the node at a place, one at a time as they are asked for; proposals only, as everything that forces. */
export function* focusOn(scene: Scene, expression: Expression, place: readonly number[]): Iterable<Scene> {
  const [index, ...rest] = place;
  const part = index === undefined ? undefined : childrenOf(expression)[index];
  if (index === undefined) yield* tryNode(scene, expression);
  else if (part !== undefined) yield* descend(scene, expression, { index, part, rest });
}

interface Step {
  readonly index: number;
  readonly part: Expression;
  readonly rest: readonly number[];
}

function* descend(scene: Scene, node: Expression, { index, part, rest }: Step): Iterable<Scene> {
  switch (node.kind) {
    case "and":
    case "or": {
      const others = node.operands.filter((_, i) => i !== index);
      yield* neutral(scene, { others, usual: node.kind === "and" ? "true" : "false" }, (each) => focusOn(each, part, rest));
      return;
    }
    case "compare":
      for (const each of chain([scene], focusOn(scene, part, rest))) {
        yield each;
        yield* boundaries(each, node);
      }
      return;
    case "count":
    case "exists":
    case "none":
    case "pick":
    case "aggregate":
      yield* inRows(scene, node.rows, (each) => focusOn(each, part, rest));
      return;
    case "case":
      for (const each of inCase(scene, node, index)) yield* focusOn(each, part, rest);
      return;
    default:
      yield* focusOn(scene, part, rest);
  }
}

/** The part tried where the other operands cannot hide it; what was changed for it may turn them, and they are turned back another way. */
function* neutral(
  scene: Scene,
  { others, usual }: { readonly others: readonly Expression[]; readonly usual: "true" | "false" },
  on: (scene: Scene) => Iterable<Scene>,
): Iterable<Scene> {
  for (const each of forceEach(scene, others, usual)) {
    for (const focused of on(each)) {
      yield focused;
      yield* forceEach(focused, others, usual).filter(({ candidate }) => candidate !== focused.candidate);
    }
  }
}

function* chain(...parts: readonly Iterable<Scene>[]): Iterable<Scene> {
  for (const part of parts) yield* part;
}

/** The scenes with the row variable bound: to a new row that is as the filter asks, and to rows that are there. */
function* inRows(scene: Scene, rows: RowsExpression, on: (scene: Scene) => Iterable<Scene>): Iterable<Scene> {
  const table = tableOf(scene.compiled.catalogue, rows.table);
  const added = addRow(scene, table, {});
  const fresh = added === null ? [] : [bind({ ...scene, candidate: added.candidate }, rows.variable, added.place)];
  const filled = fresh.flatMap((each) => (rows.where === null ? [each] : forceEach(each, conjunctsOf(rows.where), "true").slice(0, 1)));
  const known = rowsAfter(scene, rows.table)
    .slice(0, 3)
    .map(({ place }) => bind(scene, rows.variable, place));
  for (const each of [...filled, ...known]) {
    yield* unbind([each], scene);
    for (const inner of on(each)) yield* unbind([inner], scene);
  }
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

function* tryNode(scene: Scene, node: Expression): Iterable<Scene> {
  yield scene;
  switch (node.kind) {
    case "compare":
      yield* boundaries(scene, node);
      yield* listed(scene, node.left);
      yield* listed(scene, node.right);
      return;
    case "and":
    case "or":
      yield* force(scene, node, "true");
      yield* force(scene, node, "false");
      for (const [index, operand] of node.operands.entries()) yield* oneApart(scene, node, { operand, index });
      return;
    case "in":
    case "rank":
      yield* listed(scene, node.operand);
      return;
    case "path":
      if (cellOf(scene, node)?.column.nullable === true) yield* assign(scene, node, null);
      yield* listed(scene, node);
      return;
    case "not":
      yield* tryNode(scene, node.operand);
      return;
    case "is_null":
    case "same":
    case "exists":
    case "none":
    case "matches":
    case "reaches":
    case "literal":
      yield* force(scene, node, "true");
      yield* force(scene, node, "false");
      return;
    case "divide": {
      const value = readExpression(scene, node.dividend);
      if (typeof value === "bigint") yield* assign(scene, node.dividend, value + 1n);
      return;
    }
    default:
  }
}

/** One operand alone the other way: false among true ones, true among false ones. */
function oneApart(
  scene: Scene,
  { kind, operands }: Extract<Expression, { kind: "and" | "or" }>,
  { operand, index }: { readonly operand: Expression; readonly index: number },
): readonly Scene[] {
  const others = operands.filter((_, i) => i !== index);
  const [usual, other] = kind === "and" ? (["true", "false"] as const) : (["false", "true"] as const);
  return forceEach(scene, others, usual)
    .slice(0, 3)
    .flatMap((each) => force(each, operand, other).slice(0, 3));
}

/** The two sides equal, and one apart in each direction. */
function* boundaries(scene: Scene, node: Extract<Expression, { kind: "compare" }>): Iterable<Scene> {
  for (const by of [0, 1, -1]) yield* forceDifference(scene, node, by).slice(0, 4);
}

/** The node as each value that it could have. */
function* listed(scene: Scene, node: Expression): Iterable<Scene> {
  if (node.kind === "rank") yield* listed(scene, node.operand);
  if (node.kind !== "path") return;
  const cell = cellOf(scene, node);
  if (cell === null || (cell.column.values === null && cell.column.references === null)) return;
  for (const value of domainOf(scene, node)) yield* assign(scene, node, value).slice(0, 2);
}
