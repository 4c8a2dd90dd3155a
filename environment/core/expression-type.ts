/** The types of the typed core: which fit one another, and how they are called in an error. */
import { type CatalogueTable, columnOf } from "./catalogue.js";

/** `any` is NULL, or what an error stands for: it fits everything. Numbers carry a unit, keys the table whose row they name. */
export type Type =
  | { readonly kind: "integer" | "real"; readonly unit: string | null }
  | { readonly kind: "text"; readonly values: readonly (string | number)[] | null }
  | { readonly kind: "key"; readonly table: string; readonly of: "integer" | "text" | "real"; readonly surrogate: boolean }
  | { readonly kind: "boolean" }
  | { readonly kind: "any" };

/** NULL, or what an error stands for. */
export const any: Type = { kind: "any" };

/** A condition. */
export const boolean: Type = { kind: "boolean" };

/** A whole number without a unit. */
export const integer: Type = { kind: "integer", unit: null };

/** The type of a literal. */
export function typeOfLiteral(value: string | number | boolean | null): Type {
  if (value === null) return any;
  if (typeof value === "number") return integer;
  return typeof value === "boolean" ? boolean : { kind: "text", values: null };
}

/** The type of a column: a key where it names rows, else what it stores. */
export function typeOfColumn(table: CatalogueTable, name: string): Type {
  const { type, unit, references, values } = columnOf(table, name);
  if (references !== null) return { kind: "key", table: references, of: type, surrogate: type === "integer" };
  if (table.key.length === 1 && table.key[0] === name) return { kind: "key", table: table.name, of: type, surrogate: table.surrogate };
  return type === "text" ? { kind: "text", values } : { kind: type, unit };
}

/** Whether two types may be compared, or one stored as the other. */
export function fits(a: Type, b: Type): boolean {
  if (a.kind === "any" || b.kind === "any") return true;
  if (a.kind === "key" && b.kind === "key") return a.table === b.table;
  if (a.kind === "key" || b.kind === "key")
    return [a, b].every((type) => type.kind !== "key" || !type.surrogate) && storage(a) === storage(b);
  if (isNumber(a) && isNumber(b)) return !areApart(unitOf(a), unitOf(b));
  return a.kind === b.kind;
}

/** Units that are never compared: money with steps, ranks with anything that is no rank of the same ladder. */
function areApart(a: string | null, b: string | null): boolean {
  if (a === null || b === null || a === b) return false;
  const kinds = new Set([a, b]);
  return (kinds.has("money") && kinds.has("step")) || a.startsWith("rank") || b.startsWith("rank");
}

function isNumber(type: Type): boolean {
  return type.kind === "integer" || type.kind === "real";
}

/** The unit of a number; null for any other. */
export function unitOf(type: Type): string | null {
  return type.kind === "integer" || type.kind === "real" ? type.unit : null;
}

/** How values of the type are stored. */
export function storage(type: Type): string {
  return type.kind === "key" ? type.of : type.kind;
}

/** The type in the words of an error. */
export function describe(type: Type): string {
  if (type.kind === "key") return `a key of "${type.table}"`;
  if (type.kind === "integer" || type.kind === "real") return type.unit === null ? `a number` : `a number (${type.unit})`;
  return type.kind === "boolean" ? "a condition" : type.kind === "any" ? "any value" : "text";
}
