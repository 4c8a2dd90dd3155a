import type { Compiled } from "../compile/compile-sheet.js";

/** One mutant: which rule (or declaration) it changes, how, and what it compiles to; null where it is no sheet any more. */
export interface Mutant {
  readonly rule: string;
  readonly operator: string;
  readonly change: string;
  compile(): Compiled | null;
}
