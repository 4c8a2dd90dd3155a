/** Columns of an import through which a text such as 'now' would make a trigger's verdict depend on the machine's clock. */
import { gateTrigger } from "../sql/gate-trigger.js";
import { foldName, tokenizeSql } from "../sql/tokenize-sql.js";
import { type SqlTable, sameName } from "./sql-tables.js";

/**
 * The columns that date functions of these triggers read as points in time, as `"table.column"`; where a name does not say whose
 * it is, those of every table that has it.
 */
export function timeColumns(tables: readonly SqlTable[], triggers: readonly string[]): ReadonlySet<string> {
  const read = triggers.flatMap((sql) => {
    const { trigger } = gateTrigger(tokenizeSql(sql).slice(3), undefined); // behind CREATE TRIGGER and the name
    return trigger === null ? [] : trigger.times.map((time) => placeOf(trigger.table, time));
  });
  return new Set(
    tables.flatMap(({ name: table, columns }) =>
      columns
        .filter(({ name }) =>
          read.some((place) => place.column === foldName(name) && (place.table === null || sameName(place.table, table))),
        )
        .map(({ name }) => `${table}.${name}`),
    ),
  );
}

/** "new.due" is of the trigger's own table. */
function placeOf(own: string, time: string): { readonly table: string | null; readonly column: string } {
  const dot = time.indexOf(".");
  return { table: /^(new|old)\./.test(time) ? own : null, column: time.slice(dot + 1) };
}
