/** What the walk over a statement carries with it. */
import type { SqlRefusal } from "./token-lists.js";
import type { SqlToken } from "./tokenize-sql.js";

/** What the place of an expression allows beyond the list of functions. */
export interface ScanPlace {
  /** `free` in a DEFAULT; elsewhere date functions may only be given stored values. */
  readonly clock: "free" | "stored";
  readonly raise: "allowed" | "refused";
  /** Whether an INSERT went before in the same trigger, whose key `last_insert_rowid()` is. */
  readonly key: "inserted" | "none";
  /** The functions that may be called; `pureFunctions` but in a test that plants a hole. */
  readonly functions?: ReadonlySet<string>;
}

/** A part of a statement whose text SQLite copies into the places that read it: `[from, to)` are token indices. */
export interface SqlRegion {
  /** The name of a common table expression; null for a SELECT in FROM. */
  readonly name: string | null;
  readonly from: number;
  readonly to: number;
}

/** One open bracket. */
export interface Frame {
  /** Whether its commas separate tables. */
  isFrom: boolean;
  readonly call: string | null;
}

/** A walk over one statement under way. */
export interface Walk {
  readonly tokens: readonly SqlToken[];
  readonly place: ScanPlace;
  readonly refusals: SqlRefusal[];
  readonly regions: SqlRegion[];
  readonly reads: { readonly name: string; readonly at: number }[];
  readonly functions: string[];
  readonly times: string[];
  /** Names before a bracket that are no calls: heads of common table expressions, aliases, types. */
  readonly heads: Set<number>;
  readonly frames: Frame[];
  cases: number;
  expects: "table" | "target" | null;
}

/** Notes a refusal. */
export function refuse(walk: Walk, code: string, message: string): void {
  walk.refusals.push({ code, message });
}
