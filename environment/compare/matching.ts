/**
 * How far two structures agree: the pairing of created rows, table by table, under which most facts of one are facts of the
 * other. Rows paired may differ themselves while what refers to them agrees.
 *
 * Branch and bound; its first descent pairs rows whose surroundings look alike furthest out, which is mostly the best there
 * is, and the bound (facts that look alike, counted) then ends the search at once.
 */
import type { Fact, Structure } from "./facts.js";

export type Matching = {
  /** Facts of `wanted` and of `found`, by position, that have no counterpart. */
  readonly missing: readonly number[];
  readonly collateral: readonly number[];
  /** False when the work limit came first: the counts are then an upper bound. */
  readonly exact: boolean;
};

const stepLimit = 20_000;
const maxRounds = 6;

/** Rows up to which every candidate of every row is scored once. */
const longestScored = 500;

/** The same for structures in which nothing refers to a created row: any pairing of equal labels is the smallest. */
export function plainMatching(wanted: Structure, found: Structure): Matching {
  const open = count(wanted.facts.map((fact) => fact.label));
  const collateral: number[] = [];
  for (let i = 0; i < found.facts.length; i += 1) {
    const label = found.facts[i]?.label ?? "";
    const left = open.get(label) ?? 0;
    if (left > 0) open.set(label, left - 1);
    else collateral.push(i);
  }
  const missing: number[] = [];
  // What is open now has no counterpart; of equal facts the last ones.
  for (let i = wanted.facts.length - 1; i >= 0; i -= 1) {
    const label = wanted.facts[i]?.label ?? "";
    const left = open.get(label) ?? 0;
    if (left === 0) continue;
    open.set(label, left - 1);
    missing.push(i);
  }
  return { missing: missing.reverse(), collateral, exact: true };
}

/** The pairing with the fewest facts left over. */
export function smallestMatching(a: Structure, b: Structure, limit: number = stepLimit): Matching {
  const [wanted, found] = withoutPlainTables(a, b);
  const search = prepare(wanted, found, limit);
  descend(search, 0);
  const used = new Map<string, number>();
  const missing: number[] = [];
  wanted.facts.forEach((fact, i) => {
    const name = factName(fact, search.best);
    const left = name === null ? 0 : (search.present.get(name) ?? 0) - (used.get(name) ?? 0);
    if (name !== null && left > 0) used.set(name, (used.get(name) ?? 0) + 1);
    else missing.push(i);
  });
  const collateral = found.facts.flatMap((fact, i) => {
    const name = factName(fact, null) ?? "";
    const left = used.get(name) ?? 0;
    if (left > 0) used.set(name, left - 1);
    return left > 0 ? [] : [i];
  });
  return { missing, collateral, exact: search.steps <= limit };
}

/**
 * Both without the nodes of tables whose created rows nothing refers to, on either side: such a node stands in its own row's fact
 * alone, so that any pairing of equal rows will do.
 */
function withoutPlainTables(a: Structure, b: Structure): readonly [Structure, Structure] {
  const linked = new Set([...linkedTables(a), ...linkedTables(b)]);
  return [withNodesOf(a, linked), withNodesOf(b, linked)];
}

function linkedTables({ nodes, facts }: Structure): readonly number[] {
  const uses = new Map<number, number>();
  for (const fact of facts) for (const node of fact.nodes) uses.set(node, (uses.get(node) ?? 0) + 1);
  return nodes.filter((_, node) => (uses.get(node) ?? 0) !== 1);
}

function withNodesOf(structure: Structure, tables: ReadonlySet<number>): Structure {
  const kept = structure.nodes.flatMap((table, node) => (tables.has(table) ? [node] : []));
  if (kept.length === structure.nodes.length) return structure;
  const places = new Map(kept.map((node, place) => [node, place]));
  const facts = structure.facts.map((fact): Fact => {
    const left = fact.nodes.map((node) => places.get(node));
    if (!left.includes(undefined)) return { ...fact, nodes: left.filter((node) => node !== undefined) };
    // Which places were left out, and of which table, stays part of what the fact says.
    const gone = left.map((node, place) => (node === undefined ? structure.nodes[fact.nodes[place] ?? -1] : ""));
    return { ...fact, label: `${fact.label}|${gone.join(".")}`, nodes: left.filter((node) => node !== undefined) };
  });
  return { nodes: kept.map((node) => structure.nodes[node] ?? -1), facts };
}

type SearchState = {
  readonly wanted: Structure;
  readonly order: readonly number[];
  readonly candidates: readonly (readonly number[])[];
  /** By place in the order: the facts of `wanted` decided once that node is paired. */
  readonly decided: readonly (readonly Fact[])[];
  readonly present: ReadonlyMap<string, number>;
  /** By label: facts of `found` not yet matched, and facts of `wanted` not yet decided. */
  readonly free: Map<string, number>;
  readonly open: Map<string, number>;
  readonly twins: readonly string[];
  readonly used: Map<string, number>;
  readonly map: number[];
  readonly taken: boolean[];
  readonly limit: number;
  steps: number;
  agreed: number;
  best: readonly number[] | null;
  bestAgreed: number;
};

function prepare(wanted: Structure, found: Structure, limit: number): SearchState {
  const linked = (fact: Fact) => fact.nodes.length > 0;
  const order = walk(wanted);
  const place = new Map(order.map((node, i) => [node, i]));
  const decided: Fact[][] = order.map(() => []);
  for (const fact of wanted.facts.filter(linked)) decided[Math.max(...fact.nodes.map((node) => place.get(node) ?? 0))]?.push(fact);
  const looks = appearances([wanted, found]);
  const candidates = order.map((node) => candidatesOf(node, { wanted, found, looks }));
  return {
    wanted,
    order,
    candidates,
    decided,
    limit,
    present: count(found.facts.map((fact) => factName(fact, null) ?? "")),
    free: count(found.facts.filter(linked).map((fact) => fact.label)),
    open: count(wanted.facts.filter(linked).map((fact) => fact.label)),
    twins: twinNames(found),
    used: new Map(),
    map: wanted.nodes.map(() => -1),
    taken: found.nodes.map(() => false),
    steps: 0,
    agreed: 0,
    best: null,
    bestAgreed: -1,
  };
}

function descend(search: SearchState, depth: number): void {
  search.steps += 1;
  const node = search.order[depth];
  if (node === undefined) {
    if (search.agreed > search.bestAgreed) {
      search.best = [...search.map];
      search.bestAgreed = search.agreed;
    }
    return;
  }
  const tried = new Set<string>();
  for (const candidate of [...candidatesAt(search, depth, node), -1]) {
    if (search.best !== null && (search.steps > search.limit || search.agreed + potential(search) <= search.bestAgreed)) return;
    const twin = search.twins[candidate] ?? "";
    if (candidate !== -1 && (search.taken[candidate] === true || tried.has(twin))) continue;
    tried.add(twin);
    pair(search, { depth, node, candidate });
  }
}

/** On the first descent those first that make most facts agree with what is paired already; it may be all that the limit allows. */
function candidatesAt(search: SearchState, depth: number, node: number): readonly number[] {
  const candidates = search.candidates[depth] ?? [];
  const decided = search.decided[depth] ?? [];
  if (search.best !== null || decided.length === 0 || search.order.length > longestScored) return candidates;
  const agreeing = (candidate: number): number => {
    if (search.taken[candidate] === true) return -1;
    search.map[node] = candidate;
    const names = decided.map((fact) => factName(fact, search.map));
    return names.filter((name) => name !== null && (search.used.get(name) ?? 0) < (search.present.get(name) ?? 0)).length;
  };
  const scored = candidates.map((candidate) => ({ candidate, score: agreeing(candidate) }));
  search.map[node] = -1;
  return scored.sort((a, b) => b.score - a.score).map(({ candidate }) => candidate);
}

function pair(
  search: SearchState,
  { depth, node, candidate }: { readonly depth: number; readonly node: number; readonly candidate: number },
): void {
  search.map[node] = candidate;
  if (candidate !== -1) search.taken[candidate] = true;
  const undo: (() => void)[] = [];
  for (const fact of search.decided[depth] ?? []) {
    const name = factName(fact, search.map);
    add(search.open, fact.label, -1);
    const agrees = name !== null && (search.used.get(name) ?? 0) < (search.present.get(name) ?? 0);
    if (agrees) {
      add(search.used, name, 1);
      add(search.free, fact.label, -1);
      search.agreed += 1;
    }
    undo.push(() => {
      add(search.open, fact.label, 1);
      if (!agrees) return;
      add(search.used, name, -1);
      add(search.free, fact.label, 1);
      search.agreed -= 1;
    });
  }
  descend(search, depth + 1);
  for (const step of undo.reverse()) step();
  search.map[node] = -1;
  if (candidate !== -1) search.taken[candidate] = false;
}

/** No pairing of the rest can make more facts agree than there are alike on both sides. */
function potential(search: SearchState): number {
  let sum = 0;
  for (const [label, open] of search.open) sum += Math.min(open, search.free.get(label) ?? 0);
  return sum;
}

/** A fact with its nodes named by the found side; null when one of them is paired with nothing. */
function factName(fact: Fact, map: readonly number[] | null): string | null {
  const nodes = map === null ? fact.nodes : fact.nodes.map((node) => map[node] ?? -1);
  return nodes.includes(-1) ? null : `${nodes.join(",")}|${fact.label}`;
}

/** Nodes in an order in which neighbours come soon after each other, so that facts are decided early. */
function walk(structure: Structure): readonly number[] {
  const around = neighbours(structure);
  const seen = new Set<number>();
  const starts = structure.nodes.map((_, node) => node).sort((a, b) => (around[b]?.length ?? 0) - (around[a]?.length ?? 0) || a - b);
  for (const start of starts) {
    const stack = [start];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      stack.push(...(around[node] ?? []).flatMap((fact) => fact.nodes).filter((other) => !seen.has(other)));
    }
  }
  return [...seen];
}

function candidatesOf(
  node: number,
  {
    wanted,
    found,
    looks,
  }: { readonly wanted: Structure; readonly found: Structure; readonly looks: readonly (readonly (readonly number[])[])[] },
): readonly number[] {
  const mine = looks[0]?.[node] ?? [];
  const likeness = (other: number) => mine.filter((look, round) => look === looks[1]?.[other]?.[round]).length;
  return found.nodes
    .flatMap((table, other) => (table === wanted.nodes[node] ? [{ other, like: likeness(other) }] : []))
    .sort((a, b) => b.like - a.like || a.other - b.other)
    .map(({ other }) => other);
}

/** By structure, node and round: a number for what the node looks like as far out as that; round 0 is its own row. */
function appearances(structures: readonly Structure[]): readonly (readonly (readonly number[])[])[] {
  const looks = structures.map((structure) => structure.nodes.map((table) => [table]));
  for (let round = 0; round < roundsFor(structures); round += 1) {
    const numbers = new Map<string, number>();
    const next = structures.map((structure, s) => {
      const around = neighbours(structure);
      return structure.nodes.map((_, node) => {
        const text = (around[node] ?? []).map(
          (fact) => `${fact.nodes.indexOf(node)}:${fact.label}:${fact.nodes.map((other) => looks[s]?.[other]?.at(-1)).join(",")}`,
        );
        return numberOf(numbers, text.sort().join(";"));
      });
    });
    next.forEach((list, s) => {
      list.forEach((look, node) => {
        looks[s]?.[node]?.push(look);
      });
    });
  }
  return looks;
}

/** Looking further out than there are nodes shows nothing, and where no table has two created rows there is nothing to tell apart. */
function roundsFor(structures: readonly Structure[]): number {
  const most = Math.max(...structures.map((structure) => structure.nodes.length));
  return structures.every((structure) => new Set(structure.nodes).size === structure.nodes.length) ? 0 : Math.min(maxRounds, most);
}

/** Two nodes of one name can be exchanged without any fact changing. */
function twinNames(structure: Structure): readonly string[] {
  const around = neighbours(structure);
  return structure.nodes.map(
    (table, node) =>
      `${table}#${(around[node] ?? [])
        .map((fact) => `${fact.nodes.map((other) => (other === node ? "*" : other)).join(",")}|${fact.label}`)
        .sort()
        .join(";")}`,
  );
}

function neighbours(structure: Structure): readonly (readonly Fact[])[] {
  const around = structure.nodes.map((): Fact[] => []);
  for (const fact of structure.facts) for (const node of new Set(fact.nodes)) around[node]?.push(fact);
  return around;
}

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) add(counts, name, 1);
  return counts;
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function numberOf(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}
