/** Names and declarations of a sheet: whatever one place says about another is there, and nothing is left to silence. */
import { oncePer } from "../core/memo.js";
import { keptFor, type Sources } from "../core/kept.js";
import { type EffectRule, isEffectRule } from "./rule-writes.js";
import { hasSurrogate, keyOf, statesOf } from "./resolve-catalogue.js";
import type { Errors } from "../core/sheet-error.js";
import type { Column, Sheet, Table } from "./sheet.js";

/** Adds what is wrong with a sheet's declarations to `errors`; expressions are checked later. */
export function checkSheet(sheet: Sheet, errors: Errors): void {
  checkActor(sheet, errors);
  checkClauses(sheet, errors);
  const effects = sheet.rules.filter(isEffectRule);
  for (const [name, table] of Object.entries(sheet.tables))
    errors.push(...errorsOfTable(table, { given: [name, sheet.actor, effects], parts: sheet.tables }));
  checkRuleIds(sheet, errors);
}

interface Place {
  readonly sheet: Pick<Sheet, "tables" | "actor"> & { readonly effects: readonly EffectRule[] };
  readonly errors: Errors;
  readonly name: string;
  readonly table: Table;
}

function checkActor({ actor, tables }: Sheet, errors: Errors): void {
  if (actor.mode === "columns") return;
  const table = tables[actor.table];
  if (table === undefined) {
    errors.push({ path: "actor.table", message: `there is no table "${actor.table}"` });
    return;
  }
  if (keyOf(table).length !== 1)
    errors.push({ path: "actor.table", message: `expected a table with a key of one column, got "${actor.table}"` });
  for (const [index, column] of actor.evidence.entries()) {
    if (table.columns[column] === undefined)
      errors.push({ path: `actor.evidence[${index}]`, message: `table "${actor.table}" has no column "${column}"` });
  }
}

/** Every cited clause exists, and every enforceable clause is cited by a rule or a declaration. */
function checkClauses(sheet: Sheet, errors: Errors): void {
  const known = new Map(sheet.policy.map(({ id, kind }) => [id, kind]));
  if (known.size < sheet.policy.length) errors.push({ path: "policy", message: "expected each clause id once" });
  const cited = new Set<string>();
  const cite = (path: string, part: object): void => {
    for (const { at, id } of citationsIn(part)) {
      if (!known.has(id)) errors.push({ path: `${path}${at}`, message: `there is no clause ${id} in the policy` });
      cited.add(id);
    }
  };
  cite("actor", sheet.actor);
  for (const [name, table] of Object.entries(sheet.tables)) cite(`tables.${name}`, table);
  for (const [index, rule] of sheet.rules.entries()) cite(`rules[${index}]`, rule);
  for (const [index, { id, kind }] of sheet.policy.entries()) {
    if (kind === "enforceable" && !cited.has(id))
      errors.push({ path: `policy[${index}]`, message: `clause ${id} is enforceable and no rule or declaration cites it` });
  }
}

/** The clauses that a part of a sheet cites, each with its place within the part. */
const citationsIn = oncePer((part: object): readonly { readonly at: string; readonly id: string }[] =>
  Object.entries(part).flatMap(([key, inner]: readonly [string, unknown]) => {
    const here = Array.isArray(part) ? `[${key}]` : `.${key}`;
    if ((key === "clauses" || key === "duplicates") && Array.isArray(inner))
      return inner.map((id, index) => ({ at: `${here}[${index}]`, id: String(id) }));
    if (typeof inner !== "object" || inner === null) return [];
    return citationsIn(inner).map(({ at, id }) => ({ at: `${here}${at}`, id }));
  }),
);

function checkRuleIds(sheet: Sheet, errors: Errors): void {
  const seen = new Set<string>();
  for (const [index, rule] of sheet.rules.entries()) {
    const path = `rules[${index}]`;
    if (seen.has(rule.id)) errors.push({ path: `${path}.id`, message: `the id "${rule.id}" is taken` });
    if (/^(?:session|context)\./.test(rule.id) || isStructural(rule.id, sheet))
      errors.push({ path: `${path}.id`, message: `the id "${rule.id}" is one of the engine's own` });
    seen.add(rule.id);
    if (sheet.tables[rule.table] === undefined) errors.push({ path: `${path}.table`, message: `there is no table "${rule.table}"` });
  }
}

function isStructural(id: string, { tables }: Sheet): boolean {
  const [table = "", ...rest] = id.split(".");
  const parts = [
    "read_only",
    "key",
    "unique",
    "no_delete",
    "writable",
    "required",
    "values",
    "reference",
    "start",
    "move",
    "move_when",
    "stamp",
  ];
  return (
    tables[table] !== undefined &&
    parts.includes(rest.at(-1) ?? "") &&
    (rest.length === 1 || tables[table].columns[rest[0] ?? ""] !== undefined)
  );
}

const errorsOfTable = keptFor(
  (table: Table, { given: [name, actor, effects], parts }: Sources<readonly [string, Sheet["actor"], readonly EffectRule[]], Table>) => {
    const errors: Errors = [];
    checkTable({ sheet: { tables: parts, actor, effects }, errors, name, table });
    return errors;
  },
);

function checkTable(place: Place): void {
  const { errors, name, table } = place;
  const path = `tables.${name}`;
  const missing = (at: string, column: string): void => {
    if (table.columns[column] === undefined)
      errors.push({ path: `${path}.${at}`, message: `there is no column "${column}" in table "${name}"` });
  };
  if (/^(?:logigen_|sqlite_)/.test(name)) errors.push({ path, message: `the name "${name}" is reserved` });
  for (const column of keyOf(table)) missing("key", column);
  for (const column of keyOf(table)) {
    if (table.columns[column]?.null !== undefined) errors.push({ path: `${path}.columns.${column}.null`, message: "a key is never NULL" });
  }
  table.unique.forEach(({ columns, states }, index) => {
    for (const column of columns) missing(`unique[${index}].columns`, column);
    checkStates(place, `unique[${index}].states`, states ?? []);
  });
  if (table.layer === "L2" && table.unique.length === 0 && table.duplicates === undefined && hasSurrogate(table)) {
    errors.push({ path, message: "expected `unique`, or `duplicates` with the clause that allows two equal rows" });
  }
  if (table.layer !== "L2" && table.create?.by === "agent")
    errors.push({ path: `${path}.create`, message: `the agent creates rows in L2 tables only, got ${table.layer}` });
  if (table.live !== undefined) {
    checkStates(place, "live", Array.isArray(table.live) ? table.live : table.live.states);
    if (!Array.isArray(table.live)) missing("live.until", table.live.until);
  }
  checkMachine(place);
  for (const [column, declared] of Object.entries(table.columns)) checkColumn(place, column, declared);
}

function checkStates({ errors, name, table }: Place, at: string, states: readonly string[]): void {
  const known = statesOf(table);
  for (const state of states) {
    if (!known.includes(state))
      errors.push({
        path: `tables.${name}.${at}`,
        message: known.length === 0 ? `table "${name}" has no states` : `expected one of ${known.join(", ")}, got ${state}`,
      });
  }
}

function checkMachine({ errors, name, table }: Place): void {
  const { states } = table;
  if (states === undefined) return;
  const path = `tables.${name}.states`;
  const column = table.columns[states.column];
  if (column?.type !== "text" || column.null !== undefined)
    errors.push({ path: `${path}.column`, message: `expected a text column that is never NULL, got "${states.column}"` });
  for (const state of statesOf(table)) {
    if (column?.values?.includes(state) === false)
      errors.push({ path: `tables.${name}.columns.${states.column}.values`, message: `the state ${state} is missing` });
  }
  const seen = new Set<string>();
  states.moves.forEach(({ from, to, by, sets }, index) => {
    const at = `${path}.moves[${index}]`;
    const move = `${from}>${to}` as const;
    if (from === to) errors.push({ path: at, message: `a move leads to another state, got ${move}` });
    if (seen.has(move)) errors.push({ path: at, message: `the move ${move} is declared twice` });
    seen.add(move);
    if (states.end.includes(from)) errors.push({ path: at, message: `nothing leaves the end state ${from}` });
    if (by === "agent" && table.layer !== "L2")
      errors.push({ path: `${at}.by`, message: `the agent writes L2 tables only, got ${table.layer}` });
    for (const set of sets) {
      if (table.columns[set] === undefined) errors.push({ path: `${at}.sets`, message: `there is no column "${set}" in table "${name}"` });
      if (table.columns[set]?.update !== undefined && table.columns[set].update === "agent")
        errors.push({ path: `${at}.sets`, message: `the agent may change "${set}" in every move` });
    }
  });
}

function checkColumn(place: Place, name: string, column: Column): void {
  const { errors, table } = place;
  const path = `tables.${place.name}.columns.${name}`;
  if (/^logigen_/.test(name)) errors.push({ path, message: `the name "${name}" is reserved` });
  checkReference(place, path, column);
  checkFilling(place, path, column);
  checkRange(path, column, errors);
  if (column.frozen !== undefined) checkStates(place, `columns.${name}.frozen`, column.frozen);
  if (table.layer !== "L2" && column.update === "agent")
    errors.push({ path: `${path}.update`, message: `the agent writes L2 tables only, got ${table.layer}` });
  if (column.default !== undefined && column.default !== null && (typeof column.default === "string") !== (column.type === "text"))
    errors.push({ path: `${path}.default`, message: `expected a default of type ${column.type}` });
  if (
    table.create?.by === "agent" &&
    column.insert === "system" &&
    column.null === undefined &&
    column.default === undefined &&
    table.states?.column !== name
  ) {
    errors.push({
      path: `${path}.insert`,
      message: `nobody gives "${name}" in a new row: expected a default, what NULL means, or insert: agent`,
    });
  }
  if (keyOf(table).includes(name) && column.update !== undefined && column.update !== "fixed")
    errors.push({ path: `${path}.update`, message: "a key is never changed" });
  if (isWritten(place, name, column)) checkWritten(path, name, place, column);
}

function checkReference({ sheet, errors }: Place, path: string, column: Column): void {
  if (column.references === undefined) return;
  const target = sheet.tables[column.references];
  if (target === undefined) {
    errors.push({ path: `${path}.references`, message: `there is no table "${column.references}"` });
    return;
  }
  const [key, ...rest] = keyOf(target);
  if (rest.length > 0)
    errors.push({ path: `${path}.references`, message: `expected a table with a key of one column, got "${column.references}"` });
  else if (target.columns[key ?? ""]?.type !== column.type)
    errors.push({ path: `${path}.type`, message: `expected the type of the key of "${column.references}"` });
}

/** Columns that the context or the engine fills: declared once, and in a way that can be. */
function checkFilling({ sheet, errors, table }: Place, path: string, column: Column): void {
  const { stamp, by } = column;
  if (by !== undefined && sheet.actor.mode === "columns")
    errors.push({ path: `${path}.by`, message: "expected actor mode session: in mode columns nobody is authenticated" });
  if (by === "desk" && sheet.actor.mode === "session" && sheet.actor.desk === undefined)
    errors.push({ path: `${path}.by`, message: "expected `actor.desk`" });
  if (by === undefined && stamp !== undefined && column.type !== "integer")
    errors.push({ path: `${path}.stamp`, message: "the clock is an integer" });
  const ways = [column.derived, column.step, by ?? stamp].filter((way) => way !== undefined);
  if (ways.length > 1) errors.push({ path, message: "expected one of `derived`, `step` and `stamp` or `by`" });
  if (
    ways.length > 0 &&
    column.derived !== undefined &&
    (column.insert !== undefined || column.update !== undefined || column.default !== undefined)
  )
    errors.push({ path, message: "a derived column is neither given nor changed" });
  if (stamp === undefined || stamp === "create") return;
  if (column.null === undefined)
    errors.push({ path: `${path}.null`, message: "expected what NULL means: the column is empty until the move stamps it" });
  for (const move of [stamp].flat()) {
    if (!(table.states?.moves ?? []).some(({ from, to }) => `${from}>${to}` === move))
      errors.push({ path: `${path}.stamp`, message: `the table declares no move ${move}` });
  }
}

function checkRange(path: string, { type, min, max, values, format, max_length, unit }: Column, errors: Errors): void {
  if (type === "text" && (min !== undefined || max !== undefined || unit !== undefined))
    errors.push({ path, message: "`min`, `max` and `unit` are for numbers" });
  if (type !== "text" && (format !== undefined || max_length !== undefined))
    errors.push({ path, message: "`format` and `max_length` are for text" });
  if (type === "integer" && [min, max].some((bound) => bound !== undefined && !Number.isSafeInteger(bound)))
    errors.push({ path, message: "expected whole numbers for `min` and `max`" });
  if (values?.some((value) => (typeof value === "string") !== (type === "text")) === true)
    errors.push({ path: `${path}.values`, message: `expected values of type ${type}` });
  if (unit === "flag" && type !== "integer") errors.push({ path: `${path}.unit`, message: "a flag is an integer" });
}

/** Whether the agent gives or changes a column. */
function isWritten({ sheet, name: table, table: { create, states, key, layer, columns } }: Place, name: string, column: Column): boolean {
  const isFilled = column.derived !== undefined || column.by !== undefined || column.stamp !== undefined || states?.column === name;
  const isCounted = sheet.effects.some((rule) => rule.kind === "counter" && rule.table === table && rule.column === name);
  const isSurrogate = [key].flat().length === 1 && key === name && columns[name]?.type === "integer" && column.references === undefined;
  if (layer !== "L2" || isFilled || isCounted || isSurrogate) return false;
  const isSet = states?.moves.some(({ by, sets }) => by === "agent" && sets.includes(name)) === true;
  return column.update === "agent" || isSet || (create?.by === "agent" && column.insert !== "system");
}

function checkWritten(path: string, name: string, { errors }: Place, column: Column): void {
  const isBusiness = column.class === undefined || column.class === "business";
  const isBound = column.values !== undefined || column.format !== undefined || column.references !== undefined || column.quoted === true;
  if (column.type === "text" && isBusiness && !isBound)
    errors.push({
      path,
      message: `the agent writes "${name}": expected values, format, references or quoted: true (or class: text for free wording)`,
    });
  if (column.unit === "step" && column.step === undefined)
    errors.push({ path, message: `the agent writes the step "${name}": expected stamp, or step: planned, past or supplied` });
}
