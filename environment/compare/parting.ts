/** What a refined part falls into: the facts that are settled, and smaller parts that have nothing to do with each other. */
import { charge, coloured, components, factOf, makeGraph, type Part, type Work } from "./refinement.js";

/** `colours` tells the part's nodes by their colours in the whole; only parts in which it agrees can be alike. */
export type Piece = { readonly colours: string; readonly part: Part };

export type Parting = {
  /** The facts of which every node is alone in its colour, one text a fact, in order: what a pairing so far has settled. */
  readonly settled: readonly string[];
  readonly pieces: readonly Piece[];
};

/**
 * Parts a graph. A node that is alone in its colour becomes a word in the labels of the facts around it, with the depth at
 * which it was named, so that a piece is a graph of its own.
 */
export function partingOf(part: Part, depth: number, work: Work): Parting {
  const { graph, colouring } = part;
  charge(work, graph.facts.length);
  const pieces = components(part);
  const pieceOf = new Int32Array(graph.around.length).fill(-1);
  const place = new Int32Array(graph.around.length);
  pieces.forEach((nodes, i) => {
    nodes.forEach((node, k) => {
      pieceOf[node] = i;
      place[node] = k;
    });
  });
  const facts = pieces.map((): ReturnType<typeof factOf>[] => []);
  const settled: string[] = [];
  for (const fact of graph.facts) {
    const free = fact.nodes.filter((node) => pieceOf[node] !== -1);
    const named = () => fact.nodes.map((node) => (pieceOf[node] === -1 ? colouring.colour[node] : "*")).join(",");
    const label = free.length === fact.nodes.length ? fact.label : `${fact.label}(${depth}:${named()})`;
    const [first] = free;
    if (first === undefined) settled.push(label);
    else {
      const nodes = free.map((node) => place[node] ?? 0);
      facts[pieceOf[first] ?? 0]?.push(label === fact.label ? { ...fact, nodes } : factOf(label, nodes));
    }
  }
  return { settled: settled.sort(), pieces: pieces.map((nodes, i) => pieceFrom(part, nodes, facts[i] ?? [])) };
}

function pieceFrom({ colouring }: Part, nodes: readonly number[], facts: readonly ReturnType<typeof factOf>[]): Piece {
  const colours = nodes.map((node) => colouring.colour[node] ?? -1);
  const sorted = [...colours].sort((a, b) => a - b);
  const rank = new Map<number, number>();
  for (const colour of sorted) if (!rank.has(colour)) rank.set(colour, rank.size);
  const part = coloured(
    makeGraph(nodes.length, facts),
    colours.map((colour) => rank.get(colour) ?? 0),
  );
  return { colours: sorted.join(","), part };
}
