/**
 * Is there a bijection of nodes that maps one structure's facts onto the other's? Decided exactly.
 *
 * Both are refined alike; what is still free falls into pieces that are compared by themselves (any piece may be matched with
 * any isomorphic one, since isomorphism is an equivalence). Within a piece one node of the first is paired with each candidate
 * of the second in turn: the first is the one whose refinement fewest others of its colour resemble, candidates are those
 * whose refinement leaves the same trace, and one that an automorphism maps to one that failed is left out. What is found out
 * about the first side is kept, since every candidate asks for it again.
 */
import { type Parting, partingOf } from "./parting.js";
import {
  cellToSplit,
  coloured,
  followed,
  type Graph,
  individualise,
  newTrace,
  type Part,
  refineAll,
  type Work,
  WorkLimitError,
} from "./refinement.js";

/** An upper bound of the work for one question, in facts looked at; a few seconds. */
export const workLimit = 20_000_000;

/** In a larger colour every node may be like every other, and looking at all of them cost more than it saved. */
const mostProbes = 64;
/** A try below this much work is repeated rather than spared by a search for an automorphism. */
const cheapWork = 2_000;
/** After as many searches in vain the rest of a colour is tried without. */
const mostVainSearches = 2;
/** The part of a failed try's work that a search for an automorphism may take. */
const orbitShare = 4;

/** Are the two graphs isomorphic? @throws {WorkLimitError} If the work passes its limit. */
export function areIsomorphic(a: Graph, b: Graph, work: Work): boolean {
  if (a.around.length !== b.around.length) return false;
  const trace = newTrace();
  const [left, right] = [wholePart(a), wholePart(b)];
  refineAll(left, { trace, work });
  const other = followed(trace.values);
  if (!refineAll(right, { trace: other, work }) || !other.isWhole()) return false;
  return matchRefined(openSide(left, 0), openSide(right, 0), work);
}

/** A graph with all nodes of one colour. */
export function wholePart(graph: Graph): Part {
  return coloured(
    graph,
    graph.around.map(() => 0),
  );
}

/** One side of a comparison at some depth of the pairing; what it finds out about itself it finds out once. */
interface Side {
  readonly part: Part;
  readonly depth: number;
  readonly pieces: (work: Work) => {
    readonly settled: string;
    readonly pieces: readonly { readonly colours: string; readonly side: Side }[];
  };
  /** The node to pair first, of a side that is one piece. */
  readonly step: (work: Work) => Step;
}

/** `alike` counts the nodes of the colour that leave the same trace, null where they were not looked at. */
type Step = { readonly colour: number; readonly trace: readonly number[]; readonly alike: number | null; readonly after: Side };

function openSide(part: Part, depth: number): Side {
  const pieces = once((work) => {
    const { settled, pieces }: Parting = partingOf(part, depth, work);
    return {
      settled: settled.join("\n"),
      pieces: pieces.map((piece) => ({ colours: piece.colours, side: openSide(piece.part, depth + 1) })),
    };
  });
  return { part, depth, pieces, step: once((work) => chooseStep({ part, depth }, work)) };
}

function once<Found>(find: (work: Work) => Found): (work: Work) => Found {
  let found: { readonly value: Found } | null = null;
  return (work) => {
    found ??= { value: find(work) };
    return found.value;
  };
}

type Standing = Pick<Side, "part" | "depth">;

function chooseStep(side: Standing, work: Work): Step {
  const colour = cellToSplit(side.part) ?? 0;
  const cell = side.part.colouring.cells[colour] ?? [];
  if (cell.length > mostProbes) return stepWith(side, { colour, node: cell[0] ?? 0 }, work);
  const steps = cell.map((node) => stepWith(side, { colour, node }, work));
  const counts = new Map<string, number>();
  const names = steps.map((step) => step.trace.join(","));
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const ranked = steps
    .map((step, i) => ({ ...step, alike: counts.get(names[i] ?? "") ?? 0 }))
    .sort((x, y) => x.alike - y.alike || y.after.part.colouring.cells.length - x.after.part.colouring.cells.length);
  return ranked[0] ?? stepWith(side, { colour, node: 0 }, work);
}

function stepWith({ part, depth }: Standing, { colour, node }: { readonly colour: number; readonly node: number }, work: Work): Step {
  const trace = newTrace();
  const after = individualise(part, node, { trace, work }) ?? part;
  return { colour, trace: trace.values, alike: null, after: openSide(after, depth + 1) };
}

/** Both sides left one trace, so that they have equally many nodes of each colour. */
function matchRefined(a: Side, b: Side, work: Work): boolean {
  const [left, right] = [a.pieces(work), b.pieces(work)];
  if (left.settled !== right.settled || left.pieces.length !== right.pieces.length) return false;
  const [first] = left.pieces;
  const [second] = right.pieces;
  if (first === undefined || second === undefined) return true;
  if (left.pieces.length > 1) return matchPieces(left.pieces, right.pieces, work);
  return first.colours === second.colours && matchPiece(first.side, second.side, work);
}

type Pieces = ReturnType<Side["pieces"]>["pieces"];

/** Counts the pieces of each sort on both sides; a sort is known by its first piece. */
function matchPieces(left: Pieces, right: Pieces, work: Work): boolean {
  const sorts = new Map<string, { readonly side: Side; balance: number }[]>();
  for (const { piece, weight } of [...left.map((piece) => ({ piece, weight: 1 })), ...right.map((piece) => ({ piece, weight: -1 }))]) {
    const known = sorts.get(piece.colours) ?? [];
    sorts.set(piece.colours, known);
    // Taken by itself, a piece may have nodes that are alone in their colour.
    const sort = known.find((other) => matchRefined(other.side, piece.side, work));
    if (sort !== undefined) sort.balance += weight;
    else if (weight < 0) return false;
    else known.push({ side: piece.side, balance: weight });
  }
  return [...sorts.values()].flat().every((sort) => sort.balance === 0);
}

/** One piece on each side, all of it free. */
function matchPiece(a: Side, b: Side, work: Work): boolean {
  const step = a.step(work);
  const cell = b.part.colouring.cells[step.colour] ?? [];
  if (cell.length !== a.part.colouring.cells[step.colour]?.length) return false;
  if (step.alike === null) return matchSome(b, { step, candidates: cell.map((node) => ({ node, after: null })) }, work);
  const candidates = cell.flatMap((node) => {
    const after = follow(b, { step, node }, work);
    return after === null ? [] : [{ node, after }];
  });
  return candidates.length === step.alike && matchSome(b, { step, candidates }, work);
}

/** `after` is the side with that node chosen, where it was looked at already. */
type Candidate = { readonly node: number; readonly after: Side | null };

function matchSome(b: Side, { step, candidates }: { readonly step: Step; readonly candidates: readonly Candidate[] }, work: Work): boolean {
  const failed: { readonly step: Step; readonly cost: number }[] = [];
  let hope = mostVainSearches;
  for (const { node, after } of candidates) {
    if (hope > 0 && failed.length > 0) {
      if (failed.some((other) => isLikeFailed(b, { ...other, node }, work))) continue;
      hope -= 1;
    }
    const before = work.done;
    const chosen = after ?? follow(b, { step, node }, work);
    if (chosen !== null && matchRefined(step.after, chosen, work)) return true;
    const cost = work.done - before;
    if (chosen !== null && cost > cheapWork) failed.push({ step: { ...step, after: chosen }, cost });
  }
  return false;
}

/** The side with the node chosen; null when its refinement leaves the step's trace. */
function follow({ part, depth }: Standing, { step, node }: { readonly step: Step; readonly node: number }, work: Work): Side | null {
  const trace = followed(step.trace);
  const after = individualise(part, node, { trace, work });
  return after === null || !trace.isWhole() ? null : openSide(after, depth + 1);
}

/**
 * Does an automorphism show that the candidate fails like another? Found at once or given up: a search that takes a good part
 * of what the failed try took saves nothing.
 */
function isLikeFailed(
  side: Side,
  { step, node, cost }: { readonly step: Step; readonly node: number; readonly cost: number },
  work: Work,
): boolean {
  const own: Work = { done: 0, limit: Math.min(cost / orbitShare, work.limit - work.done) };
  try {
    const chosen = follow(side, { step, node }, own);
    return chosen !== null && matchRefined(step.after, chosen, own);
  } catch (error) {
    if (error instanceof WorkLimitError) return false;
    throw error;
  } finally {
    work.done += own.done;
  }
}

/** Does an automorphism of the part, colours kept, map one node of the pair to the other? They have one colour. */
export function areInOneOrbit(part: Part, [one, other]: readonly [number, number], work: Work): boolean {
  const colour = part.colouring.colour[one] ?? -1;
  const step = stepWith({ part, depth: 0 }, { colour, node: one }, work);
  const chosen = follow({ part, depth: 0 }, { step, node: other }, work);
  return chosen !== null && matchRefined(step.after, chosen, work);
}
