/** Edits that were thought out on the state after a write, made on the state before it. */
import { type Catalogue, CONTEXT_TABLE } from "../core/catalogue.js";
import { encodeValues } from "../core/encode-value.js";
import { isSameValue, type Row, type Rows, setMember, type Value } from "../core/values.js";

/** A state after a write, what was made of it, and the state before the write. */
export interface Edited {
  readonly after: Rows;
  readonly edited: Rows;
  readonly before: Rows;
}

/** The state before the write with the rows that were added to the one after it, without those that were taken away, and with the cells that were changed. */
export function transferred({ tables }: Catalogue, { after, edited, before }: Edited): Rows {
  return Object.fromEntries(
    Object.entries(before).map(([name, rows]) => {
      const key = tables[name]?.key;
      const [was, is] = [after[name] ?? [], edited[name] ?? []];
      return [name, key === undefined || name === CONTEXT_TABLE || was === is ? rows : movedRows(key, { was, is, rows })];
    }),
  );
}

function movedRows(
  key: readonly string[],
  { was, is, rows }: { readonly was: readonly Row[]; readonly is: readonly Row[]; readonly rows: readonly Row[] },
): readonly Row[] {
  const nameOf = (row: Row): string => encodeValues(key.map((column) => row[column] ?? null));
  const [old, now] = [new Map(was.map((row) => [nameOf(row), row])), new Map(is.map((row) => [nameOf(row), row]))];
  const kept = rows.flatMap((row): readonly Row[] => {
    const [from, to] = [old.get(nameOf(row)), now.get(nameOf(row))];
    if (from === undefined || from === to) return [row];
    return to === undefined ? [] : [withChanges(row, { from, to })];
  });
  const there = new Set(rows.map(nameOf));
  return [...kept, ...is.filter((row) => !old.has(nameOf(row)) && !there.has(nameOf(row)))];
}

function withChanges(row: Row, { from, to }: { readonly from: Row; readonly to: Row }): Row {
  const changed: Record<string, Value> = { ...row };
  for (const [column, value] of Object.entries(to)) if (!isSameValue(value, from[column] ?? null)) setMember(changed, column, value);
  return changed;
}
