/** Values and rows to start from: for each table a few rows that its declarations allow, all of them referring to one another. */
import { type Catalogue, type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE } from "../core/catalogue.js";
import { matchGlob } from "../core/match-glob.js";
import type { Row, Rows, Value } from "../core/values.js";

/** The clock of every witness: far enough from 0 for windows on both sides of it. */
export const NOW = 1000n;

/** Texts that rules name as keys of a table; its first sample rows have these keys. */
export type NamedKeys = Readonly<Record<string, readonly (string | number)[]>>;

/** Sample rows of every table and the context row, the first row of the actor's table authenticated. Counters and marks are still to be settled. */
export function sampleState(catalogue: Catalogue, named: NamedKeys): Rows {
  const sampler = samplerOf(catalogue, named);
  const state: Record<string, readonly Row[]> = {};
  for (const table of Object.values(catalogue.tables)) state[table.name] = sampleRows(sampler, table);
  state[CONTEXT_TABLE] = [contextRow(catalogue, state)];
  return state;
}

/** Gives sample values: the same column and index give the same value. */
export interface Sampler {
  readonly catalogue: Catalogue;
  /** The key of a sample row, one value a key column. */
  keyOf(table: string, index: number): Row;
  valueOf(table: CatalogueTable, column: CatalogueColumn, index: number): Value;
}

/** A sampler whose tables have as many sample rows as {@link sampleState} gives them. */
export function samplerOf(catalogue: Catalogue, named: NamedKeys): Sampler {
  function keyOf(name: string, index: number): Row {
    const table = catalogue.tables[name];
    if (table === undefined) return {};
    return Object.fromEntries(
      table.key.map((column, place) => [column, keyValue(table, column, index + place * Math.floor(index / rowCount(table)))]),
    );
  }

  function keyValue(table: CatalogueTable, name: string, index: number): Value {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) return null;
    const text = table.key.length === 1 ? named[table.name]?.[index] : undefined;
    if (text !== undefined) return typeof text === "number" ? BigInt(text) : text;
    return table.key.length === 1 && column.references === null && column.values === null
      ? freshValue(column, index)
      : valueOf(table, column, index);
  }

  function valueOf(table: CatalogueTable, column: CatalogueColumn, index: number): Value {
    if (column.references !== null) {
      const other = catalogue.tables[column.references];
      return other === undefined ? null : (Object.values(keyOf(other.name, index % rowCount(other)))[0] ?? null);
    }
    return plainValue(column, index);
  }

  return { catalogue, keyOf, valueOf };
}

/** How many rows of a table the sample state has: one a state, or one a value of its longest list, at least 2 and at most 6. */
function rowCount(table: CatalogueTable): number {
  const lists = table.columns.map(({ values }) => values?.length ?? 0);
  return Math.min(6, Math.max(2, ...lists));
}

function sampleRows(sampler: Sampler, table: CatalogueTable): readonly Row[] {
  const rows: Row[] = [];
  const uniques = [table.key, ...table.unique.map(({ columns }) => columns)];
  for (let index = 0; index < rowCount(table); index += 1) {
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const row = sampleRow(sampler, table, { index, attempt });
      if (uniques.some((columns) => rows.some((other) => columns.every((column) => other[column] === row[column] && row[column] !== null))))
        continue;
      rows.push(row);
      break;
    }
  }
  return rows;
}

function sampleRow(sampler: Sampler, table: CatalogueTable, { index, attempt }: { readonly index: number; readonly attempt: number }): Row {
  const key = sampler.keyOf(table.name, index);
  const shared = new Set(table.unique.flatMap(({ columns }) => columns));
  const cells = table.columns.map((column, place): readonly [string, Value] => {
    const inKey = key[column.name];
    if (inKey !== undefined && (table.key.length === 1 || attempt === 0)) return [column.name, inKey];
    const moved = shared.has(column.name) || table.key.includes(column.name) ? Math.floor(attempt / (place + 1)) : 0;
    return [column.name, storedValue(sampler, table, { column, index: index + moved })];
  });
  return Object.fromEntries(cells);
}

function storedValue(
  sampler: Sampler,
  table: CatalogueTable,
  { column, index }: { readonly column: CatalogueColumn; readonly index: number },
): Value {
  if (column.insert.kind === "clock") return NOW - 10n;
  if (column.insert.kind === "desk") return sampler.catalogue.actor?.desk ?? "desk";
  if (column.nullable) return null;
  if (column.step === "past") return NOW - 10n;
  return sampler.valueOf(table, column, index);
}

/** A value that a column's own declarations allow; step columns lie at the clock, or after it where they are plans. */
function plainValue(column: CatalogueColumn, index: number): Value {
  if (column.values !== null) {
    const value = column.unit === "flag" ? 1 : (column.values[index % column.values.length] ?? null);
    return typeof value === "number" ? BigInt(value) : value;
  }
  if (column.type === "text") return textValue(column, index);
  const value = within(column, numberFor(column, index));
  return column.type === "real" ? value : BigInt(Math.round(value));
}

/** A value unlike those of all lower indexes, where the column's declarations leave room. */
export function freshValue(column: CatalogueColumn, index: number): Value {
  if (column.type === "text") return textValue(column, index);
  return column.type === "real" ? within(column, index + 1) : BigInt(Math.round(within(column, (column.min ?? 1) + index)));
}

function numberFor(column: CatalogueColumn, index: number): number {
  if (column.step === "planned") return Number(NOW) + 10;
  if (column.step === "past") return Number(NOW) - 10;
  switch (column.unit) {
    case "step":
      return Number(NOW);
    case "money":
      return 1000;
    case "percent":
      return 50;
    default:
      return 10 + index;
  }
}

function within({ min, max }: CatalogueColumn, value: number): number {
  return Math.min(max ?? value, Math.max(min ?? value, value));
}

function textValue({ name, format, maxLength }: CatalogueColumn, index: number): string {
  if (format !== null) return sampleText(format, index);
  return `${name.slice(0, Math.max(1, (maxLength ?? 60) - 3))}${index + 1}`;
}

/** A text that the GLOB pattern matches; digits of it count up with the index. */
export function sampleText(pattern: string, index = 0): string {
  let text = "";
  let digits = Array.from(String(index + 1)).reverse();
  const parts = pattern.match(/\[\^?\]?[^\]]*\]|[\s\S]/g) ?? [];
  for (const part of parts.reverse()) {
    if (part.startsWith("[") && part.length > 1) {
      const [digit = "0", ...others] = digits;
      const isDigit = part === "[0-9]";
      text = (isDigit ? digit : memberOf(part)) + text;
      if (isDigit) digits = others;
    } else if (part === "*" || part === "?") {
      const [digit = "x", ...others] = digits;
      text = digit + text;
      digits = others;
    } else text = part + text;
  }
  return text;
}

function memberOf(set: string): string {
  if (!set.startsWith("[^")) return Array.from(set)[1] ?? "x";
  return ["x", "A", "0", "-", "_", " ", "."].find((character) => matchGlob(character, set)) ?? "~";
}

function contextRow({ context, actor }: Catalogue, state: Rows): Row {
  const user = actor === null ? undefined : state[actor.table]?.[0];
  const fixed: Row = {
    id: 1n,
    now: NOW,
    sealed: 1n,
    transferred: 0n,
    desk: actor?.desk ?? null,
    actor: actor === null ? null : (user?.[actor.key] ?? null),
  };
  return Object.fromEntries(
    context.columns.map(({ name }) => {
      if (name.startsWith("evidence_")) return [name, user?.[name.slice("evidence_".length)] ?? null];
      return [name, fixed[name] ?? null];
    }),
  );
}
