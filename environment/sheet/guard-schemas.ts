/** Guards about the written row, what its references lead to, and who acts. */
import { z } from "zod";
import { bound, cases, expression, guardCommon, name, rows, state } from "./rule-parts.js";

/** The schemas of these kinds, in the order of the documentation. */
export const guardSchemas = [
  z.strictObject({ kind: z.literal("guard"), ...guardCommon, must: expression }),
  z.strictObject({
    kind: z.literal("required"),
    ...guardCommon,
    columns: z.array(name).default([]),
    empty: z.array(name).default([]),
    exactly_one_of: z.array(name).min(2).optional(),
  }),
  z.strictObject({ kind: z.literal("compare"), ...guardCommon, check: expression }),
  z.strictObject({ kind: z.literal("same"), ...guardCommon, a: expression, b: expression }),
  z.strictObject({
    kind: z.literal("prerequisite"),
    ...guardCommon,
    row: expression.describe("path to a row: new.request_id"),
    in: z.array(state).min(1),
    column: name.optional().describe("default: that table's state column"),
  }),
  z.strictObject({
    kind: z.literal("parent"),
    ...guardCommon,
    below: z.record(name, expression).describe("table below: its path to the parent, without new.: order_id, item_id.order_id"),
    in: z.array(state).min(1).describe("states of the parent in which rows below may be written"),
  }),
  z.strictObject({
    kind: z.literal("window"),
    ...guardCommon,
    from: expression,
    to: expression,
    at_least: z.union([bound, cases]).optional(),
    at_most: z.union([bound, cases]).optional(),
    working: z
      .strictObject({ calendar: name, step: name, where: expression.optional() })
      .optional()
      .describe("count the calendar's rows with from < step <= to, not the steps between"),
  }),
  z.strictObject({
    kind: z.literal("ownership"),
    ...guardCommon,
    is: expression.describe("path to the owner's key"),
    actor: expression.default("actor"),
  }),
  z.strictObject({
    kind: z.literal("conflict"),
    ...guardCommon,
    not: expression.optional().describe("path to the key the actor must not be"),
    none: rows.optional().describe("rows that relate the actor to the case: relatives, referrals, earlier managers"),
    actor: expression.default("actor"),
  }),
  z.strictObject({
    kind: z.literal("role"),
    ...guardCommon,
    of: expression.describe("path to the rank: actor.level"),
    any: z.array(z.string()).optional(),
    ladder: name.optional(),
    at_least: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("approval"),
    ...guardCommon,
    of: expression.describe("path to the rank of whoever approves: new.approved_by.level"),
    ladder: name,
    amount: expression,
    steps: z
      .array(z.strictObject({ above: bound, at_least: z.string() }))
      .min(1)
      .describe("the highest amount first"),
    else: z.string().describe("the rank that suffices below all steps"),
  }),
  z.strictObject({ kind: z.literal("calculation"), ...guardCommon, column: name, is: z.union([expression, cases]) }),
  z.strictObject({
    kind: z.literal("decide"),
    ...guardCommon,
    column: name,
    cases: z.array(z.strictObject({ when: expression, is: z.string() })).min(1),
    else: z.string(),
  }),
  z.strictObject({
    kind: z.literal("edges"),
    ...guardCommon,
    column: name.describe("the column that may move along an edge only"),
    edge: rows.describe("the table of edges, matched over old and new"),
    get: name.describe("the column of the edge that names where it leads"),
  }),
  z.strictObject({
    kind: z.literal("tree"),
    ...guardCommon,
    parent: name.describe("the column by which a row of the tree's table names its parent"),
    of: expression.describe("the row looked at; in `acyclic`, the row that may not stand above itself: new").default("new"),
    relation: z.enum(["above", "below", "apart", "acyclic"]).describe("is: a row above `of`, below it, or neither; acyclic takes no `is`"),
    is: expression.optional(),
  }),
  z.strictObject({
    kind: z.literal("custom_guard"),
    ...guardCommon,
    sql: z.string().max(4000).describe("one boolean SQL expression over NEW and OLD"),
  }),
] as const;
