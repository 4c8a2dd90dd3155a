/** Designs, planes, squares and gadgets: regular structures, in which neighbours alone tell nothing apart. */
import type { Structure } from "../environment/compare/facts.js";
import { type Blocks, design, type Edge, graph, links, pairs, range, references } from "./structures.js";

/** Blocks as the shifts of base blocks modulo n; a block that returns earlier is listed once. */
export function cyclicBlocks(n: number, bases: Blocks): Blocks {
  const named = bases.flatMap((base) =>
    range(n).map((shift) => {
      const block = base.map((x) => (x + shift) % n).sort((a, b) => a - b);
      return [block.join(), block] as const;
    }),
  );
  return [...new Map(named).values()];
}

/** Points and lines of the plane over the integers modulo a prime. */
export function plane(p: number): Structure {
  const points = projectivePoints(p, 3);
  const blocks = points.map((line) => points.flatMap((point, j) => (dot(line, point, p) === 0 ? [j] : [])));
  return design(points.length, blocks);
}

/** Points of the projective space over the integers modulo a prime, the first coordinate that is not 0 being 1. */
export function projectivePoints(p: number, coordinates: number): Blocks {
  return range(p ** coordinates)
    .map((n) => range(coordinates).map((i) => Math.floor(n / p ** i) % p))
    .filter((point) => point.find((x) => x !== 0) === 1);
}

export function dot(a: readonly number[], b: readonly number[], p: number): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0) % p;
}

/** The lines of the projective space of dimension 3 over two elements: a Steiner triple system on 15 points. */
export function projectiveTriples(): Blocks {
  return range(16).flatMap((a) => range(16).flatMap((b) => (0 < a && a < b && b < (a ^ b) ? [[a - 1, b - 1, (a ^ b) - 1]] : [])));
}

/** A Steiner triple system by hill climbing. @see Stinson, Hill-climbing algorithms for the construction of combinatorial designs (1985) */
export function steinerTriples(n: number, random: () => number): Blocks {
  const third = new Map<number, number>();
  const at = (a: number, b: number) => third.get(a * n + b);
  const set = (a: number, b: number, c: number | undefined) => {
    for (const key of [a * n + b, b * n + a])
      if (c === undefined) third.delete(key);
      else third.set(key, c);
  };
  const some = (list: readonly number[]) => list[Math.floor(random() * list.length)] ?? 0;
  while (third.size < n * (n - 1)) {
    const x = some(range(n).filter((a) => range(n).some((b) => b !== a && at(a, b) === undefined)));
    const open = range(n).filter((b) => b !== x && at(x, b) === undefined);
    const y = some(open);
    const z = some(open.filter((b) => b !== y));
    const w = at(y, z);
    if (w !== undefined)
      for (const [a, b] of [
        [y, z],
        [y, w],
        [z, w],
      ] as const)
        set(a, b, undefined);
    set(x, y, z);
    set(x, z, y);
    set(y, z, x);
  }
  return pairs(n, () => true).flatMap(([a, b]) => {
    const c = at(a, b) ?? 0;
    return c > b ? [[a, b, c]] : [];
  });
}

type Pasch = { readonly old: Blocks; readonly traded: Blocks };

/** Its configurations of four blocks on six points, each with the four that may take their place; isomorphic systems have equally many. */
export function paschs(blocks: Blocks): readonly Pasch[] {
  const third = new Map(
    blocks.flatMap(([a = 0, b = 0, c = 0]) =>
      pairs(3, () => true).map(([i, j]) => [nameOf([[a, b, c][i] ?? 0, [a, b, c][j] ?? 0]), [a, b, c][3 - i - j] ?? 0] as const),
    ),
  );
  const found = blocks.flatMap((s, i) =>
    blocks.slice(i + 1).flatMap((t) => {
      const [a] = s.filter((point) => t.includes(point));
      if (a === undefined) return [];
      const [b = 0, c = 0] = s.filter((point) => point !== a);
      const [d = 0, e = 0] = t.filter((point) => point !== a);
      return [[d, e] as const, [e, d] as const].flatMap(([x, y]): (readonly [string, Pasch])[] => {
        const f = third.get(nameOf([b, x]));
        if (f === undefined || f !== third.get(nameOf([c, y]))) return [];
        const old = [s, t, [f, b, x], [f, c, y]];
        return [
          [
            old.map(nameOf).sort().join(";"),
            {
              old,
              traded: [
                [f, b, c],
                [f, x, y],
                [a, b, x],
                [a, c, y],
              ],
            },
          ],
        ];
      });
    }),
  );
  return [...new Map(found).values()];
}

function nameOf(points: readonly number[]): string {
  return [...points].sort((x, y) => x - y).join(",");
}

/** The system with one configuration traded; there must be one. */
export function traded(blocks: Blocks, which = 0): Blocks {
  const all = paschs(blocks);
  const pasch = all[which % all.length];
  if (pasch === undefined) throw new RangeError("Cannot trade: the system has no four blocks on six points");
  const gone = new Set(pasch.old.map(nameOf));
  return [...blocks.filter((block) => !gone.has(nameOf(block))), ...pasch.traded];
}

/** A square as rows, columns, symbols, and cells that refer to one of each; `value(row, column)` is the symbol. */
export function square(n: number, value: (row: number, column: number) => number): Structure {
  const names = ["row", "column", "symbol"] as const;
  const parts = range(3 * n).map(() => [] as readonly number[]);
  const cells = range(n * n).map((i) => [Math.floor(i / n), n + (i % n), 2 * n + value(Math.floor(i / n), i % n)]);
  return references([...parts, ...cells], (row) => names[Math.floor(row / n)] ?? "cell");
}

/** The graph of a square's cells, joined where row, column or symbol agree. */
export function squareGraph(n: number, value: (row: number, column: number) => number): Structure {
  const cell = (i: number) => [Math.floor(i / n), i % n, value(Math.floor(i / n), i % n)];
  return graph(n * n, (a, b) => cell(a).some((x, i) => x === cell(b)[i]));
}

/** A square with one row exchanged for another along a cycle of the two, again and again. */
export function switchedSquare(n: number, random: () => number): (row: number, column: number) => number {
  const rows = range(n).map((i) => range(n).map((j) => (i + j) % n));
  for (let times = 0; times < 20 * n; times += 1) {
    const [a = [], b = []] = [rows[Math.floor(random() * n)], rows[Math.floor(random() * n)]];
    const start = Math.floor(random() * n);
    let column = start;
    if (a === b) continue;
    do {
      [a[column], b[column]] = [b[column] ?? 0, a[column] ?? 0];
      column = range(n).find((j) => j !== column && a[j] === a[column]) ?? start;
    } while (column !== start);
  }
  return (row, column) => rows[row]?.[column] ?? 0;
}

/** Paley's graph: residues modulo a prime p (1 more than a multiple of 4), joined where they differ by a square. */
export function paley(p: number): Structure {
  const squares = new Set(range(p).map((x) => (x * x) % p));
  return graph(p, (a, b) => squares.has((a - b + p) % p));
}

/**
 * Gadgets over a cubic graph: four vertices for each of its vertices, joined to a neighbour's where they agree on their link.
 * A link that is crossed makes another graph, two make the first again.
 * @see Cai, Fürer, Immerman, An optimal lower bound on the number of variables for graph identification (1992)
 */
export function gadgets(base: readonly Edge[], crossed: readonly number[] = []): Structure {
  const n = 1 + Math.max(...base.flat());
  const around = range(n).map((v) => base.flatMap((edge, e) => (edge.includes(v) ? [e] : [])));
  const even = [
    [0, 0, 0],
    [1, 1, 0],
    [1, 0, 1],
    [0, 1, 1],
  ];
  const edges = base.flatMap(([a, b], e) =>
    range(16).flatMap((i): Edge[] => {
      const bit = (v: number, k: number) => even[k]?.[around[v]?.indexOf(e) ?? 0] ?? 0;
      const [k, l] = [Math.floor(i / 4), i % 4];
      const isJoined = (bit(a, k) + bit(b, l) + (crossed.includes(e) ? 1 : 0)) % 2 === 0;
      return isJoined ? [[4 * a + k, 4 * b + l]] : [];
    }),
  );
  return links(4 * n, edges);
}

/**
 * Pairs of rows that refer to each other, and for each triple of pairs four rows that refer to one row of each, an even number
 * of second rows among them, or, of the odd triples, an odd number.
 * @see Neuen, Schweitzer, An exponential lower bound for individualization-refinement algorithms for graph isomorphism (2018)
 */
export function multipede(n: number, triples: Blocks, odd: readonly number[] = []): Structure {
  const feet = range(2 * n).map((i) => [i % 2 === 0 ? i + 1 : i - 1]);
  const bodies = triples.flatMap(([a = 0, b = 0, c = 0], t) =>
    range(8).flatMap((bits) => {
      const [x, y, z] = [bits & 1, (bits >> 1) & 1, bits >> 2];
      return (x + y + z) % 2 === (odd.includes(t) ? 1 : 0) ? [[2 * a + x, 2 * b + y, 2 * c + z]] : [];
    }),
  );
  return references([...feet, ...bodies], (row) => (row < 2 * n ? "foot" : "body"));
}

/** The graph of valency 7 on 50 vertices without circles shorter than 5, from five pentagons and five pentagrams. */
export function hoffmanSingleton(): Structure {
  const edges = range(5).flatMap((h) =>
    range(5).flatMap((j): Edge[] => [
      [5 * h + j, 5 * h + ((j + 1) % 5)],
      [25 + 5 * h + j, 25 + 5 * h + ((j + 2) % 5)],
      ...range(5).map((i): Edge => [5 * h + j, 25 + 5 * i + ((h * i + j) % 5)]),
    ]),
  );
  return links(50, edges);
}

/** The collinearity graph of the 27 lines on a cubic surface. */
export function schlaefli(): Structure {
  const duads = pairs(6, () => true);
  return graph(27, (a, b) => {
    const [left, right] = [duads[a - 12], duads[b - 12]];
    if (left !== undefined && right !== undefined) return !left.some((x) => right.includes(x));
    if (right !== undefined) return right.includes(a % 6);
    return Math.floor(a / 6) !== Math.floor(b / 6) && a % 6 !== b % 6;
  });
}

/** Points and blocks of a Hadamard matrix of order 16: Sylvester's, or with one closed quadruple of rows switched. */
export function hadamard(kind: "sylvester" | "switched"): Blocks {
  const sign = (i: number, j: number) => ([1, 2, 4, 8].filter((bit) => (i & j & bit) !== 0).length % 2 === 0 ? 1 : -1);
  const isTurned = (i: number, j: number) => kind === "switched" && i < 4 && j % 4 === 0;
  const entry = (i: number, j: number) => sign(i, j) * (isTurned(i, j) ? -1 : 1);
  // Normalised by its last row and column, which the switch leaves alone in part.
  const normal = (i: number, j: number) => entry(i, j) * entry(15, j) * entry(i, 15) * entry(15, 15);
  return range(15).map((i) => range(15).filter((j) => normal(i, j) === 1));
}
