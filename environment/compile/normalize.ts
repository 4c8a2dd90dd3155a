/** From a checked catalogue and the sheet's rules to the normal form. */
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { consequencesOf, findCycle, settleGuards } from "./effect-graph.js";
import type { Expression, Parsed } from "../core/expression.js";
import { keptFor, type Sources } from "../core/kept.js";
import { oncePer } from "../core/memo.js";
import { contextGuards } from "./kinds/context.js";
import { lowerCounter } from "./kinds/counters.js";
import { lowerAct } from "./kinds/effects.js";
import type { Place } from "./kinds/lowering.js";
import { structuralGuards } from "./kinds/structure.js";
import { lowerGuards } from "./lower-guard.js";
import type { Effect, Guard, NormalForm } from "./normal-form.js";
import type { Errors } from "../core/sheet-error.js";
import { isEffectRule } from "../sheet/rule-writes.js";
import type { Rule, Sheet } from "../sheet/sheet.js";

/** The normal form of a sheet; what is wrong with its rules goes to `errors`, and then the form is not to be used. */
export function normalize(sheet: Sheet, catalogue: Catalogue, standing: Expression | null, errors: Errors): NormalForm {
  const { tables, mode, actor, ladders, context } = catalogue;
  const frame = frameOf(ladders, { given: [mode, actor, context], parts: {} });
  const lowered = sheet.rules.map((rule, index) => lowerRule(rule, { given: [`rules[${index}]`, frame], parts: tables }));
  const guards = lowered.flatMap((each) => each.guards);
  const effects = lowered.flatMap((each) => each.effects);
  errors.push(...lowered.flatMap((each) => onceEach(each.errors)));
  if (errors.length > 0) return { guards, effects };
  const ordered = [...effects.filter(({ kind }) => kind === "counter"), ...effects.filter(({ kind }) => kind !== "counter")];
  checkEffects(sheet, ordered, catalogue, errors);
  if (errors.length > 0) return { guards, effects };
  const clauses = sheet.actor.mode === "session" ? sheet.actor.clauses : [];
  const structure = [
    ...guardContext(frame, { given: [standing, clauses], parts: tables }),
    ...Object.values(tables).flatMap((table) => guardTable(table, { given: [frame, ordered], parts: tables })),
  ];
  return { guards: [...structure, ...settleGuards(guards, ordered, catalogue)], effects: ordered };
}

/** A text that is read for several rows is wrong once. */
function onceEach(errors: Errors): Errors {
  return [...new Map(errors.map((error) => [JSON.stringify(error), error])).values()];
}

/** A catalogue without its tables. */
type Frame = Omit<Catalogue, "tables">;

/** The same object for a sheet and its mutants: by that it is told at once that nothing of it changed. */
const frameOf = keptFor(
  (
    ladders: Frame["ladders"],
    { given: [mode, actor, context] }: Sources<readonly [Frame["mode"], Frame["actor"], Frame["context"]], never>,
  ): Frame => ({ mode, actor, ladders, context }),
);

type Within<Given> = Sources<Given, CatalogueTable>;

interface LoweredRule {
  readonly guards: readonly Guard[];
  readonly effects: readonly Effect[];
  /** Each rule has its own list, so that one rule's errors do not keep another from being checked. */
  readonly errors: Errors;
}

const textsOf = oncePer((_: Rule) => new Map<string, Parsed>());

const lowerRule = keptFor((rule: Rule, { given: [path, frame], parts: tables }: Within<readonly [string, Frame]>): LoweredRule => {
  const catalogue = { ...frame, tables };
  const table = tables[rule.table];
  const place: Place = { path, errors: [], texts: textsOf(rule) };
  const none = { guards: [], effects: [], errors: place.errors };
  if (table === undefined) return none;
  if (rule.kind === "counter") return { ...none, effects: [lowerCounter(rule, catalogue, table, place)] };
  if (isEffectRule(rule)) return { ...none, effects: [lowerAct(rule, catalogue, table, place)] };
  return { ...none, guards: lowerGuards(rule, catalogue, table, place) };
});

const guardContext = keptFor(
  (frame: Frame, { given: [standing, clauses], parts }: Within<readonly [Expression | null, readonly string[]]>) =>
    contextGuards({ ...frame, tables: parts }, standing, clauses),
);

const guardTable = keptFor((table: CatalogueTable, { given: [frame, effects], parts }: Within<readonly [Frame, readonly Effect[]]>) =>
  structuralGuards({ ...frame, tables: parts }, table, effects),
);

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
