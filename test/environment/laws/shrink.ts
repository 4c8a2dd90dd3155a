/** From a disagreement to a small one: rules, rows and columns of the write are taken away while the two sides still differ. */
import { interpretWrite, type Write } from "../../../environment/compile/interpret-write.js";
import type { Row, Rows } from "../../../environment/core/values.js";
import { compileSource, type DrawnSheet } from "../../doubles/random-sheet.js";
import { openRandomWorld } from "../../doubles/random-world.js";
import { withCounts } from "../random-writes.js";
import { answerOf, type Disagreement, type Plant, spoiled, triggersOf } from "./one-meaning.js";

/** The smallest disagreement found, by leaving out one thing at a time until nothing more can go. */
export function shrink(disagreement: Disagreement, plant?: Plant): Disagreement {
  for (const smaller of smallerOnes(disagreement)) {
    const found = differs(smaller, plant);
    if (found !== null) return shrink(found, plant);
  }
  return disagreement;
}

/** What a person needs to see of a disagreement. */
export function describeDisagreement({ drawn, state, write, recursive, engine, interpreter }: Disagreement): string {
  const rows = Object.entries(state).flatMap(([table, list]) => list.map((row) => `  ${table} ${text(row)}`));
  const [a, b] = [engine.split("\n"), interpreter.split("\n")];
  return [
    "rules:",
    ...drawn.engine.sheet.rules.map((rule) => `  ${text(rule)}`),
    `rows (recursive triggers ${recursive === 1 ? "on" : "off"}):`,
    ...rows,
    `write: ${text(write)}`,
    `engine:      ${a.filter((line) => !b.includes(line)).join(" ; ")}`,
    `interpreter: ${b.filter((line) => !a.includes(line)).join(" ; ")}`,
  ].join("\n");
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? Number(inner) : inner));
}

type Smaller = Omit<Disagreement, "engine" | "interpreter">;

function* smallerOnes({ drawn, state, write, recursive }: Disagreement): Generator<Smaller> {
  const common = { drawn, state, write, recursive };
  const { rules } = drawn.source.sheet;
  for (const index of rules.keys()) {
    const fewer = withRules(drawn, (at) => at !== index);
    if (fewer !== null) yield { ...common, drawn: fewer };
  }
  for (const [table, rows] of Object.entries(state)) {
    if (table === "logigen_context") continue;
    for (const row of rows) yield { ...common, state: { ...state, [table]: rows.filter((other) => other !== row) } satisfies Rows };
  }
  const given = write.op === "insert" ? write.values : write.set;
  for (const name of Object.keys(given)) {
    const { [name]: _, ...rest } = given;
    if (Object.keys(rest).length > 0) yield { ...common, write: withGiven(write, rest) };
  }
}

function withGiven(write: Write, given: Row): Write {
  return write.op === "insert" ? { ...write, values: given } : { ...write, set: given };
}

function withRules(drawn: DrawnSheet, keeps: (index: number) => boolean): DrawnSheet | null {
  const sheet = { ...drawn.source.sheet, rules: drawn.source.sheet.rules.filter((_, index) => keeps(index)) };
  const compiled = compileSource({ sheet, twins: drawn.source.twins.filter((_, index) => keeps(index)) });
  return compiled.ok ? { ...compiled.drawn, refused: 0 } : null;
}

function differs({ drawn, state: rows, write, recursive }: Smaller, plant: Plant | undefined): Disagreement | null {
  const state = withCounts(drawn.engine, rows);
  // SQLite accepts an update of a row that is not there; the interpreter refuses it by name.
  if (write.op === "update" && !isThere(state, write)) return null;
  try {
    const world = openRandomWorld(drawn.engine, state, { triggerSql: triggersOf(drawn.engine, plant), recursive });
    try {
      const engine = answerOf(drawn.engine, world.try(write, state));
      const twin = plant?.side === "interpreter" ? spoiled(drawn.twin, plant) : drawn.twin;
      const interpreter = answerOf(drawn.twin, interpretWrite(twin, state, write));
      return engine === interpreter ? null : { drawn, state, write, recursive, engine, interpreter };
    } finally {
      world.close();
    }
  } catch {
    // A smaller sheet may lack what the state or the write names: then it is no example.
    return null;
  }
}

function isThere(state: Rows, { table, key }: Extract<Write, { op: "update" }>): boolean {
  return (state[table] ?? []).some((row) => Object.entries(key).every(([name, value]) => row[name] === value));
}
