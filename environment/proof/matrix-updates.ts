/** The write matrix over rows that are there: each column × state, the key, all rows at once, upserts, and deletes. */
import type { CatalogueColumn, CatalogueTable } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { quoteIdentifier as quote } from "../core/identifier.js";
import type { Write } from "../compile/interpret-write.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import { type MatrixCase, plainCase, underEveryClause } from "./matrix-statement.js";
import { CHOSEN_KEYS, ruleOf } from "./matrix-rules.js";
import { statementOf } from "./witness-run.js";
import { freshValue } from "./witness-sample.js";

/** The cases of a table's rows in a state. */
export function updatesOf(compiled: Compiled, table: CatalogueTable, state: Rows): readonly MatrixCase[] {
  const rows = state[table.name] ?? [];
  return [
    ...deletes(table, rows),
    ...onePerState(table, rows).flatMap((row) => table.columns.flatMap((column) => updateCases(compiled, table, { column, row, state }))),
    ...table.columns.flatMap((column) => rows.slice(0, 1).flatMap((row) => wholeTable(compiled, table, { column, row, state }))),
    ...rows.slice(0, 1).flatMap((row) => upserts(compiled, table, { row, state })),
  ];
}

function deletes(table: CatalogueTable, rows: readonly Row[]): readonly MatrixCase[] {
  const rule = `${table.name}.no_delete`;
  return rows.slice(0, 1).flatMap((row) => [
    plainCase({
      rule,
      shows: `Deleting a ${table.label}`,
      sql: `DELETE FROM ${quote(table.name)} WHERE ${table.key.map((name) => `${quote(name)} IS ?`).join(" AND ")}`,
      values: table.key.map((name) => row[name] ?? null),
    }),
    plainCase({ rule, shows: `Deleting all ${table.plural}`, sql: `DELETE FROM ${quote(table.name)}`, values: [] }),
  ]);
}

function onePerState({ states }: CatalogueTable, rows: readonly Row[]): readonly Row[] {
  if (states === null) return rows.slice(0, 1);
  return rows.filter((row, index) => rows.findIndex((other) => other[states.column] === row[states.column]) === index);
}

interface Target {
  readonly column: CatalogueColumn;
  readonly row: Row;
  readonly state: Rows;
}

function updateCases(compiled: Compiled, table: CatalogueTable, target: Target): readonly MatrixCase[] {
  const { column, row } = target;
  const from = table.states === null ? null : String(row[table.states.column]);
  return forbidden(compiled, table, target).flatMap((value) => {
    const write: Write = { op: "update", table: table.name, key: keyOf(table, row), set: { [column.name]: value } };
    const shows = `Setting the ${column.label} of a ${table.label}${from === null ? "" : ` that is ${from}`} to ${String(value)} by hand`;
    return underEveryClause(plainCase({ rule: ruleOf(table, column), shows, ...statementOf(write) }));
  });
}

/** One statement over all rows: the first that it may not write refuses it, whichever rule that is, and none is written. */
function wholeTable(compiled: Compiled, table: CatalogueTable, target: Target): readonly MatrixCase[] {
  const { column } = target;
  // In the key's own column all rows but one would be duplicates.
  return forbidden(compiled, table, target)
    .slice(0, 1)
    .flatMap((value) =>
      underEveryClause({
        ...plainCase({
          rule: ruleOf(table, column),
          shows: `Setting the ${column.label} of all ${table.plural} to ${String(value)}`,
          sql: `UPDATE ${quote(table.name)} SET ${quote(column.name)} = ?`,
          values: [value],
        }),
        names: "any",
        form: "variant",
      }),
    );
}

/** An upsert is an insert first, and the row that it would collide with refuses that. */
function upserts(compiled: Compiled, table: CatalogueTable, { row, state }: Pick<Target, "row" | "state">): readonly MatrixCase[] {
  const given = table.columns.filter(({ insert }) => !["derived", "mark"].includes(insert.kind));
  const { sql, values } = statementOf({
    op: "insert",
    table: table.name,
    values: Object.fromEntries(given.map(({ name }) => [name, row[name] ?? null])),
  });
  const rule = table.create?.by === "agent" ? `${table.name}.key` : `${table.name}.read_only`;
  const conflict = `${sql} ON CONFLICT (${table.key.map(quote).join(", ")}) DO`;
  const shows = `Inserting a ${table.label} that exists`;
  const base = { ...plainCase({ rule, shows: "", sql, values }), names: "any", form: "variant" } as const;
  return [
    { ...base, shows: `${shows}, doing nothing on conflict`, sql: `${conflict} NOTHING` },
    ...table.columns.flatMap((column) =>
      forbidden(compiled, table, { column, row, state })
        .slice(0, 1)
        .map(
          (value): MatrixCase => ({
            ...base,
            shows: `${shows}, setting its ${column.label} on conflict`,
            sql: `${conflict} UPDATE SET ${quote(column.name)} = ?`,
            values: [...values, value],
          }),
        ),
    ),
  ];
}

/** Values that an agent may not give this column in this row. */
function forbidden({ catalogue }: Compiled, table: CatalogueTable, { column, row, state }: Target): readonly Value[] {
  const { update } = column;
  const isKey = table.key.includes(column.name);
  if (table.layer === "L2" && update.by === "agent" && !isKey) return [];
  if (table.states?.column === column.name) {
    const from = row[column.name];
    const granted = new Set(table.states.moves.filter((move) => move.by === "agent" && move.from === from).map(({ to }) => to));
    return (column.values ?? []).filter((to) => typeof to === "string" && to !== from && !granted.has(to)).map(String);
  }
  const key = column.references === null ? undefined : catalogue.tables[column.references]?.key[0];
  const keys = key === undefined ? [] : (state[column.references ?? ""] ?? []).map((each) => each[key] ?? null);
  return [
    ...otherValues(column, row[column.name] ?? null, keys).slice(0, 2),
    ...(isKey && table.surrogate ? CHOSEN_KEYS.filter((value) => !isSameValue(value, row[column.name] ?? null)) : []),
  ];
}

function otherValues(column: CatalogueColumn, now: Value, keys: readonly Value[]): readonly Value[] {
  const listed: readonly Value[] =
    column.values !== null
      ? column.values.map((value) => (typeof value === "number" ? BigInt(value) : value))
      : column.references !== null
        ? keys
        : [freshValue(column, 70), freshValue(column, 71), freshValue(column, 0), ...(typeof now === "bigint" ? [now + 1n] : [])];
  return [...listed, ...(column.nullable ? [null] : [])].filter((value) => !isSameValue(value, now));
}

function keyOf(table: CatalogueTable, row: Row): Row {
  return Object.fromEntries(table.key.map((name) => [name, row[name] ?? null]));
}
