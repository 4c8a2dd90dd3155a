/** Guards about other rows: that there are some, none, or enough, and what they add up to. */
import { z } from "zod";
import { bound, cases, counted, empty, expression, guardCommon, keys, name, rows, span } from "./rule-parts.js";

const amount = z
  .strictObject({ count: rows.optional(), sum: z.strictObject({ of: expression, rows }).optional() })
  .refine(({ count, sum }) => (count === undefined) !== (sum === undefined), "expected either `count` or `sum`");

/** The schemas of these kinds, in the order of the documentation. */
export const rowGuardSchemas = [
  z.strictObject({ kind: z.literal("exists"), ...guardCommon, rows }),
  z.strictObject({ kind: z.literal("absent"), ...guardCommon, rows }),
  z.strictObject({
    kind: z.literal("foreach"),
    ...guardCommon,
    each: rows.describe("the rows that ask for something; its texts read `each`"),
    exists: z
      .union([rows, z.array(rows).min(1)])
      .optional()
      .describe("for each of them there is such a row (of a list: in any of these sets); over row and each"),
    must: expression.optional().describe("or a condition over each"),
    empty,
  }),
  z.strictObject({
    kind: z.literal("latest"),
    ...guardCommon,
    rows,
    by: name.describe("a column of the rows without ties: a running number"),
    check: expression.optional().describe("over latest, beside what the rule reads"),
    after: rows.optional().describe("rows of the same column `by`, all of which it must follow"),
    empty,
  }),
  z.strictObject({
    kind: z.literal("order"),
    ...guardCommon,
    rows: rows.describe("the rows in line"),
    by: expression.describe("over row: what they are ordered by"),
    is: expression.describe("what the chosen one has of it: new.queue_no"),
    pick: z.enum(["lowest", "highest"]).default("lowest"),
  }),
  z.strictObject({ kind: z.literal("exclusive"), ...guardCommon, same: keys, ...counted }),
  z.strictObject({
    kind: z.literal("overlap"),
    ...guardCommon,
    same: keys,
    span,
    gap: z.int().default(0),
    other: z
      .strictObject({ from: name, match: rows.shape.match, states: rows.shape.states, where: rows.shape.where, span })
      .optional()
      .describe("rows of another table instead, such as closures, with their own span"),
    ...counted,
  }),
  z.strictObject({
    kind: z.literal("quota"),
    ...guardCommon,
    per: keys,
    sum: expression.optional().describe("path summed; default: rows are counted"),
    ...counted,
    last: z.strictObject({ steps: z.int().positive(), of: name }).optional().describe("the last n steps, the present one included"),
    within: z
      .strictObject({ steps: z.int().nonnegative(), of: name })
      .optional()
      .describe("at most n steps from the written row, either way"),
    max: z.union([bound, cases]),
  }),
  z.strictObject({
    kind: z.literal("peak"),
    ...guardCommon,
    per: keys,
    span,
    sum: expression.optional().describe("path summed; default: rows are counted"),
    ...counted,
    max: z.union([bound, cases]).describe("at no step of the span is there more at once"),
  }),
  z.strictObject({
    kind: z.literal("limit"),
    ...guardCommon,
    count: rows.optional(),
    sum: z.strictObject({ of: expression, rows }).optional(),
    min: bound.optional(),
    max: bound.optional(),
  }),
  z.strictObject({
    kind: z.literal("children"),
    ...guardCommon,
    rows: rows.describe("rows of another table that belong to this one"),
    sum: expression.optional(),
    distinct: expression.optional(),
    avg: expression.optional(),
    min: bound.optional(),
    max: bound.optional(),
    equals: bound.optional(),
    all: expression.optional().describe("over row: true of every one"),
    none: expression.optional().describe("over row: true of no one"),
    empty: empty.optional().describe("needed with all, none and avg"),
  }),
  z.strictObject({
    kind: z.literal("keep"),
    ...guardCommon,
    per: z.array(name).min(1).describe("columns that make the group which the row leaves"),
    ...counted,
    min: z.int().positive().describe("so many are left after the write"),
  }),
  z.strictObject({
    kind: z.literal("ratio"),
    ...guardCommon,
    part: amount,
    of: amount,
    at_least: z.tuple([z.int().nonnegative(), z.int().positive()]).optional().describe("[2, 3]: part is at least two thirds"),
    at_most: z.tuple([z.int().nonnegative(), z.int().positive()]).optional(),
    above: z.tuple([z.int().nonnegative(), z.int().positive()]).optional(),
    empty: empty.describe("the verdict where `of` is 0"),
  }),
] as const;
