/**
 * Scenes in which one node of an expression decides: whatever could hide it is made neutral on the way down (the other
 * operands of an `and` true, those of an `or` false), then the node is tried on both sides of its boundary.
 */
import type { Expression, RowsExpression } from "../core/expression.js";
import { domainOf } from "./witness-domain.js";
import { assign, force, forceDifference, forceEach } from "./witness-force.js";
import { nodeAt } from "./witness-nodes.js";
import { bind, unbind } from "./witness-rows.js";
import { readExpression } from "./witness-read.js";
import { addRow, cellOf, rowsAfter, type Scene } from "./witness-scene.js";
import { childrenOf, conjunctsOf } from "../core/walk-expression.js";
import { tableOf } from "../core/catalogue.js";

/**
 * Candidates for the node at a place, one at a time as they are asked for; proposals only, as everything that forces. The
 * sides of comparisons are set `apart` by each of these.
 */
export function* focusOn(
  scene: Scene,
  { expression, place }: { readonly expression: Expression; readonly place: readonly number[] },
  apart: readonly number[],
): Iterable<Scene> {
  for (const frame of framesOf({ scene, conditions: [], compares: [] }, expression, place)) {
    const node = nodeAt(expression, place);
    const seen = new Set<Scene["candidate"]>();
    function* fresh({ scene: local, kept }: Try): Iterable<Try> {
      for (const each of settled(local, [...kept, ...frame.conditions])) {
        if (seen.has(each.candidate)) continue;
        seen.add(each.candidate);
        yield { scene: each, kept };
      }
    }
    const open = yield* collected(scene, freshOf(tryNode(frame.scene, node), fresh));
    // What a comparison decides within another shows where both are at their boundary.
    let line = open;
    for (const compare of node.kind === "compare" ? [node, ...frame.compares] : frame.compares) {
      const next = yield* collected(scene, atBoundaries(line, { compare, apart }, fresh));
      line = [...next, ...open].slice(0, LINE);
    }
  }
}

type Fresh = (attempt: Try) => Iterable<Try>;

/** Hands on what is tried, under the roots of the scene that it began from, and keeps it. */
function* collected(scene: Scene, tries: Iterable<Try>): Generator<Scene, readonly Try[]> {
  const found: Try[] = [];
  for (const each of tries) {
    found.push(each);
    yield* unbind([each.scene], scene);
  }
  return found;
}

function* freshOf(tries: Iterable<Try>, fresh: Fresh): Iterable<Try> {
  for (const each of tries) yield* fresh(each);
}

interface Boundary {
  readonly compare: Extract<Expression, { kind: "compare" }>;
  readonly apart: readonly number[];
}

function* atBoundaries(line: readonly Try[], boundary: Boundary, fresh: Fresh): Iterable<Try> {
  for (const each of line) {
    for (const moved of boundaries(each.scene, boundary)) {
      const [local] = fresh({ scene: moved.scene, kept: [...moved.kept, ...each.kept] });
      if (local !== undefined) yield local;
    }
  }
}

/** So many scenes at one comparison's boundary are taken to that of the next around it. */
const LINE = 12;

/** A scene in which something was made so, and what that is: mending another condition must not undo it. */
interface Try {
  readonly scene: Scene;
  readonly kept: readonly Condition[];
}

interface Condition {
  readonly expression: Expression;
  readonly wanted: "true" | "false";
}

/** What must be so for a node to decide, with the variables of the row sets around it bound. */
interface Frame {
  readonly scene: Scene;
  readonly conditions: readonly Condition[];
  /** Comparisons around the node, the innermost first: its weight shows at their boundaries. */
  readonly compares: readonly Extract<Expression, { kind: "compare" }>[];
}

function* framesOf(frame: Frame, expression: Expression, place: readonly number[]): Iterable<Frame> {
  const [index, ...rest] = place;
  const part = index === undefined ? undefined : childrenOf(expression)[index];
  if (index === undefined || part === undefined) yield frame;
  else for (const inner of within(frame, expression, index)) yield* framesOf(inner, part, rest);
}

/** The frames of a node's part: what else stands beside it must not hide it. */
function* within(frame: Frame, node: Expression, index: number): Iterable<Frame> {
  const wanting = (expressions: readonly Expression[], wanted: Condition["wanted"]): Frame => ({
    ...frame,
    conditions: [...frame.conditions, ...expressions.map((expression) => ({ expression, wanted }))],
  });
  switch (node.kind) {
    case "and":
    case "or":
      yield wanting(
        node.operands.filter((_, i) => i !== index),
        node.kind === "and" ? "true" : "false",
      );
      return;
    case "compare":
      yield { ...frame, compares: [node, ...frame.compares] };
      return;
    case "case": {
      const earlier = wanting(
        node.branches.slice(0, Math.floor(index / 2)).map(({ when }) => when),
        "false",
      );
      const chosen = node.branches[Math.floor(index / 2)];
      const isThen = chosen !== undefined && index % 2 === 1;
      yield isThen ? { ...earlier, conditions: [...earlier.conditions, { expression: chosen.when, wanted: "true" }] } : earlier;
      return;
    }
    case "call": {
      const [part, others] = [node.arguments[index], node.arguments.filter((_, i) => i !== index)];
      const op = node.function === "greatest" ? ">" : node.function === "least" ? "<" : null;
      yield op === null || part === undefined
        ? frame
        : wanting(
            others.map((right): Expression => ({ kind: "compare", op, left: part, right })),
            "true",
          );
      return;
    }
    case "count":
    case "exists":
    case "none":
    case "pick":
    case "aggregate":
      for (const scene of inRows(frame.scene, node.rows)) {
        yield { ...frame, scene };
        // Another row that fits would hide what this one does.
        if (node.kind === "exists" || node.kind === "none")
          yield {
            ...frame,
            scene,
            conditions: [...frame.conditions, { expression: node, wanted: node.kind === "exists" ? "false" : "true" }],
          };
      }
      return;
    default:
      yield frame;
  }
}

/** The scenes with the row variable bound: to a new row that is as the filter asks, and to rows that are there. */
function* inRows(scene: Scene, rows: RowsExpression): Iterable<Scene> {
  const table = tableOf(scene.compiled.catalogue, rows.table);
  const added = addRow(scene, table, {});
  const fresh = added === null ? [] : [bind({ ...scene, candidate: added.candidate }, rows.variable, added.place)];
  for (const each of fresh) yield* rows.where === null ? [each] : forceEach(each, conjunctsOf(rows.where), "true").slice(0, 1);
  for (const { place } of rowsAfter(scene, rows.table).slice(0, 3)) yield bind(scene, rows.variable, place);
}

const BEAM = 3;
const STEPS = 5;

/** Scenes near this one in which all conditions hold: whichever does not is mended, as often as mending one breaks another. */
function settled(scene: Scene, conditions: readonly Condition[]): readonly Scene[] {
  let beam = [ranked(scene, conditions)];
  const found: Scene[] = [];
  const seen = new Set<Scene["candidate"]>([scene.candidate]);
  for (let step = 0; step < STEPS; step += 1) {
    const next: { readonly scene: Scene; readonly open: readonly Condition[] }[] = [];
    for (const { scene: from, open } of beam) {
      if (open.length === 0) found.push(from);
      const mended = open.slice(0, 2).flatMap(({ expression, wanted }) => force(from, expression, wanted).slice(0, 2 * BEAM));
      for (const each of mended) {
        if (seen.has(each.candidate)) continue;
        seen.add(each.candidate);
        next.push(ranked(each, conditions));
      }
    }
    if (found.length > 0 || next.length === 0) break;
    beam = next.sort((a, b) => a.open.length - b.open.length).slice(0, BEAM);
  }
  return found.slice(0, BEAM);
}

function ranked(scene: Scene, conditions: readonly Condition[]): { readonly scene: Scene; readonly open: readonly Condition[] } {
  return {
    scene,
    open: conditions.filter(({ expression, wanted }) => (readExpression(scene, expression) === true) !== (wanted === "true")),
  };
}

function* tryNode(scene: Scene, node: Expression): Iterable<Try> {
  yield { scene, kept: [] };
  switch (node.kind) {
    case "compare":
      yield* loose(listed(scene, node.left));
      yield* loose(listed(scene, node.right));
      return;
    case "and":
    case "or":
      yield* loose(force(scene, node, "true"));
      yield* loose(force(scene, node, "false"));
      for (const [index, operand] of node.operands.entries()) yield* oneApart(scene, node, { operand, index });
      return;
    case "in":
    case "rank":
      yield* loose(listed(scene, node.operand));
      return;
    case "path":
      if (cellOf(scene, node)?.column.nullable === true) yield* loose(assign(scene, node, null));
      yield* loose(listed(scene, node));
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
      yield* loose(force(scene, node, "true"));
      yield* loose(force(scene, node, "false"));
      return;
    case "divide": {
      const value = readExpression(scene, node.dividend);
      if (typeof value === "bigint") yield* loose(assign(scene, node.dividend, value + 1n));
      return;
    }
    default:
  }
}

function* loose(scenes: Iterable<Scene>): Iterable<Try> {
  for (const scene of scenes) yield { scene, kept: [] };
}

/** One operand alone the other way: false among true ones, true among false ones. */
function oneApart(
  scene: Scene,
  { kind, operands }: Extract<Expression, { kind: "and" | "or" }>,
  { operand, index }: { readonly operand: Expression; readonly index: number },
): readonly Try[] {
  const others = operands.filter((_, i) => i !== index);
  const [usual, other] = kind === "and" ? (["true", "false"] as const) : (["false", "true"] as const);
  const kept = [...others.map((expression): Condition => ({ expression, wanted: usual })), { expression: operand, wanted: other }];
  return forceEach(scene, others, usual)
    .slice(0, 3)
    .flatMap((each) => force(each, operand, other).slice(0, 3))
    .map((each) => ({ scene: each, kept }));
}

/** The two sides as far apart as asked for. */
function* boundaries(scene: Scene, { compare: { left, right }, apart }: Boundary): Iterable<Try> {
  for (const by of apart) {
    for (const moved of forceDifference(scene, { left, right }, by).slice(0, 4)) {
      const shifted: Expression = { kind: "arithmetic", op: "+", left: right, right: { kind: "literal", value: by } };
      const exact: Expression = { kind: "compare", op: "=", left, right: by === 0 ? right : shifted };
      // Where no values lie just so far apart, as near as they come.
      const near: Expression = { kind: "compare", op: by === 0 ? "=" : by > 0 ? ">" : "<", left, right };
      const reached = [exact, near].find((each) => readExpression(moved, each) === true);
      yield { scene: moved, kept: reached === undefined ? [] : [{ expression: reached, wanted: "true" }] };
    }
  }
}

/** The node as each value that it could have. */
function* listed(scene: Scene, node: Expression): Iterable<Scene> {
  if (node.kind === "rank") yield* listed(scene, node.operand);
  if (node.kind !== "path") return;
  const cell = cellOf(scene, node);
  if (cell === null || (cell.column.values === null && cell.column.references === null)) return;
  for (const value of domainOf(scene, node)) yield* assign(scene, node, value).slice(0, 2);
}
