/** The gold log of a task, its writes and the arguments that a check may turn. */
import { type CatalogueColumn, type CatalogueTable, findColumn } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { quoteIdentifier } from "../core/identifier.js";
import { type Db, prepareKept } from "../engine/snapshot.js";
import type { Call } from "../compare/trial.js";
import { toolPlans } from "../engine/tools.js";
import { isSameValue, type Row, type Value } from "../core/values.js";

/** A write of the log that is no authentication: its place in the log, and the table that it writes (null: a transfer). */
export type GoldWrite = {
  readonly index: number;
  readonly call: Call;
  readonly table: CatalogueTable | null;
  readonly op: "insert" | "update" | "transfer";
};

/** An argument with the column that it is for. */
export type GoldArgument = { readonly name: string; readonly value: Value; readonly column: CatalogueColumn };

/** The writes of the log in order, without `authenticate`. */
export function goldWrites(compiled: Compiled, log: readonly Call[]): readonly GoldWrite[] {
  const plans = new Map(toolPlans(compiled).map((plan) => [plan.name, plan]));
  return log.flatMap((call, index): GoldWrite[] => {
    const plan = plans.get(call.tool);
    if (plan?.kind === "insert" || plan?.kind === "update") return [{ index, call, table: plan.table, op: plan.kind }];
    return plan?.kind === "transfer" ? [{ index, call, table: null, op: "transfer" }] : [];
  });
}

/** The arguments that count: keys, references and business columns; free wording does not. */
export function businessArguments({ call, table }: GoldWrite): readonly GoldArgument[] {
  if (table === null) return [];
  return Object.entries(argumentsOf(call)).flatMap(([name, given]): GoldArgument[] => {
    const column = findColumn(table, name);
    if (column === undefined || !(column.class === "business" || table.key.includes(name))) return [];
    return [{ name, value: valueOf(column, given), column }];
  });
}

/** A call's arguments by name. @throws {TypeError} If they are no object. */
export function argumentsOf(call: Call): Readonly<Record<string, unknown>> {
  if (typeof call.arguments !== "object" || call.arguments === null || Array.isArray(call.arguments))
    throw new TypeError(`Cannot read the arguments of ${call.tool}: they are no object`);
  return Object.fromEntries(Object.entries(call.arguments));
}

/** A JSON value as the column stores it. */
export function valueOf(column: Pick<CatalogueColumn, "type">, given: unknown): Value {
  if (
    column.type === "integer" &&
    (typeof given === "bigint" ||
      (typeof given === "number" && Number.isInteger(given)) ||
      (typeof given === "string" && /^-?[0-9]+$/.test(given)))
  )
    return BigInt(given);
  if (column.type === "real" && (typeof given === "bigint" || typeof given === "number")) return Number(given);
  return typeof given === "string" || typeof given === "number" || typeof given === "bigint" ? given : null;
}

/** The table that an argument points into: what its column references, or, of an update's key, the table itself. */
export function targetTable(compiled: Compiled, write: GoldWrite, { name, column }: GoldArgument): CatalogueTable | null {
  const table = column.references ?? (write.op === "update" && write.table?.key.includes(name) === true ? write.table.name : null);
  return table === null ? null : (compiled.catalogue.tables[table] ?? null);
}

/** A column of a table in a state. */
type ColumnOf = { readonly db: Db; readonly table: CatalogueTable; readonly column: string };

/** Whether a row holds the value in this column. */
export function holdsValue({ db, table, column }: ColumnOf, value: Value): boolean {
  const name = quoteIdentifier(column);
  // The column's collation may find other values as well.
  const found = prepareKept(db, `SELECT ${name} FROM main.${quoteIdentifier(table.name)} WHERE ${name} = ?`).all(value);
  return found.some(([other]) => isSameValue(other ?? null, value));
}

/** Up to `most` values of the column in order, without NULL: those next to a value, itself among them, or the first where no row holds it. */
export function valuesAround(place: ColumnOf, value: Value, most: number): readonly Value[] {
  const name = quoteIdentifier(place.column);
  const select = (which: string, ...given: readonly Value[]): readonly Value[] => {
    const sql = `SELECT DISTINCT ${name} FROM main.${quoteIdentifier(place.table.name)} WHERE ${name} ${which} LIMIT ${most}`;
    return prepareKept(place.db, sql)
      .all(...given)
      .flat();
  };
  if (!holdsValue(place, value)) return select(`IS NOT NULL ORDER BY ${name}`);
  const below = select(`< ? ORDER BY ${name} DESC`, value);
  const above = select(`> ? ORDER BY ${name}`, value);
  const from = Math.max(0, Math.min(below.length - Math.floor(most / 2), below.length + 1 + above.length - most));
  return [...below.toReversed(), value, ...above].slice(from, from + most);
}

/** The rows of a table, whole. */
export function rowsOf(db: Db, table: CatalogueTable): readonly Row[] {
  const columns = table.columns.map((column) => quoteIdentifier(column.name)).join(", ");
  return db
    .prepare<[], Row>(`SELECT ${columns} FROM main.${quoteIdentifier(table.name)}`)
    .safeIntegers(true)
    .all();
}
