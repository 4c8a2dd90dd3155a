/**
 * States of up to 250 created rows that are as hard to compare as such states are: each to be found equal to itself in another
 * order, and pairs that agree in all that is easily counted and are not equal.
 */
import type { Structure } from "../environment/compare/facts.js";
import {
  cyclicBlocks,
  gadgets,
  hadamard,
  hoffmanSingleton,
  multipede,
  paley,
  plane,
  projectiveTriples,
  schlaefli,
  square,
  squareGraph,
  steinerTriples,
  switchedSquare,
  traded,
} from "./regular-structures.js";
import {
  type Blocks,
  copies,
  cycle,
  design,
  type Edge,
  graph,
  links,
  pairs,
  pairsOf,
  range,
  references,
  shuffle,
  union,
} from "./structures.js";

/** A generator of numbers in [0, 1) for a seed. */
export type Seeded = (seed: number) => () => number;

export type Case = { readonly name: string; readonly a: Structure; readonly b: Structure; readonly equal: boolean };

/** The most created rows that are to be decided within a second. */
export const mostRows = 250;

/** All cases, each in some orders: structures beside themselves, and the pairs that are not equal. */
export function zoo(seeded: Seeded, orders: readonly number[] = [1, 2, 3]): readonly Case[] {
  const alike = single(seeded).flatMap(([name, a]) => orders.map((seed): Case => ({ name, a, b: shuffle(a, seeded(seed)), equal: true })));
  const apart = strangers(seeded).flatMap(([name, a, b]) =>
    orders.map((seed): Case => ({ name, a, b: shuffle(b, seeded(seed)), equal: false })),
  );
  return [...alike, ...apart];
}

type Group = (a: number, b: number) => number;

const cyclic =
  (n: number): Group =>
  (a, b) =>
    (a + b) % n;
const elementary: Group = (a, b) => a ^ b;
/** Rotations 0 … n−1 and reflections n … 2n−1. */
const dihedral =
  (n: number): Group =>
  (a, b) => {
    const [x, y] = [a % n, b % n];
    const turned = (a < n ? x + y : x - y + n) % n;
    return turned + (a < n === b < n ? 0 : n);
  };
const product =
  (n: number, left: Group, right: Group): Group =>
  (a, b) =>
    left(a % n, b % n) + n * right(Math.floor(a / n), Math.floor(b / n));

const petersen = pairs(5, () => true).flatMap((x, i, all) =>
  all.flatMap((y, j): Edge[] => (i < j && !x.some((point) => y.includes(point)) ? [[i, j]] : [])),
);
const cube = pairs(8, (a, b) => [1, 2, 4].includes(a ^ b));
const heawood: readonly Edge[] = range(7).flatMap((i) => [0, 1, 3].map((d): Edge => [i, 7 + ((i + d) % 7)]));
const thomsen = pairs(6, (a, b) => a < 3 && b >= 3);
const fano = cyclicBlocks(7, [[0, 1, 3]]);
const triples13 = cyclicBlocks(13, [
  [0, 1, 4],
  [0, 2, 7],
]);
const triples15 = cyclicBlocks(15, [
  [0, 1, 4],
  [0, 2, 9],
  [0, 5, 10],
]);
const triples19 = cyclicBlocks(19, [
  [0, 1, 4],
  [0, 2, 9],
  [0, 5, 11],
]);
const biplane11 = cyclicBlocks(11, [[1, 3, 4, 5, 9]]);
const hadamard19 = cyclicBlocks(19, [[1, 4, 5, 6, 7, 9, 11, 16, 17]]);
const rook4 = square4((x, y) => x === 0 || y === 0);
const shrikhande = square4((x, y) => (x === 0 && y % 2 === 1) || (y === 0 && x % 2 === 1) || (x === y && x % 2 === 1));

/** A graph on the 4 × 4 torus whose links depend on the differences alone. */
function square4(joined: (x: number, y: number) => boolean): Structure {
  return graph(16, (a, b) => joined((Math.floor(a / 4) - Math.floor(b / 4) + 4) % 4, ((a % 4) - (b % 4) + 4) % 4));
}

/** An n × n torus; going once round the columns leads `shift` rows on. */
function torus(n: number, shift: number): Structure {
  const at = (row: number, column: number) => n * ((row + (column >= n ? shift : 0)) % n) + (column % n);
  return links(
    n * n,
    range(n * n).flatMap((i): Edge[] => {
      const [row, column] = [Math.floor(i / n), i % n];
      return [
        [i, at(row + 1, column)],
        [i, at(row, column + 1)],
      ];
    }),
  );
}

function circulant(n: number, steps: readonly number[]): Structure {
  return links(
    n,
    steps.flatMap((step) => range(n).map((i): Edge => [i, (i + step) % n])),
  );
}

/** A ladder of n rungs, closed straight or with a twist. */
function ladder(n: number, twist: 0 | 1): Structure {
  const rails = range(n).flatMap((i): Edge[] => {
    const cross = i === n - 1 ? twist : 0;
    const next = (i + 1) % n;
    return [
      [2 * i, 2 * next + cross],
      [2 * i + 1, 2 * next + 1 - cross],
    ];
  });
  return links(2 * n, [...rails, ...range(n).map((i): Edge => [2 * i, 2 * i + 1])]);
}

/** Some graph in which every vertex has three links. */
function cubic(n: number, random: () => number): readonly Edge[] {
  for (;;) {
    const ends = range(3 * n)
      .map((i) => ({ v: i % n, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ v }) => v);
    const edges = range((3 * n) / 2).map((i): Edge => [ends[2 * i] ?? 0, ends[2 * i + 1] ?? 0]);
    const names = new Set(edges.map(([a, b]) => `${Math.min(a, b)},${Math.max(a, b)}`));
    if (names.size === edges.length && edges.every(([a, b]) => a !== b)) return edges;
  }
}

function someTriples(n: number, count: number, random: () => number): Blocks {
  return range(count).map(() =>
    [...range(n)]
      .map((x) => ({ x, at: random() }))
      .sort((a, b) => a.at - b.at)
      .slice(0, 3)
      .map(({ x }) => x),
  );
}

function full(n: number, m: number): Structure {
  return links(
    n + m,
    range(n * m).map((i) => [Math.floor(i / m), n + (i % m)] as const),
  );
}

function single(seeded: Seeded): readonly (readonly [string, Structure])[] {
  const random = seeded(7);
  return [
    ["250 twins", links(250, [])],
    ["250 rows, each its own parent", references(range(250).map((i) => [i]))],
    ["a ring of 250 rows", references(range(250).map((i) => [(i + 1) % 250]))],
    ["a ring of 125 and its links", links(125, cycle(125))],
    ["50 rings of 5 rows", references(range(250).map((i) => [5 * Math.floor(i / 5) + ((i + 1) % 5)]))],
    ["a full link table 8 × 8", full(8, 8)],
    ["a full link table 14 × 14", full(14, 14)],
    [
      "a full link table 14 × 15, keyed by its pairs",
      pairsOf(
        29,
        range(210).map((i) => [Math.floor(i / 15), 14 + (i % 15)] as const),
      ),
    ],
    ["3 full link tables 8 × 8", copies(full(8, 8), 3)],
    ["the complete graph on 21", graph(21, () => true)],
    ["the cocktail party of 20", graph(20, (a, b) => a + 1 !== b || a % 2 === 1)],
    ["the plane of order 3", plane(3)],
    ["the plane of order 5", plane(5)],
    ["7 planes of order 2", copies(design(7, fano), 7)],
    ["Petersen's graph, 10 times", copies(links(10, petersen), 10)],
    ["Kneser's graph of pairs of 7", graphOfPairs(7)],
    ["the 4 × 4 rook graph, 3 times", copies(rook4, 3)],
    ["the 6 × 6 rook graph", graph(36, (a, b) => a % 6 === b % 6 || Math.floor(a / 6) === Math.floor(b / 6))],
    ["Paley's graph on 13", paley(13)],
    ["Paley's graph on 17", paley(17)],
    ["Paley's graph on 29", paley(29)],
    ["the square graph of order 5", squareGraph(5, cyclic(5))],
    [
      "Clebsch's graph, 4 times",
      copies(
        graph(16, (a, b) => [1, 2, 4, 8, 15].includes(a ^ b)),
        4,
      ),
    ],
    ["Schläfli's graph", schlaefli()],
    ["Hoffman and Singleton's graph", hoffmanSingleton()],
    ["a torus 9 × 9", torus(9, 0)],
    [
      "hypercubes of dimension 5, 2 times",
      copies(
        graph(32, (a, b) => [1, 2, 4, 8, 16].includes(a ^ b)),
        2,
      ),
    ],
    ["a cubic graph on 100", links(100, cubic(100, random))],
    ["the Steiner system of space on 15", design(15, projectiveTriples())],
    ["the cyclic Steiner system on 15", design(15, triples15)],
    ["a Steiner system on 15", design(15, steinerTriples(15, random))],
    ["another Steiner system on 15", design(15, steinerTriples(15, random))],
    ["the cyclic Steiner system on 19", design(19, triples19)],
    ["a Steiner system on 19", design(19, steinerTriples(19, random))],
    ["Steiner systems on 13, both", union([design(13, triples13), design(13, traded(triples13))])],
    ["7 Steiner systems on 7", copies(design(7, fano), 7)],
    ["a biplane on 11, 3 times", copies(design(11, biplane11), 3)],
    ["Hadamard's design on 15", design(15, hadamard("sylvester"))],
    ["another Hadamard design on 15", design(15, hadamard("switched"))],
    ["Hadamard's design on 19", design(19, hadamard19)],
    ["the square of the cyclic group of 14", square(14, cyclic(14))],
    ["the square of the elementary group of 8", square(8, elementary)],
    ["some square of order 12", square(12, switchedSquare(12, random))],
    ["gadgets over Petersen's graph", gadgets(petersen)],
    ["gadgets over Heawood's graph", gadgets(heawood)],
    ["gadgets over the cube", gadgets(cube)],
    ["gadgets over Thomsen's graph, 2 times", copies(gadgets(thomsen), 2)],
    ["a multipede over the planes of space", multipede(15, projectiveTriples())],
    ["a multipede over a Steiner system on 13", multipede(13, triples13)],
    ["a multipede over a Steiner system on 15", multipede(15, triples15)],
    ["a multipede over 34 pairs", multipede(34, someTriples(34, 45, random))],
    ["a multipede over 40 pairs", multipede(40, someTriples(40, 40, random))],
    ["a multipede over 45 pairs", multipede(45, someTriples(45, 40, random))],
  ];
}

function graphOfPairs(n: number): Structure {
  const duads = pairs(n, () => true);
  return graph(duads.length, (a, b) => !(duads[a] ?? []).some((x) => duads[b]?.includes(x) ?? false));
}

function strangers(seeded: Seeded): readonly (readonly [string, Structure, Structure])[] {
  const random = seeded(11);
  const [first, second] = [cubic(100, random), cubic(100, random)];
  const [sparse15, sparse19] = [traded(projectiveTriples()), steinerTriples(19, random)] as const;
  const [other13, other15, other19] = [traded(triples13), steinerTriples(15, random), steinerTriples(19, random)] as const;
  return [
    [
      "a ring of 250 and two of 125",
      references(range(250).map((i) => [(i + 1) % 250])),
      references(range(250).map((i) => [125 * Math.floor(i / 125) + ((i + 1) % 125)])),
    ],
    ["a ring of 124 and two of 62, with links", links(124, cycle(124)), links(124, [...cycle(62), ...cycle(62, 62)])],
    ["rook and Shrikhande", rook4, shrikhande],
    ["two rooks of three, and one", union([rook4, rook4, shrikhande]), union([rook4, shrikhande, shrikhande])],
    ["squares of order 5 and Paley's graph on 25", squareGraph(5, cyclic(5)), squareGraph(5, otherSquare5)],
    ["the torus 9 × 9 straight and shifted", torus(9, 0), torus(9, 3)],
    ["circulants of 60", circulant(60, [1, 7, 11]), circulant(60, [1, 7, 13])],
    ["ladders of 50, straight and twisted", ladder(50, 0), ladder(50, 1)],
    ["two cubic graphs on 100", links(100, first), links(100, second)],
    ["Chang's graph and the triangular", graph(28, meet), graph(28, (a, b) => (isSwitched(a) !== isSwitched(b)) !== meet(a, b))],
    ["the two Steiner systems on 13", design(13, triples13), design(13, other13)],
    ["both Steiner systems on 13, and one twice", union([design(13, triples13), design(13, other13)]), copies(design(13, triples13), 2)],
    ["Steiner systems on 15, of space and cyclic", design(15, projectiveTriples()), design(15, triples15)],
    ["Steiner systems on 15, cyclic and another", design(15, triples15), design(15, other15)],
    ["Steiner systems on 15, two others", design(15, steinerTriples(15, random)), design(15, other15)],
    ["Steiner systems on 19, cyclic and another", design(19, triples19), design(19, other19)],
    ["Steiner systems on 19, two others", design(19, steinerTriples(19, random)), design(19, other19)],
    ["a Steiner system on 13, and traded", design(13, triples13), design(13, traded(triples13))],
    ["a Steiner system on 15, and traded", design(15, sparse15), design(15, traded(sparse15))],
    ["the Steiner system of space, and traded", design(15, projectiveTriples()), design(15, traded(projectiveTriples()))],
    ["a Steiner system on 19, and traded", design(19, sparse19), design(19, traded(sparse19))],
    ["Hadamard designs on 15", design(15, hadamard("sylvester")), design(15, hadamard("switched"))],
    ["squares of the groups of 8", square(8, elementary), square(8, product(2, cyclic(2), cyclic(4)))],
    ["squares of the abelian groups of 12", square(12, cyclic(12)), square(12, product(2, cyclic(2), cyclic(6)))],
    ["squares of the groups of 14", square(14, cyclic(14)), square(14, dihedral(7))],
    ["squares of order 14", square(14, cyclic(14)), square(14, switchedSquare(14, random))],
    ["gadgets over Petersen's graph, crossed", gadgets(petersen), gadgets(petersen, [0])],
    ["gadgets over Heawood's graph, crossed", gadgets(heawood), gadgets(heawood, [0])],
    ["gadgets over Thomsen's graph, both crossed or none", copies(gadgets(thomsen), 2), copies(gadgets(thomsen, [0]), 2)],
    ["a multipede over the planes of space, odd", multipede(15, projectiveTriples()), multipede(15, projectiveTriples(), [0])],
    ["a multipede over a Steiner system on 13, odd", multipede(13, triples13), multipede(13, triples13, [0])],
    ["a multipede over 34 pairs, odd", ...oddPair(34, someTriples(34, 45, random))],
  ];
}

function oddPair(n: number, triples: Blocks): readonly [Structure, Structure] {
  return [multipede(n, triples), multipede(n, triples, range(22))];
}

/** A square of order 5 that is no group's. */
function otherSquare5(row: number, column: number): number {
  const rows = ["01234", "10342", "24013", "32401", "43120"];
  return Number(rows[row]?.[column]);
}

const duads = pairs(8, () => true);
const meet = (a: number, b: number) => duads[a]?.some((x) => duads[b]?.includes(x)) ?? false;
const isSwitched = (a: number) => duads[a]?.[1] === (duads[a]?.[0] ?? 0) + 4;
