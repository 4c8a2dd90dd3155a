/** Other values for an argument of a gold write: another row, a number one step off, another status, role or wording. */
import type { Compiled } from "./compile-sheet.js";
import { argumentsOf, type GoldArgument, type GoldWrite, keysOf, targetTable } from "./gold.js";
import type { Db } from "./snapshot.js";
import type { Call } from "./trial.js";
import { isSameValue, type Value } from "./values.js";

/** Rows tried for an argument that points into a table: those next to the chosen one in the order of keys. */
const maxRows = 8;

/** The other values, in a fixed order; `db` is the state before the write. */
export function otherValues(compiled: Compiled, { write, argument, db }: { readonly write: GoldWrite; readonly argument: GoldArgument; readonly db: Db }): readonly Value[] {
  const target = targetTable(compiled, write, argument);
  const [targetKey] = target?.key.length === 1 ? target.key : [argument.name];
  const values = target !== null && targetKey !== undefined ? neighbours(keysOf(db, target, targetKey), argument.value) : (closedValues(write, argument) ?? steps(argument.value));
  return values.filter((other) => !isSameValue(other, argument.value));
}

/** The same call with one argument changed. */
export function alteredCall(call: Call, name: string, value: Value): Call {
  return { tool: call.tool, arguments: { ...argumentsOf(call), [name]: value } };
}

function closedValues({ table }: GoldWrite, { name, column }: GoldArgument): readonly Value[] | null {
  const machine = table?.states;
  if (machine?.column === name) return [...new Set([...machine.start, ...machine.moves.flatMap((move) => [move.from, move.to]), ...machine.end])];
  if (column.unit === "flag") return [0n, 1n];
  return column.values?.map((value) => (typeof value === "number" ? BigInt(value) : value)) ?? null;
}

function steps(value: Value): readonly Value[] {
  switch (typeof value) {
    case "bigint":
      return [value - 1n, value + 1n];
    case "number":
      return [value - 1, value + 1];
    case "string":
      return [`${value}x`];
    default:
      return [];
  }
}

function neighbours(keys: readonly Value[], value: Value): readonly Value[] {
  const at = keys.findIndex((key) => isSameValue(key, value));
  const from = Math.max(0, Math.min(at - maxRows / 2, keys.length - maxRows - 1));
  return keys.slice(from, from + maxRows + 1);
}
