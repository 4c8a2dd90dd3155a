import { conditionsOf, type Finding, type ImportFacts, quoted, refusal, type Site, sitesOn, tableNamed } from "../facts.js";
import type { TriggerShape } from "../trigger-shape.js";
import { assignmentsOf } from "../value-domains.js";

/** Pairs of triggers of one event that may both refuse one write: which message is told depends on the order of their creation. */
export function orderDependent(facts: ImportFacts): readonly Finding[] {
  return facts.triggers.flatMap((first, i) =>
    facts.triggers.slice(i + 1).flatMap((second) => {
      if (!areRivals(first, second)) return [];
      const pair = clash(facts, first, second);
      if (pair === undefined) return [];
      const message =
        `it and "${second.name}" may both refuse one ${first.event.toUpperCase()} of "${tableNamed(facts, first.table)?.name ?? ""}", ` +
        `with ${quoted(pair[0].raise.message)} and ${quoted(pair[1].raise.message)}; SQLite asks the one created last, "${second.name}", first`;
      return [{ kind: "order-dependent", object: first.name, message }];
    }),
  );
}

/** Lists of UPDATE OF that share nothing are rivals too: an UPDATE may set columns of both. */
function areRivals(a: TriggerShape, b: TriggerShape): boolean {
  return a.table === b.table && a.event === b.event && a.timing === b.timing;
}

/** The two refusals that one write may meet, surest first. */
function clash(facts: ImportFacts, first: TriggerShape, second: TriggerShape): readonly [Site, Site] | undefined {
  const table = tableNamed(facts, first.table);
  const pairs = sitesOn({ triggers: [first] }, first.table, first.event).flatMap((a) =>
    sitesOn({ triggers: [second] }, second.table, second.event).map((b): readonly [Site, Site] => [a, b]),
  );
  const possible = pairs.filter(([a, b]) => {
    if (table === undefined || a.raise.message === b.raise.message) return false;
    const conditions = [a, b].flatMap((site) => [...conditionsOf(site), ...site.raise.earlier]);
    const assignments = assignmentsOf(table, conditions, first);
    return assignments === null || assignments.some((known) => refusal(a, known) !== "never" && refusal(b, known) !== "never");
  });
  return possible[0];
}
