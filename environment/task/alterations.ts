/** Other values for an argument of a gold write: another row, a number a step or more off, another status, role or wording. */
import type { Compiled } from "../compile/compile-sheet.js";
import { argumentsOf, type GoldArgument, type GoldWrite, targetTable, valuesAround } from "./gold.js";
import type { Db } from "../engine/snapshot.js";
import type { Call } from "../compare/trial.js";
import { isSameValue, type Value } from "../core/values.js";

/** Of an argument that points into a table, the rows looked at: the chosen one and those next to it in the order of keys. */
const mostAround = 9;

/** The other values, in a fixed order; `db` is the state before the write. */
export function otherValues(
  compiled: Compiled,
  { write, argument, db }: { readonly write: GoldWrite; readonly argument: GoldArgument; readonly db: Db },
): readonly Value[] {
  const target = targetTable(compiled, write, argument);
  const [targetKey] = target?.key.length === 1 ? target.key : [argument.name];
  const values =
    target !== null && targetKey !== undefined
      ? valuesAround({ db, table: target, column: targetKey }, argument.value, mostAround)
      : (closedValues(write, argument) ?? freeValues(write, argument, db));
  return values.filter((other) => !isSameValue(other, argument.value));
}

/** The same call with one argument changed. */
export function alteredCall(call: Call, name: string, value: Value): Call {
  return { tool: call.tool, arguments: { ...argumentsOf(call), [name]: value } };
}

function closedValues({ table }: GoldWrite, { name, column }: GoldArgument): readonly Value[] | null {
  const machine = table?.states;
  if (machine?.column === name)
    return [...new Set([...machine.start, ...machine.moves.flatMap((move) => [move.from, move.to]), ...machine.end])];
  if (column.unit === "flag") return [0n, 1n];
  return column.values?.map((value) => (typeof value === "number" ? BigInt(value) : value)) ?? null;
}

/** Of numbers: a step off, twice as much, nothing, a hundred more, within the column's bounds; of texts: another wording, and what other rows hold. */
function freeValues({ table }: GoldWrite, { name, column, value }: GoldArgument, db: Db): readonly Value[] {
  if (column.type === "text")
    return [`${String(value ?? "")}x`, ...(table === null ? [] : valuesAround({ db, table, column: name }, value, mostAround))];
  const isInside = (other: number | bigint) => other >= (column.min ?? other) && other <= (column.max ?? other);
  if (column.type === "real") {
    const from = Number(value ?? 0);
    return [...new Set([from - 1, from + 1, from * 2, 0, from + 100])].filter(isInside);
  }
  const from = typeof value === "bigint" ? value : 0n;
  return [...new Set([from - 1n, from + 1n, from * 2n, 0n, from + 100n])].filter(isInside);
}
