/** Proof by machine that a unique key says nothing: only effects make the table's rows, and each looks first whether there is one already. */
import type { Compiled } from "../compile/compile-sheet.js";
import { writtenBy } from "../compile/effect-graph.js";
import { canChange } from "../compile/elsewhere-events.js";
import type { Effect, Guard } from "../compile/normal-form.js";
import type { CatalogueTable } from "../core/catalogue.js";
import type { Expression } from "../core/expression.js";
import { isSame } from "../core/is-same.js";
import { conjunctsOf, path } from "../core/walk-expression.js";
import type { Mutated } from "./mutant.js";

/** A table without unique keys cites the clause that allows duplicates. */
const aside = { unique: [], clauses: [] };

/** Whether all that a mutant lost are unique keys of one table that the effects which fill it keep anyway. */
export function isKeptByEffects({ catalogue, normal }: Compiled, mutated: Mutated): boolean {
  const [table, ...more] = Object.values(catalogue.tables).filter((each) => !isSame(each, mutated.catalogue.tables[each.name]));
  const other = table === undefined ? undefined : mutated.catalogue.tables[table.name];
  if (table === undefined || other === undefined || more.length > 0 || !isSame({ ...table, ...aside }, { ...other, ...aside }))
    return false;
  if (!isSame({ ...catalogue, tables: null }, { ...mutated.catalogue, tables: null }) || !isSame(normal.effects, mutated.normal.effects))
    return false;
  const lost = table.unique.filter((each) => !other.unique.some((kept) => isSame(kept, each)));
  const othersOf = (guards: readonly Guard[]): readonly Guard[] =>
    guards.filter(({ table: name, kind }) => name !== table.name || kind !== "unique").map((guard) => ({ ...guard, clauses: [] }));
  const isEffects = normal.guards.some(({ table: name, kind, must }) => name === table.name && kind === "read_only" && must.kind === "due");
  const makers = normal.effects.filter((effect) => writtenBy(effect).table === table.name && writtenBy(effect).on === "insert");
  return (
    other.unique.length + lost.length === table.unique.length &&
    isSame(othersOf(normal.guards), othersOf(mutated.normal.guards)) &&
    isEffects &&
    lost.every(
      ({ columns }) => columns.every((name) => !canChange(table, name)) && makers.every((maker) => looksFirst(maker, table, columns)),
    )
  );
}

/** Whether an effect makes one row at most, and that only where there is none yet with the same in some of these columns. */
function looksFirst(effect: Effect, { name }: CatalogueTable, columns: readonly string[]): boolean {
  if (effect.kind !== "spawn" || effect.each !== null) return false;
  const isOneOf = (term: Expression, variable: string): boolean =>
    term.kind === "same" &&
    columns.some((column) => isSame(term.left, path(variable, column)) && isSame(term.right, effect.values[column]));
  return conjunctsOf(effect.when).some(
    (term) =>
      term.kind === "not" &&
      term.operand.kind === "exists" &&
      term.operand.rows.table === name &&
      !term.operand.rows.before &&
      conjunctsOf(term.operand.rows.where).every((each) => term.operand.kind === "exists" && isOneOf(each, term.operand.rows.variable)),
  );
}
