/** Set Designer, resource injection: trade-offs, distractors, substitutes, noise (paper 3.4.2, phase 1). */
import { z } from "zod";
import { type Policy, renderPolicy } from "./architect-policy.js";
import type { Tables } from "./architect-tables.js";
import { block, jsonBlock } from "./block.js";
import { type Correction, type Role, withCorrection } from "./role.js";

const values = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

export const resourcesSchema = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        table: z.string(),
        values,
        label: z.enum(["base", "trade_off", "distractor", "substitute", "noise"]),
        counterpart: z.string().nullable().describe("key of the row of the same table that the label relates it to"),
        why: z.string().max(200),
      }),
    )
    .min(4)
    .max(600),
});
export type Resources = z.infer<typeof resourcesSchema>;

export interface ResourcesInput {
  readonly seed: unknown;
  readonly policy: Policy;
  readonly tables: Tables;
  readonly correction: Correction | null;
}

export const setDesignerResources: Role<ResourcesInput, Resources> = {
  agent: "set_designer",
  version: "set_designer.resources@1",
  reply: resourcesSchema,
  prompt: ({ seed, policy, tables, correction }) =>
    withCorrection(
      [
        { role: "system", content: SYSTEM },
        {
          role: "user",
          content: `${jsonBlock("seed", seed)}\n\n${block("policy", renderPolicy(policy))}\n\n${jsonBlock("tables", tables)}\n\nFill the L0 tables and those L1 tables that hold no customers.`,
        },
      ],
      correction,
    ),
};

const SYSTEM = `You are the Set Designer. You fill the catalogues of the environment so that choosing is hard, and label each row:
- base: needed by the rules (limits, ranks, policies);
- trade_off: against its counterpart it is better in one number and worse in another;
- distractor: like its counterpart, but a state or a listed value makes it the wrong choice;
- substitute: equal to its counterpart in every listed value and state, told apart by one attribute or its name only;
- noise: plausible and irrelevant.
All four labels after base must occur. Every row fits its table's declarations; references point to rows you give; names are natural and distinct. Prefer amounts of 1,000 minor units and more. Answer with one JSON document of the given schema.`;
