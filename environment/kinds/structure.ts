/** Guards that come from declarations alone: who may write what, when, and with which values. */
import { type Catalogue, type CatalogueColumn, type CatalogueMove, type CatalogueTable, columnOf, tableOf } from "../catalogue.js";
import type { Expression } from "../expression.js";
import type { CounterEffect, Effect, Guard, GuardEvent } from "../normal-form.js";
import { conjunction, disjunction, path } from "../walk-expression.js";
import { isIn, isOther } from "./lowering.js";

/** Effects that each table's guards must let through. */
interface Setting {
  readonly catalogue: Catalogue;
  readonly table: CatalogueTable;
  readonly effects: readonly Effect[];
}

interface Draft {
  readonly kind: string;
  readonly id: string;
  readonly message: string;
  readonly hint?: string;
  readonly clauses?: readonly string[];
  readonly events: readonly GuardEvent[];
  readonly states?: readonly string[];
  readonly when?: Expression | null;
  readonly must: Expression;
}

const create: GuardEvent = { kind: "create" };
const update: GuardEvent = { kind: "update" };
const no: Expression = { kind: "literal", value: false };

/** The structural guards of a table, in the order in which they are judged. */
export function structuralGuards(catalogue: Catalogue, table: CatalogueTable, effects: readonly Effect[]): readonly Guard[] {
  const setting: Setting = { catalogue, table, effects };
  const each = (guards: (column: CatalogueColumn) => readonly Draft[]) => table.columns.flatMap(guards);
  const drafts = [
    ...sessionGuard(catalogue),
    ...readOnlyGuards(setting),
    ...keyGuards(setting),
    ...each((column) => writableGuards(setting, column)),
    ...each((column) => requiredGuard(setting, column)),
    ...each((column) => valuesGuard(setting, column)),
    ...each((column) => referenceGuard(setting, column)),
    ...stateGuards(setting),
    ...each((column) => stampGuards(setting, column)),
    ...uniqueGuards(setting),
    { kind: "no_delete", id: `${table.name}.no_delete`, message: "Rows are never deleted.", events: [{ kind: "delete" } as const], must: no },
  ];
  return drafts.map((draft) => complete(draft, table));
}

function complete({ kind, id, message, hint, clauses, events, states, when, must }: Draft, table: CatalogueTable): Guard {
  return { id, clauses: clauses ?? table.clauses, table: table.name, message, hint: hint ?? null, origin: "structure", kind, events, states: states ?? null, when: when ?? null, must };
}

function sessionGuard({ mode }: Catalogue): readonly Draft[] {
  if (mode === "columns") return [];
  const must: Expression = { kind: "is_null", operand: path("actor"), negated: true };
  return [{ kind: "required", id: "session.required", message: "Nobody is authenticated yet.", hint: "Authenticate the user first.", events: [create, update], must }];
}

function readOnlyGuards({ table, effects }: Setting): readonly Draft[] {
  const id = `${table.name}.read_only`;
  const message = `The ${table.plural} are read, not written.`;
  const spawners = effects.flatMap((effect) => (effect.kind === "spawn" && effect.into === table.name ? [effect.id] : []));
  const onCreate = table.create?.by === "agent" ? [] : [{ kind: "read_only", id, message: table.layer === "L2" ? `The system creates ${table.plural}; nobody else does.` : message, events: [create], must: due(spawners) }];
  if (table.layer === "L2") return onCreate;
  const others = table.columns.filter(({ update: { by } }) => by !== "counter" && by !== "derived" && by !== "mark");
  const counted = table.columns.filter(({ update: { by } }) => by === "counter");
  const setters = [...new Set(others.flatMap(({ update: { effects: ids } }) => ids))];
  const isCount: Expression = conjunction([...others.map(unchanged), ...(counted.length === 0 ? [no] : [])]);
  return [...onCreate, { kind: "read_only", id, message, events: [update], must: disjunction([...(setters.length === 0 ? [] : [due(setters)]), isCount]) }];
}

function keyGuards({ table }: Setting): readonly Draft[] {
  const common = { kind: "key", id: `${table.name}.key` } as const;
  const taken = { variable: "row", table: table.name, where: conjunction(table.key.map((name): Expression => ({ kind: "compare", op: "=", left: path("row", name), right: path("new", name) }))), before: true } as const;
  const key = table.key.map((name) => columnOf(table, name));
  const guards: Draft[] = [
    { ...common, message: `A ${table.label} with this key exists.`, events: [create], must: { kind: "not", operand: { kind: "exists", rows: taken } } },
    { ...common, message: "A key is never changed.", events: [update], must: conjunction(key.map(unchanged)) },
  ];
  return table.surrogate ? [...guards, { ...common, message: "The database chooses this key.", hint: "Leave the key out.", events: [{ kind: "created" }], must: isNextKey(table) }] : guards;
}

/** The key is one more than the highest of the other rows, or 1. */
function isNextKey(table: CatalogueTable): Expression {
  const [key = ""] = table.key;
  const highest: Expression = { kind: "pick", which: "last", rows: { variable: "row", table: table.name, where: isOther(table, "row", "new"), before: false }, by: path("row", key), steps: [key] };
  const next: Expression = { kind: "arithmetic", op: "+", left: { kind: "call", function: "coalesce", arguments: [highest, { kind: "literal", value: 0 }] }, right: { kind: "literal", value: 1 } };
  return { kind: "same", left: path("new", key), right: next };
}

function writableGuards(setting: Setting, column: CatalogueColumn): readonly Draft[] {
  if (setting.table.key.includes(column.name)) return [];
  // Where only the engine writes, the table as a whole is read-only already.
  if (setting.table.layer !== "L2" && column.update.by !== "counter" && column.update.by !== "mark") return [];
  const id = `${setting.table.name}.${column.name}.writable`;
  const clauses = [...new Set([...setting.table.clauses, ...column.clauses])];
  const onCreate = creationTerm(setting, column);
  const onUpdate = changeTerm(setting, column);
  const draft = (event: GuardEvent, must: Expression): Draft => ({ kind: "writable", id, message: `The ${column.label} of a ${setting.table.label} may not be written so.`, clauses, events: [event], must });
  return [...(onCreate === null ? [] : [draft(create, onCreate)]), ...(onUpdate === null ? [] : [draft(update, onUpdate)])];
}

/** What a column that its creator does not give must hold in a new row; null where anything goes. */
function creationTerm({ table, effects }: Setting, column: CatalogueColumn): Expression | null {
  const initial: Expression = { kind: "same", left: path("new", column.name), right: { kind: "literal", value: literalOf(column) } };
  if (column.insert.kind === "mark") return { kind: "is_null", operand: path("new", column.name), negated: false };
  if (column.insert.kind === "counter") return initial;
  if (column.insert.kind !== "system" || column.update.by === "clock" || column.update.by === "user" || column.update.by === "desk") return null;
  const spawners = effects.flatMap((effect) => (effect.kind === "spawn" && effect.into === table.name && column.name in effect.values ? [effect.id] : []));
  return table.create === null || table.create.by === "system" ? null : disjunction([initial, ...(spawners.length === 0 ? [] : [due(spawners)])]);
}

function literalOf({ default: value }: CatalogueColumn): string | number | null {
  if (value === undefined || value === null || Buffer.isBuffer(value)) return null;
  return typeof value === "bigint" ? Number(value) : value;
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
      const counter = effects.find((effect): effect is CounterEffect => effect.kind === "counter" && effect.table === table.name && effect.column === column.name);
      return counter === undefined ? isSame : disjunction([isSame, { kind: "same", left: path("new", column.name), right: renameOwner(counter.value) }]);
    }
    case "mark": {
      const { of } = table.marks.find((mark) => mark.column === column.name) ?? { of: null };
      const isRun: Expression = { kind: "same", left: path("new", column.name), right: of === null ? { kind: "literal", value: "created" } : path("new", of) };
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

/** A counter's value is over its owner; in a guard that is the row being written. */
function renameOwner(expression: Expression): Expression {
  // A tree is JSON throughout, so renaming a root is a copy with one property replaced.
  return JSON.parse(JSON.stringify(expression), (property, value: unknown) => (property === "root" && value === "owner" ? "new" : value)) as Expression;
}

function requiredGuard({ table }: Setting, column: CatalogueColumn): readonly Draft[] {
  if (column.nullable || column.insert.kind === "key") return [];
  const clauses = column.clauses.length > 0 ? column.clauses : table.clauses;
  const must: Expression = { kind: "is_null", operand: path("new", column.name), negated: true };
  return [{ kind: "required", id: `${table.name}.${column.name}.required`, message: `The ${column.label} of a ${table.label} must be given.`, clauses, events: [create, changed(column)], must }];
}

function valuesGuard({ table }: Setting, column: CatalogueColumn): readonly Draft[] {
  const value = path("new", column.name);
  const terms: Expression[] = [];
  if (column.values !== null) terms.push(isIn(value, column.values));
  if (column.min !== null) terms.push(atBound(value, ">=", column.min));
  if (column.max !== null) terms.push(atBound(value, "<=", column.max));
  if (column.maxLength !== null) terms.push(atBound({ kind: "call", function: "length", arguments: [value] }, "<=", column.maxLength));
  if (column.format !== null) terms.push({ kind: "matches", operand: value, pattern: column.format });
  if (column.step === "past") terms.push({ kind: "compare", op: "<=", left: value, right: path("now") });
  if (terms.length === 0) return [];
  const clauses = column.clauses.length > 0 ? column.clauses : table.clauses;
  const when: Expression | null = column.nullable ? { kind: "is_null", operand: value, negated: true } : null;
  return [{ kind: "values", id: `${table.name}.${column.name}.values`, message: `The ${column.label} of a ${table.label} has a value that is not allowed.`, hint: allowed(column), clauses, events: [create, changed(column)], when, must: conjunction(terms) }];
}

function allowed({ values, min, max, maxLength, format, step }: CatalogueColumn): string {
  const parts = [
    ...(values === null ? [] : [`one of ${values.join(", ")}`]),
    ...(min === null ? [] : [`at least ${min}`]),
    ...(max === null ? [] : [`at most ${max}`]),
    ...(maxLength === null ? [] : [`at most ${maxLength} characters`]),
    ...(format === null ? [] : [`like ${format}`]),
    ...(step === "past" ? ["not after the present step"] : []),
  ];
  return `Allowed: ${parts.join(", ")}.`;
}

function atBound(value: Expression, op: ">=" | "<=", bound: number): Expression {
  return { kind: "compare", op, left: value, right: { kind: "literal", value: bound } };
}

function referenceGuard({ catalogue, table }: Setting, column: CatalogueColumn): readonly Draft[] {
  if (column.references === null) return [];
  const target = tableOf(catalogue, column.references);
  const where: Expression = { kind: "compare", op: "=", left: path("row", target.key[0] ?? ""), right: path("new", column.name) };
  const must: Expression = { kind: "exists", rows: { variable: "row", table: target.name, where, before: false } };
  const when: Expression | null = column.nullable ? { kind: "is_null", operand: path("new", column.name), negated: true } : null;
  return [{ kind: "reference", id: `${table.name}.${column.name}.reference`, message: `There is no such ${target.label}.`, clauses: column.clauses.length > 0 ? column.clauses : table.clauses, events: [create, changed(column)], when, must }];
}

function stateGuards({ table, effects }: Setting): readonly Draft[] {
  const { states } = table;
  if (states === null) return [];
  const id = `${table.name}.${states.column}`;
  const label = columnOf(table, states.column).label;
  const setters = columnOf(table, states.column).update.effects.filter((rule) => effects.some((effect) => effect.id === rule));
  const moves = states.moves.map((move) => conjunction([inMove(table, `${move.from}>${move.to}`), ...moverTerm(move, setters)]));
  const clauses = [...new Set([...states.clauses, ...states.moves.flatMap((move) => move.clauses)])];
  const isMoved = changed(columnOf(table, states.column));
  return [
    { kind: "start", id: `${id}.start`, message: `A new ${table.label} starts as ${states.start.join(" or ")}.`, clauses: states.clauses, events: [create], must: isIn(path("new", states.column), states.start) },
    { kind: "move", id: `${id}.move`, message: `The ${label} of a ${table.label} may not change this way.`, clauses, events: [isMoved], must: disjunction(moves) },
    ...states.moves.flatMap((move): readonly Draft[] =>
      move.when === null ? [] : [{ kind: "move_when", id: `${id}.move_when`, message: `A condition of this change of the ${label} is not met.`, clauses: move.clauses, events: [{ kind: "move", from: move.from, to: move.to }], must: move.when }],
    ),
  ];

  function moverTerm({ by }: CatalogueMove, rules: readonly string[]): readonly Expression[] {
    if (by === "agent") return [];
    const isBuilding: Expression = { kind: "compare", op: "=", left: path("sealed"), right: { kind: "literal", value: 0 } };
    return [by === "other" ? isBuilding : due(rules)];
  }
}

/** A column that the context fills: at creation, or at its moves and then at no other time. */
function stampGuards({ table }: Setting, column: CatalogueColumn): readonly Draft[] {
  if (table.layer !== "L2") return [];
  const common = { kind: "stamp", id: `${table.name}.${column.name}.stamp`, message: `The ${column.label} is filled by the system.`, hint: "Leave it out.", clauses: column.clauses.length > 0 ? column.clauses : table.clauses };
  const isStamped = (source: "clock" | "user" | "desk"): Expression => ({ kind: "same", left: path("new", column.name), right: path(source === "clock" ? "now" : source === "user" ? "actor" : "desk") });
  const { insert, update: rule } = column;
  if (insert.kind === "clock" || insert.kind === "user" || insert.kind === "desk") return [{ ...common, events: [create], must: isStamped(insert.kind) }];
  if (rule.by !== "clock" && rule.by !== "user" && rule.by !== "desk") return [];
  const isMove = disjunction(rule.moves.map((move) => inMove(table, move)));
  const must: Expression = { kind: "case", branches: [{ when: isMove, then: isStamped(rule.by) }], otherwise: unchanged(column) };
  return [
    { ...common, events: [create], must: { kind: "same", left: path("new", column.name), right: { kind: "literal", value: literalOf(column) } } },
    { ...common, events: [update], must },
  ];
}

function uniqueGuards({ table }: Setting): readonly Draft[] {
  return table.unique.map(({ columns, states, clauses }): Draft => {
    const column = table.states?.column;
    const inStates = states !== null && column !== undefined ? [isIn(path("row", column), states)] : [];
    const equal = columns.map((name): Expression => ({ kind: "compare", op: "=", left: path("row", name), right: path("new", name) }));
    const rows = { variable: "row", table: table.name, where: conjunction([isOther(table, "row", "new"), ...equal, ...inStates]), before: true } as const;
    const labels = columns.map((name) => columnOf(table, name).label).join(" and ");
    return {
      kind: "unique",
      id: `${table.name}.unique`,
      message: `There is a ${table.label} with the same ${labels}.`,
      clauses,
      events: [create, { kind: "change", columns: [...columns, ...(states === null || column === undefined ? [] : [column])] }],
      ...(states === null ? {} : { states }),
      must: { kind: "not", operand: { kind: "exists", rows } },
    };
  });
}

/** A column is as it was. */
export function unchanged({ name }: { readonly name: string }): Expression {
  return { kind: "same", left: path("new", name), right: path("old", name) };
}

/** The write is this move ("A>B"). */
export function inMove({ states }: CatalogueTable, move: string): Expression {
  const [from = "", to = ""] = move.split(">");
  const column = states?.column ?? "";
  const isState = (root: string, value: string): Expression => ({ kind: "compare", op: "=", left: path(root, column), right: { kind: "literal", value } });
  return conjunction([isState("old", from), isState("new", to)]);
}

function changed({ name }: CatalogueColumn): GuardEvent {
  return { kind: "change", columns: [name] };
}

function due(effects: readonly string[]): Expression {
  return effects.length === 0 ? no : { kind: "due", effects };
}
