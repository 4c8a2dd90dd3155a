import { conditionsOf, type Finding, type ImportFacts, quoted, refusal, type Site, sitesOn, tableNamed } from "../facts.js";
import type { Assignment } from "../possible.js";
import { assignmentsOf } from "../value-domains.js";
import { whyNever } from "./never-fires.js";

/** Messages that no write brings out: their condition is never true, or something that is asked first refuses whatever they would. */
export function unreachableMessages(facts: ImportFacts): readonly Finding[] {
  const firing = facts.triggers.filter((trigger) => whyNever(facts, trigger) === null);
  return firing.flatMap((trigger) =>
    sitesOn({ triggers: [trigger] }, trigger.table, trigger.event).flatMap((site) => {
      const why = whyUnreachable(facts, site);
      const message = `no write brings out ${quoted(site.raise.message)}: ${why ?? ""}`;
      return why === null ? [] : [{ kind: "unreachable-message", object: trigger.name, message }];
    }),
  );
}

function whyUnreachable(facts: ImportFacts, site: Site): string | null {
  const { trigger, raise } = site;
  const table = tableNamed(facts, trigger.table);
  if (table === undefined) return null;
  const own = assignmentsOf(table, [...conditionsOf(site), ...raise.earlier], trigger);
  if (own?.every((known) => refusal(site, known) === "never") === true)
    return raise.earlier.length > 0 ? "its condition is never true, or an earlier branch is taken" : "its condition is never true";
  const hider = askedBefore(facts, site).find((other) =>
    hides(other, site, assignmentsOf(table, allConditions(site, other), { timing: "before" })),
  );
  return hider === undefined
    ? null
    : `"${hider.trigger.name}" is asked first and refuses the same writes with ${quoted(hider.raise.message)}`;
}

function allConditions(...sites: readonly Site[]): Parameters<typeof assignmentsOf>[1] {
  return sites.flatMap((site) => [...conditionsOf(site), ...site.raise.earlier]);
}

function hides(other: Site, site: Site, assignments: readonly Assignment[] | null): boolean {
  const reaching = assignments?.filter((known) => refusal(site, known) !== "never") ?? [];
  return reaching.length > 0 && reaching.every((known) => refusal(other, known) === "surely");
}

/** Refusals of triggers that fire before this one whenever it fires. */
function askedBefore(facts: ImportFacts, { trigger }: Site): readonly Site[] {
  const order = facts.triggers;
  return sitesOn(facts, trigger.table, trigger.event).filter(
    ({ trigger: other }) =>
      other !== trigger &&
      (other.columns.length === 0 || (trigger.columns.length > 0 && trigger.columns.every((column) => other.columns.includes(column)))) &&
      (other.timing === trigger.timing ? order.indexOf(other) > order.indexOf(trigger) : other.timing === "before"),
  );
}
