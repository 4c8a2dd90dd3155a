/** Amounts and steps that the policy fixes, worked out for a call. */
import type { Row, Value } from "../../environment/core/values.js";
import type { Scalar } from "./reading/lab.js";
import { type Calculation, calculationsOf, type Reading } from "./reading/read-policy.js";
import { attributeOf, columnOf, stateColumn, type Thing } from "./reading/terms.js";
import type { Given, Stage } from "./stage.js";
import { type Call, nowOf, storedRow, valueFor, withContext } from "./world.js";

/** The same call with every amount worked out that the policy fixes. */
export function calculated(
  stage: Stage,
  person: string,
  {
    call,
    thing,
    move,
    given,
  }: {
    readonly call: Call;
    readonly thing: Thing;
    readonly move: { readonly row: Row; readonly to: string } | null;
    readonly given: Given;
  },
): Call {
  const { compiled, reading } = stage;
  const state = withContext(compiled, stage.state, { actor: person });
  const context = move === null ? ownColumns(stage, person, thing) : move.row;
  const values: Record<string, Scalar> = { ...call.arguments };
  for (const attribute of thing.attributes) {
    if (move !== null && attribute.source.kind === "given" && attribute.source.states.includes(move.to))
      values[columnOf(reading.terms, attribute)] = 0;
  }
  for (const { column, expression } of calculationsFor(reading, thing, move))
    values[column] = valueFor(compiled, state, { table: thing.table, row: { ...context, ...storedRow(values) }, expression });
  for (const [label, value] of Object.entries(given))
    if (label !== "row") values[columnOf(reading.terms, attributeOf(thing, label))] = value;
  return { tool: call.tool, arguments: values };
}

function calculationsFor(reading: Reading, thing: Thing, move: { readonly row: Row; readonly to: string } | null): Calculation[] {
  const moment = move === null ? "create" : `${String(move.row[stateColumn])}>${move.to}`;
  return calculationsOf(reading).filter(
    ({ table, at }) => table === thing.table && (at === "create" ? moment === "create" : at.includes(moment)),
  );
}

/** Columns of a new row that the context fills. */
function ownColumns({ reading, state }: Stage, person: string, thing: Thing): Row {
  const asking = thing.attributes
    .filter(({ source }) => source.kind === "asks")
    .map((attribute): [string, Value] => [columnOf(reading.terms, attribute), person]);
  const made = thing.attributes
    .filter(({ source }) => source.kind === "made")
    .map((attribute): [string, Value] => [columnOf(reading.terms, attribute), BigInt(nowOf(state))]);
  return Object.fromEntries([...asking, ...made]);
}
