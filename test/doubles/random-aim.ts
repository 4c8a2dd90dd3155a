/** Writes aimed at the acts that a sheet's rules look at, and near what they accept, so that each rule is met often both ways. */
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import type { Write } from "../../environment/compile/interpret-write.js";
import type { GuardEvent } from "../../environment/compile/normal-form.js";
import { type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE } from "../../environment/core/catalogue.js";
import { isSameValue, type Row, type Rows, type Value } from "../../environment/core/values.js";
import { computedValues, randomValue } from "../environment/random-writes.js";
import type { Draw } from "./random-draw.js";

/** An act of an agent on a table. */
export type Aim =
  | { readonly kind: "create"; readonly table: string }
  | { readonly kind: "move"; readonly table: string; readonly from: string; readonly to: string }
  | { readonly kind: "change"; readonly table: string; readonly columns: readonly string[] };

/** The acts of agents at which rules of the sheet are judged or effects are set off, each once. */
export function aimsOf({ catalogue, normal }: Compiled): readonly Aim[] {
  const rules = normal.guards
    .filter(({ origin }) => origin === "rule")
    .flatMap(({ table, events }) => events.map((event) => ({ table, event })));
  const acts = normal.effects.flatMap((effect) =>
    effect.kind === "counter" ? [] : effect.events.map((event) => ({ table: effect.table, event })),
  );
  const counted = normal.effects.flatMap((effect) =>
    effect.kind === "counter"
      ? effect.sources.flatMap((source): { table: string; event: GuardEvent }[] => [
          ...(source.insert ? [{ table: source.table, event: { kind: "create" } as const }] : []),
          ...(source.columns.length > 0 ? [{ table: source.table, event: { kind: "change", columns: source.columns } as const }] : []),
        ])
      : [],
  );
  const aims = [...rules, ...acts, ...counted].flatMap(({ table, event }) => {
    const declared = catalogue.tables[table];
    return declared === undefined ? [] : aimsAt(catalogue.tables, declared, event);
  });
  return [...new Map(aims.map((aim) => [JSON.stringify(aim), aim])).values()];
}

function aimsAt(tables: Compiled["catalogue"]["tables"], table: CatalogueTable, event: GuardEvent): readonly Aim[] {
  const { name } = table;
  const creates: readonly Aim[] = table.create?.by === "agent" ? [{ kind: "create", table: name }] : [];
  const isAgents = ({ update }: CatalogueColumn) => table.layer === "L2" && update.by === "agent";
  const moves = (table.states?.moves ?? [])
    .filter(({ by }) => by === "agent")
    .map((move): Aim => ({ kind: "move", table: name, from: move.from, to: move.to }));
  const columns = table.columns.filter(isAgents).map((column) => column.name);
  const changes: readonly Aim[] = columns.length > 0 ? [{ kind: "change", table: name, columns }] : [];
  switch (event.kind) {
    case "create":
      return creates;
    case "created":
    case "delete":
      return [];
    case "update":
      return [...moves, ...changes];
    case "move":
      return moves.filter((aim) => aim.kind === "move" && aim.from === event.from && aim.to === event.to);
    case "change": {
      const changed = event.columns.filter((column) => columns.includes(column));
      const isState = table.states !== null && event.columns.includes(table.states.column);
      return [...(changed.length > 0 ? [{ kind: "change", table: name, columns: changed } as const] : []), ...(isState ? moves : [])];
    }
    case "elsewhere": {
      const other = tables[event.table];
      if (other === undefined) return [];
      return aimsAt(tables, other, event.on === "insert" ? { kind: "create" } : { kind: "change", columns: event.columns });
    }
  }
}

/** A write that is this act, mostly with values that the declarations allow; null where no row can make it. */
export function drawAimed(compiled: Compiled, state: Rows, aim: Aim, draw: Draw): Write | null {
  const table = compiled.catalogue.tables[aim.table];
  if (table === undefined) return null;
  if (aim.kind === "create") return { op: "insert", table: aim.table, values: drawnRow(compiled, state, table, draw) };
  const rows = state[aim.table] ?? [];
  const fitting = aim.kind === "move" ? rows.filter((row) => row[table.states?.column ?? ""] === aim.from) : rows;
  if (fitting.length === 0) return null;
  const row = draw.pick(fitting);
  const key = Object.fromEntries(table.key.map((name) => [name, row[name] ?? null]));
  const set = aim.kind === "move" ? drawnMove(compiled, state, { table, aim }, draw) : {};
  const changing = aim.kind === "change" ? draw.some(aim.columns, 1, 2) : [];
  const more = table.columns.filter(({ name, update }) => update.by === "agent" && (changing.includes(name) || draw.chance(0.12)));
  for (const column of more) {
    if (column.name in set) continue;
    const value = plausible(compiled, state, { table, column }, draw);
    set[column.name] = isSameValue(value, row[column.name] ?? null) ? plausible(compiled, state, { table, column }, draw) : value;
  }
  return Object.keys(set).length === 0 ? null : { op: "update", table: aim.table, key, set };
}

function drawnMove(
  compiled: Compiled,
  state: Rows,
  { table, aim }: { readonly table: CatalogueTable; readonly aim: Extract<Aim, { kind: "move" }> },
  draw: Draw,
): Record<string, Value> {
  const context = state[CONTEXT_TABLE]?.[0] ?? {};
  const move = table.states?.moves.find(({ from, to }) => from === aim.from && to === aim.to);
  const set: Record<string, Value> = { [table.states?.column ?? ""]: aim.to };
  for (const column of table.columns) {
    const isMoved = column.update.moves.includes(`${aim.from}>${aim.to}`);
    const source =
      column.update.by === "clock" ? "now" : column.update.by === "user" ? "actor" : column.update.by === "desk" ? "desk" : null;
    if (source !== null && isMoved) set[column.name] = context[source] ?? null;
    else if (move?.sets.includes(column.name) === true && draw.chance(0.8))
      set[column.name] = plausible(compiled, state, { table, column }, draw);
  }
  return set;
}

function drawnRow(compiled: Compiled, state: Rows, table: CatalogueTable, draw: Draw): Row {
  const context = state[CONTEXT_TABLE]?.[0] ?? {};
  const values: Record<string, Value> = {};
  for (const column of table.columns) {
    const { kind } = column.insert;
    if (kind === "clock") values[column.name] = context["now"] ?? null;
    else if (kind === "user") values[column.name] = context["actor"] ?? null;
    else if (kind === "desk") values[column.name] = context["desk"] ?? null;
    else if (table.states?.column === column.name) values[column.name] = draw.pick(table.states.start);
    else if (kind === "agent") values[column.name] = plausible(compiled, state, { table, column }, draw);
  }
  return { ...values, ...computedValues(compiled, state, { table, values }, draw.random) };
}

/** Mostly a value that the column's declaration lets pass. */
function plausible(
  compiled: Compiled,
  state: Rows,
  { table, column }: { readonly table: CatalogueTable; readonly column: CatalogueColumn },
  draw: Draw,
): Value {
  if (table.unique.some(({ columns }) => columns.length === 1 && columns[0] === column.name) && draw.chance(0.9)) {
    const highest = (state[table.name] ?? []).reduce(
      (most, { [column.name]: value }) => (typeof value === "bigint" && value > most ? value : most),
      0n,
    );
    return highest + BigInt(draw.int(1, 3));
  }
  const value = randomValue(compiled, state, { table, column }, draw.random);
  if (typeof value === "bigint" && draw.chance(0.95)) {
    if (column.min !== null && value < column.min) return BigInt(column.min);
    if (column.max !== null && value > column.max) return BigInt(column.max);
  }
  if (typeof value === "string" && column.maxLength !== null && value.length > column.maxLength) return value.slice(0, column.maxLength);
  return value;
}
