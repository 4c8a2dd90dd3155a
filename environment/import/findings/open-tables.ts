import { foldName } from "../../sql/tokenize-sql.js";
import { type Finding, type ImportFacts, sitesOn } from "../facts.js";
import type { TriggerShape } from "../trigger-shape.js";

/** Tables that no trigger guards: any agent may insert and change their rows, as far as their constraints allow. */
export function openTables(facts: ImportFacts): readonly Finding[] {
  return facts.tables.flatMap((table) => {
    const open = (["insert", "update"] as const).filter(
      (event) => sitesOn(facts, foldName(table.name), event).length === 0 && !isSkipped(facts, foldName(table.name), event),
    );
    const acts = open.map((event) => (event === "insert" ? "insert rows" : "change rows")).join(" and ");
    return open.length === 0
      ? []
      : [{ kind: "unguarded-table", object: table.name, message: `no trigger refuses anything here: any agent may ${acts}` }];
  });
}

/** Whether a trigger skips every such write: `RAISE(IGNORE)` on no condition. */
function isSkipped({ triggers }: ImportFacts, table: string, event: TriggerShape["event"]): boolean {
  return triggers.some(
    (trigger) =>
      trigger.table === table &&
      trigger.event === event &&
      trigger.when === null &&
      trigger.columns.length === 0 &&
      trigger.raises.some(
        ({ action, own, from, earlier }) => action === "ignore" && own === null && from === "none" && earlier.length === 0,
      ),
  );
}
