/** What the findings of an import are drawn from: its tables, its triggers, its policy. */
import { foldName } from "../sql/tokenize-sql.js";
import type { SqlTable } from "../engine/sql-tables.js";
import type { SqlExpression } from "./sql-expression.js";
import { type Assignment, outcomesOf, TRUE } from "./possible.js";
import type { RaiseSite, TriggerShape } from "./trigger-shape.js";

/** Something that a person should look at; the import is accepted all the same. */
export interface Finding {
  readonly kind: string;
  /** The trigger, table, column or file that it is about. */
  readonly object: string;
  readonly message: string;
}

export interface ImportFacts {
  readonly tables: readonly SqlTable[];
  /** In the order in which they were created: SQLite fires those of one event in the reverse order. */
  readonly triggers: readonly TriggerShape[];
  /** Columns that date functions of triggers read, as `"table.column"`. */
  readonly timed: ReadonlySet<string>;
  /** The policy's text, or null where there is none. */
  readonly policy: string | null;
  /** Statements given and objects created by them, by file. */
  readonly files: readonly { readonly file: string; readonly given: number; readonly created: number }[];
}

/** A RAISE that refuses, in its trigger. */
export interface Site {
  readonly trigger: TriggerShape;
  readonly raise: RaiseSite;
}

/** A table by its folded name. */
export function tableNamed({ tables }: ImportFacts, name: string): SqlTable | undefined {
  return tables.find((table) => foldName(table.name) === name);
}

/** The refusals of a table's event. */
export function sitesOn({ triggers }: Pick<ImportFacts, "triggers">, table: string, event: TriggerShape["event"]): readonly Site[] {
  return triggers
    .filter((trigger) => trigger.table === table && trigger.event === event)
    .flatMap((trigger) => trigger.raises.filter(({ action }) => action !== "ignore").map((raise) => ({ trigger, raise })));
}

/** Whether an UPDATE of this column sets the trigger off. */
export function isFiredBy({ columns }: TriggerShape, column: string): boolean {
  return columns.length === 0 || columns.includes(column);
}

/** What a site's trigger and branch ask for, as one list. */
export function conditionsOf({ trigger, raise }: Site): readonly SqlExpression[] {
  return [...(trigger.when === null ? [] : [trigger.when]), ...(raise.own === null ? [] : [raise.own])];
}

/** Whether a write of these values is refused at this very site: a branch that is surely taken earlier hides it. */
export function refusal(site: Site, known: Assignment): "surely" | "perhaps" | "never" {
  const outcomes = conditionsOf(site).map((condition) => outcomesOf(condition, known));
  const earlier = site.raise.earlier.map((condition) => outcomesOf(condition, known));
  if (outcomes.some((each) => (each & TRUE) === 0) || earlier.includes(TRUE)) return "never";
  const isCertain = site.raise.from === "none" && outcomes.every((each) => each === TRUE) && earlier.every((each) => (each & TRUE) === 0);
  return isCertain ? "surely" : "perhaps";
}

/** A message as it stands in a finding. */
export function quoted(message: string): string {
  return JSON.stringify(message.length > 120 ? `${message.slice(0, 117)}…` : message);
}
