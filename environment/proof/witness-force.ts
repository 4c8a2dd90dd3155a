/**
 * Making a condition true or false, an expression equal to a value: the edits that a person would try, best first.
 *
 * Every answer is a proposal. Nothing here is sure to work (a cell may be read in two places); whoever asks looks again.
 */
import type { CatalogueColumn } from "../core/catalogue.js";
import type { Expression, PathExpression } from "../core/expression.js";
import { isSameValue, type Value } from "../core/values.js";
import { sampleText } from "./witness-sample.js";
import {
  domainOf,
  isNumber,
  isStored,
  minus,
  now,
  plus,
  redirect,
  setActor,
  storedLiteral,
  usualValues,
  withCandidate,
} from "./witness-domain.js";
import { remembered } from "./witness-memory.js";
import { type Cell, cellOf, type Place, type Scene, setCell } from "./witness-scene.js";
import { readExpression } from "./witness-read.js";
import { assignAggregate, assignCount, assignPicked } from "./witness-force-rows.js";
import { forceShare } from "./witness-force-share.js";
import { addFitting, bind, dropFitting, fitting, unbind, upTo, type Ways, WIDTH } from "./witness-rows.js";

const ways: Ways = { force, refute, assign, unlike };

/** Scenes in which the condition should be true (or false, unknown counting as false). */
export function force(scene: Scene, node: Expression, wanted: "true" | "false"): readonly Scene[] {
  return (readExpression(scene, node) === true) === (wanted === "true")
    ? [scene]
    : remembered(scene, node, wanted, () => turn(scene, node, wanted));
}

/** Scenes in which a condition that is not so should be. */
function turn(scene: Scene, node: Expression, wanted: "true" | "false"): readonly Scene[] {
  switch (node.kind) {
    case "not":
      return wanted === "true" ? refute(scene, node.operand) : force(scene, node.operand, "true");
    case "and":
    case "or":
      return (node.kind === "and") === (wanted === "true")
        ? forceEach(scene, node.operands, wanted)
        : inTurn(node.operands.map((operand) => force(scene, operand, wanted).slice(0, 3))).slice(0, 2 * WIDTH);
    case "compare":
      return forceComparison(scene, node, wanted);
    case "same":
      return wanted === "true" ? equalSides(scene, node.left, node.right) : [...unlike(scene, node.left), ...unlike(scene, node.right)];
    case "is_null":
      return (wanted === "true") === node.negated ? fill(scene, node.operand) : assign(scene, node.operand, null);
    case "in":
      return (wanted === "true") === node.negated
        ? unlike(scene, node.operand, node.values.map(storedLiteral))
        : node.values.flatMap((value) => assign(scene, node.operand, storedLiteral(value)));
    case "matches":
      return wanted === "true"
        ? assign(scene, node.operand, sampleText(node.pattern))
        : ["", " ", "~"].flatMap((text) => assign(scene, node.operand, text));
    case "exists":
    case "none":
      return (node.kind === "exists") === (wanted === "true") ? addFitting(scene, node.rows, force) : dropFitting(scene, node, ways);
    case "reaches":
      return forceReach(scene, node, wanted);
    case "case":
      return force(scene, activeBranch(scene, node), wanted);
    default:
      return [];
  }
}

/** Scenes in which the condition should be false, not merely unknown. */
function refute(scene: Scene, node: Expression): readonly Scene[] {
  if (readExpression(scene, node) === false) return [scene];
  if (node.kind === "and") return inTurn(node.operands.map((operand) => refute(scene, operand).slice(0, 3))).slice(0, 2 * WIDTH);
  if (node.kind === "or") return inEach(scene, node.operands, refute);
  return turn(scene, node, "false");
}

/** The first of each list, then the second of each, and so on. */
function inTurn(lists: readonly (readonly Scene[])[]): readonly Scene[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}

/** Scenes in which every condition should be so, one after the other. */
export function forceEach(scene: Scene, nodes: readonly Expression[], wanted: "true" | "false"): readonly Scene[] {
  return inEach(scene, nodes, (each, node) => force(each, node, wanted));
}

function inEach(scene: Scene, nodes: readonly Expression[], make: (scene: Scene, node: Expression) => readonly Scene[]): readonly Scene[] {
  return nodes.reduce<readonly Scene[]>(
    (scenes, node) =>
      upTo(
        WIDTH,
        scenes.map((each) => () => make(each, node)),
      ),
    [scene],
  );
}

/** Scenes in which the left side should exceed the right by `by`; for texts, 0 makes them equal and anything else unlike. */
export function forceDifference(
  scene: Scene,
  { left, right }: { readonly left: Expression; readonly right: Expression },
  by: number,
): readonly Scene[] {
  const [l, r] = [readExpression(scene, left), readExpression(scene, right)];
  if (isNumber(l) && isNumber(r)) {
    const [toRight, toLeft] = [() => assign(scene, left, plus(r, by)), () => assign(scene, right, plus(l, -by))];
    if (!isMultiple(left) && !isMultiple(right)) return upTo(WIDTH, [toRight, toLeft]);
    return inTurn([forceShare(scene, { left, right }, { by, ways }), toLeft(), toRight()]).slice(0, WIDTH);
  }
  if (l === null || r === null)
    return [...(l === null ? fill(scene, left) : []), ...(r === null ? fill(scene, right) : [])].flatMap((each) =>
      each === scene ? [] : filledDifference(each, { left, right }, by),
    );
  return by === 0 ? equalSides(scene, left, right) : [...unlike(scene, left), ...unlike(scene, right)];
}

/** A multiple has not every value: mostly it is the other side that can meet it. */
function isMultiple(node: Expression): boolean {
  return node.kind === "arithmetic" && node.op === "*";
}

function filledDifference(scene: Scene, sides: { readonly left: Expression; readonly right: Expression }, by: number): readonly Scene[] {
  if (readExpression(scene, sides.left) === null || readExpression(scene, sides.right) === null) return [];
  return forceDifference(scene, sides, by);
}

const differences = { "=": [0], "<>": [1, -1], "<": [-1], "<=": [0, -1], ">": [1], ">=": [0, 1] } as const;
const opposites = { "=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<" } as const;

function forceComparison(scene: Scene, node: Extract<Expression, { kind: "compare" }>, wanted: "true" | "false"): readonly Scene[] {
  const wantedDifferences: readonly number[] = differences[wanted === "true" ? node.op : opposites[node.op]];
  return upTo(
    2 * WIDTH,
    wantedDifferences.map((by) => () => forceDifference(scene, node, by)),
  );
}

function equalSides(scene: Scene, left: Expression, right: Expression): readonly Scene[] {
  const [l, r] = [readExpression(scene, left), readExpression(scene, right)];
  return [...(isStored(r) ? assign(scene, left, r) : []), ...(isStored(l) ? assign(scene, right, l) : [])];
}

/** Scenes in which the expression should equal the value. */
export function assign(scene: Scene, node: Expression, value: Value): readonly Scene[] {
  const now = readExpression(scene, node);
  if (isStored(now) && isSameValue(now, value)) return [scene];
  switch (node.kind) {
    case "path":
      return assignPath(scene, node, value);
    case "arithmetic":
      return isNumber(value) ? assignArithmetic(scene, node, value) : [];
    case "negate":
      return isNumber(value) ? assign(scene, node.operand, minus(0n, value)) : [];
    case "divide":
      return isNumber(value) ? assignQuotient(scene, node, value) : [];
    case "rank": {
      const rank = isNumber(value) ? scene.compiled.catalogue.ladders[node.ladder]?.[Number(value)] : undefined;
      return rank === undefined ? [] : assign(scene, node.operand, rank);
    }
    case "count":
      return isNumber(value) ? assignCount(scene, node.rows, { value: Number(value), ways }) : [];
    case "aggregate":
      return assignAggregate(scene, node, { value, ways });
    case "pick":
      return assignPicked(scene, node, { value, ways });
    case "call":
      return node.function === "length"
        ? isNumber(value) && value >= 0 && value < 5000
          ? node.arguments.flatMap((argument) => assign(scene, argument, textOf(scene, argument, Number(value))))
          : []
        : node.arguments.flatMap((argument) => assign(scene, argument, value));
    case "case":
      return [...assign(scene, activeBranch(scene, node), value), ...switchBranch(scene, node, value)];
    default:
      return [];
  }
}

/** A text of this length that begins as it does now: a format mostly looks at the beginning. */
function textOf(scene: Scene, node: Expression, length: number): string {
  const present = readExpression(scene, node);
  const [usual] = node.kind === "path" ? usualValues(scene, node) : [];
  const start = typeof present === "string" && present !== "" ? present : typeof usual === "string" ? usual : "";
  return start.slice(0, length).padEnd(length, "x");
}

function assignArithmetic(
  scene: Scene,
  { op, left, right }: Extract<Expression, { kind: "arithmetic" }>,
  value: bigint | number,
): readonly Scene[] {
  const [l, r] = [readExpression(scene, left), readExpression(scene, right)];
  if (!isNumber(l) || !isNumber(r)) return [...fill(scene, left), ...fill(scene, right)];
  if (op === "+") return upTo(WIDTH, [() => assign(scene, left, minus(value, r)), () => assign(scene, right, minus(value, l))]);
  if (op === "-") return upTo(WIDTH, [() => assign(scene, left, minus(value, minus(0n, r))), () => assign(scene, right, minus(l, value))]);
  return upTo(WIDTH, [
    ...quotients(value, r).map((each) => () => assign(scene, left, each)),
    ...quotients(value, l).map((each) => () => assign(scene, right, each)),
  ]);
}

function quotients(value: bigint | number, by: bigint | number): readonly (bigint | number)[] {
  if (Number(by) === 0) return [];
  if (typeof value === "bigint" && typeof by === "bigint") return [value / by, value / by + 1n];
  return [Number(value) / Number(by)];
}

function assignQuotient(
  scene: Scene,
  { dividend, divisor }: Extract<Expression, { kind: "divide" }>,
  value: bigint | number,
): readonly Scene[] {
  const by = readExpression(scene, divisor);
  if (!isNumber(by)) return [];
  const exact = typeof value === "bigint" && typeof by === "bigint" ? value * by : Number(value) * Number(by);
  // One less than the next whole quotient shows which way it is rounded.
  return [plus(exact, 1), exact, plus(exact, Number(by) - 1)].flatMap((each) => assign(scene, dividend, each));
}

function activeBranch(scene: Scene, node: Extract<Expression, { kind: "case" }>): Expression {
  return node.branches.find(({ when }) => readExpression(scene, when) === true)?.then ?? node.otherwise;
}

/** Scenes in which another branch, one that has this value already, is the active one. */
function switchBranch(scene: Scene, node: Extract<Expression, { kind: "case" }>, value: Value): readonly Scene[] {
  const has = (each: Expression): boolean => {
    const now = readExpression(scene, each);
    return isStored(now) && isSameValue(now, value);
  };
  const others = node.branches.map(({ when }) => when);
  const chosen = node.branches.flatMap(({ when, then }, index) =>
    has(then) ? forceEach(scene, others.slice(0, index), "false").flatMap((each) => force(each, when, "true")) : [],
  );
  return has(node.otherwise) ? [...chosen, ...forceEach(scene, others, "false")] : chosen;
}

/** Scenes in which an expression that is unknown should have some value. */
export function fill(scene: Scene, node: Expression): readonly Scene[] {
  if (readExpression(scene, node) !== null) return [scene];
  switch (node.kind) {
    case "path":
      return usualValues(scene, node)
        .flatMap((value) => assignPath(scene, node, value))
        .slice(0, WIDTH);
    case "pick":
    case "aggregate":
      return addFitting(scene, node.rows, force);
    case "arithmetic":
      return fill(scene, node.left).flatMap((each) => fill(each, node.right));
    case "rank":
    case "negate":
      return fill(scene, node.operand);
    case "divide":
      return fill(scene, node.dividend);
    case "call":
      return node.arguments.flatMap((argument) => fill(scene, argument));
    case "case":
      return fill(scene, activeBranch(scene, node));
    default:
      return [];
  }
}

/** Scenes in which the expression should be none of these values (by default: not what it is). */
function unlike(scene: Scene, node: Expression, values: readonly Value[] = [now(scene, node)]): readonly Scene[] {
  if (node.kind === "pick") {
    const path: PathExpression = { kind: "path", root: node.rows.variable, steps: node.steps };
    return fitting(scene, node.rows)
      .slice(0, 2)
      .flatMap(({ place }) => unbind(unlike(bind(scene, node.rows.variable, place), path, values), scene));
  }
  const others = domainOf(scene, node).filter((value) => !values.some((each) => isSameValue(each, value)));
  return others.slice(0, WIDTH).flatMap((value) => assign(scene, node, value));
}

function forceReach(
  scene: Scene,
  { from, column, to }: Extract<Expression, { kind: "reaches" }>,
  wanted: "true" | "false",
): readonly Scene[] {
  if (from.kind !== "path") return [];
  const up: PathExpression = { ...from, steps: [...from.steps, column] };
  return wanted === "false" ? assignPath(scene, up, null) : assignPath(scene, up, now(scene, to));
}

function assignPath(scene: Scene, path: PathExpression, value: Value): readonly Scene[] {
  if (path.steps.length === 0) return path.root === "actor" ? setActor(scene, value) : [];
  const cell = cellOf(scene, path);
  if (cell === null) return [];
  const edits = [() => setAt(scene, cell, value).slice(0, 2), () => redirect(scene, cell, value).slice(0, 2)];
  // A reference that the write itself holds is turned first: the state stays as it is.
  return upTo(3, cell.through?.place.kind === "after" ? edits.reverse() : edits);
}

function setAt(scene: Scene, { place, column }: Cell, value: Value): readonly Scene[] {
  if (place === null) return [];
  return [...setComputed(scene, place, { column, value }), ...withCandidate(scene, setCell(scene, place, column, value))];
}

/** A counter is changed by what it counts, a derived column by what it is computed from. */
function setComputed(
  scene: Scene,
  place: Place,
  { column, value }: { readonly column: CatalogueColumn; readonly value: Value },
): readonly Scene[] {
  const { insert } = column;
  if (insert.kind === "derived") return unbind(assign(bind(scene, "new", place), insert.expression, value), scene);
  if (insert.kind !== "counter") return [];
  const counter = scene.compiled.normal.effects.find((effect) => effect.kind === "counter" && effect.id === insert.rule);
  return counter?.kind === "counter" ? unbind(assign(bind(scene, "owner", place), counter.value, value), scene) : [];
}
