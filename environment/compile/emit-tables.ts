/** The schema as SQL: STRICT tables, an index on every reference, and one on the rows whose effects are due. */
import { type Catalogue, type CatalogueColumn, type CatalogueTable, tableOf } from "../core/catalogue.js";
import { emitExpression, emitPending, type SqlScope } from "../core/emit-expression.js";
import { quoteIdentifier as quote, quoteLiteral } from "../core/identifier.js";
import { isIn } from "./kinds/lowering.js";
import { path } from "../core/walk-expression.js";

/** CREATE TABLE and CREATE INDEX statements in the sheet's order, the context table first, each without a last semicolon. */
export function emitTables(catalogue: Catalogue): readonly string[] {
  return [catalogue.context, ...Object.values(catalogue.tables)].flatMap((table) => [
    emitTable(catalogue, table),
    ...emitIndexes(catalogue, table),
  ]);
}

function emitTable(catalogue: Catalogue, table: CatalogueTable): string {
  const key = table.surrogate ? [] : [`PRIMARY KEY (${table.key.map(quote).join(", ")})`];
  const lines = [...table.columns.map((column) => emitColumn(catalogue, table, column)), ...key];
  return `CREATE TABLE ${quote(table.name)} (\n  ${lines.join(",\n  ")}\n) STRICT`;
}

function emitColumn(catalogue: Catalogue, table: CatalogueTable, column: CatalogueColumn): string {
  const parts = [quote(column.name), column.type.toUpperCase()];
  if (table.surrogate && table.key.includes(column.name)) return [...parts, "PRIMARY KEY"].join(" ");
  if (!column.nullable) parts.push("NOT NULL");
  if (column.insert.kind === "derived")
    parts.push(`GENERATED ALWAYS AS (${emitExpression(column.insert.expression, columnScope(catalogue, table))}) VIRTUAL`);
  else if (column.default !== undefined && !Buffer.isBuffer(column.default)) parts.push(`DEFAULT ${quoteLiteral(column.default)}`);
  if (column.references !== null) {
    const target = tableOf(catalogue, column.references);
    parts.push(`REFERENCES ${quote(target.name)} (${target.key.map(quote).join(", ")})`);
  }
  return parts.join(" ");
}

/** Columns of the row itself, without a qualifier: as generated columns and partial indexes name them. */
function columnScope(catalogue: Catalogue, table: CatalogueTable): SqlScope {
  const row = { kind: "row", table: table.name, qualifier: "" } as const;
  return { catalogue, roots: { new: row }, overlay: null, causes: {}, depth: 0, form: "column" };
}

function emitIndexes(catalogue: Catalogue, table: CatalogueTable): readonly string[] {
  const unique = table.unique.map(({ columns, states }) => {
    const column = table.states?.column;
    const where =
      states === null || column === undefined
        ? ""
        : ` WHERE ${emitExpression(isIn(path("new", column), states), columnScope(catalogue, table))}`;
    return { unique: "UNIQUE ", columns, where };
  });
  const leading = new Set([table.key[0], ...unique.flatMap(({ columns, where }) => (where === "" ? columns.slice(0, 1) : []))]);
  const references = table.columns.filter(({ name, references: target }) => target !== null && !leading.has(name));
  const due = table.marks.length === 0 ? [] : [{ unique: "", columns: table.key, where: ` WHERE ${emitPending(table, "")}` }];
  const all = [...unique, ...references.map(({ name }) => ({ unique: "", columns: [name], where: "" })), ...due];
  return all.map(
    ({ unique: word, columns, where }, index) =>
      `CREATE ${word}INDEX ${quote(`logigen_index_${table.name}_${index + 1}`)} ON ${quote(table.name)} (${columns.map(quote).join(", ")})${where}`,
  );
}
