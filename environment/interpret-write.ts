import type { Compiled } from "./compile-sheet.js";
import type { Row, Rows } from "./values.js";

/** One write, as a plain INSERT or an UPDATE of the one row with this key; stamped columns are given like all others. */
export type Write =
  | { readonly op: "insert"; readonly table: string; readonly values: Row }
  | { readonly op: "update"; readonly table: string; readonly key: Row; readonly set: Row };

/** A row that an effect wrote: its key, and the columns that it set (of an update, those that changed). */
export interface EffectWrite {
  readonly rule: string;
  readonly op: "insert" | "update";
  readonly table: string;
  readonly key: Row;
  readonly columns: Row;
}

export type Verdict =
  | { readonly kind: "accepted"; readonly state: Rows; readonly row: Row; readonly effects: readonly EffectWrite[] }
  | { readonly kind: "refused"; readonly rule: string; readonly message: string; readonly hint: string | null };

/** What the compiled triggers do with a write, without SQLite. */
export function interpretWrite(compiled: Compiled, state: Rows, write: Write): Verdict {
  throw new RangeError(`Cannot interpret a write of ${write.table} in ${Object.keys(state).length} tables of ${compiled.sheet.id} yet`);
}
