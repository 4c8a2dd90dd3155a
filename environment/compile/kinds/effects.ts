/** Kinds that write: counters, changes propagated to other rows, promotions from a queue, and rows spawned. */
import { type Catalogue, type CatalogueTable, columnOf, findColumn, tableOf } from "../../core/catalogue.js";
import { checkValue, commonRoots } from "../../core/check-expression.js";
import { canChange } from "../elsewhere-events.js";
import type { Expression, RowsExpression } from "../../core/expression.js";
import { readAct, readCondition } from "../lower-guard.js";
import type { CounterEffect, CounterSource, Effect, SetEffect, SpawnEffect } from "../normal-form.js";
import { type Act, MARK } from "../../sheet/resolve-catalogue.js";
import type { Errors } from "../../core/sheet-error.js";
import type { Rule } from "../../sheet/sheet.js";
import { conjunction, conjunctsOf, disjunction, path, pathsIn } from "../../core/walk-expression.js";
import { type ExtraRoots, type Lowering, readRows, readText, scopeOf } from "./lowering.js";

interface Place {
  readonly path: string;
  readonly errors: Errors;
}

/** A counter of the sheet: the value that its column must equal, and the writes after which that is looked at again. */
export function lowerCounter(
  rule: Extract<Rule, { kind: "counter" }>,
  catalogue: Catalogue,
  table: CatalogueTable,
  place: Place,
): CounterEffect {
  const owner = { kind: "row", table: table.name } as const;
  const lowering: Lowering = { ...place, catalogue, table, roots: { owner } };
  const column = findColumn(table, rule.column);
  if (column === undefined || column.type === "text")
    place.errors.push({ path: `${place.path}.column`, message: `expected a number column of table "${table.name}", got "${rule.column}"` });
  const rows = readRows(lowering, "rows", rule.rows, "owner");
  const row: ExtraRoots = { row: { kind: "row", table: rows.table } };
  const value: Expression =
    rule.sum === undefined
      ? { kind: "count", rows }
      : { kind: "aggregate", function: "sum", of: readText(lowering, "sum", rule.sum, row), rows };
  const sources = place.errors.length === 0 ? sourcesOf(rows, value, catalogue, table) : [];
  return { kind: "counter", id: rule.id, clauses: rule.clauses, table: table.name, column: rule.column, value, sources };
}

function sourcesOf(rows: RowsExpression, value: Expression, catalogue: Catalogue, owner: CatalogueTable): readonly CounterSource[] {
  const paths = pathsIn(value);
  const readFrom = (root: string) => [...new Set(paths.flatMap((read) => (read.root === root ? read.steps.slice(0, 1) : [])))];
  const counted = tableOf(catalogue, rows.table);
  const sources: CounterSource[] = [
    { table: rows.table, columns: readFrom("row").filter((name) => canChange(counted, name)), insert: true, concerned: linkOf(rows) },
  ];
  for (const { root, steps } of paths) {
    let table = root === "row" ? counted : owner;
    for (const [index, step] of steps.slice(0, -1).entries()) {
      table = tableOf(catalogue, columnOf(table, step).references ?? "");
      const next = steps[index + 1] ?? "";
      if (canChange(table, next)) sources.push({ table: table.name, columns: [next], insert: false, concerned: null });
    }
  }
  const ownColumns = readFrom("owner").filter((name) => canChange(owner, name));
  const key = owner.key[0] ?? "";
  const isOwner: Expression = { kind: "same", left: path("owner", key), right: path("written", key) };
  // A row that others point at cannot be pointed at before it is there.
  const isReferenced = conjunctsOf(rows.where).some(
    (term) =>
      term.kind === "compare" &&
      [term.left, term.right].some(
        (side) =>
          side.kind === "path" &&
          side.root === "row" &&
          side.steps.length === 1 &&
          findColumn(counted, side.steps[0] ?? "")?.references === owner.name,
      ),
  );
  if (!isReferenced || ownColumns.length > 0)
    sources.push({ table: owner.name, columns: ownColumns, insert: !isReferenced, concerned: isOwner });
  return sources;
}

function linkOf(rows: RowsExpression): Expression | null {
  const links = conjunctsOf(rows.where).flatMap((term) => {
    if (term.kind !== "compare" || term.op !== "=" || term.left.kind !== "path" || term.left.root !== "row" || term.left.steps.length !== 1)
      return [];
    const isOwners = term.right.kind === "path" && term.right.root === "owner" && term.right.steps.length === 1;
    return isOwners ? [{ column: term.left.steps[0] ?? "", owner: term.right }] : [];
  });
  if (links.length === 0) return null;
  const image = (root: "written" | "before") =>
    conjunction(links.map(({ column, owner }): Expression => ({ kind: "compare", op: "=", left: owner, right: path(root, column) })));
  return { kind: "or", operands: [image("written"), image("before")] };
}

/** An effect of the sheet that writes what agents may not. */
export function lowerAct(rule: Act, catalogue: Catalogue, table: CatalogueTable, place: Place): Effect {
  const lowering: Lowering = { ...place, catalogue, table, roots: { new: { kind: "row", table: table.name }, ...commonRoots(catalogue) } };
  const events = readAct(rule.at, lowering);
  for (const event of events) {
    if (event.kind !== "change") continue;
    const real = event.columns.find((name) => findColumn(table, name)?.type === "real");
    if (real !== undefined)
      place.errors.push({ path: `${place.path}.at.change`, message: `an effect cannot watch "${real}": it is a real number` });
  }
  const when = rule.when === undefined ? null : readCondition(lowering, "when", rule.when);
  const common = { id: rule.id, clauses: rule.clauses, table: table.name, events, when };
  if (rule.kind === "spawn") return { ...common, ...lowerSpawn(rule, lowering) };
  const set = rule.kind === "promote" ? rule.pick : rule.rows;
  const field = rule.kind === "promote" ? "pick" : "rows";
  const rows = readRows(lowering, field, set);
  const target = tableOf(catalogue, rows.table);
  refuseReference(lowering, `${field}.from`, target);
  const written = readSet(lowering, target, rule.set);
  const pick = rule.kind === "promote" ? readPick(rule, lowering, target) : null;
  return { ...common, kind: rule.kind, rows, pick, set: { ...written, ...stampsOfMoves(target, written) } } satisfies SetEffect;
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

function readPick(rule: Extract<Rule, { kind: "promote" }>, lowering: Lowering, target: CatalogueTable): SetEffect["pick"] {
  const { order, take, eligible } = rule.pick;
  for (const [index, name] of order.entries()) {
    if (findColumn(target, name) === undefined)
      lowering.errors.push({ path: `${lowering.path}.pick.order[${index}]`, message: `table "${target.name}" has no column "${name}"` });
  }
  const isUnique =
    target.unique.some(({ columns }) => columns.some((name) => order.includes(name))) ||
    (!target.surrogate && target.key.some((name) => order.includes(name)));
  if (!isUnique)
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
): Omit<SpawnEffect, "id" | "clauses" | "table" | "events" | "when"> {
  const into = lowering.catalogue.tables[rule.into];
  if (into === undefined) {
    lowering.errors.push({ path: `${lowering.path}.into`, message: `there is no table "${rule.into}"` });
    return { kind: "spawn", into: lowering.table.name, each: null, values: {} };
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
  return { kind: "spawn", into: into.name, each, values: { ...values, ...Object.fromEntries(filled) } };
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
