/** Making what is computed over a set of rows equal to a value: rows are added, taken away, or changed. */
import type { Expression, PathExpression, RowsExpression } from "../core/expression.js";
import { oncePer } from "../core/memo.js";
import type { Value } from "../core/values.js";
import { conjunction, conjunctsOf, pathsIn } from "../core/walk-expression.js";
import { isNumber, isStored, minus, storedLiteral } from "./witness-domain.js";
import { remembered } from "./witness-memory.js";
import { readExpression } from "./witness-read.js";
import { addFitting, bind, dropFitting, dropOne, fitting, unbind, upTo, type Ways, WIDTH } from "./witness-rows.js";
import { cellOf, isAllowed, type Place, type PlacedRow, type Scene } from "./witness-scene.js";

/** No more rows, or different values of theirs, than this are looked for. */
const MOST = 40;

/** Scenes with so many rows that fit. */
export function assignCount(
  scene: Scene,
  rows: RowsExpression,
  { value: wanted, ways }: { readonly value: number; readonly ways: Ways },
): readonly Scene[] {
  if (wanted < 0 || wanted > MOST) return [];
  const more = wanted - fitting(scene, rows).length;
  const others = more > 1 ? lastListed(rows) : null;
  if (others === null) return countedOut(scene, rows, { value: wanted, ways });
  const present = fitting(scene, others).length;
  return upTo(WIDTH, [
    () => countedOut(scene, rows, { value: wanted, ways }).slice(0, WIDTH / 2),
    () => countedOut(scene, others, { value: present + more, ways }),
  ]);
}

/** The rows of a set that have the last of the values listed, mostly those of an end: other rules have more to say of the first. */
const lastListed = oncePer((rows: RowsExpression): RowsExpression | null => {
  const terms = conjunctsOf(rows.where);
  const listed = terms.map((term) => (term.kind === "in" && !term.negated ? { ...term, values: term.values.slice(-1) } : term));
  const isNarrower = terms.some((term) => term.kind === "in" && !term.negated && term.values.length > 1);
  return isNarrower ? { ...rows, where: conjunction(listed) } : null;
});

function countedOut(
  scene: Scene,
  rows: RowsExpression,
  { value: wanted, ways }: { readonly value: number; readonly ways: Ways },
): readonly Scene[] {
  let current: readonly Scene[] = [scene];
  for (let step = 0; step < 45; step += 1) {
    const [first] = current;
    if (first === undefined) return [];
    const found = fitting(first, rows).length;
    if (found === wanted) return current;
    const limit = Math.abs(wanted - found) === 1 ? WIDTH : 1;
    // Each step is remembered: a count of one more comes by the same way.
    current =
      found < wanted
        ? remembered(first, rows, `${limit} more`, () => addFitting(first, rows, ways.force, limit))
        : remembered(first, rows, `${limit} less`, () => dropOne(first, { kind: "exists", rows }, ways, limit));
  }
  return [];
}

/** Scenes in which a sum, a least or greatest value, or a number of different ones should equal the value. */
export function assignAggregate(
  scene: Scene,
  node: Extract<Expression, { kind: "aggregate" }>,
  { value, ways }: { readonly value: Value; readonly ways: Ways },
): readonly Scene[] {
  const { rows, of } = node;
  const { force, assign } = ways;
  const found = fitting(scene, rows);
  if (node.function === "distinct") return isNumber(value) ? assignDistinct(scene, node, { value: Number(value), ways }) : [];
  if (found.length === 0)
    return addFitting(scene, rows, force).flatMap((each) =>
      fitting(each, rows)
        .slice(0, 1)
        .flatMap(({ place }) => unbind(assign(bind(each, rows.variable, place), of, value), scene)),
    );
  const now = readExpression(scene, node);
  const moved = upTo(
    WIDTH,
    inOrder(found)
      .slice(0, 2)
      .map(({ place }) => () => {
        const inner = bind(scene, rows.variable, place);
        const share = readExpression(inner, of);
        const wanted =
          node.function === "sum" && isNumber(value) && isNumber(now) && isNumber(share) ? minus(value, minus(now, share)) : value;
        return unbind(assign(inner, of, wanted), scene);
      }),
  );
  // A row beyond what its columns allow is refused whatever the sum.
  const within = moved.filter((each) => fitting(each, rows).every(({ place }) => isAllowedRow(bind(each, rows.variable, place), of)));
  if (within.length > 0 || node.function !== "sum" || !isNumber(value)) return within.length > 0 ? within : moved;
  return spreadSum(scene, node, { value, ways });
}

/** The written row first: its cells stand in the write, and the state is left as it is. */
function inOrder(found: readonly PlacedRow[]): readonly PlacedRow[] {
  return [...found].sort((a, b) => Number(b.place.kind === "after") - Number(a.place.kind === "after"));
}

type Sum = Extract<Expression, { kind: "aggregate" }>;

/** A sum that one row cannot bring about: row by row takes as much of it as its columns allow, and rows are added or taken away. */
function spreadSum(scene: Scene, node: Sum, { value, ways }: { readonly value: bigint | number; readonly ways: Ways }): readonly Scene[] {
  let current = scene;
  for (let step = 0; step < 2 * MOST; step += 1) {
    const now = readExpression(current, node);
    if (!isNumber(now)) return [];
    const short = minus(value, now);
    if (Number(short) === 0) return [current];
    const [next] = [
      ...inOrder(fitting(current, node.rows)).flatMap(({ place }) => takeShare(current, node, { place, short, ways })),
      ...(Number(short) > 0
        ? addFitting(current, node.rows, ways.force, 1)
        : dropOne(current, { kind: "exists", rows: node.rows }, ways, 1)),
    ];
    if (next === undefined) return [];
    current = next;
  }
  return [];
}

/** A scene in which the row's share makes up for what the sum is short of, or for as much of it as the row's columns allow. */
function takeShare(
  scene: Scene,
  { rows, of }: Sum,
  { place, short, ways }: { readonly place: Place; readonly short: bigint | number; readonly ways: Ways },
): readonly Scene[] {
  const inner = bind(scene, rows.variable, place);
  const share = readExpression(inner, of);
  if (!isNumber(share)) return [];
  const wanted = minus(share, minus(0n, short));
  const whole = ways.assign(inner, of, wanted).filter((each) => isAllowedRow(each, of) && readExpression(each, of) === wanted);
  const part = pathsIn(of).reduce((each, path) => {
    const column = cellOf(each, path)?.column;
    const bound = Number(short) > 0 ? column?.max : column?.min;
    return typeof bound === "number" ? (ways.assign(each, path, storedLiteral(bound))[0] ?? each) : each;
  }, inner);
  const moved = readExpression(part, of);
  const isNearer = isNumber(moved) && moved !== share && Math.abs(Number(minus(wanted, moved))) < Math.abs(Number(short));
  return unbind([...whole, ...(isNearer && isAllowedRow(part, of) ? [part] : [])].slice(0, 1), scene);
}

/** Whether the cells that an expression reads have values that their columns allow: the write's own are set to any. */
function isAllowedRow(scene: Scene, of: Expression): boolean {
  return pathsIn(of).every((path) => {
    const column = cellOf(scene, path)?.column;
    const value = readExpression(scene, path);
    return column === undefined || !isStored(value) || isAllowed(column, value);
  });
}

function assignDistinct(
  scene: Scene,
  node: Extract<Expression, { kind: "aggregate" }>,
  { value: wanted, ways }: { readonly value: number; readonly ways: Ways },
): readonly Scene[] {
  const { rows, of } = node;
  let current: readonly Scene[] = [scene];
  for (let step = 0; step < 2 * MOST; step += 1) {
    const [first] = current;
    if (first === undefined) return [];
    const found = readExpression(first, node);
    if (!isNumber(found) || wanted > MOST) return [];
    if (Number(found) === wanted) return current;
    if (Number(found) > wanted) current = dropOne(first, { kind: "exists", rows }, ways, 1);
    else {
      const more = addFitting(first, rows, ways.force, 2).flatMap((each) => [
        each,
        ...fitting(each, rows)
          .slice(-1)
          .flatMap(({ place }) => unbind(ways.unlike(bind(each, rows.variable, place), of), scene)),
      ]);
      current = more.filter((each) => readExpression(each, node) !== found);
    }
  }
  return [];
}

/** Scenes in which the row that is looked up should have the value, or there should be none for NULL. */
export function assignPicked(
  scene: Scene,
  node: Extract<Expression, { kind: "pick" }>,
  { value, ways }: { readonly value: Value; readonly ways: Ways },
): readonly Scene[] {
  const { force, assign } = ways;
  if (value === null) return dropFitting(scene, { kind: "exists", rows: node.rows }, ways);
  const found = fitting(scene, node.rows);
  const path: PathExpression = { kind: "path", root: node.rows.variable, steps: node.steps };
  if (found.length === 0)
    return addFitting(scene, node.rows, force).flatMap((each) =>
      fitting(each, node.rows).flatMap(({ place }) => unbind(assign(bind(each, node.rows.variable, place), path, value), scene)),
    );
  return found.slice(0, 2).flatMap(({ place }) => unbind(assign(bind(scene, node.rows.variable, place), path, value), scene));
}
