/**
 * Mutants: sheets that differ from the original by one small slip. A set of witnesses that lets one pass leaves room for
 * an error of that sort in the sheet itself; the share it notices is the mutation score.
 *
 * Slips in expressions and effects are made in the normal form, slips in declarations and lists in the sheet.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Expression } from "../core/expression.js";
import { canSwap } from "./effects-order.js";
import { type Mutant, pinOf } from "./mutant.js";
import { sheetMutants } from "./mutants-of-sheet.js";
import type { Effect, EffectEvent, Guard, NormalForm } from "../compile/normal-form.js";
import { rootsOf, variantsOf } from "./witness-nodes.js";

/** Every mutant of a sheet, in the order of its declarations and rules. */
export function mutantsOf(compiled: Compiled): readonly Mutant[] {
  return [...sheetMutants(compiled.sheet), ...guardMutants(compiled), ...effectMutants(compiled)];
}

/** Whether a guard says something that an author wrote as a condition, and so may have got wrong: a rule, or a move's condition. */
export function hasOwnCondition({ origin, kind }: Guard): boolean {
  return origin === "rule" || kind === "move_when";
}

function guardMutants(compiled: Compiled): readonly Mutant[] {
  const { normal, catalogue } = compiled;
  return normal.guards.filter(hasOwnCondition).flatMap((guard): readonly Mutant[] => {
    const changed = (next: Guard | null): NormalForm => ({
      ...normal,
      guards: next === null ? normal.guards.filter((each) => each !== guard) : normal.guards.map((each) => (each === guard ? next : each)),
    });
    const mutant = (parts: Pick<Mutant, "operator" | "change" | "pin">, next: Guard | null): Mutant => ({
      rule: guard.id,
      ...parts,
      read: () => ({ catalogue, normal: changed(next) }),
    });
    const variants = (part: "must" | "when", expression: Expression): readonly Mutant[] =>
      variantsOf(expression, { catalogue, tables: rootsOf(guard) }).map((variant) =>
        mutant(
          {
            operator: variant.operator,
            change: part === "when" ? `when: ${variant.change}` : variant.change,
            pin: pinOf(guard.id, part, variant),
          },
          { ...guard, [part]: variant.expression },
        ),
      );
    return [
      mutant({ operator: "rule dropped", change: "it is gone", pin: null }, null),
      ...variants("must", guard.must),
      ...(guard.when === null
        ? []
        : [
            mutant({ operator: "condition dropped", change: "it applies always", pin: null }, { ...guard, when: null }),
            ...variants("when", guard.when),
          ]),
    ];
  });
}

function effectMutants(compiled: Compiled): readonly Mutant[] {
  const { normal, catalogue } = compiled;
  const mutant = (effect: Effect, parts: Pick<Mutant, "operator" | "change" | "pin">, effects: readonly Effect[]): Mutant => ({
    rule: effect.id,
    ...parts,
    read: () => ({ catalogue, normal: { ...normal, effects } }),
  });
  return normal.effects.flatMap((effect, index): readonly Mutant[] => {
    const put = (next: Effect): readonly Effect[] => normal.effects.map((each) => (each === effect ? next : each));
    const next = normal.effects[index + 1];
    const isSwapped = next !== undefined && canSwap(compiled, effect, next);
    return [
      mutant(
        effect,
        { operator: "effect dropped", change: "it is gone", pin: null },
        normal.effects.filter((each) => each !== effect),
      ),
      ...(isSwapped
        ? [
            mutant(
              effect,
              { operator: "effects swapped", change: `it runs after ${next.id}`, pin: null },
              normal.effects.map((each, place) => (place === index ? next : place === index + 1 ? effect : each)),
            ),
          ]
        : []),
      ...unmaintained(effect).map(({ change, effect: changed }) =>
        mutant(effect, { operator: effect.kind === "counter" ? "path not maintained" : "act removed", change, pin: null }, put(changed)),
      ),
      ...effectChanges(effect).flatMap(([what, expression, rebuild]) =>
        variantsOf(expression, { catalogue, tables: rootsOf(effect) }).map((variant) =>
          mutant(
            effect,
            { operator: variant.operator, change: `${what}: ${variant.change}`, pin: pinOf(effect.id, what, variant) },
            put(rebuild(variant.expression)),
          ),
        ),
      ),
    ];
  });
}

/** The effect without one of the writes that set it off: of a counter a new row, or a column's change. */
function unmaintained(effect: Effect): readonly { readonly change: string; readonly effect: Effect }[] {
  if (effect.kind !== "counter") {
    if (effect.events.length < 2) return [];
    return effect.events.map((event) => ({
      change: `${eventText(event)} leaves at`,
      effect: { ...effect, events: effect.events.filter((each) => each !== event) },
    }));
  }
  return effect.sources.flatMap((source, at) => {
    const put = (next: typeof source): Effect => ({
      ...effect,
      sources: effect.sources.map((each, place) => (place === at ? next : each)),
    });
    return [
      ...(source.insert
        ? [{ change: `it is not maintained for a new row of ${source.table}`, effect: put({ ...source, insert: false }) }]
        : []),
      ...source.columns.map((column) => ({
        change: `it is not maintained where ${source.table}.${column} changes`,
        effect: put({ ...source, columns: source.columns.filter((each) => each !== column) }),
      })),
    ];
  });
}

function eventText(event: EffectEvent): string {
  return event.kind === "move" ? `${event.from}>${event.to}` : event.kind;
}

/** An expression of an effect, by the name of the part that it is. */
type Part = readonly [what: string, expression: Expression, rebuild: (next: Expression) => Effect];

function effectChanges(effect: Effect): readonly Part[] {
  if (effect.kind === "counter") return [["value", effect.value, (value) => ({ ...effect, value })]];
  const when: readonly Part[] = effect.when === null ? [] : [["when", effect.when, (next) => ({ ...effect, when: next })]];
  if (effect.kind === "custom_effect") return when;
  if (effect.kind === "spawn")
    return [
      ...when,
      ...Object.entries(effect.values).map(
        ([column, value]): Part => [column, value, (next) => ({ ...effect, values: { ...effect.values, [column]: next } })],
      ),
    ];
  const where: readonly Part[] =
    effect.rows.where === null ? [] : [["rows", effect.rows.where, (next) => ({ ...effect, rows: { ...effect.rows, where: next } })]];
  return [
    ...when,
    ...where,
    ...Object.entries(effect.set).map(
      ([column, value]): Part => [column, value, (next) => ({ ...effect, set: { ...effect.set, [column]: next } })],
    ),
  ];
}
