/** Who may write a column: at creation, at each change, and where the clock, the user or the desk fills it. */
import type { CatalogueColumn } from "../../core/catalogue.js";
import type { Expression } from "../../core/expression.js";
import type { CounterEffect, GuardEvent } from "../normal-form.js";
import { conjunction, disjunction, path, renameRoots } from "../../core/walk-expression.js";
import { clausesOf, create, creatorsOf, type Draft, due, initialValue, inMove, type Setting, unchanged, update } from "./draft.js";
import { isIn } from "./lowering.js";

/** What a column must hold in a new row, and what must be true where it changes. */
export function writableGuards(setting: Setting, column: CatalogueColumn): readonly Draft[] {
  if (setting.table.key.includes(column.name)) return [];
  // Where only the engine writes, the table as a whole is read-only already.
  if (setting.table.layer !== "L2" && column.update.by !== "counter" && column.update.by !== "mark") return [];
  const id = `${setting.table.name}.${column.name}.writable`;
  const clauses = [...new Set([...setting.table.clauses, ...column.clauses])];
  const onCreate = creationTerm(setting, column);
  const onUpdate = changeTerm(setting, column);
  const draft = (event: GuardEvent, must: Expression): Draft => ({
    kind: "writable",
    id,
    message: `The ${column.label} of a ${setting.table.label} may not be written so.`,
    clauses,
    events: [event],
    must,
  });
  return [...(onCreate === null ? [] : [draft(create, onCreate)]), ...(onUpdate === null ? [] : [draft(update, onUpdate)])];
}

/** What a column that its creator does not give must hold in a new row; null where anything goes. */
function creationTerm(setting: Setting, column: CatalogueColumn): Expression | null {
  const { table } = setting;
  const initial: Expression = { kind: "same", left: path("new", column.name), right: { kind: "literal", value: initialValue(column) } };
  if (column.insert.kind === "mark") return { kind: "is_null", operand: path("new", column.name), negated: false };
  if (column.insert.kind === "counter") return initial;
  if (column.insert.kind !== "system" || column.update.by === "clock" || column.update.by === "user" || column.update.by === "desk")
    return null;
  const creators = creatorsOf(setting, column);
  return table.create === null || table.create.by === "system"
    ? null
    : disjunction([initial, ...(creators.length === 0 ? [] : [due(creators)])]);
}

/** What must be true where a column changes; null where the agent may change it at will. */
function changeTerm({ table, effects }: Setting, column: CatalogueColumn): Expression | null {
  const { by, moves, frozen, effects: setters } = column.update;
  const isSame = unchanged(column);
  const dueTerm = setters.length === 0 ? [] : [due(setters)];
  const granted = moves.map((move) => inMove(table, move));
  switch (by) {
    case "fixed":
    case "system":
      return disjunction([isSame, ...granted, ...dueTerm]);
    case "agent": {
      if (frozen.length === 0 || table.states === null) return null;
      const isFree: Expression = { kind: "not", operand: isIn(path("old", table.states.column), frozen) };
      return disjunction([isSame, isFree, ...granted, ...dueTerm]);
    }
    case "counter": {
      const counter = effects.find(
        (effect): effect is CounterEffect => effect.kind === "counter" && effect.table === table.name && effect.column === column.name,
      );
      return counter === undefined
        ? isSame
        : disjunction([isSame, { kind: "same", left: path("new", column.name), right: renameRoots(counter.value, { owner: "new" }) }]);
    }
    case "mark": {
      const { of } = table.marks.find((mark) => mark.column === column.name) ?? { of: null };
      const isRun: Expression = {
        kind: "same",
        left: path("new", column.name),
        right: of === null ? { kind: "literal", value: "created" } : path("new", of),
      };
      const others = table.columns.filter((other) => other.update.by !== "mark" && other.update.by !== "derived").map(unchanged);
      return disjunction([isSame, conjunction([isRun, ...others])]);
    }
    case "state":
    case "derived":
    case "clock":
    case "user":
    case "desk":
      return null;
  }
}

/** A column that the context fills: at creation, or at its moves and then at no other time. */
export function stampGuards({ table }: Setting, column: CatalogueColumn): readonly Draft[] {
  if (table.layer !== "L2") return [];
  const common = {
    kind: "stamp",
    id: `${table.name}.${column.name}.stamp`,
    message: `The ${column.label} is filled by the system.`,
    hint: "Leave it out.",
    clauses: clausesOf(column, table),
  };
  const isStamped = (source: "clock" | "user" | "desk"): Expression => ({
    kind: "same",
    left: path("new", column.name),
    right: path(source === "clock" ? "now" : source === "user" ? "actor" : "desk"),
  });
  const { insert, update: rule } = column;
  if (insert.kind === "clock" || insert.kind === "user" || insert.kind === "desk")
    return [{ ...common, events: [create], must: isStamped(insert.kind) }];
  if (rule.by !== "clock" && rule.by !== "user" && rule.by !== "desk") return [];
  const isMove = disjunction(rule.moves.map((move) => inMove(table, move)));
  const must: Expression = { kind: "case", branches: [{ when: isMove, then: isStamped(rule.by) }], otherwise: unchanged(column) };
  return [
    {
      ...common,
      events: [create],
      must: { kind: "same", left: path("new", column.name), right: { kind: "literal", value: initialValue(column) } },
    },
    { ...common, events: [update], must },
  ];
}
