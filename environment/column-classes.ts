import type { Catalogue } from "./catalogue.js";
import type { ColumnClasses } from "./state-view.js";

/** The class of every column of a sheet's tables, the context's among them, as comparisons take it. */
export function columnClassesOf({ tables, context }: Catalogue): ColumnClasses {
  const columns = [...Object.values(tables), context].flatMap((table) => table.columns.map((column) => [`${table.name}.${column.name}`, column.class] as const));
  return Object.fromEntries(columns);
}
