/**
 * One text for all states that are equal: the facts with names that depend on nothing but the facts. Used as a name for
 * targets, to find tasks that ask for the same; equality itself is decided faster by `areIsomorphic`.
 */
import { createHash } from "node:crypto";
import { type Structure, withoutLeaves } from "./facts.js";
import { areInOneOrbit, wholePart, workLimit } from "./isomorphism.js";
import { partingOf } from "./parting.js";
import { cellToSplit, graphOf, individualise, newTrace, type Part, refineAll, type Work, WorkLimitError } from "./refinement.js";

/** A canonical text, or `undecided` when the work passed its limit. */
export type CanonicalForm = { readonly kind: "canonical"; readonly text: string } | { readonly kind: "undecided" };

/** The canonical text of a state's facts: equal for two states of one origin exactly when the states are equal. */
export function canonicalForm(structure: Structure, limit: number = workLimit): CanonicalForm {
  const named = withoutLeaves(structure);
  const ground = named.facts
    .filter((fact) => fact.nodes.length === 0)
    .map((fact) => fact.label)
    .sort();
  const work: Work = { done: 0, limit };
  try {
    const part = wholePart(graphOf(named));
    refineAll(part, { trace: newTrace(), work });
    return { kind: "canonical", text: `${packed(ground)}/${partText(part, 0, work)}` };
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

/** The text of a refined part: facts whose nodes are all named, then the texts of what is left, piece by piece, sorted. */
function partText(part: Part, depth: number, work: Work): string {
  const { settled, pieces } = partingOf(part, depth, work);
  // Taken by itself, a piece may have nodes that are alone in their colour.
  const text = pieces.length > 1 ? partText : smallestText;
  const texts = pieces.map((piece) => `<${piece.colours}>${text(piece.part, depth + 1, work)}`);
  return `${packed(settled)}/${packed(texts.sort())}`;
}

/** Texts joined so that they can be told apart again; quoting them would double what quotes there are at every depth. */
function packed(texts: readonly string[]): string {
  return texts.map((text) => `${text.length}:${text}`).join("");
}

/** After as many searches for an automorphism in vain the rest is tried without. */
const mostVainSearches = 4;

/** Of the nodes whose choice leaves the rarest trace, the smallest text. */
function smallestText(part: Part, depth: number, work: Work): string {
  const tried: number[] = [];
  let best: string | null = null;
  let hope = mostVainSearches;
  for (const { node, after } of rarest(part, work)) {
    if (hope > 0) {
      if (tried.some((other) => areInOneOrbit(part, [other, node], work))) continue;
      if (tried.length > 0) hope -= 1;
    }
    tried.push(node);
    const text = partText(after, depth + 1, work);
    if (best === null || text < best) best = text;
  }
  return best ?? "";
}

type Choice = { readonly node: number; readonly after: Part };

/** The choices, of one colour, that leave a trace which fewest others leave; of several such traces the smallest. */
function rarest(part: Part, work: Work): readonly Choice[] {
  const byTrace = new Map<string, Choice[]>();
  for (const node of part.colouring.cells[cellToSplit(part) ?? 0] ?? []) {
    const trace = newTrace();
    const after = individualise(part, node, { trace, work }) ?? part;
    const name = trace.values.join(",");
    const alike = byTrace.get(name);
    if (alike === undefined) byTrace.set(name, [{ node, after }]);
    else alike.push({ node, after });
  }
  const [first] = [...byTrace].sort(([a, x], [b, y]) => x.length - y.length || (a < b ? -1 : 1));
  return first?.[1] ?? [];
}
