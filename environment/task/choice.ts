/** A choice of the description, evaluated on the state at its time. */
import { holds } from "../core/holds.js";
import { columnOf, findColumn, type CatalogueTable } from "../core/catalogue.js";
import type { CertifyContext } from "./certificate-point.js";
import { type GoldArgument, type GoldWrite, rowsOf, targetTable } from "./gold.js";
import type { Choice, Wish } from "./task-description.js";
import { isSameValue, type Row } from "../core/values.js";

/** What is wrong with a choice: its wishes fit no row, several, or another one than the argument's; null: nothing. */
export function choiceFault(
  { compiled, trial }: CertifyContext,
  { choice, write, argument }: { readonly choice: Choice; readonly write: GoldWrite; readonly argument: GoldArgument },
): string | null {
  const table = targetTable(compiled, write, argument);
  if (table?.name !== choice.table) return `it points into ${table?.name ?? "no table"}, not into "${choice.table}"`;
  const hidden = choice.wishes.find((wish) => findColumn(table, wish.column)?.visible !== true);
  if (hidden !== undefined) return `a wish is about "${hidden.column}", which is no column a user may be told`;
  const fits = choice.wishes.reduce<readonly Row[]>(
    (rows, wish) => (isSuperlative(wish) ? rows : rows.filter((row) => fitsWish(table, row, wish))),
    rowsOf(trial.session.db, table),
  );
  const chosen = choice.wishes.filter(isSuperlative).reduce((rows, wish) => extremes(rows, wish), fits);
  const key = table.key.length === 1 ? table.key[0] : argument.name;
  const [only] = chosen;
  if (chosen.length !== 1 || only === undefined || key === undefined)
    return `${chosen.length} rows of ${table.name} fit the wishes, not one`;
  return isSameValue(only[key] ?? null, argument.value)
    ? null
    : `the row that fits the wishes is ${String(only[key])}, the one taken is ${String(argument.value)}`;
}

function isSuperlative(wish: Wish): boolean {
  return wish.comparison === "lowest" || wish.comparison === "highest";
}

function fitsWish(table: CatalogueTable, row: Row, wish: Wish): boolean {
  const value = row[wish.column] ?? null;
  const wished = wish.value;
  if (value === null || wished === undefined) return false;
  if (wish.comparison === "contains") return String(value).toLowerCase().includes(String(wished).toLowerCase());
  const order = columnOf(table, wish.column).type === "text" ? compareText(String(value), String(wished)) : Number(value) - Number(wished);
  return wish.comparison === "lowest" || wish.comparison === "highest" || holds(wish.comparison, order);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The rows with the lowest or highest value; rows without one do not count. */
function extremes(rows: readonly Row[], wish: Wish): readonly Row[] {
  const valued = rows.flatMap((row) => ((row[wish.column] ?? null) === null ? [] : [{ row, value: Number(row[wish.column]) }]));
  const best = valued.reduce<number | null>(
    (so, { value }) => (so === null ? value : wish.comparison === "lowest" ? Math.min(so, value) : Math.max(so, value)),
    null,
  );
  return valued.filter(({ value }) => value === best).map(({ row }) => row);
}
