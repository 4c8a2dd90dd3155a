import { describe, expect, test } from "vitest";
import { mostRows, zoo } from "../../bench/isomorphism-zoo.js";
import { gadgets, plane, projectiveTriples, paschs, traded } from "../../bench/regular-structures.js";
import { createdRows, cycle, graph, links, references, shuffle } from "../../bench/structures.js";
import { canonicalForm } from "../../environment/compare/canonical-form.js";
import { compareFacts } from "../../environment/compare/diff.js";
import { isPlain, type Structure, withoutLeaves } from "../../environment/compare/facts.js";
import { wholePart } from "../../environment/compare/isomorphism.js";
import { plainMatching, smallestMatching } from "../../environment/compare/matching.js";
import { followed, graphOf, newTrace, refineAll } from "../../environment/compare/refinement.js";
import { type Random, seeded } from "../doubles/random-states.js";

const cases = zoo(seeded, [1]);

/** Facts over a few nodes of two tables, so that many pairs agree in all that is counted and some are equal. */
function randomStructure(random: Random): Structure {
  const below = (n: number) => Math.floor(random() * n);
  const n = 2 + below(5);
  const nodes = Array.from({ length: n }, (_, i) => (i < n / 2 ? 0 : below(2)));
  const source = { kind: "created", table: 0, row: [] } as const;
  const own = nodes.map((table, i) => ({ label: `I|${table}`, nodes: [i], source }));
  const others = Array.from({ length: n + below(n) }, () => {
    const places = Array.from({ length: 1 + below(3) }, () => below(n));
    return { label: `F|${below(2)}|${places.map((node) => places.indexOf(node)).join(".")}`, nodes: places, source };
  });
  return { nodes, facts: [...own, ...others] };
}

/** The structure with the ends of two facts exchanged, so that every count stays. */
function crossed(structure: Structure, random: Random): Structure {
  const facts = [...structure.facts];
  const long = facts.flatMap((fact, i) => (new Set(fact.nodes).size === 2 && fact.nodes.length === 2 ? [i] : []));
  const [i, j] = [long[Math.floor(random() * long.length)], long[Math.floor(random() * long.length)]];
  const [a, b] = [facts[i ?? -1], facts[j ?? -1]];
  if (i === undefined || j === undefined || a === undefined || b === undefined) return structure;
  const [x = 0, y = 0] = a.nodes;
  const [u = 0, v = 0] = b.nodes;
  if (x === v || u === y || i === j) return structure;
  facts[i] = { ...a, nodes: [x, v] };
  facts[j] = { ...b, nodes: [u, y] };
  return { ...structure, facts };
}

/** Every bijection, table by table. */
function bruteForce(a: Structure, b: Structure): boolean {
  const textOf = ({ facts }: Structure, name: (node: number) => number) =>
    facts
      .map((fact) => `${fact.label}:${fact.nodes.map(name).join(",")}`)
      .sort()
      .join(";");
  const wanted = textOf(b, (node) => node);
  const map = a.nodes.map(() => -1);
  const assign = (node: number): boolean =>
    node === map.length
      ? textOf(a, (each) => map[each] ?? -1) === wanted
      : b.nodes.some((table, other) => {
          if (table !== a.nodes[node] || map.includes(other)) return false;
          map[node] = other;
          const isFound = assign(node + 1);
          map[node] = -1;
          return isFound;
        });
  return a.nodes.length === b.nodes.length && assign(0);
}

/** Colours alone, which do not tell a ring of six from two of three: what the comparison would be without its second half. */
function lookAlike(a: Structure, b: Structure): boolean {
  const work = { done: 0, limit: 1e6 };
  const trace = newTrace();
  refineAll(wholePart(graphOf(a)), { trace, work });
  const other = followed(trace.values);
  return a.nodes.length === b.nodes.length && refineAll(wholePart(graphOf(b)), { trace: other, work }) && other.isWhole();
}

function randomPairs(count: number): readonly (readonly [Structure, Structure])[] {
  const random = seeded(2603);
  return Array.from({ length: count }, () => {
    const a = randomStructure(random);
    const other = random() < 0.3 ? a : random() < 0.9 ? crossed(a, random) : randomStructure(random);
    return [a, shuffle(other, random)] as const;
  });
}

describe("compareFacts()", () => {
  test.each(cases)("decides $name (equal: $equal)", ({ a, b, equal }) => {
    expect(createdRows(a)).toBeLessThanOrEqual(mostRows);
    expect([a.nodes.length, a.facts.length]).toEqual([b.nodes.length, b.facts.length]);
    expect(compareFacts(a, b)).toBe(equal ? "equal" : "unequal");
  });

  test("agrees with every bijection tried, on random structures", () => {
    const pairs = randomPairs(6_000);
    const found = pairs.map(([a, b]) => ({ verdict: compareFacts(a, b), expected: bruteForce(a, b) ? "equal" : "unequal" }));
    const equal = found.filter(({ expected }) => expected === "equal").length;
    process.stdout.write(`isomorphism: ${found.length} pairs beside brute force, ${equal} equal\n`);
    expect(found.filter(({ verdict, expected }) => verdict !== expected)).toEqual([]);
    expect(equal).toBeGreaterThan(1_000);
    expect(found.length - equal).toBeGreaterThan(500);
  });

  test("the law catches a comparison of colours alone", () => {
    const pairs = [...randomPairs(1_000), [links(6, cycle(6)), links(6, [...cycle(3), ...cycle(3, 3)])] as const];
    expect(pairs.filter(([a, b]) => lookAlike(a, b) && compareFacts(a, b) === "unequal").length).toBeGreaterThan(0);
  });

  test("finds twin parents with other children unequal", () => {
    // Two parents with children {a,b},{c,d}, or {a,c},{b,d}: the children are told apart by two rows that pair them.
    const rows = (parents: readonly (readonly number[])[]) =>
      references([[], [], ...parents, [2, 3], [4, 5]], (row) => (row < 2 ? "parent" : row < 6 ? "child" : "pair"));
    expect(compareFacts(rows([[0], [0], [1], [1]]), rows([[0], [1], [0], [1]]))).toBe("unequal");
    expect(compareFacts(rows([[0], [0], [1], [1]]), rows([[1], [1], [0], [0]]))).toBe("equal");
  });

  test("ends undecided, and not wrong, when the work passes its limit", () => {
    const structure = plane(5);
    expect(compareFacts(structure, shuffle(structure, seeded(1)), 1000)).toBe("undecided");
  });
});

describe("the zoo", () => {
  test("has Steiner systems that an invariant of their own tells apart", () => {
    const space = projectiveTriples();
    expect(paschs(space)).toHaveLength(105);
    expect(paschs(traded(space)).length).toBeLessThan(105);
  });

  test("has gadgets that two crossings make what they were", () => {
    const base = [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ] as const;
    expect(compareFacts(gadgets(base), gadgets(base, [0]))).toBe("unequal");
    expect(compareFacts(gadgets(base), shuffle(gadgets(base, [0, 5]), seeded(3)))).toBe("equal");
  });
});

describe("withoutLeaves()", () => {
  test("keeps of links the vertices alone, and says which places it took", () => {
    const left = withoutLeaves(links(3, cycle(3)));
    expect(left.nodes).toEqual([0, 0, 0]);
    expect(left.facts.filter(({ nodes }) => nodes.length === 2).map(({ label }) => label)).toEqual(["link|-0", "link|-0", "link|-0"]);
  });

  test("tells a row that refers from one that is referred to", () => {
    const [from, to] = [references([[1], [], []]), references([[], [0], []])];
    expect(compareFacts(from, to)).toBe("equal");
    expect(compareFacts(references([[1], [2], []]), references([[1], [], [1]]))).toBe("unequal");
  });
});

describe("canonicalForm()", () => {
  const small = cases.filter(({ a, equal }) => equal && createdRows(a) <= 160);

  test.each(small)("is one text for $name in another order", ({ a, b }) => {
    const form = canonicalForm(a);
    expect(form.kind).toBe("canonical");
    expect(canonicalForm(b)).toEqual(form);
  });

  test.each(cases.filter(({ a, equal }) => !equal && createdRows(a) <= 160))("is another text for $name", ({ a, b }) => {
    expect(canonicalForm(a)).not.toEqual(canonicalForm(b));
  });

  test("agrees with every bijection tried, on random structures", () => {
    const wrong = randomPairs(1_500).filter(([a, b]) => {
      const [left, right] = [canonicalForm(a), canonicalForm(b)];
      if (left.kind === "undecided" || right.kind === "undecided") return true;
      return (left.text === right.text) !== bruteForce(a, b);
    });
    expect(wrong).toEqual([]);
  });
});

describe("smallestMatching()", () => {
  test.each(cases.filter(({ a, equal }) => !equal && createdRows(a) <= 160))("leaves something over between $name", ({ a, b }) => {
    const { missing, collateral } = smallestMatching(a, b);
    expect(missing.length).toBeGreaterThan(0);
    expect(collateral.length).toBeGreaterThan(0);
  });

  test("finds equal what is equal, row for row", () => {
    const square = graph(16, (a, b) => a % 4 === b % 4 || Math.floor(a / 4) === Math.floor(b / 4));
    expect(smallestMatching(square, square)).toMatchObject({ missing: [], collateral: [] });
  });
});

/** Created rows that nothing refers to, and changed cells, of so few sorts that many are equal. */
function plainStructure(random: Random): Structure {
  const source = { kind: "created", table: 0, row: [] } as const;
  const rows = Array.from({ length: Math.floor(random() * 5) }, (_, node) => ({
    label: `I|0|@,${Math.floor(random() * 2)}`,
    nodes: [node],
    source,
  }));
  const cells = Array.from({ length: Math.floor(random() * 4) }, () => ({ label: `U|1|${Math.floor(random() * 3)}`, nodes: [], source }));
  return { nodes: rows.map(() => 0), facts: [...cells, ...rows] };
}

describe("plainMatching()", () => {
  test("leaves over what the search leaves over, where nothing refers to a created row", () => {
    const random = seeded(77);
    const leftOver = ({ facts }: Structure, places: readonly number[]) => places.map((i) => facts[i]?.label).sort();
    let equal = 0;
    for (let i = 0; i < 500; i += 1) {
      const [a, b] = [plainStructure(random), plainStructure(random)];
      const [quick, searched] = [plainMatching(a, b), smallestMatching(a, b)];
      expect([isPlain(a), isPlain(b), searched.exact]).toEqual([true, true, true]);
      expect(leftOver(a, quick.missing)).toEqual(leftOver(a, searched.missing));
      expect(leftOver(b, quick.collateral)).toEqual(leftOver(b, searched.collateral));
      if (quick.missing.length + quick.collateral.length === 0) equal += 1;
    }
    expect(equal).toBeGreaterThan(5);
  });
});

describe("isPlain()", () => {
  test("is false as soon as a second fact names a row", () => {
    expect(isPlain(references([[], [0]], () => "row"))).toBe(false);
    expect(isPlain(references([[], []], () => "row"))).toBe(true);
  });
});
