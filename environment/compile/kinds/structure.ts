/** Guards that come from declarations alone: who may write what, when, and with which values. */
import { type Catalogue, type CatalogueColumn, type CatalogueTable, columnOf } from "../../core/catalogue.js";
import type { Expression } from "../../core/expression.js";
import type { Effect, Guard } from "../normal-form.js";
import { conjunction, disjunction, path } from "../../core/walk-expression.js";
import { create, creatorsOf, type Draft, due, no, type Setting, unchanged, update } from "./draft.js";
import { isIn, isOther } from "./lowering.js";
import { moveGuard, stateGuards } from "./states.js";
import { referenceGuard, requiredGuard, valuesGuard } from "./values.js";
import { stampGuards, writableGuards } from "./writable.js";

/** The structural guards of a table, in the order in which they are judged. */
export function structuralGuards(catalogue: Catalogue, table: CatalogueTable, effects: readonly Effect[]): readonly Guard[] {
  const setting: Setting = { catalogue, table, effects };
  const each = (guards: (column: CatalogueColumn) => readonly Draft[]) => table.columns.flatMap(guards);
  const drafts = [
    ...sessionGuard(catalogue),
    ...readOnlyGuards(setting),
    ...keyGuards(setting),
    ...moveGuard(setting),
    ...each((column) => writableGuards(setting, column)),
    ...each((column) => requiredGuard(setting, column)),
    ...each((column) => valuesGuard(setting, column)),
    ...each((column) => referenceGuard(setting, column)),
    ...stateGuards(setting),
    ...each((column) => stampGuards(setting, column)),
    ...uniqueGuards(setting),
    {
      kind: "no_delete",
      id: `${table.name}.no_delete`,
      message: "Rows are never deleted.",
      events: [{ kind: "delete" } as const],
      must: no,
    },
  ];
  return drafts.map((draft) => complete(draft, table));
}

function complete({ kind, id, message, hint, clauses, events, states, when, must }: Draft, table: CatalogueTable): Guard {
  return {
    id,
    clauses: clauses ?? table.clauses,
    table: table.name,
    message,
    hint: hint ?? null,
    origin: "structure",
    kind,
    events,
    states: states ?? null,
    when: when ?? null,
    must,
  };
}

function sessionGuard({ mode }: Catalogue): readonly Draft[] {
  if (mode === "columns") return [];
  const must: Expression = { kind: "is_null", operand: path("actor"), negated: true };
  return [
    {
      kind: "required",
      id: "session.required",
      message: "Nobody is authenticated yet.",
      hint: "Authenticate the user first.",
      events: [create, update],
      must,
    },
  ];
}

function readOnlyGuards(setting: Setting): readonly Draft[] {
  const { table } = setting;
  const id = `${table.name}.read_only`;
  const message = `The ${table.plural} are read, not written.`;
  const onCreate =
    table.create?.by === "agent"
      ? []
      : [
          {
            kind: "read_only",
            id,
            message: table.layer === "L2" ? `The system creates ${table.plural}; nobody else does.` : message,
            events: [create],
            must: due(creatorsOf(setting)),
          },
        ];
  if (table.layer === "L2") return onCreate;
  const others = table.columns.filter(({ update: { by } }) => by !== "counter" && by !== "derived" && by !== "mark");
  const counted = table.columns.filter(({ update: { by } }) => by === "counter");
  const setters = [...new Set(others.flatMap(({ update: { effects: ids } }) => ids))];
  const isCount: Expression = conjunction([...others.map(unchanged), ...(counted.length === 0 ? [no] : [])]);
  return [
    ...onCreate,
    { kind: "read_only", id, message, events: [update], must: disjunction([...(setters.length === 0 ? [] : [due(setters)]), isCount]) },
  ];
}

function keyGuards({ table }: Setting): readonly Draft[] {
  const common = { kind: "key", id: `${table.name}.key` } as const;
  const taken = {
    variable: "row",
    table: table.name,
    where: conjunction(
      table.key.map((name): Expression => ({ kind: "compare", op: "=", left: path("row", name), right: path("new", name) })),
    ),
    before: true,
  } as const;
  const key = table.key.map((name) => columnOf(table, name));
  const guards: Draft[] = [
    {
      ...common,
      message: `A ${table.label} with this key exists.`,
      events: [create],
      must: { kind: "not", operand: { kind: "exists", rows: taken } },
    },
    { ...common, message: "A key is never changed.", events: [update], must: conjunction(key.map(unchanged)) },
  ];
  return table.surrogate
    ? [
        ...guards,
        {
          ...common,
          message: "The database chooses this key.",
          hint: "Leave the key out.",
          events: [{ kind: "created" }],
          must: isNextKey(table),
        },
      ]
    : guards;
}

/** The key is one more than the highest of the other rows, or 1. */
function isNextKey(table: CatalogueTable): Expression {
  const [key = ""] = table.key;
  const highest: Expression = {
    kind: "pick",
    which: "last",
    rows: { variable: "row", table: table.name, where: isOther(table, "row", "new"), before: false },
    by: path("row", key),
    steps: [key],
  };
  const next: Expression = {
    kind: "arithmetic",
    op: "+",
    left: { kind: "call", function: "coalesce", arguments: [highest, { kind: "literal", value: 0 }] },
    right: { kind: "literal", value: 1 },
  };
  return { kind: "same", left: path("new", key), right: next };
}

function uniqueGuards({ table }: Setting): readonly Draft[] {
  return table.unique.map(({ columns, states, clauses }): Draft => {
    const column = table.states?.column;
    const inStates = states !== null && column !== undefined ? [isIn(path("row", column), states)] : [];
    const equal = columns.map((name): Expression => ({ kind: "compare", op: "=", left: path("row", name), right: path("new", name) }));
    const rows = {
      variable: "row",
      table: table.name,
      where: conjunction([isOther(table, "row", "new"), ...equal, ...inStates]),
      before: true,
    } as const;
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
