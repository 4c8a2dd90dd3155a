/** Set Designer, boundaries: each claimed edge, proven by an accepted and a refused call on a copy of the origin (paper 3.4.1). */
import { z } from "zod";
import { type Policy, renderPolicy } from "./architect-policy.js";
import type { Rules } from "./architect-rules.js";
import type { Tables } from "./architect-tables.js";
import { block, jsonBlock } from "./block.js";
import { type Correction, type Role, withCorrection } from "./role.js";

const call = z.strictObject({ tool: z.string(), arguments: z.record(z.string(), z.union([z.string(), z.number(), z.null()])) });

export const boundariesSchema = z.strictObject({
  claims: z
    .array(
      z.strictObject({
        rule: z.string().describe("id of the rule that refuses"),
        title: z.string().max(200),
        user: z.union([z.string(), z.int()]).nullable().describe("the authenticated customer"),
        accepted: z.array(call).min(1).describe("calls that are accepted, the last one at the limit"),
        refused: call.describe("the next call, refused by that rule"),
      }),
    )
    .min(1)
    .max(60),
});
export type Boundaries = z.infer<typeof boundariesSchema>;

export interface BoundariesInput {
  readonly policy: Policy;
  readonly tables: Tables;
  readonly rules: Rules;
  /** Rows of the origin by table, as a query shows them. */
  readonly rows: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly now: number;
  readonly correction: Correction | null;
}

export const setDesignerBoundaries: Role<BoundariesInput, Boundaries> = {
  agent: "set_designer",
  version: "set_designer.boundaries@1",
  reply: boundariesSchema,
  prompt: ({ policy, tables, rules, rows, now, correction }) =>
    withCorrection(
      [
        { role: "system", content: SYSTEM },
        {
          role: "user",
          content: `${block("policy", renderPolicy(policy))}\n\n${jsonBlock("tables", tables)}\n\n${jsonBlock("rules", rules)}\n\n${jsonBlock("rows", rows)}\n\n${jsonBlock("now", now)}\n\nName the boundaries.`,
        },
      ],
      correction,
    ),
};

const SYSTEM = `You are the Set Designer. Show where this origin lies at the edge of the policy. Each claim names a rule, a customer, calls that are accepted (the last one reaches the limit), and the next call, which that very rule refuses and no other. The claims are executed on a copy of the origin, each from the beginning, with the customer already authenticated; one that does not hold is sent back.
Cover as many rules of the sheet as the origin allows. Keys of new rows are the highest existing number plus one. Answer with one JSON document of the given schema.`;
