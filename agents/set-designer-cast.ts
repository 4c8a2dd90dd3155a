/** Set Designer, cast assembly: customers by archetype and a history of real writes (paper 3.4.2, phase 2). */
import { z } from "zod";
import { type Policy, renderPolicy } from "./architect-policy.js";
import type { Tables } from "./architect-tables.js";
import { block, jsonBlock } from "./block.js";
import { type Correction, type Role, withCorrection } from "./role.js";
import type { Resources } from "./set-designer-resources.js";

const scalar = z.union([z.string(), z.number(), z.null()]);

export const castSchema = z.strictObject({
  rows: z
    .array(z.strictObject({ table: z.string(), values: z.record(z.string(), scalar) }))
    .min(4)
    .max(200)
    .describe("rows of the customers' table and of other L1 tables still empty"),
  users: z
    .array(
      z.strictObject({
        key: z.union([z.string(), z.int()]),
        archetype: z.enum(["mismatch", "entangled", "rookie", "edge"]),
        why: z.string().max(300),
      }),
    )
    .min(4),
  start: z.int().min(0).describe("the clock before the history"),
  history: z
    .array(
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("tick"), now: z.int() }),
        z.strictObject({
          kind: z.literal("call"),
          actor: z.union([z.string(), z.int()]).nullable(),
          tool: z.string(),
          arguments: z.record(z.string(), scalar),
        }),
      ]),
    )
    .max(400)
    .describe("writes through the engine, in order; the clock only moves forward"),
  now: z.int().describe("the clock at the origin"),
});
export type Cast = z.infer<typeof castSchema>;

export interface CastInput {
  readonly seed: unknown;
  readonly policy: Policy;
  readonly tables: Tables;
  readonly resources: Resources;
  readonly correction: Correction | null;
}

export const setDesignerCast: Role<CastInput, Cast> = {
  agent: "set_designer",
  version: "set_designer.cast@1",
  reply: castSchema,
  prompt: ({ seed, policy, tables, resources, correction }) =>
    withCorrection(
      [
        { role: "system", content: SYSTEM },
        {
          role: "user",
          content: `${jsonBlock("seed", seed)}\n\n${block("policy", renderPolicy(policy))}\n\n${jsonBlock("tables", tables)}\n\n${jsonBlock(
            "resources",
            resources.rows.map(({ table, values }) => ({ table, values })),
          )}\n\nAssemble the cast.`,
        },
      ],
      correction,
    ),
};

const SYSTEM = `You are the Set Designer. You cast the customers and write what they did before the story begins, as calls that the engine will really execute (insert_<table>, update_<table>), with the clock moved forward between them.
Archetypes, each at least once: mismatch (attributes that conflict with what is on offer), entangled (several transactions that depend on each other), rookie (few rights, no history), edge (exactly one step from a limit).
Aim at boundaries: for each limit N of the policy leave somebody at N-1, for each window somebody whose row is just inside and somebody whose row is just outside, for each state a row one move before it. Leave everybody at least one thing they may still do.
Keys of transaction rows are numbered by the database from 1, a table each, in the order they are created. Columns that the system stamps or maintains are never arguments. Every call must be accepted. Answer with one JSON document of the given schema.`;
