/**
 * Mutants: sheets that differ from the original by one small slip. A set of witnesses that lets one pass leaves room for
 * an error of that sort in the sheet itself; the share it notices is the mutation score.
 *
 * Slips in expressions are made in the normal form, slips in declarations and lists in the sheet.
 */
import { type Compiled, emitTriggers } from "../compile/compile-sheet.js";
import type { Expression } from "../core/expression.js";
import type { Mutant } from "./mutant.js";
import { sheetMutants } from "./mutants-of-sheet.js";
import type { Effect, Guard, NormalForm } from "../compile/normal-form.js";
import { pathsIn } from "../core/walk-expression.js";
import { variantsOf } from "./witness-nodes.js";

/** Every mutant of a sheet, in the order of its declarations and rules. */
export function mutantsOf(compiled: Compiled): readonly Mutant[] {
  return [...sheetMutants(compiled.sheet), ...guardMutants(compiled), ...effectMutants(compiled)];
}

function guardMutants(compiled: Compiled): readonly Mutant[] {
  const { normal, catalogue } = compiled;
  const rules = normal.guards.filter(({ origin }) => origin === "rule");
  return rules.flatMap((guard): readonly Mutant[] => {
    const changed = (next: Guard | null): NormalForm => ({
      ...normal,
      guards: normal.guards.flatMap((each) => (each === guard ? (next === null ? [] : [next]) : [each])),
    });
    const mutant = (operator: string, change: string, next: Guard | null): Mutant => ({
      rule: guard.id,
      operator,
      change,
      compile: () => recompile(compiled, changed(next)),
    });
    const whens =
      guard.when === null
        ? []
        : [
            mutant("condition dropped", "it applies always", { ...guard, when: null }),
            ...variantsOf(guard.when, catalogue).map(({ operator, change, expression }) =>
              mutant(operator, `when: ${change}`, { ...guard, when: expression }),
            ),
          ];
    return [
      mutant("rule dropped", "it is gone", null),
      ...variantsOf(guard.must, catalogue).map(({ operator, change, expression }) =>
        mutant(operator, change, { ...guard, must: expression }),
      ),
      ...whens,
    ];
  });
}

function effectMutants(compiled: Compiled): readonly Mutant[] {
  const { normal, catalogue } = compiled;
  const swapped = normal.effects.flatMap((effect, index): readonly Mutant[] => {
    const next = normal.effects[index + 1];
    if (next === undefined || effect.kind === "counter" || next.kind === "counter" || effect.table !== next.table || commute(effect, next))
      return [];
    const effects = normal.effects.map((each, place) => (place === index ? next : place === index + 1 ? effect : each));
    return [
      {
        rule: effect.id,
        operator: "effects swapped",
        change: `it runs after ${next.id}`,
        compile: () => recompile(compiled, { ...normal, effects }),
      },
    ];
  });
  return [
    ...swapped,
    ...normal.effects.flatMap((effect): readonly Mutant[] => {
      const changed = (next: Effect): NormalForm => ({ ...normal, effects: normal.effects.map((each) => (each === effect ? next : each)) });
      return effectChanges(effect).flatMap(([what, expression, rebuild]) =>
        variantsOf(expression, catalogue).map(
          ({ operator, change, expression: next }): Mutant => ({
            rule: effect.id,
            operator,
            change: `${what}: ${change}`,
            compile: () => recompile(compiled, changed(rebuild(next))),
          }),
        ),
      );
    }),
  ];
}

type Act = Exclude<Effect, { kind: "counter" }>;

type Setter = Extract<Effect, { kind: "propagate" | "promote" }>;

/** Proof that the order of two effects cannot matter: neither writes a column that the other reads or writes. */
function commute(a: Act, b: Act): boolean {
  if (a.kind === "spawn" || b.kind === "spawn") return false;
  return !disturbs(a, b) && !disturbs(b, a);
}

function disturbs(writer: Setter, other: Setter): boolean {
  const isShared = writer.rows.table === other.rows.table && Object.keys(writer.set).some((column) => column in other.set);
  const reads = [other.when, other.rows.where, ...Object.values(other.set)].flatMap((each) => (each === null ? [] : pathsIn(each)));
  const isRead = reads.some(({ root, steps: [first, ...more] }) => {
    const table = root === other.rows.variable ? other.rows.table : root === "new" || root === "old" ? other.table : null;
    return (
      (first !== undefined && first in writer.set && (table === null || table === writer.rows.table)) ||
      more.some((step) => step in writer.set)
    );
  });
  return isShared || isRead;
}

type Part = readonly [what: string, expression: Expression, rebuild: (next: Expression) => Effect];

function effectChanges(effect: Effect): readonly Part[] {
  if (effect.kind === "counter") return [["value", effect.value, (value) => ({ ...effect, value })]];
  const when: readonly Part[] = effect.when === null ? [] : [["when", effect.when, (next) => ({ ...effect, when: next })]];
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

function recompile(compiled: Compiled, normal: NormalForm): Compiled {
  return { ...compiled, normal, triggerSql: emitTriggers(compiled.catalogue, normal) };
}
