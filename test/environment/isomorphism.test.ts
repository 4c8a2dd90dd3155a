import { describe, expect, test } from "vitest";
import { canonicalForm } from "../../environment/compare/canonical-form.js";
import { compareFacts } from "../../environment/compare/diff.js";
import type { Structure } from "../../environment/compare/facts.js";
import { smallestMatching } from "../../environment/compare/matching.js";
import { type Random, seeded } from "../doubles/random-states.js";

type Edge = readonly [number, number];

/** Vertices and links as created rows: links are rows of their own, referring to two vertices. */
function links(vertices: number, edges: readonly Edge[]): Structure {
  const source = { kind: "created", table: 0, row: [] } as const;
  const nodes = [...Array.from({ length: vertices }, () => 0), ...edges.map(() => 1)];
  const facts = [
    ...Array.from({ length: vertices }, (_, v) => ({ label: "vertex", nodes: [v], source })),
    ...edges.map(([a, b], i) => ({ label: a === b ? "link|loop" : "link", nodes: [vertices + i, a, b], source })),
  ];
  return { nodes, facts };
}

function shuffle(structure: Structure, random: Random): Structure {
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

const cycle = (n: number, from = 0): readonly Edge[] => Array.from({ length: n }, (_, i) => [from + i, from + ((i + 1) % n)] as const);
const both = (edges: readonly Edge[]): readonly Edge[] =>
  edges.flatMap(
    ([a, b]) =>
      [
        [a, b],
        [b, a],
      ] as const,
  );
const pairs = (n: number, joined: (a: number, b: number) => boolean): readonly Edge[] =>
  Array.from({ length: n * n }, (_, i) => [Math.floor(i / n), i % n] as const).filter(([a, b]) => a < b && joined(a, b));

/** Points and lines of the plane over the integers modulo p, incidences as links. */
function plane(p: number): Structure {
  const points: (readonly [number, number, number])[] = [[0, 0, 1]];
  for (let z = 0; z < p; z += 1) points.push([0, 1, z]);
  for (let y = 0; y < p; y += 1) for (let z = 0; z < p; z += 1) points.push([1, y, z]);
  const n = points.length;
  const edges = points.flatMap((a, i) =>
    points.flatMap((b, j) => ((a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) % p === 0 ? [[i, n + j] as const] : [])),
  );
  return links(2 * n, edges);
}

/** A block design: points, and blocks that refer to their points through links. */
function design(points: number, blocks: readonly (readonly number[])[]): Structure {
  return links(
    points + blocks.length,
    blocks.flatMap((block, i) => block.map((point) => [points + i, point] as const)),
  );
}

const cyclicTriples = (n: number, bases: readonly (readonly number[])[]) =>
  bases.flatMap((base) => Array.from({ length: n }, (_, shift) => base.map((x) => (x + shift) % n)));

/** The two Steiner systems on 13 points: the cyclic one, and it with one trade of four blocks made. */
const cyclic13 = cyclicTriples(13, [
  [0, 1, 4],
  [0, 2, 7],
]);
function traded(blocks: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const name = (block: readonly number[]) => [...block].sort((a, b) => a - b).join();
  const has = new Set(blocks.map(name));
  for (const [a, b, c, d, e, f] of sextuples(13)) {
    const old = [
      [a, b, c],
      [a, d, e],
      [f, b, d],
      [f, c, e],
    ];
    if (!old.every((block) => has.has(name(block)))) continue;
    const gone = new Set(old.map(name));
    return [...blocks.filter((block) => !gone.has(name(block))), [f, b, c], [f, d, e], [a, b, d], [a, c, e]];
  }
  return blocks;
}
/** Six different points in arbitrary order, again and again; one in some thousands is a trade. */
function sextuples(n: number): readonly (readonly [number, number, number, number, number, number])[] {
  const random = seeded(13);
  const points = Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: 30_000 }, () => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = points
      .map((point) => ({ point, at: random() }))
      .sort((x, y) => x.at - y.at)
      .map(({ point }) => point);
    return [a, b, c, d, e, f] as const;
  });
}

const rook = pairs(16, (a, b) => a % 4 === b % 4 || Math.floor(a / 4) === Math.floor(b / 4));
const shrikhandeSteps = [
  [0, 1],
  [0, 3],
  [1, 0],
  [3, 0],
  [1, 1],
  [3, 3],
];
const shrikhande = pairs(16, (a, b) =>
  shrikhandeSteps.some(([x, y]) => (Math.floor(a / 4) - Math.floor(b / 4) + 4) % 4 === x && ((a % 4) - (b % 4) + 4) % 4 === y),
);
/** The line graph of the complete graph on 8, and the same switched along a perfect matching: strongly regular alike. */
const duads = pairs(8, () => true);
const meet = (a: number, b: number) => duads[a]?.some((x) => duads[b]?.includes(x)) ?? false;
const triangular = pairs(28, meet);
const matchingSet = new Set(duads.flatMap(([a, b], i) => (b === a + 4 ? [i] : [])));
const chang = pairs(28, (a, b) => (matchingSet.has(a) !== matchingSet.has(b) ? !meet(a, b) : meet(a, b)));

/** Cai–Fürer–Immerman graph over the complete graph on 4, straight or with one link crossed. */
function furer(link: "straight" | "crossed"): Structure {
  const base = pairs(4, () => true);
  const port = (v: number, e: number, bit: number) => (v * 6 + e) * 2 + bit;
  const edges: Edge[] = [];
  let middle = 48;
  for (let v = 0; v < 4; v += 1) {
    const mine = base.flatMap((edge, e) => (edge.includes(v) ? [e] : []));
    for (const bits of [
      [0, 0, 0],
      [1, 1, 0],
      [1, 0, 1],
      [0, 1, 1],
    ]) {
      mine.forEach((e, i) => edges.push([middle, port(v, e, bits[i] ?? 0)]));
      middle += 1;
    }
  }
  base.forEach(([a, b], e) => {
    for (const bit of [0, 1]) edges.push([port(a, e, bit), port(b, e, link === "crossed" && e === 0 ? 1 - bit : bit)]);
  });
  const used = [...new Set(edges.flat())].sort((x, y) => x - y);
  return links(
    used.length,
    edges.map(([a, b]) => [used.indexOf(a), used.indexOf(b)]),
  );
}

const bipartite = (n: number) =>
  links(
    2 * n,
    Array.from({ length: n * n }, (_, i) => [Math.floor(i / n), n + (i % n)] as const),
  );

const structures: readonly (readonly [string, Structure])[] = [
  ["250 equal rows", links(250, [])],
  ["a full link table 8 × 8", bipartite(8)],
  ["a full link table 10 × 10", bipartite(10)],
  ["a ring of 80", links(80, cycle(80))],
  [
    "rings of 3 to 12",
    links(
      75,
      [3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((n, i) => cycle(n, [0, 3, 7, 12, 18, 25, 33, 42, 52, 63][i])),
    ),
  ],
  [
    "rows that refer to themselves",
    links(
      60,
      Array.from({ length: 60 }, (_, i) => [i, i] as const),
    ),
  ],
  [
    "the complete graph on 21",
    links(
      21,
      pairs(21, () => true),
    ),
  ],
  ["the projective plane of order 5", plane(5)],
  ["a Steiner system on 13 points", design(13, cyclic13)],
  ["the 4 × 4 rook graph", links(16, rook)],
  ["the triangular graph on 8", links(28, triangular)],
  ["a Cai–Fürer–Immerman graph", furer("straight")],
  [
    "a binary tree of 249",
    links(
      125,
      Array.from({ length: 124 }, (_, i) => [i + 1, Math.floor(i / 2)] as const),
    ),
  ],
];

const strangers: readonly (readonly [string, Structure, Structure])[] = [
  ["a hexagon and two triangles", links(6, cycle(6)), links(6, [...cycle(3), ...cycle(3, 3)])],
  ["a ring of 120 and two of 60", links(120, cycle(120)), links(120, [...cycle(60), ...cycle(60, 60)])],
  ["rook and Shrikhande", links(16, both(rook)), links(16, both(shrikhande))],
  [
    "the triangular graph and one of Chang's",
    links(
      28,
      both(triangular).filter(([a, b]) => a < b),
    ),
    links(28, chang),
  ],
  ["the two Steiner systems on 13 points", design(13, cyclic13), design(13, traded(cyclic13))],
  ["Cai–Fürer–Immerman straight and crossed", furer("straight"), furer("crossed")],
];

describe("compareFacts()", () => {
  test.each(structures)(
    "finds %s equal to itself in another order",
    (_, structure) => {
      for (const seed of [1, 2]) expect(compareFacts(structure, shuffle(structure, seeded(seed)))).toBe("equal");
    },
    30_000,
  );

  test.each(strangers)(
    "tells apart %s",
    (_, a, b) => {
      expect(a.nodes.length).toBe(b.nodes.length);
      expect(a.facts.length).toBe(b.facts.length);
      expect(compareFacts(a, shuffle(b, seeded(3)))).toBe("unequal");
    },
    30_000,
  );

  test("finds a ring of 125 equal to itself in another order", () => {
    const ring = links(125, cycle(125));
    expect(compareFacts(ring, shuffle(ring, seeded(5)))).toBe("equal");
  }, 30_000);

  test("ends undecided, and not wrong, when the work passes its limit", () => {
    const structure = plane(5);
    expect(compareFacts(structure, shuffle(structure, seeded(1)), 1000)).toBe("undecided");
  });
});

describe("canonicalForm()", () => {
  test.each(structures)(
    "is one text for %s in any order",
    (_, structure) => {
      const form = canonicalForm(structure);
      expect(form.kind).toBe("canonical");
      expect(canonicalForm(shuffle(structure, seeded(4)))).toEqual(form);
    },
    30_000,
  );

  test.each(strangers)(
    "is another text for %s",
    (_, a, b) => {
      expect(canonicalForm(a)).not.toEqual(canonicalForm(b));
    },
    30_000,
  );
});

describe("smallestMatching()", () => {
  test.each(strangers)("leaves something over between %s", (_, a, b) => {
    const { missing, collateral } = smallestMatching(a, b);
    expect(missing.length).toBeGreaterThan(0);
    expect(collateral.length).toBeGreaterThan(0);
  });
});
