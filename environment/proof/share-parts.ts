import type { Compiled } from "../compile/compile-sheet.js";
import { isSame } from "../core/is-same.js";
import type { Mutated } from "./mutant.js";

/** The mutant with the original's own guards, effects and tables wherever it has the same: what changed is then told object by object. */
export function shareParts({ catalogue, normal }: Compiled, mutated: Mutated): Mutated {
  if (mutated.catalogue === catalogue) return mutated;
  const tables = Object.fromEntries(
    Object.entries(mutated.catalogue.tables).map(([name, table]) => [name, shared([catalogue.tables[name]], table)]),
  );
  const next = { ...mutated.catalogue, tables };
  return {
    catalogue: isSame(next, catalogue) ? catalogue : next,
    normal: { guards: sharedById(normal.guards, mutated.normal.guards), effects: sharedById(normal.effects, mutated.normal.effects) },
  };
}

function sharedById<T extends { readonly id: string }>(before: readonly T[], after: readonly T[]): readonly T[] {
  const known = new Map<string, T[]>();
  for (const each of before) {
    const same = known.get(each.id) ?? [];
    same.push(each);
    known.set(each.id, same);
  }
  return after.map((each) => shared(known.get(each.id) ?? [], each));
}

function shared<T>(before: readonly (T | undefined)[], each: T): T {
  return before.find((other) => isSame(other, each)) ?? each;
}
