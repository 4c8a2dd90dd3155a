/** The write matrix over new rows: each column with what its creator may not give, keys that are taken or chosen. */
import type { CatalogueColumn, CatalogueTable } from "../core/catalogue.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import { type MatrixCase, plainCase, underEveryClause } from "./matrix-statement.js";
import { CHOSEN_KEYS } from "./matrix-rules.js";
import { statementOf } from "./witness-run.js";
import { freshValue, NOW } from "./witness-sample.js";

/** A creation that is accepted (where one is known), on a state, with a key of each table for references that are sound. */
export interface Creation {
  readonly state: Rows;
  readonly base: Row;
  readonly keys: ReadonlyMap<string, Value>;
}

/** The cases of new rows in a table. */
export function insertsOf(table: CatalogueTable, { state, base, keys }: Creation): readonly MatrixCase[] {
  if (table.create?.by !== "agent")
    return insertCases(table, { values: base, rule: `${table.name}.read_only`, shows: `Creating a ${table.label} by hand` });
  const columns = table.columns.flatMap((column) =>
    insertedValues(table, column, keys).flatMap((value) =>
      insertCases(table, {
        values: { ...base, [column.name]: value },
        rule: `${table.name}.${column.name}${column.insert.kind === "system" ? ".writable" : ""}`,
        shows: `Creating a ${table.label} with ${column.label} ${String(value)}`,
      }),
    ),
  );
  const keyed = keysOf(table, state[table.name] ?? []).flatMap((cells) =>
    insertCases(table, {
      values: { ...base, ...cells },
      rule: `${table.name}.key`,
      shows: `Creating a ${table.label} with the key ${Object.values(cells).map(String).join(", ")}`,
    }),
  );
  return [...columns, ...keyed];
}

/** Keys of rows that are there, and such as the database would not choose. */
function keysOf(table: CatalogueTable, rows: readonly Row[]): readonly Row[] {
  const taken = rows.slice(0, 1).map((row) => Object.fromEntries(table.key.map((name) => [name, row[name] ?? null])));
  const [key] = table.key;
  if (!table.surrogate || key === undefined) return taken;
  const highest = rows.reduce((high, { [key]: value }) => (typeof value === "bigint" && value > high ? value : high), 0n);
  return [...taken, ...[highest + 2n, ...CHOSEN_KEYS].map((value) => ({ [key]: value }))];
}

function insertCases(
  table: CatalogueTable,
  { values, rule, shows }: { readonly values: Row; readonly rule: string; readonly shows: string },
): readonly MatrixCase[] {
  return underEveryClause(plainCase({ rule, shows, ...statementOf({ op: "insert", table: table.name, values }) }));
}

/** Values that the creator of a row may not give. */
function insertedValues(table: CatalogueTable, column: CatalogueColumn, keys: ReadonlyMap<string, Value>): readonly Value[] {
  switch (column.insert.kind) {
    case "agent":
      return invalidValues(column);
    case "clock":
      return [NOW + 1n, NOW - 1n, null];
    case "user":
    case "desk":
      return [column.type === "integer" ? 987654n : "somebody else", null];
    case "start":
      return (column.values ?? []).map(String).filter((state) => table.states?.start.includes(state) === false);
    case "counter":
      return [1n, 7n];
    case "system":
      // A stamp that is due at a move is empty until then.
      if (column.update.by === "clock" || column.update.by === "user" || column.update.by === "desk") return [];
      return [
        (column.references === null ? undefined : keys.get(column.references)) ??
          column.values
            ?.map((value) => (typeof value === "number" ? BigInt(value) : value))
            .find((value) => !isSameValue(value, column.default ?? null)) ??
          freshValue(column, 72),
      ];
    case "mark":
      return ["created", freshValue(column, 1)];
    case "derived":
      return [column.type === "text" ? "x" : 1n];
    case "key":
      return [];
  }
}

function invalidValues({ type, values, references, min, nullable }: CatalogueColumn): readonly Value[] {
  const unknown: readonly Value[] =
    values !== null && type === "text" ? ["no such value"] : references !== null ? [type === "integer" ? 987654n : "no such row"] : [];
  return [...unknown, ...(min !== null ? [type === "real" ? min - 1 : BigInt(Math.floor(min)) - 1n] : []), ...(nullable ? [] : [null])];
}
