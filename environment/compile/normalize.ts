/** From a checked catalogue and the sheet's rules to the normal form. */
import type { Catalogue } from "../core/catalogue.js";
import { consequencesOf, findCycle, settleGuards } from "./effect-graph.js";
import type { Expression } from "../core/expression.js";
import { contextGuards } from "./kinds/context.js";
import { lowerCounter } from "./kinds/counters.js";
import { lowerAct } from "./kinds/effects.js";
import { structuralGuards } from "./kinds/structure.js";
import { lowerGuards } from "./lower-guard.js";
import type { Effect, Guard, NormalForm } from "./normal-form.js";
import type { Errors } from "../core/sheet-error.js";
import { isEffectRule } from "../sheet/rule-writes.js";
import type { Sheet } from "../sheet/sheet.js";

/** The normal form of a sheet; what is wrong with its rules goes to `errors`, and then the form is not to be used. */
export function normalize(sheet: Sheet, catalogue: Catalogue, standing: Expression | null, errors: Errors): NormalForm {
  const guards: Guard[] = [];
  const effects: Effect[] = [];
  sheet.rules.forEach((rule, index) => {
    const table = catalogue.tables[rule.table];
    if (table === undefined) return;
    // Each rule has its own list, so that one rule's errors do not keep another from being checked.
    const place = { path: `rules[${index}]`, errors: [] as Errors };
    if (rule.kind === "counter") effects.push(lowerCounter(rule, catalogue, table, place));
    else if (isEffectRule(rule)) effects.push(lowerAct(rule, catalogue, table, place));
    else guards.push(...lowerGuards(rule, catalogue, table, place));
    errors.push(...place.errors);
  });
  if (errors.length > 0) return { guards, effects };
  const ordered = [...effects.filter(({ kind }) => kind === "counter"), ...effects.filter(({ kind }) => kind !== "counter")];
  checkEffects(sheet, ordered, catalogue, errors);
  if (errors.length > 0) return { guards, effects };
  const clauses = sheet.actor.mode === "session" ? sheet.actor.clauses : [];
  const structure = [
    ...contextGuards(catalogue, standing, clauses),
    ...Object.values(catalogue.tables).flatMap((table) => structuralGuards(catalogue, table, ordered)),
  ];
  return { guards: [...structure, ...settleGuards(guards, ordered, catalogue)], effects: ordered };
}

function checkEffects(sheet: Sheet, effects: readonly Effect[], catalogue: Catalogue, errors: Errors): void {
  const pathOf = (id: string) => `rules[${sheet.rules.findIndex((rule) => rule.id === id)}]`;
  const cycle = findCycle(effects, catalogue);
  if (cycle !== null) {
    errors.push({ path: pathOf(cycle[0] ?? ""), message: `these effects set each other off without end: ${cycle.join(" → ")}` });
    return;
  }
  for (const effect of effects) {
    const [lost] = consequencesOf(effect, effects, catalogue).lost;
    if (lost !== undefined)
      errors.push({
        path: pathOf(effect.id),
        message: `the effect writes the table whose trigger is running and would set off "${lost.id}" there, which SQLite does not do: the chain is too deep`,
      });
  }
}
