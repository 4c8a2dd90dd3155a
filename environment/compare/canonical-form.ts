/**
 * One text for all states that are equal: the facts with names that depend on nothing but the facts. Used as a name for
 * targets, to find tasks that ask for the same; equality itself is decided faster by `areIsomorphic`.
 */
import { createHash } from "node:crypto";
import type { Structure } from "./facts.js";
import { areInOneOrbit, workLimit } from "./isomorphism.js";
import {
  cellsOf,
  cellToSplit,
  coloursAround,
  components,
  type Graph,
  graphsOf,
  individualise,
  refine,
  type Side,
  wholeSide,
  type Work,
  WorkLimitError,
} from "./refinement.js";

/** A canonical text, or `undecided` when the work passed its limit. */
export type CanonicalForm = { readonly kind: "canonical"; readonly text: string } | { readonly kind: "undecided" };

/** The canonical text of a state's facts: equal for two states of one origin exactly when the states are equal. */
export function canonicalForm(structure: Structure, limit: number = workLimit): CanonicalForm {
  const labels = [...new Set(structure.facts.map((fact) => fact.label))].sort();
  const ground = structure.facts
    .filter((fact) => fact.nodes.length === 0)
    .map((fact) => fact.label)
    .sort();
  const [graph] = graphsOf([structure]);
  if (graph === undefined) return { kind: "undecided" };
  const used = labels.filter((label) => structure.facts.some((fact) => fact.label === label && fact.nodes.length > 0));
  const work: Work = { done: 0, limit };
  try {
    const side = wholeSide(graph);
    const next = refine([side], { next: 1, work }) ?? 1;
    return { kind: "canonical", text: JSON.stringify([ground, used, partText(side, { facts: graph.facts.map((_, i) => i), next, work })]) };
  } catch (error) {
    if (error instanceof WorkLimitError) return { kind: "undecided" };
    throw error;
  }
}

/** SHA-256, in hex, of the canonical text; null when it is undecided. */
export function canonicalDigest(structure: Structure): string | null {
  const form = canonicalForm(structure);
  return form.kind === "canonical" ? createHash("sha256").update(form.text).digest("hex") : null;
}

type Scope = { readonly facts: readonly number[]; readonly next: number; readonly work: Work };

/** The text of a refined part: facts whose nodes are all named, then the texts of what is left, part by part, sorted. */
function partText(side: Side, { facts, next, work }: Scope): string {
  const cells = cellsOf([side]);
  const free = new Set([...cells.values()].filter((cell) => cell.length > 1).flatMap((cell) => cell.map((member) => member.node)));
  const isOpen = (fact: number) => side.graph.facts[fact]?.nodes.some((node) => free.has(node)) ?? false;
  const named = facts
    .filter((fact) => !isOpen(fact))
    .map((fact) => namedFact(side.graph, side.colour, fact))
    .sort();
  const open = facts.filter(isOpen);
  const parts = components(side, (node) => free.has(node));
  const texts = parts.map((nodes) => {
    const inside = new Set(nodes);
    const around = open.filter((fact) => side.graph.facts[fact]?.nodes.some((node) => inside.has(node)));
    // Taken by itself, a part may have nodes that are alone in their colour.
    const text = parts.length > 1 ? partText : smallestText;
    return text({ ...side, nodes }, { facts: around, next, work });
  });
  return `[${named.join(";")}{${texts.sort().join("")}}]`;
}

function smallestText(side: Side, { facts, next, work }: Scope): string {
  const tried: number[] = [];
  let best: string | null = null;
  for (const { node } of cellToSplit([side])) {
    if (tried.some((other) => areInOneOrbit(side, { next, work, pair: [other, node] }))) continue;
    tried.push(node);
    const chosen = individualise(side, node, next);
    const dirty = coloursAround([chosen], [{ side: 0, node }]);
    const after = refine([chosen], { next: next + 1, work, dirty }) ?? next + 1;
    const text = partText(chosen, { facts, next: after, work });
    if (best === null || text < best) best = text;
  }
  return best ?? "";
}

function namedFact(graph: Graph, colour: Int32Array, index: number): string {
  const fact = graph.facts[index];
  return `${fact?.label}:${fact?.nodes.map((node) => colour[node]).join(",")}`;
}
