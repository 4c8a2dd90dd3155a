/** Bugs planted in one side of "one meaning, twice": a clause dropped from every rule of a kind. */
import type { Effect, Guard, NormalForm } from "../../../environment/compile/normal-form.js";

/** The normal form with one conjunct dropped from what each rule of the sheet demands, or the whole demand where there is only one. */
export function dropClauses({ guards, effects }: NormalForm): NormalForm {
  return { guards: guards.map((guard) => (guard.origin === "rule" ? dropFromGuard(guard) : guard)), effects: effects.map(dropFromEffect) };
}

function dropFromGuard(guard: Guard): Guard {
  return { ...guard, must: dropConjunct(guard.must) ?? { kind: "literal", value: true } };
}

/** Of a counter, a conjunct of which rows count; of another effect its condition, a conjunct of which rows it takes, or the effect. */
function dropFromEffect(effect: Effect): Effect {
  if (effect.kind === "counter") return { ...effect, value: dropConjunct(effect.value) ?? { kind: "literal", value: 0 } };
  if (effect.when !== null) return { ...effect, when: null };
  if (effect.kind === "propagate" || effect.kind === "promote") {
    const rows = dropConjunct(effect.rows);
    if (rows !== null) return { ...effect, rows };
  }
  return { ...effect, events: [] };
}

/** The same tree with the last operand of its first AND left out; null where it has none. */
function dropConjunct<T>(tree: T): T | null {
  const dropped: unknown[] = [];
  const visit = (node: unknown): unknown => {
    if (dropped.length > 0 || typeof node !== "object" || node === null) return node;
    if (Array.isArray(node)) return node.map(visit);
    if ("kind" in node && node.kind === "and" && "operands" in node && Array.isArray(node.operands) && node.operands.length > 1) {
      dropped.push(node.operands.at(-1));
      return { ...node, operands: node.operands.slice(0, -1) };
    }
    return Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, visit(inner)]));
  };
  // The copy has the shape of the tree: only a list of conditions is shorter.
  const copy = visit(tree) as T;
  return dropped.length > 0 ? copy : null;
}
