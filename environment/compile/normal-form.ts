/** What every kind of rule is lowered to: guards and effects over the typed core, in the order in which they are judged and run. */
import type { Expression, RowsExpression, SqlExpression } from "../core/expression.js";

/** A write at which a guard is judged. Without `elsewhere` it is a write of the guard's own table. */
export type GuardEvent =
  | { readonly kind: "create" }
  | { readonly kind: "update" }
  | { readonly kind: "move"; readonly from: string; readonly to: string }
  | { readonly kind: "change"; readonly columns: readonly string[] }
  /** Judged after the row was inserted, when the database has chosen its key. */
  | { readonly kind: "created" }
  | { readonly kind: "delete" }
  | ElsewhereEvent;

/**
 * A write of another row (mostly of another table) that may break the guard for rows of its own table. `new` is then each
 * such row for which `concerned` is true (null: every row), `written` and `before` the row written and what it was.
 * `columns`: on update, judged only where one of these changed. `settled`: judged after the effects of that write have run.
 */
export interface ElsewhereEvent {
  readonly kind: "elsewhere";
  readonly table: string;
  readonly on: "insert" | "update";
  readonly columns: readonly string[];
  readonly concerned: Expression | null;
  readonly settled: boolean;
}

/**
 * Refuses a write unless `must` is true, wherever `when` is not false and the row's state after the write is in `states`
 * (null: any). Some structural guards share an id (`session.required`, one a table; `….move_when`, one a move) and then its message.
 */
export interface Guard {
  readonly id: string;
  readonly clauses: readonly string[];
  readonly table: string;
  readonly message: string;
  readonly hint: string | null;
  readonly origin: "structure" | "rule";
  /** The rule's kind as the sheet names it, or the structural kind: the last part of its id. */
  readonly kind: string;
  readonly events: readonly GuardEvent[];
  readonly states: readonly string[] | null;
  readonly when: Expression | null;
  readonly must: Expression;
}

/** A write that sets an effect off. */
export type EffectEvent = Extract<GuardEvent, { kind: "create" | "move" | "change" }>;

interface EffectCommon {
  readonly id: string;
  readonly clauses: readonly string[];
  /** The table whose write sets it off; of a counter, the table whose column it maintains. */
  readonly table: string;
}

/** A maintained column: `value`, over root `owner`, is what it must equal after every write of the tables in `sources`. */
export interface CounterEffect extends EffectCommon {
  readonly kind: "counter";
  readonly column: string;
  readonly value: Expression;
  readonly sources: readonly CounterSource[];
}

/** Writes of `table` that change a count. `concerned` over `owner`, `written` and `before` names the owners (null: all). */
export interface CounterSource {
  readonly table: string;
  readonly columns: readonly string[];
  readonly insert: boolean;
  readonly concerned: Expression | null;
}

/** Sets columns of rows of `rows.table` (propagate), or of the first `take` of them in `order` (promote). Values read `new` and the row. */
export interface SetEffect extends EffectCommon {
  readonly kind: "propagate" | "promote";
  readonly events: readonly EffectEvent[];
  readonly when: Expression | null;
  readonly rows: RowsExpression;
  readonly pick: { readonly order: readonly string[]; readonly take: number; readonly eligible: boolean } | null;
  readonly set: Readonly<Record<string, Expression>>;
}

/** Creates a row in `into`, or one a row of `each`. */
export interface SpawnEffect extends EffectCommon {
  readonly kind: "spawn";
  readonly events: readonly EffectEvent[];
  readonly when: Expression | null;
  readonly into: string;
  readonly each: RowsExpression | null;
  readonly values: Readonly<Record<string, Expression>>;
}

/** One INSERT or UPDATE of the sheet's own. `columns`: what it sets, to which text; null where that is not a constant. */
export interface CustomEffect extends EffectCommon {
  readonly kind: "custom_effect";
  readonly events: readonly EffectEvent[];
  readonly when: Expression | null;
  readonly into: string;
  readonly on: "insert" | "update";
  readonly columns: Readonly<Record<string, string | null>>;
  readonly sql: SqlExpression;
}

/** What the engine does after a write: counters first, then the others in the sheet's order. */
export type Effect = CounterEffect | SetEffect | SpawnEffect | CustomEffect;

/** Structural guards first, then the sheet's, in the order in which the first broken one is named. */
export interface NormalForm {
  readonly guards: readonly Guard[];
  readonly effects: readonly Effect[];
}
