/** A call told in the customer's terms: the act, the rows meant by their attributes, the values; never a key. */
import type { Lead } from "../agents/client.js";
import { type CatalogueTable, findColumn, tableOf } from "../environment/core/catalogue.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { shownColumns } from "../environment/engine/tools.js";
import type { PlainRow } from "./loaded.js";

interface Call {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, string | number | null>>;
}

/** Null for a call that is no insert or update of a table of the sheet. `rows` is the state before the call. */
export function leadOf(
  compiled: Compiled,
  call: Call,
  rows: Readonly<Record<string, readonly PlainRow[]>>,
  expected: Lead["expected"],
): Lead | null {
  const [, op, name] = /^(insert|update)_(.+)$/.exec(call.tool) ?? [];
  const table = name === undefined ? undefined : compiled.catalogue.tables[name];
  if (table === undefined) return null;
  const meant: Record<string, Record<string, string | number | null>> = {};
  const values: Record<string, string | number | null> = {};
  const own = op === "update" ? rowOf(table, rows, keyOf(table, call)) : null;
  if (op === "update") {
    if (own === null) return null;
    meant[table.label] = attributes(compiled, table, own);
  }
  for (const [argument, value] of Object.entries(call.arguments)) {
    const column = findColumn(table, argument);
    if (column === undefined || (op === "update" && (table.key.includes(argument) || argument === table.states?.column))) continue;
    const target = column.references === null ? null : tableOf(compiled.catalogue, column.references);
    const row = target === null || value === null ? null : rowOf(target, rows, value);
    if (target !== null && row !== null) meant[column.label] = attributes(compiled, target, row);
    else values[column.label] = value;
  }
  return { act: actOf(table, op === "update" ? { call, own } : null), rows: meant, values, expected };
}

function actOf(table: CatalogueTable, change: { readonly call: Call; readonly own: PlainRow | null } | null): string {
  if (change === null) return table.create?.phrase ?? `create a ${table.label}`;
  const state = table.states?.column ?? "";
  const move = table.states?.moves.find((one) => one.to === change.call.arguments[state] && one.from === change.own?.[state]);
  return move?.phrase ?? table.states?.moves.find((one) => one.to === change.call.arguments[state])?.phrase ?? `change a ${table.label}`;
}

/** Visible attributes by label; keys only where they are natural and belong to another row. */
function attributes(compiled: Compiled, table: CatalogueTable, row: PlainRow): Record<string, string | number | null> {
  const shown = shownColumns(compiled.catalogue, table).filter(
    (column) =>
      !table.key.includes(column.name) && (column.references === null || !tableOf(compiled.catalogue, column.references).surrogate),
  );
  return Object.fromEntries(shown.map((column) => [column.label, row[column.name] ?? null]));
}

function rowOf(table: CatalogueTable, rows: Readonly<Record<string, readonly PlainRow[]>>, key: string | number | null): PlainRow | null {
  const [column] = table.key;
  return rows[table.name]?.find((row) => column !== undefined && String(row[column]) === String(key)) ?? null;
}

function keyOf(table: CatalogueTable, call: Call): string | number | null {
  return call.arguments[table.key[0] ?? ""] ?? null;
}
