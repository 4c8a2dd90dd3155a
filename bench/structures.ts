/** Structures of created rows, built from vertices and links, and the ways in which tables may hold them. */
import type { Structure } from "../environment/compare/facts.js";

export type Edge = readonly [number, number];
export type Blocks = readonly (readonly number[])[];

const source = { kind: "created", table: 0, row: [] } as const;

/** Vertices and links as created rows; a link is a row of its own, with a key of its own, that refers to two vertices. */
export function links(vertices: number, edges: readonly Edge[]): Structure {
  return {
    nodes: [...range(vertices).map(() => 0), ...edges.map(() => 1)],
    facts: [
      ...range(vertices).map((v) => ({ label: "vertex", nodes: [v], source })),
      ...edges.map(([a, b], i) => ({ label: a === b ? "link|loop" : "link", nodes: [vertices + i, a, b], source })),
    ],
  };
}

/** The same with links that have no key of their own: rows of a table whose key is the pair. */
export function pairsOf(vertices: number, edges: readonly Edge[]): Structure {
  return {
    nodes: range(vertices).map(() => 0),
    facts: [
      ...range(vertices).map((v) => ({ label: "vertex", nodes: [v], source })),
      ...edges.map(([a, b]) => ({ label: a === b ? "link|loop" : "link", nodes: [a, b], source })),
    ],
  };
}

/** A graph without direction, as links both ways round in no order: the lower vertex first. */
export function graph(vertices: number, joined: (a: number, b: number) => boolean): Structure {
  return links(vertices, pairs(vertices, joined));
}

export function range(n: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => i);
}

export function pairs(n: number, joined: (a: number, b: number) => boolean): readonly Edge[] {
  return range(n).flatMap((a) => range(n).flatMap((b): Edge[] => (a < b && joined(a, b) ? [[a, b]] : [])));
}

export function cycle(n: number, from = 0): readonly Edge[] {
  return range(n).map((i) => [from + i, from + ((i + 1) % n)] as const);
}

/** Points, and blocks that refer to their points through links. */
export function design(points: number, blocks: Blocks): Structure {
  return links(
    points + blocks.length,
    blocks.flatMap((block, i) => block.map((point) => [points + i, point] as const)),
  );
}

/** Parts side by side that nothing connects. */
export function union(parts: readonly Structure[]): Structure {
  let at = 0;
  const nodes: number[] = [];
  const facts = parts.flatMap((part) => {
    const from = at;
    at += part.nodes.length;
    nodes.push(...part.nodes);
    return part.facts.map((fact) => ({ ...fact, nodes: fact.nodes.map((node) => from + node) }));
  });
  return { nodes, facts };
}

export function copies(structure: Structure, times: number): Structure {
  return union(range(times).map(() => structure));
}

/** The same structure with its nodes renamed within their tables and its facts in another order. */
export function shuffle(structure: Structure, random: () => number): Structure {
  const to = structure.nodes.map((_, i) => i);
  for (let i = to.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    if (structure.nodes[i] === structure.nodes[j]) [to[i], to[j]] = [to[j] ?? 0, to[i] ?? 0];
  }
  const nodes = [...structure.nodes];
  structure.nodes.forEach((table, i) => {
    nodes[to[i] ?? 0] = table;
  });
  return { nodes, facts: [...structure.facts].reverse().map((fact) => ({ ...fact, nodes: fact.nodes.map((node) => to[node] ?? 0) })) };
}

/** A created row is a fact each. */
export function createdRows({ facts }: Structure): number {
  return facts.length;
}

/** Rows with columns of their own that refer to other rows: `rows[i]` is what row i refers to, column by column. */
export function references(rows: readonly (readonly number[])[], labels: (row: number) => string = () => "row"): Structure {
  return {
    nodes: rows.map(() => 0),
    facts: rows.map((columns, i) => {
      const nodes = [i, ...columns];
      return { label: `${labels(i)}|${nodes.map((node) => nodes.indexOf(node)).join(".")}`, nodes, source };
    }),
  };
}
