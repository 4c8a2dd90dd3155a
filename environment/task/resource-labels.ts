/** Whether the labels of catalogue rows are true: what makes a choice hard must really do so (paper 3.4.2). */
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";

export interface LabelledRow {
  readonly table: string;
  readonly values: Readonly<Record<string, string | number | null>>;
  readonly label: "base" | "trade_off" | "distractor" | "substitute" | "noise";
  readonly counterpart: string | null;
}

export interface LabelFault {
  readonly where: string;
  readonly problem: string;
  readonly expected: string;
}

/** Labels that do not hold, and labels that are missing altogether. */
export function labelFaults(catalogue: Catalogue, rows: readonly LabelledRow[]): LabelFault[] {
  const faults = rows.flatMap((row) => rowFault(catalogue, rows, row) ?? []);
  for (const label of ["trade_off", "distractor", "substitute", "noise"] as const) {
    if (!rows.some((row) => row.label === label))
      faults.push({ where: "rows", problem: `no row is labelled ${label}`, expected: `at least one row labelled ${label}` });
  }
  return faults;
}

function rowFault(catalogue: Catalogue, rows: readonly LabelledRow[], row: LabelledRow): LabelFault | null {
  if (row.label === "base" || row.label === "noise") return null;
  const table = catalogue.tables[row.table];
  if (table === undefined) return { where: row.table, problem: "there is no such table", expected: "a table of the sheet" };
  const where = `${row.table} ${keyOf(table, row)}`;
  const other = rows.find((one) => one !== row && one.table === row.table && keyOf(table, one) === row.counterpart);
  if (other === undefined)
    return {
      where,
      problem: `${row.label} needs a counterpart, and there is no row "${row.counterpart ?? ""}" in ${row.table}`,
      expected: "the key of another row of the table",
    };
  return LABELS[row.label](table, row, other)
    ? null
    : { where, problem: `it is no ${row.label} of ${row.counterpart ?? ""}`, expected: MEANINGS[row.label] };
}

const MEANINGS = {
  trade_off: "two numbers that differ from the counterpart's, neither row the same",
  distractor: "a listed value or state that differs from the counterpart's, at least one other business value the same",
  substitute: "the same listed values and states as the counterpart, and at least one number or text that differs",
};

const LABELS = {
  trade_off: (table: CatalogueTable, row: LabelledRow, other: LabelledRow) =>
    numbers(table).filter((column) => row.values[column] !== other.values[column]).length >= 2,
  distractor: (table: CatalogueTable, row: LabelledRow, other: LabelledRow) =>
    listed(table).some((column) => row.values[column] !== other.values[column]) &&
    business(table).some((column) => row.values[column] === other.values[column]),
  substitute: (table: CatalogueTable, row: LabelledRow, other: LabelledRow) =>
    listed(table).every((column) => row.values[column] === other.values[column]) &&
    business(table).some((column) => row.values[column] !== other.values[column]),
};

function business(table: CatalogueTable): string[] {
  return table.columns.filter((column) => column.class === "business" && !table.key.includes(column.name)).map((column) => column.name);
}

function numbers(table: CatalogueTable): string[] {
  return table.columns
    .filter((column) => column.type !== "text" && column.unit !== "flag" && !table.key.includes(column.name))
    .map((column) => column.name);
}

/** Columns with a closed list of values: states, categories, flags. */
function listed(table: CatalogueTable): string[] {
  return table.columns
    .filter((column) => column.values !== null || column.unit === "flag" || column.name === table.states?.column)
    .map((column) => column.name);
}

function keyOf(table: CatalogueTable, row: LabelledRow): string {
  return table.key.map((column) => String(row.values[column] ?? "")).join("/");
}
