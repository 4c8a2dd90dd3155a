/** The built-in Architect, static tables: the declarations that the policy's clauses call for. */
import { type Tables, tablesSchema } from "../../agents/architect-tables.js";
import type { Finding } from "../../agents/role.js";
import type { ModelRequest } from "../port.js";
import { type Draft, err, type Erring, overlook } from "./errors.js";
import { stepsOf, valueAt, withValueAt } from "./json-path.js";
import { createRandom, type Random } from "./random.js";
import { declarationsOf, readPolicyText } from "./reading/read-policy.js";
import { readCorrection, readTextBlock } from "./request.js";

/** The declarations, or the corrected ones; first ones may hold a slip. */
export function answerTables(request: ModelRequest, erring: Erring): Draft<Tables> {
  const random = createRandom(request.random, "errors");
  const declared = tablesSchema.parse(declarationsOf(readPolicyText(readTextBlock(request, "policy"))).draft);
  const correction = readCorrection(request, tablesSchema);
  if (correction !== null) {
    const { heeded, injected } = overlook(correction.findings, { erring, random });
    const repaired = heeded.reduce<unknown>((tables, finding) => repair(tables, finding, declared), correction.previous);
    return { value: tablesSchema.parse(repaired), injected };
  }
  return err(declared, [dropRank, dropMove, forgetStamp, shortenList, breakReference, forgetUnique], { erring, random });
}

/** Puts the declaration that a finding gives in its place; where it gives none, the one that the policy calls for there. */
function repair(tables: unknown, { where, expected }: Finding, declared: Tables): unknown {
  const steps = stepsOf(where);
  const right = parsed(expected);
  if (right !== undefined && steps.length > 0) return withValueAt(tables, steps, right ?? undefined);
  const declaration = declarationSteps(steps);
  if (declaration.length === 0) return tables;
  // Where the place itself is as it should be, it was something else in its table that made it wrong.
  const isRight = JSON.stringify(valueAt(tables, declaration)) === JSON.stringify(valueAt(declared, declaration));
  const place = isRight ? declaration.slice(0, 2) : declaration;
  return withValueAt(tables, place, valueAt(declared, place));
}

/** The smallest whole declaration around a place: a column, a part of a table, a ladder. */
function declarationSteps(steps: readonly string[]): readonly string[] {
  if (steps[0] === "tables") return steps.slice(0, steps[2] === "columns" ? 4 : 3);
  return steps.slice(0, steps[0] === "ladders" ? 2 : 1);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type Column = Tables["tables"][string]["columns"][string];

/** Every column that a test fits, with its place. */
function columnsWhere(
  { tables }: Tables,
  fits: (column: Column) => boolean,
): { readonly steps: readonly string[]; readonly column: Column }[] {
  return Object.entries(tables).flatMap(([table, { columns }]) =>
    Object.entries(columns).flatMap(([name, column]) => (fits(column) ? [{ steps: ["tables", table, "columns", name], column }] : [])),
  );
}

function changed(tables: Tables, steps: readonly string[], value: unknown, injected: string): Draft<Tables> {
  return { value: tablesSchema.parse(withValueAt(tables, steps, value)), injected };
}

function dropRank(tables: Tables, random: Random): Draft<Tables> | null {
  const [ladder, ranks] = Object.entries(tables.ladders)[0] ?? [];
  if (ladder === undefined || ranks === undefined || ranks.length < 3) return null;
  const rank = random.pick(ranks);
  return changed(
    tables,
    ["ladders", ladder],
    ranks.filter((each) => each !== rank),
    `rank ${rank} is missing from ladder ${ladder}`,
  );
}

function dropMove(tables: Tables, random: Random): Draft<Tables> | null {
  const machines = Object.entries(tables.tables).flatMap(([table, { states }]) =>
    states === undefined || states.moves.length < 2 ? [] : [{ table, moves: states.moves }],
  );
  if (machines.length === 0) return null;
  const { table, moves } = random.pick(machines);
  const { from, to } = random.pick(moves);
  return changed(
    tables,
    ["tables", table, "states", "moves"],
    moves.filter((move) => move.from !== from || move.to !== to),
    `move ${from}>${to} of ${table} is missing`,
  );
}

function forgetStamp(tables: Tables, random: Random): Draft<Tables> | null {
  const stamped = columnsWhere(tables, ({ stamp, by }) => stamp === "create" && by === undefined);
  if (stamped.length === 0) return null;
  const { steps, column } = random.pick(stamped);
  const { stamp: _, ...rest } = column;
  return changed(tables, steps, { ...rest, step: "supplied" }, `${steps.join(".")} is given by the agent`);
}

function shortenList(tables: Tables, random: Random): Draft<Tables> | null {
  const listed = columnsWhere(tables, ({ values }) => values !== undefined && values.length > 2);
  if (listed.length === 0) return null;
  const { steps, column } = random.pick(listed);
  return changed(tables, [...steps, "values"], column.values?.slice(0, -1), `${steps.join(".")} lacks its last value`);
}

function breakReference(tables: Tables, random: Random): Draft<Tables> | null {
  const references = columnsWhere(tables, (column) => column.references !== undefined);
  if (references.length === 0) return null;
  const { steps, column } = random.pick(references);
  return changed(
    tables,
    [...steps, "references"],
    `${column.references ?? ""}_list`,
    `${steps.join(".")} refers to a table that is not there`,
  );
}

function forgetUnique(tables: Tables, random: Random): Draft<Tables> | null {
  const unique = Object.entries(tables.tables).filter(([, table]) => table.unique.length > 0);
  if (unique.length === 0) return null;
  const [name, table] = random.pick(unique);
  const columns = table.unique.flatMap((each) => each.columns.slice(0, 1).map((column) => ({ ...each, columns: [column] })));
  return changed(tables, ["tables", name, "unique"], columns, `what is unique in ${name} lacks a column`);
}
