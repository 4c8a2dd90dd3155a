/** Kinds that write what agents may not: changes propagated to other rows, promotions from a queue, and rows spawned. */
import { type Catalogue, type CatalogueTable, columnOf, findColumn, tableOf } from "../../core/catalogue.js";
import { checkValue, commonRoots } from "../../core/check-expression.js";
import type { Expression, RowsExpression } from "../../core/expression.js";
import { readAct, readCondition, readLookups } from "../lower-guard.js";
import type { Effect, SetEffect, SpawnEffect } from "../normal-form.js";
import { MARK } from "../../sheet/resolve-catalogue.js";
import type { Act } from "../../sheet/rule-writes.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, conjunctsOf, disjunction, path } from "../../core/walk-expression.js";
import { lowerCustomEffect } from "./custom.js";
import { type ExtraRoots, type Lowering, type Place, presence, readBound, readRows, readText, scopeOf } from "./lowering.js";
import { hasNoTies } from "./ties.js";

/** An effect of the sheet that writes what agents may not. */
export function lowerAct(rule: Act, catalogue: Catalogue, table: CatalogueTable, place: Place): Effect {
  const plain: Lowering = {
    ...place,
    catalogue,
    table,
    roots: { new: { kind: "row", table: table.name }, ...commonRoots(catalogue) },
    lookups: {},
  };
  const lowering: Lowering = { ...plain, lookups: readLookups(rule.let, plain) };
  const events = readAct(rule.at, lowering);
  for (const event of events) {
    if (event.kind !== "change") continue;
    const real = event.columns.find((name) => findColumn(table, name)?.type === "real");
    if (real !== undefined)
      place.errors.push({ path: `${place.path}.at.change`, message: `an effect cannot watch "${real}": it is a real number` });
  }
  const when = rule.when === undefined ? null : readCondition(lowering, "when", rule.when);
  const common = { id: rule.id, clauses: rule.clauses, table: table.name, events, when };
  switch (rule.kind) {
    case "spawn":
      return { ...common, ...lowerSpawn(rule, lowering, when) };
    case "custom_effect":
      return { ...common, ...lowerCustomEffect(rule, lowering) };
    case "promote": {
      const rows = readRows(lowering, "pick", rule.pick);
      return {
        ...common,
        ...setOf(lowering, { field: "pick.from", rows, set: rule.set }),
        kind: "promote",
        pick: readPick(rule, lowering, rows.table),
      };
    }
    case "propagate":
      return { ...common, ...setOf(lowering, { field: "rows.from", rows: readRows(lowering, "rows", rule.rows), set: rule.set }) };
    case "stamp":
      return { ...common, ...setOf(lowering, { field: "set", rows: itself(table), set: rule.set }) };
    case "rollup":
      return { ...common, ...lowerRollup(rule, lowering, when) };
  }
}

type Change = Pick<SetEffect, "kind" | "rows" | "pick" | "set">;

/** What an effect sets in which rows. */
function setOf(
  lowering: Lowering,
  { field, rows, set }: { readonly field: string; readonly rows: RowsExpression; readonly set: Readonly<Record<string, string>> },
): Change {
  const target = tableOf(lowering.catalogue, rows.table);
  refuseReference(lowering, field, target);
  const written = readSet(lowering, target, set);
  return { kind: "propagate", rows, pick: null, set: { ...written, ...stampsOfMoves(target, written) } };
}

/** The written row. */
function itself({ name, key }: CatalogueTable): RowsExpression {
  const where = conjunction(
    key.map((column): Expression => ({ kind: "compare", op: "=", left: path("row", column), right: path("new", column) })),
  );
  return { variable: "row", table: name, where, before: false };
}

/** `rollup`: the row that this one belongs to changes once the rows that belong to it are all so, or are so many. */
function lowerRollup(
  rule: Extract<Rule, { kind: "rollup" }>,
  lowering: Lowering,
  when: Expression | null,
): Change & Pick<SetEffect, "when"> {
  const { table, errors, path: place, catalogue } = lowering;
  const owner = catalogue.tables[findColumn(table, rule.owner)?.references ?? ""];
  if (owner === undefined) {
    errors.push({ path: `${place}.owner`, message: `expected a column of table "${table.name}" that references another` });
    return { kind: "propagate", rows: itself(table), pick: null, set: {}, when };
  }
  const siblings = readRows(
    lowering,
    "among",
    { from: table.name, match: { [rule.owner]: `new.${rule.owner}` }, ...rule.among },
    { self: null },
  );
  const conditions: Expression[] = [];
  if (rule.all !== undefined) {
    const all = readText(lowering, "all", rule.all, { row: { kind: "row", table: table.name } });
    conditions.push({
      kind: "none",
      rows: { ...siblings, where: conjunction([...conjunctsOf(siblings.where), { kind: "not", operand: all }]) },
    });
  }
  if (rule.at_least !== undefined)
    conditions.push({
      kind: "compare",
      op: ">=",
      left: { kind: "count", rows: siblings },
      right: readBound(lowering, "at_least", rule.at_least),
    });
  if (conditions.length === 0) errors.push({ path: place, message: "expected `all` or `at_least`" });
  const isOwner: Expression = { kind: "compare", op: "=", left: path("row", owner.key[0] ?? ""), right: path("new", rule.owner) };
  const states = rule.in === undefined ? [] : presence(lowering, "in", owner, { states: rule.in });
  const rows: RowsExpression = { variable: "row", table: owner.name, where: conjunction([isOwner, ...states]), before: false };
  return {
    ...setOf(lowering, { field: "owner", rows, set: rule.set }),
    when: conjunction([...(when === null ? [] : [when]), ...conditions]),
  };
}

function refuseReference({ errors, path: place }: Lowering, field: string, { name, layer }: CatalogueTable): void {
  if (layer === "L0")
    errors.push({ path: `${place}.${field}`, message: `expected a table of layer L1 or L2, got "${name}": reference data never changes` });
}

function readSet(lowering: Lowering, target: CatalogueTable, set: Readonly<Record<string, string>>): Readonly<Record<string, Expression>> {
  return readValues(lowering, { field: "set", target, values: set, extra: { row: { kind: "row", table: target.name } } }, (name) => {
    const { by } = columnOf(target, name).update;
    return by === "agent" || by === "system" || by === "state"
      ? null
      : `the column "${name}" is ${by === "fixed" ? "fixed" : `written by ${by}`}: no effect may set it`;
  });
}

interface Values {
  readonly field: string;
  readonly target: CatalogueTable;
  readonly values: Readonly<Record<string, string>>;
  readonly extra: ExtraRoots;
}

function readValues(
  lowering: Lowering,
  { field, target, values, extra }: Values,
  fault: (name: string) => string | null,
): Readonly<Record<string, Expression>> {
  const entries = Object.entries(values).flatMap(([name, text]): [string, Expression][] => {
    const at = `${field}.${name}`;
    const isKnown = findColumn(target, name) !== undefined && !name.startsWith(MARK);
    const message = isKnown ? fault(name) : `table "${target.name}" has no column "${name}"`;
    if (message !== null) {
      lowering.errors.push({ path: `${lowering.path}.${at}`, message });
      return [];
    }
    const before = lowering.errors.length;
    const value = readText(lowering, at, text, extra);
    if (lowering.errors.length === before) checkValue(value, { table: target.name, column: name }, scopeOf(lowering, at, extra));
    return [[name, value]];
  });
  return Object.fromEntries(entries);
}

/** Where an effect makes a move that the clock or the user stamps, it stamps it too. */
function stampsOfMoves(target: CatalogueTable, set: Readonly<Record<string, Expression>>): Readonly<Record<string, Expression>> {
  const column = target.states?.column;
  const state = column === undefined ? undefined : set[column];
  if (column === undefined || state === undefined) return {};
  const constant = state.kind === "literal" ? state.value : null;
  const mayReach = (move: string) => constant === null || move.endsWith(`>${String(constant)}`);
  const stamped = target.columns.filter(
    ({ update: { by, moves } }) => (by === "clock" || by === "user" || by === "desk") && moves.some(mayReach),
  );
  return Object.fromEntries(
    stamped.map(({ name, update: { by, moves } }): [string, Expression] => {
      const isMove = moves.filter(mayReach).map((move) => {
        const [from = "", to = ""] = move.split(">");
        const isFrom: Expression = { kind: "compare", op: "=", left: path("row", column), right: { kind: "literal", value: from } };
        return conjunction([
          isFrom,
          ...(constant === null ? [{ kind: "compare", op: "=", left: state, right: { kind: "literal", value: to } } as const] : []),
        ]);
      });
      const source = path(by === "clock" ? "now" : by === "user" ? "actor" : "desk");
      return [name, { kind: "case", branches: [{ when: disjunction(isMove), then: source }], otherwise: path("row", name) }];
    }),
  );
}

function readPick(rule: Extract<Rule, { kind: "promote" }>, lowering: Lowering, name: string): SetEffect["pick"] {
  const target = tableOf(lowering.catalogue, name);
  const { order, take, eligible } = rule.pick;
  for (const [index, column] of order.entries()) {
    if (findColumn(target, column) === undefined)
      lowering.errors.push({ path: `${lowering.path}.pick.order[${index}]`, message: `table "${target.name}" has no column "${column}"` });
  }
  if (!hasNoTies(target, order))
    lowering.errors.push({
      path: `${lowering.path}.pick.order`,
      message: `expected an order without ties: one of its columns in \`unique\` of table "${target.name}" (a queue number, never a key that the database chose)`,
    });
  if (eligible && take !== 1)
    lowering.errors.push({
      path: `${lowering.path}.pick.take`,
      message: "expected `take: 1` with `eligible: true`: rows taken together may exclude each other",
    });
  return { order, take, eligible };
}

function lowerSpawn(
  rule: Extract<Rule, { kind: "spawn" }>,
  lowering: Lowering,
  when: Expression | null,
): Omit<SpawnEffect, "id" | "clauses" | "table" | "events"> {
  const into = lowering.catalogue.tables[rule.into];
  if (into === undefined) {
    lowering.errors.push({ path: `${lowering.path}.into`, message: `there is no table "${rule.into}"` });
    return { kind: "spawn", into: lowering.table.name, each: null, values: {}, when };
  }
  refuseReference(lowering, "into", into);
  const each = rule.each === undefined ? null : readRows(lowering, "each", rule.each);
  const extra: ExtraRoots = each === null ? {} : { row: { kind: "row", table: each.table } };
  const values = readValues(lowering, { field: "values", target: into, values: rule.values, extra }, (name) => {
    const { kind } = columnOf(into, name).insert;
    return kind === "agent" || kind === "system" || kind === "start"
      ? null
      : `the column "${name}" is filled by the engine (${kind}): leave it out`;
  });
  const missing = into.columns.find(
    (column) =>
      !column.nullable &&
      column.default === undefined &&
      ["agent", "system"].includes(column.insert.kind) &&
      values[column.name] === undefined,
  );
  if (missing !== undefined)
    lowering.errors.push({
      path: `${lowering.path}.values`,
      message: `expected a value for column "${missing.name}" of table "${into.name}"`,
    });
  const filled = into.columns.flatMap(({ name, insert }): [string, Expression][] =>
    insert.kind === "clock"
      ? [[name, path("now")]]
      : insert.kind === "user"
        ? [[name, path("actor")]]
        : insert.kind === "desk"
          ? [[name, path("desk")]]
          : [],
  );
  const all = { ...values, ...Object.fromEntries(filled) };
  // Of these it was said already what is wrong.
  const isFaulty = (name: string) => name in rule.values && values[name] === undefined;
  const known = (rule.once_per ?? []).filter((name) => name !== missing?.name && !isFaulty(name));
  const isNew = rule.once_per === undefined ? [] : [isFirst(lowering, { columns: known, into, values: all })];
  if (each === null)
    return { kind: "spawn", into: into.name, each, values: all, when: joined([...(when === null ? [] : [when]), ...isNew]) };
  return { kind: "spawn", into: into.name, each: { ...each, where: joined([...conjunctsOf(each.where), ...isNew]) }, values: all, when };
}

function joined(terms: readonly Expression[]): Expression | null {
  return terms.length === 0 ? null : conjunction(terms);
}

/** No row is there yet with the same in these columns. */
function isFirst(
  { errors, path: place }: Lowering,
  { columns, into, values }: { readonly columns: readonly string[]; readonly into: CatalogueTable; readonly values: SpawnEffect["values"] },
): Expression {
  const same = columns.map((name): Expression => {
    const value = values[name];
    if (value === undefined) errors.push({ path: `${place}.once_per`, message: `expected columns that \`values\` names, got "${name}"` });
    return { kind: "same", left: path("made", name), right: value ?? path("made", name) };
  });
  return {
    kind: "not",
    operand: { kind: "exists", rows: { variable: "made", table: into.name, where: conjunction(same), before: false } },
  };
}

/** The states that a row set is limited to, by a list on this column; null where it is not. */
export function statesIn(rows: RowsExpression, column: string): readonly string[] | null {
  const term = conjunctsOf(rows.where).find(
    (conjunct) =>
      conjunct.kind === "in" &&
      conjunct.operand.kind === "path" &&
      conjunct.operand.root === rows.variable &&
      conjunct.operand.steps[0] === column &&
      conjunct.operand.steps.length === 1,
  );
  return term?.kind === "in" && !term.negated ? term.values.map(String) : null;
}
