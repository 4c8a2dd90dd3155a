/** What a sheet says and nothing can ever bring about: moves that no effect makes, moves that no table declares, counters of rows that nobody writes. */
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { tableOf } from "../core/catalogue.js";
import type { SheetError } from "../core/sheet-error.js";
import { statesIn } from "./kinds/effects.js";
import { writtenBy } from "./effect-graph.js";
import type { CounterEffect, Effect } from "./normal-form.js";

/**
 * An error for each move `by: system` that no effect makes, each effect that only makes moves which its table does not declare,
 * and each counter whose count can never change.
 */
export function findDead(catalogue: Catalogue, effects: readonly Effect[], pathOf: (rule: string) => string): readonly SheetError[] {
  return [
    ...Object.values(catalogue.tables).flatMap((table) => {
      const undeclared = undeclaredMoves(table, effects, pathOf);
      // The move that no effect makes may be the one that was meant.
      return undeclared.length > 0 ? undeclared : deadMoves(table, effects);
    }),
    ...effects.flatMap((effect) =>
      effect.kind !== "counter" || isAlive(effect, effects, catalogue)
        ? []
        : [
            {
              path: `${pathOf(effect.id)}.rows.from`,
              message: "nobody can ever write what is counted: give the column its value in the rows, or keep it by `propagate`",
            },
          ],
    ),
  ];
}

function deadMoves({ name, states }: CatalogueTable, effects: readonly Effect[]): readonly SheetError[] {
  return (states?.moves ?? []).flatMap(({ from, to, by }, index) =>
    by !== "system" || effects.some((effect) => makes(effect, { table: name, column: states?.column ?? "", from, to }))
      ? []
      : [
          {
            path: `tables.${name}.states.moves[${index}].by`,
            message: `no effect makes the move ${from}>${to}: write the effect that does, say by: other, or leave it out`,
          },
        ],
  );
}

function undeclaredMoves(
  { name, states }: CatalogueTable,
  effects: readonly Effect[],
  pathOf: (rule: string) => string,
): readonly SheetError[] {
  if (states === null) return [];
  return effects.flatMap((effect) => {
    const written = writtenBy(effect);
    const to = written.table === name && written.on === "update" ? (written.columns[states.column] ?? null) : null;
    if (to === null) return [];
    const from = statesBefore(effect, states.column);
    const isDeclared = states.moves.some((move) => move.to === to && (from === null || from.includes(move.from)));
    if (isDeclared || from?.includes(to) === true) return [];
    const moves = from === null ? `to ${to}` : from.map((state) => `${state}>${to}`).join(", ");
    const field = effect.kind === "custom_effect" ? "sql" : `set.${states.column}`;
    return [
      {
        path: `${pathOf(effect.id)}.${field}`,
        message: `table "${name}" declares no move ${moves}: declare it, or set a state that a move leads to`,
      },
    ];
  });
}

/** The states in which an effect changes rows; null where it says none. */
function statesBefore(effect: Effect, column: string): readonly string[] | null {
  return effect.kind === "propagate" || effect.kind === "promote" ? statesIn(effect.rows, column) : null;
}

interface Move {
  readonly table: string;
  readonly column: string;
  readonly from: string;
  readonly to: string;
}

function makes(effect: Effect, { table, column, from, to }: Move): boolean {
  const written = writtenBy(effect);
  if (written.table !== table || written.on !== "update" || !(column in written.columns)) return false;
  const constant = written.columns[column] ?? null;
  const states = statesBefore(effect, column);
  return (constant === null || constant === to) && (states === null || states.includes(from));
}

/** Whether some write can change what is counted: a row that somebody creates, or a column that somebody writes. */
function isAlive({ sources }: CounterEffect, effects: readonly Effect[], catalogue: Catalogue): boolean {
  return sources.some(({ table: name, insert, columns }) => {
    const table = tableOf(catalogue, name);
    const grows =
      table.create?.by === "agent" || effects.some((effect) => writtenBy(effect).table === name && writtenBy(effect).on === "insert");
    return (insert && grows) || columns.some((column) => isWritable(table, column, effects));
  });
}

function isWritable(table: CatalogueTable, name: string, effects: readonly Effect[]): boolean {
  const column = table.columns.find((each) => each.name === name);
  if (column?.update.by === "derived")
    return table.columns.some((other) => other.update.by !== "derived" && isWritable(table, other.name, effects));
  const isEffects = effects.some(
    (effect) => writtenBy(effect).table === table.name && writtenBy(effect).on === "update" && name in writtenBy(effect).columns,
  );
  if (isEffects) return true;
  if (table.layer !== "L2" || column === undefined) return false;
  const { by, moves } = column.update;
  return by === "agent" || by === "state" || moves.length > 0;
}
