/** What a campaign may spend. Pure and without imports, so that workflows may decide with it. */

/** Null: no limit. */
export interface Budget {
  readonly money: number | null;
  readonly tokens: number | null;
  readonly hours: number | null;
}

export type BudgetState =
  | { readonly kind: "within" }
  | { readonly kind: "exhausted"; readonly limit: keyof Budget; readonly allowed: number; readonly spent: number };

/** Whether anything is left of every limit; the first limit that is reached, in the order money, tokens, hours. */
export function budgetState(
  budget: Budget,
  spent: { readonly money: number; readonly tokens: number; readonly hours: number },
): BudgetState {
  for (const limit of ["money", "tokens", "hours"] as const) {
    const allowed = budget[limit];
    if (allowed !== null && spent[limit] >= allowed) return { kind: "exhausted", limit, allowed, spent: spent[limit] };
  }
  return { kind: "within" };
}
