/** Placeholder. */
export interface Recipe { readonly title: string }
