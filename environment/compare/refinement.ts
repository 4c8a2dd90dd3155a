/**
 * Colour refinement of the unnamed nodes of a structure: nodes of one colour are split for as long as the sums of what stands
 * around them differ.
 *
 * What a refinement does depends on nothing but colours and facts, so it leaves the same trace on isomorphic structures, and a
 * second one that follows the trace of a first may stop where it leaves it. Two hashes that collide leave a colour unsplit,
 * which costs time and no more: whoever pairs nodes by colour checks the facts exactly.
 * @see notes on canonical labelling: McKay, Practical graph isomorphism (1981); RDF canonicalisation (RDFC-1.0)
 */
import type { Structure } from "./facts.js";

/** `seed` is a hash of the label. */
type GraphFact = { readonly label: string; readonly seed: number; readonly nodes: readonly number[] };

export type Graph = {
  readonly facts: readonly GraphFact[];
  /** By node: the facts around it. */
  readonly around: readonly (readonly number[])[];
  /** By fact and by colour, scratch of the refinement: all 0 between two rounds. */
  readonly seen: Uint8Array;
  readonly isDirty: Uint8Array;
};

/** By node its colour, and the sum of the hashes around it; by fact its hash; by colour its nodes. Changed in place by `refine`. */
type Colouring = {
  readonly colour: Int32Array;
  readonly sum: Int32Array;
  readonly hash: Int32Array;
  readonly cells: (readonly number[])[];
};

/** A graph under a colouring. */
export type Part = { readonly graph: Graph; readonly colouring: Colouring };

/** Work done so far, in facts looked at, and where to give up. A count, not a time: the same question always ends alike. */
export type Work = { done: number; readonly limit: number };

/** Thrown when the work passes its limit; nothing is decided. */
export class WorkLimitError extends Error {
  override readonly name = "WorkLimitError";
}

/** Takes down what a refinement does, or compares it with what another one did. False: it has left the trace. */
export type Trace = { readonly note: (value: number) => boolean };

/** A trace to be written. */
export function newTrace(): Trace & { readonly values: readonly number[] } {
  const values: number[] = [];
  return { values, note: (value) => values.push(value) > 0 };
}

/** A trace to be followed; `isWhole` tells whether its end was reached. */
export function followed(values: readonly number[]): Trace & { readonly isWhole: () => boolean } {
  let at = 0;
  return {
    note: (value) => {
      at += 1;
      return values[at - 1] === value;
    },
    isWhole: () => at === values.length,
  };
}

/** A structure's facts that have nodes. */
export function graphOf(structure: Structure): Graph {
  const facts = structure.facts.filter((fact) => fact.nodes.length > 0);
  const seeds = new Map(facts.map(({ label }) => [label, seedOf(label)]));
  return makeGraph(
    structure.nodes.length,
    facts.map(({ label, nodes }) => ({ label, seed: seeds.get(label) ?? 0, nodes })),
  );
}

/** A fact as it goes into a graph. */
export function factOf(label: string, nodes: readonly number[]): GraphFact {
  return { label, seed: seedOf(label), nodes };
}

export function makeGraph(nodes: number, facts: readonly GraphFact[]): Graph {
  const around = Array.from({ length: nodes }, (): number[] => []);
  facts.forEach((fact, i) => {
    for (const node of fact.nodes) if (around[node]?.at(-1) !== i) around[node]?.push(i);
  });
  return { facts, around, seen: new Uint8Array(facts.length), isDirty: new Uint8Array(nodes + 1) };
}

/** A graph under the colours given, numbered from 0 without gaps. */
export function coloured(graph: Graph, colours: readonly number[]): Part {
  const colour = Int32Array.from(colours);
  const sum = new Int32Array(colours.length);
  const hash = new Int32Array(graph.facts.length);
  const cells: number[][] = Array.from({ length: 1 + Math.max(-1, ...colours) }, () => []);
  colours.forEach((each, node) => cells[each]?.push(node));
  graph.facts.forEach((fact, i) => {
    hash[i] = factHash(fact, colour);
    fact.nodes.forEach((node, place) => {
      sum[node] = ((sum[node] ?? 0) + mix(hash[i] ?? 0, place)) | 0;
    });
  });
  return { graph, colouring: { colour, sum, hash, cells } };
}

type Refining = { readonly trace: Trace; readonly work: Work };

/** Refines every colour, in place. False as soon as the trace is left. @throws {WorkLimitError} If the work passes its limit. */
export function refineAll(part: Part, refining: Refining): boolean {
  charge(refining.work, part.graph.facts.length);
  const moved = splitCells(
    part.colouring,
    part.colouring.cells.map((_, colour) => colour),
    refining.trace,
  );
  return moved !== null && refine(part, moved, refining);
}

/** A copy in which one node has a colour of its own, refined; null as soon as the trace is left. @throws {WorkLimitError} As `refineAll`. */
export function individualise({ graph, colouring }: Part, node: number, refining: Refining): Part | null {
  const { colour, sum, hash, cells } = colouring;
  const copy = { graph, colouring: { colour: colour.slice(), sum: sum.slice(), hash: hash.slice(), cells: cells.slice() } };
  const old = colour[node] ?? -1;
  copy.colouring.cells[old] = (cells[old] ?? []).filter((other) => other !== node);
  const own = copy.colouring.cells.push([node]) - 1;
  return refine(copy, [{ node, colour: own }], refining) ? copy : null;
}

/** The parts of the nodes that are not alone in their colour, each such node in one of them; no fact connects two parts. */
export function components({ graph, colouring: { colour, cells } }: Part): readonly (readonly number[])[] {
  const isFree = (node: number) => (cells[colour[node] ?? -1]?.length ?? 0) > 1;
  const seen = new Set<number>();
  const parts: number[][] = [];
  for (let start = 0; start < graph.around.length; start += 1) {
    if (seen.has(start) || !isFree(start)) continue;
    seen.add(start);
    const part = [start];
    // The part grows while it is walked.
    for (const node of part) {
      for (const other of (graph.around[node] ?? []).flatMap((fact) => graph.facts[fact]?.nodes ?? [])) {
        if (seen.has(other) || !isFree(other)) continue;
        seen.add(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts;
}

/** The colour in which a choice decides most: of nodes with most facts around them, the largest; null where all are alone. */
export function cellToSplit({ graph, colouring: { cells } }: Part): number | null {
  let best: { readonly colour: number; readonly facts: number; readonly size: number } | null = null;
  for (const [colour, cell] of cells.entries()) {
    const facts = graph.around[cell[0] ?? -1]?.length ?? 0;
    if (cell.length > 1 && (best === null || facts > best.facts || (facts === best.facts && cell.length > best.size)))
      best = { colour, facts, size: cell.length };
  }
  return best?.colour ?? null;
}

/** Counts work. @throws {WorkLimitError} If it passes its limit. */
export function charge(work: Work, facts: number): void {
  work.done += facts;
  if (work.done > work.limit) throw new WorkLimitError(`Cannot decide: more than ${work.limit} facts looked at`);
}

type Moved = { readonly node: number; readonly colour: number };

function refine(part: Part, start: readonly Moved[], { trace, work }: Refining): boolean {
  let moved: readonly Moved[] = start;
  while (moved.length > 0) {
    const next = splitCells(part.colouring, recolour(part, moved, work), trace);
    if (next === null) return false;
    moved = next;
  }
  return true;
}

/** Gives nodes their new colours, and returns the colours in which a sum has changed, in order. */
function recolour({ graph, colouring }: Part, moved: readonly Moved[], work: Work): readonly number[] {
  const { colour, sum, hash } = colouring;
  const { seen, isDirty } = graph;
  const touched: number[] = [];
  for (const each of moved) {
    colour[each.node] = each.colour;
    for (const fact of graph.around[each.node] ?? []) {
      if (seen[fact] === 1) continue;
      seen[fact] = 1;
      touched.push(fact);
    }
  }
  const dirty: number[] = [];
  for (const index of touched) {
    seen[index] = 0;
    const fact = graph.facts[index];
    if (fact === undefined) continue;
    const before = hash[index] ?? 0;
    const after = factHash(fact, colour);
    hash[index] = after;
    for (let place = 0; place < fact.nodes.length; place += 1) {
      const node = fact.nodes[place] ?? 0;
      sum[node] = ((sum[node] ?? 0) + mix(after, place) - mix(before, place)) | 0;
      const own = colour[node] ?? 0;
      if (isDirty[own] === 1) continue;
      isDirty[own] = 1;
      dirty.push(own);
    }
  }
  charge(work, touched.length);
  for (const own of dirty) isDirty[own] = 0;
  return dirty.sort((a, b) => a - b);
}

/** Splits cells by their nodes' sums; the largest group keeps the colour. Null when the trace is left. */
function splitCells({ sum, cells }: Colouring, colours: readonly number[], trace: Trace): readonly Moved[] | null {
  const moved: Moved[] = [];
  for (const colour of colours) {
    const cell = cells[colour] ?? [];
    const [first] = cell;
    if (first === undefined) continue;
    if (isEven(cell, sum)) {
      if (!trace.note(sum[first] ?? 0)) return null;
      continue;
    }
    const groups = groupsOf(cell, sum);
    let largest = groups[0];
    for (const group of groups) {
      if (!trace.note(sum[group[0] ?? 0] ?? 0) || !trace.note(group.length)) return null;
      if (group.length > (largest?.length ?? 0)) largest = group;
    }
    cells[colour] = largest ?? [];
    for (const group of groups) {
      if (group === largest) continue;
      const own = cells.push(group) - 1;
      for (const node of group) moved.push({ node, colour: own });
    }
  }
  return moved;
}

function isEven(cell: readonly number[], sum: Int32Array): boolean {
  const first = sum[cell[0] ?? 0];
  for (const node of cell) if (sum[node] !== first) return false;
  return true;
}

function groupsOf(cell: readonly number[], sum: Int32Array): readonly number[][] {
  const sorted = [...cell].sort((a, b) => (sum[a] ?? 0) - (sum[b] ?? 0));
  const groups: number[][] = [];
  let last: number | undefined;
  for (const node of sorted) {
    if (sum[node] === last) groups.at(-1)?.push(node);
    else groups.push([node]);
    last = sum[node];
  }
  return groups;
}

function factHash(fact: GraphFact, colour: Int32Array): number {
  let hash = fact.seed;
  for (const node of fact.nodes) hash = mix(hash, colour[node] ?? -1);
  return hash;
}

function seedOf(label: string): number {
  let hash = 0x9e3779b9;
  for (let i = 0; i < label.length; i += 1) hash = mix(hash, label.charCodeAt(i));
  return hash;
}

/** @see https://github.com/aappleby/smhasher/wiki/MurmurHash3 (its finaliser) */
function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ Math.imul(value + 0x7f4a7c15, 0x85ebca6b), 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x27d4eb2f);
  return h ^ (h >>> 13);
}
