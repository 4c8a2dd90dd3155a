/**
 * Colour refinement of the unnamed nodes of one structure, or of two side by side: nodes of one colour are split for as long
 * as hashes of the facts around them differ.
 *
 * New colours depend on nothing but the colours and facts there are, so isomorphic structures are coloured alike. Two hashes
 * that collide leave a colour unsplit, which costs time and no more: whoever pairs nodes by colour checks the facts exactly.
 * @see notes on canonical labelling: McKay, Practical graph isomorphism (1981); RDF canonicalisation (RDFC-1.0)
 */
import type { Structure } from "./facts.js";

type GraphFact = { readonly label: number; readonly nodes: readonly number[] };

export type Graph = {
  readonly facts: readonly GraphFact[];
  /** By node: the facts around it, as fact and place. */
  readonly around: readonly (readonly { readonly fact: number; readonly place: number }[])[];
};

/** A part of a graph under one colouring; nodes outside the part keep the colours they were given. */
export type Side = { readonly graph: Graph; readonly nodes: readonly number[]; readonly colour: Int32Array };

/** Work done so far, in facts looked at, and where to give up. A count, not a time: the same question always ends alike. */
export type Work = { done: number; readonly limit: number };

/** Thrown when the work passes its limit; nothing is decided. */
export class WorkLimitError extends Error {
  override readonly name = "WorkLimitError";
}

/** The graphs of some structures, with labels numbered alike over all of them, in the order of their texts. */
export function graphsOf(structures: readonly Structure[]): readonly Graph[] {
  const labels = new Set(
    structures.flatMap((structure) => structure.facts.filter((fact) => fact.nodes.length > 0).map((fact) => fact.label)),
  );
  const rank = new Map([...labels].sort().map((label, i) => [label, i]));
  return structures.map((structure) => {
    const facts = structure.facts
      .filter((fact) => fact.nodes.length > 0)
      .map((fact) => ({ label: rank.get(fact.label) ?? -1, nodes: fact.nodes }));
    const around = structure.nodes.map((): { fact: number; place: number }[] => []);
    facts.forEach((fact, i) => {
      fact.nodes.forEach((node, place) => {
        around[node]?.push({ fact: i, place });
      });
    });
    return { facts, around };
  });
}

/** The whole graph as one side, all nodes of one colour. */
export function wholeSide(graph: Graph): Side {
  return { graph, nodes: graph.around.map((_, node) => node), colour: new Int32Array(graph.around.length) };
}

/** A side of its own colouring in which `node` has the new colour. */
export function individualise(side: Side, node: number, colour: number): Side {
  const copy = Int32Array.from(side.colour);
  copy[node] = colour;
  return { ...side, colour: copy };
}

export type Member = { readonly side: number; readonly node: number };

/**
 * Refines the sides together, in place, and returns the next free colour; null as soon as two sides differ.
 *
 * @param options.dirty The colours to look at first; all when absent.
 * @throws {WorkLimitError} If the work passes its limit.
 */
export function refine(
  sides: readonly Side[],
  options: { readonly next: number; readonly work: Work; readonly dirty?: ReadonlySet<number> },
): number | null {
  let next = options.next;
  let dirty = options.dirty;
  for (;;) {
    const cells = cellsOf(sides);
    const colours = [...cells.keys()].filter((colour) => dirty?.has(colour) ?? true).sort((a, b) => a - b);
    const recoloured: { readonly member: Member; readonly colour: number }[] = [];
    const hashes = sides.map(() => new Map<number, number>());
    for (const colour of colours) {
      const groups = split(sides, { cell: cells.get(colour) ?? [], hashes, work: options.work });
      if (!groups.every((group) => isBalanced(group, sides.length))) return null;
      for (const group of groups.slice(1)) {
        for (const member of group) recoloured.push({ member, colour: next });
        next += 1;
      }
    }
    if (recoloured.length === 0) return next;
    for (const { member, colour } of recoloured) recolour(sides, member, colour);
    dirty = coloursAround(
      sides,
      recoloured.map(({ member }) => member),
    );
  }
}

/** The colours of the nodes that share a fact with one of these. */
export function coloursAround(sides: readonly Side[], members: readonly Member[]): ReadonlySet<number> {
  const colours = new Set<number>();
  for (const { side, node } of members) {
    const { graph, colour } = sideAt(sides, side);
    for (const { fact } of graph.around[node] ?? []) for (const other of graph.facts[fact]?.nodes ?? []) colours.add(colour[other] ?? -1);
  }
  return colours;
}

/** The members of each colour. */
export function cellsOf(sides: readonly Side[]): Map<number, Member[]> {
  const cells = new Map<number, Member[]>();
  sides.forEach(({ nodes, colour }, side) => {
    for (const node of nodes) {
      const cell = cells.get(colour[node] ?? -1);
      if (cell === undefined) cells.set(colour[node] ?? -1, [{ side, node }]);
      else cell.push({ side, node });
    }
  });
  return cells;
}

/**
 * The colour in which a choice decides most: of nodes with most facts around them, the largest. (Small colours look cheaper,
 * but in regular structures their members are often not alike, and every wrong one is followed far.)
 */
export function cellToSplit(sides: readonly Side[]): readonly Member[] {
  const weight = ([colour, [first]]: readonly [number, readonly Member[]]) => ({
    colour,
    facts: first === undefined ? 0 : (sideAt(sides, first.side).graph.around[first.node]?.length ?? 0),
  });
  const cells = [...cellsOf(sides)].filter(([, cell]) => cell.length > sides.length);
  const [best] = cells
    .map((cell) => ({ cell: cell[1], ...weight(cell) }))
    .sort((a, b) => b.facts - a.facts || b.cell.length - a.cell.length || a.colour - b.colour);
  return best?.cell ?? [];
}

/** A side's nodes without the fixed ones, in parts that no fact connects. `isFree` tells which are not fixed. */
export function components(side: Side, isFree: (node: number) => boolean): readonly (readonly number[])[] {
  const seen = new Set<number>();
  const parts: number[][] = [];
  for (const start of side.nodes) {
    if (seen.has(start) || !isFree(start)) continue;
    seen.add(start);
    const part = [start];
    // The part grows while it is walked.
    for (const node of part) {
      const reached = (side.graph.around[node] ?? []).flatMap(({ fact }) => side.graph.facts[fact]?.nodes ?? []);
      for (const other of reached) {
        if (seen.has(other) || !isFree(other)) continue;
        seen.add(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts;
}

type Split = { readonly cell: readonly Member[]; readonly hashes: readonly Map<number, number>[]; readonly work: Work };

function split(sides: readonly Side[], { cell, hashes, work }: Split): readonly (readonly Member[])[] {
  const groups = new Map<number, Member[]>();
  for (const member of cell) {
    const hash = surroundings(sideAt(sides, member.side), {
      node: member.node,
      hashes: hashes[member.side] ?? new Map<number, number>(),
      work,
    });
    const group = groups.get(hash);
    if (group === undefined) groups.set(hash, [member]);
    else group.push(member);
  }
  return groups.size === 1 ? [cell] : [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** The facts around a node, each with the node's place in it, as a sum that has no order. */
function surroundings(
  side: Side,
  { node, hashes, work }: { readonly node: number; readonly hashes: Map<number, number>; readonly work: Work },
): number {
  const around = side.graph.around[node] ?? [];
  work.done += around.length;
  if (work.done > work.limit) throw new WorkLimitError(`Cannot decide: more than ${work.limit} facts looked at`);
  let sum = 0;
  for (const { fact, place } of around) {
    let hash = hashes.get(fact);
    if (hash === undefined) {
      hash = factHash(side, fact);
      hashes.set(fact, hash);
    }
    sum = (sum + mix(hash, place)) | 0;
  }
  return sum;
}

function factHash({ graph, colour }: Side, index: number): number {
  const fact = graph.facts[index];
  let hash = mix(0x9e3779b9, fact?.label ?? -1);
  for (const node of fact?.nodes ?? []) hash = mix(hash, colour[node] ?? -1);
  return hash;
}

/** @see https://github.com/aappleby/smhasher/wiki/MurmurHash3 (its finaliser) */
function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ Math.imul(value + 0x7f4a7c15, 0x85ebca6b), 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x27d4eb2f);
  return h ^ (h >>> 13);
}

function isBalanced(group: readonly Member[], sides: number): boolean {
  if (sides === 1) return true;
  const first = group.filter((member) => member.side === 0).length;
  return first * 2 === group.length;
}

function recolour(sides: readonly Side[], { side, node }: Member, colour: number): void {
  sideAt(sides, side).colour[node] = colour;
}

function sideAt(sides: readonly Side[], index: number): Side {
  const side = sides[index];
  if (side === undefined) throw new RangeError(`Cannot read side ${index} of ${sides.length}`);
  return side;
}
