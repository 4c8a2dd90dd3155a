/** Effects: what the engine does after a write. */
import { z } from "zod";
import { bound, effectCommon, expression, name, ruleCommon, rows } from "./rule-parts.js";

const values = z.record(name, expression);
const rounding = z.enum(["floor", "ceil", "round"]);

/** The schemas of these kinds, in the order of the documentation. */
export const effectSchemas = [
  z.strictObject({
    kind: z.literal("counter"),
    ...ruleCommon,
    column: name,
    rows: rows.describe("match: column of the counted row = expression over owner"),
    sum: expression.optional().describe("over row; default: count"),
    distinct: expression.optional(),
    min: expression.optional(),
    max: expression.optional(),
    avg: expression.optional().describe("over row; needs `round` and `empty`"),
    weighted_avg: z.tuple([expression, expression]).optional().describe("[value, weight] over row; needs `round` and `empty`"),
    percent: expression.optional().describe("over row: how many of 100 meet it; needs `round` and `empty`"),
    round: rounding.optional(),
    empty: z.int().optional().describe("the value where there are no rows; of min and max too"),
  }),
  z.strictObject({ kind: z.literal("propagate"), ...effectCommon, rows, set: values }),
  z.strictObject({
    kind: z.literal("promote"),
    ...effectCommon,
    pick: rows.extend({ order: z.array(name).min(1), take: z.int().positive().default(1), eligible: z.boolean().default(false) }),
    set: values,
  }),
  z.strictObject({
    kind: z.literal("spawn"),
    ...effectCommon,
    into: name,
    values,
    each: rows.optional(),
    once_per: z.array(name).min(1).optional().describe("columns of the new row: none is made where one with the same is there"),
  }),
  z.strictObject({ kind: z.literal("stamp"), ...effectCommon, set: values.describe("columns of the written row itself, over new") }),
  z.strictObject({
    kind: z.literal("rollup"),
    ...effectCommon,
    owner: name.describe("the column of the written row that names the row to change"),
    among: z
      .strictObject({ states: rows.shape.states, where: rows.shape.where })
      .default({})
      .describe("which rows with the same owner are looked at; default: the live ones"),
    all: expression.optional().describe("over row: when all of them are so"),
    at_least: bound.optional().describe("when there are so many of them"),
    in: z.array(z.string()).optional().describe("states of the owner in which it is changed"),
    set: values,
  }),
  z.strictObject({
    kind: z.literal("custom_effect"),
    ...effectCommon,
    sql: z.string().max(4000).describe("one INSERT or UPDATE over NEW and OLD"),
  }),
] as const;
