import type { Compiled } from "../compile/compile-sheet.js";
import type { Expression } from "../core/expression.js";
import { walk } from "../core/walk-expression.js";
import type { NamedKeys } from "./witness-sample.js";

/** The keys that rules name outright (a cabin class, a country), by table: sample rows have them. */
export function namedKeys({ catalogue, normal }: Compiled): NamedKeys {
  const named = new Map<string, Set<string | number>>();
  const columns = new Map(
    Object.values(catalogue.tables).flatMap((table) =>
      table.columns.flatMap(({ name, references }) => {
        const target = references ?? (table.key.length === 1 && table.key[0] === name && !table.surrogate ? table.name : null);
        return target === null ? [] : [[name, target] as const];
      }),
    ),
  );
  for (const node of expressionsOf(normal).flatMap(walk)) {
    for (const [path, values] of comparedValues(node)) {
      const table = path.kind === "path" ? columns.get(path.steps.at(-1) ?? "") : undefined;
      if (table === undefined) continue;
      const known = named.get(table) ?? new Set();
      for (const value of values) if (value !== "") known.add(value);
      named.set(table, known);
    }
  }
  return Object.fromEntries([...named].map(([table, values]) => [table, [...values]]));
}

function expressionsOf({ guards, effects }: Compiled["normal"]): readonly Expression[] {
  const ofEffects = effects.flatMap((effect): readonly (Expression | null)[] =>
    effect.kind === "counter"
      ? [effect.value]
      : [effect.when, ...Object.values(effect.kind === "custom_effect" ? {} : effect.kind === "spawn" ? effect.values : effect.set)],
  );
  return [...guards.flatMap(({ origin, when, must }) => (origin === "rule" ? [when, must] : [])), ...ofEffects].filter(
    (each) => each !== null,
  );
}

function comparedValues(node: Expression): readonly (readonly [Expression, readonly (string | number)[]])[] {
  if (node.kind === "in") return [[node.operand, node.values]];
  if (node.kind !== "compare" || (node.op !== "=" && node.op !== "<>")) return [];
  return [
    [node.left, node.right],
    [node.right, node.left],
  ].flatMap(([path, literal]) =>
    path !== undefined && literal?.kind === "literal" && (typeof literal.value === "string" || typeof literal.value === "number")
      ? [[path, [literal.value]] as const]
      : [],
  );
}
