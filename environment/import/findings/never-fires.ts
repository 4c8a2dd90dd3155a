import { foldName } from "../../sql/tokenize-sql.js";
import { type Finding, type ImportFacts, tableNamed } from "../facts.js";
import { outcomesOf, TRUE } from "../possible.js";
import type { TriggerShape } from "../trigger-shape.js";
import { assignmentsOf } from "../value-domains.js";

/** Triggers that no write can set off. */
export function neverFires(facts: ImportFacts): readonly Finding[] {
  return facts.triggers.flatMap((trigger) => {
    const why = whyNever(facts, trigger);
    return why === null ? [] : [{ kind: "never-fires", object: trigger.name, message: `it never fires: ${why}` }];
  });
}

/** Why a trigger never fires, or null. */
export function whyNever(facts: ImportFacts, trigger: TriggerShape): string | null {
  const table = tableNamed(facts, trigger.table);
  if (table === undefined) return null;
  if (trigger.event === "delete" && trigger.raises.length === 0 && !isDeletedFrom(facts, trigger.table))
    return `there is no tool that deletes, and no trigger deletes from "${table.name}"`;
  const generated = trigger.columns.filter((name) => table.columns.some((column) => column.generated && foldName(column.name) === name));
  if (trigger.columns.length > 0 && generated.length === trigger.columns.length)
    return `no UPDATE sets ${generated.map((name) => `"${name}"`).join(", ")}, which the database computes`;
  const { when } = trigger;
  if (when !== null && assignmentsOf(table, [when], trigger)?.every((known) => (outcomesOf(when, known) & TRUE) === 0) === true)
    return "its WHEN is true of no row";
  const wall = facts.triggers.find((other) => isWall(other) && other !== trigger && standsBefore(facts, other, trigger));
  return wall === undefined ? null : `"${wall.name}" refuses every ${trigger.event.toUpperCase()} of "${table.name}" before it`;
}

/** Whether rows of a table are deleted by a trigger, or with rows that a trigger deletes. */
export function isDeletedFrom(facts: ImportFacts, table: string, seen: ReadonlySet<string> = new Set()): boolean {
  if (seen.has(table)) return false;
  if (facts.triggers.some(({ writes }) => writes.some((write) => write.kind === "delete" && write.table === table))) return true;
  const parents = tableNamed(facts, table)?.foreignKeys.filter(({ onDelete }) => onDelete === "CASCADE") ?? [];
  return parents.some(({ written }) => isDeletedFrom(facts, foldName(written), new Set([...seen, table])));
}

function isWall({ timing, when, columns, raises }: TriggerShape): boolean {
  return (
    timing === "before" &&
    when === null &&
    columns.length === 0 &&
    raises.some(({ own, earlier, from, action }) => action !== "ignore" && own === null && earlier.length === 0 && from === "none")
  );
}

function standsBefore({ triggers }: ImportFacts, first: TriggerShape, second: TriggerShape): boolean {
  if (first.table !== second.table || first.event !== second.event) return false;
  return second.timing === "after" || triggers.indexOf(first) > triggers.indexOf(second);
}
