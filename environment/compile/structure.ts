/** What an environment is apart from its names, wording and parameters: two environments of one structure are not distinct. */
import { createHash } from "node:crypto";
import type { CatalogueTable } from "../core/catalogue.js";
import type { Compiled } from "./compile-sheet.js";

/** Digest (hex) over tables, states and rules with every name and number left out. */
export function structureOf({ catalogue, normal }: Compiled): string {
  const tables = Object.values(catalogue.tables);
  const layers = new Map(tables.map((table) => [table.name, table.layer]));
  const shape = {
    mode: catalogue.mode,
    ladders: Object.keys(catalogue.ladders).length,
    tables: tables.map((table) => tableShape(table, layers)).sort(),
    guards: normal.guards
      .filter((guard) => guard.origin === "rule")
      .map((guard) =>
        JSON.stringify([
          guard.kind,
          layers.get(guard.table),
          guard.events.map((event) => event.kind).sort(),
          anonymous(guard.when),
          anonymous(guard.must),
        ]),
      )
      .sort(),
    effects: normal.effects.map((effect) => JSON.stringify([effect.kind, layers.get(effect.table)])).sort(),
  };
  return createHash("sha256").update(JSON.stringify(shape)).digest("hex");
}

function tableShape(table: CatalogueTable, layers: ReadonlyMap<string, string>): string {
  const columns = table.columns.map((column) =>
    [
      column.type,
      column.class,
      column.unit,
      column.nullable,
      column.insert.kind,
      column.update.by,
      column.references === null ? null : layers.get(column.references),
      column.values !== null,
    ].join("/"),
  );
  const states =
    table.states === null
      ? null
      : {
          moves: table.states.moves.map((move) => [move.by, move.when !== null, move.sets.length].join("/")).sort(),
          start: table.states.start.length,
          end: table.states.end.length,
        };
  return JSON.stringify([table.layer, columns.sort(), states, table.create?.by ?? null, table.unique.length]);
}

/** An expression with its names and literals replaced; what is left is its tree. */
function anonymous(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(anonymous);
  if (typeof value !== "object" || value === null)
    return typeof value === "string" || typeof value === "number" || typeof value === "bigint" ? "_" : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === "kind" || key === "op" || key === "operator" ? one : anonymous(one)]),
  );
}
