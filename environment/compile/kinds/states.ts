/** State machines: where a row starts, which moves there are and who makes them, and each move's own condition. */
import { type CatalogueMove, columnOf } from "../../core/catalogue.js";
import type { Expression } from "../../core/expression.js";
import { conjunction, disjunction, path } from "../../core/walk-expression.js";
import { changed, create, type Draft, due, inMove, type Setting } from "./draft.js";
import { isIn } from "./lowering.js";

/**
 * The guard that a state changes by a declared move only, and by whom; none without states. It is judged before what the
 * other columns may hold in this or that state: where the change itself is forbidden, that is what a refusal names.
 */
export function moveGuard({ table, effects }: Setting): readonly Draft[] {
  const { states } = table;
  if (states === null) return [];
  const id = `${table.name}.${states.column}`;
  const label = columnOf(table, states.column).label;
  const setters = columnOf(table, states.column).update.effects.filter((rule) => effects.some((effect) => effect.id === rule));
  const moves = states.moves.map((move) => conjunction([inMove(table, `${move.from}>${move.to}`), ...moverTerm(move, setters)]));
  const clauses = [...new Set([...states.clauses, ...states.moves.flatMap((move) => move.clauses)])];
  const isMoved = changed(columnOf(table, states.column));
  return [
    {
      kind: "move",
      id: `${id}.move`,
      message: `The ${label} of a ${table.label} may not change this way.`,
      clauses,
      events: [isMoved],
      must: disjunction(moves),
    },
  ];

  function moverTerm({ by }: CatalogueMove, rules: readonly string[]): readonly Expression[] {
    if (by === "agent") return [];
    const isBuilding: Expression = { kind: "compare", op: "=", left: path("sealed"), right: { kind: "literal", value: 0 } };
    return [by === "other" ? isBuilding : due(rules)];
  }
}

/** The guards of where a row starts, and of each move's own condition; none without states. */
export function stateGuards({ table }: Setting): readonly Draft[] {
  const { states } = table;
  if (states === null) return [];
  const id = `${table.name}.${states.column}`;
  const label = columnOf(table, states.column).label;
  return [
    {
      kind: "start",
      id: `${id}.start`,
      message: `A new ${table.label} starts as ${states.start.join(" or ")}.`,
      clauses: states.clauses,
      events: [create],
      must: isIn(path("new", states.column), states.start),
    },
    ...states.moves.flatMap((move): readonly Draft[] =>
      move.when === null
        ? []
        : [
            {
              kind: "move_when",
              id: `${id}.move_when`,
              message: `A condition of this change of the ${label} is not met.`,
              clauses: move.clauses,
              events: [{ kind: "move", from: move.from, to: move.to }],
              must: move.when,
            },
          ],
    ),
  ];
}
