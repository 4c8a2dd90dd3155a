/**
 * Is there a bijection of nodes that maps one structure's facts onto the other's? Decided exactly.
 *
 * Both are refined side by side; what is still free falls into parts that are compared by themselves (any part may be
 * matched with any isomorphic one, since isomorphism is an equivalence). Within a part one node of the first is paired with
 * each candidate of the second in turn, and a candidate that an automorphism maps to one that failed is left out.
 */
import {
  cellsOf,
  cellToSplit,
  coloursAround,
  components,
  individualise,
  refine,
  type Side,
  type Work,
  WorkLimitError,
} from "./refinement.js";

/** An upper bound of the work for one question, in facts looked at; a few seconds. */
export const workLimit = 20_000_000;

/** A try below this much work is repeated rather than spared by a search for an automorphism. */
const cheapWork = 10_000;
/** The part of a failed try's work that a search for an automorphism may take. */
const orbitShare = 8;

/**
 * Are the two sides isomorphic, respecting their colours?
 * @param next The first colour that no node has.
 * @throws {WorkLimitError} If the work passes its limit.
 */
export function areIsomorphic(a: Side, b: Side, options: { readonly next: number; readonly work: Work }): boolean {
  if (a.nodes.length !== b.nodes.length) return false;
  const next = refine([a, b], options);
  return next !== null && matchRefined(a, b, { next, work: options.work });
}

type Search = { readonly next: number; readonly work: Work };

/** Both sides are refined together and have equally many nodes of each colour. */
function matchRefined(a: Side, b: Side, search: Search): boolean {
  const cells = cellsOf([a, b]);
  const isFree = (side: Side) => (node: number) => (cells.get(side.colour[node] ?? -1)?.length ?? 0) > 2;
  if (fixedFacts(a, isFree(a)) !== fixedFacts(b, isFree(b))) return false;
  const left = components(a, isFree(a));
  const right = components(b, isFree(b));
  if (left.length !== right.length) return false;
  const [onlyLeft] = left;
  const [onlyRight] = right;
  if (onlyLeft === undefined || onlyRight === undefined) return true;
  if (left.length === 1) return matchPart({ ...a, nodes: onlyLeft }, { ...b, nodes: onlyRight }, search);
  return matchParts(
    left.map((nodes) => ({ ...a, nodes })),
    right.map((nodes) => ({ ...b, nodes })),
    search,
  );
}

/** The facts around the side's nodes in which no node is free, with their nodes by colour: what the pairing so far must keep. */
function fixedFacts(side: Side, isFree: (node: number) => boolean): string {
  const { facts, around } = side.graph;
  const indexes = new Set(side.nodes.flatMap((node) => (around[node] ?? []).map(({ fact }) => fact)));
  const texts: string[] = [];
  for (const index of indexes) {
    const fact = facts[index];
    if (fact !== undefined && !fact.nodes.some(isFree))
      texts.push(`${fact.label}:${fact.nodes.map((node) => side.colour[node]).join(",")}`);
  }
  return texts.sort().join(";");
}

/** Counts the parts of each sort on both sides; a sort is known by its first part. */
function matchParts(left: readonly Side[], right: readonly Side[], search: Search): boolean {
  const sorts: { readonly colours: string; readonly part: Side; balance: number }[] = [];
  for (const { part, weight } of [...left.map((part) => ({ part, weight: 1 })), ...right.map((part) => ({ part, weight: -1 }))]) {
    const colours = coloursOf(part);
    const sort = sorts.find((other) => other.colours === colours && matchRefined(other.part, part, search));
    if (sort !== undefined) sort.balance += weight;
    else if (weight < 0) return false;
    else sorts.push({ colours, part, balance: weight });
  }
  return sorts.every((sort) => sort.balance === 0);
}

function coloursOf(part: Side): string {
  return Array.from(part.nodes, (node) => part.colour[node] ?? -1)
    .sort((x, y) => x - y)
    .join(",");
}

/** One part on each side, all of it free: one node of the first is paired with each candidate of the second. */
function matchPart(a: Side, b: Side, search: Search): boolean {
  const cell = cellToSplit([a, b]);
  const first = cell.find((member) => member.side === 0);
  const right = cell.filter((member) => member.side === 1).map((member) => member.node);
  if (first === undefined || right.length * 2 !== cell.length) return false;
  return matchSome(a, b, { ...search, left: first.node, right });
}

function matchSome(
  a: Side,
  b: Side,
  { next, work, left, right }: Search & { readonly left: number; readonly right: readonly number[] },
): boolean {
  const failed: { readonly node: number; readonly cost: number }[] = [];
  for (const candidate of right) {
    if (failed.some(({ node, cost }) => isLikeFailed(b, { next, work, pair: [node, candidate], cost }))) continue;
    const before = work.done;
    if (matchWith({ side: a, node: left }, { side: b, node: candidate }, { next, work })) return true;
    const cost = work.done - before;
    if (cost > cheapWork) failed.push({ node: candidate, cost });
  }
  return false;
}

/**
 * Does an automorphism show that the candidate fails like another? Found at once or given up: a search that takes a good part
 * of what the failed try took saves nothing.
 */
function isLikeFailed(
  side: Side,
  { next, work, pair, cost }: Search & { readonly pair: readonly [number, number]; readonly cost: number },
): boolean {
  const own: Work = { done: 0, limit: Math.min(cost / orbitShare, work.limit - work.done) };
  try {
    return areInOneOrbit(side, { next, work: own, pair });
  } catch (error) {
    if (error instanceof WorkLimitError) return false;
    throw error;
  } finally {
    work.done += own.done;
  }
}

type Chosen = { readonly side: Side; readonly node: number };

function matchWith(a: Chosen, b: Chosen, { next, work }: Search): boolean {
  const sides: [Side, Side] = [individualise(a.side, a.node, next), individualise(b.side, b.node, next)];
  const dirty = coloursAround(sides, [
    { side: 0, node: a.node },
    { side: 1, node: b.node },
  ]);
  const after = refine(sides, { next: next + 1, work, dirty });
  return after !== null && matchRefined(sides[0], sides[1], { next: after, work });
}

/** Does an automorphism of the part, colours kept, map one node of the pair to the other? */
export function areInOneOrbit(side: Side, { next, work, pair }: Search & { readonly pair: readonly [number, number] }): boolean {
  return matchWith({ side, node: pair[0] }, { side, node: pair[1] }, { next, work });
}
