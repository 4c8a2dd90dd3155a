import type { Catalogue } from "../core/catalogue.js";
import type { NormalForm } from "../compile/normal-form.js";

/** What a mutant's triggers are written from. */
export interface Mutated {
  readonly catalogue: Catalogue;
  readonly normal: NormalForm;
}

/** One mutant: which rule (or declaration) it changes and how. */
export interface Mutant {
  readonly rule: string;
  readonly operator: string;
  readonly change: string;
  /** What of the rule is changed, as witnesses name it that were found for just this; null where none is looked for. */
  readonly pin: string | null;
  /** Null where it is no sheet any more. */
  read(): Mutated | null;
}

/** The name of a small change of one of a rule's expressions: its part (`must`, `when`, `rows`, …), and the variant's place and words. */
export function pinOf(rule: string, part: string, variant: { readonly place: readonly number[]; readonly change: string }): string {
  return `${rule}|${part}|${variant.place.join(".")}|${variant.change}`;
}
