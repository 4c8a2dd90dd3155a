/** Architect, codification: the wiki policy in numbered clauses (paper 3.3.1, step 2). */
import { z } from "zod";
import { policyText } from "../environment/sheet/policy-text.js";
import { sheetSchema } from "../environment/sheet/sheet.js";
import type { Blueprint } from "./architect-blueprint.js";
import { jsonBlock } from "./block.js";
import { type Correction, type Role, withCorrection } from "./role.js";

export const policySchema = z.strictObject({ title: z.string().min(3).max(120), clauses: sheetSchema.shape.policy });
export type Policy = z.infer<typeof policySchema>;

export interface PolicyInput {
  readonly seed: unknown;
  readonly blueprint: Blueprint;
  readonly correction: Correction | null;
}

export const architectPolicy: Role<PolicyInput, Policy> = {
  agent: "architect",
  version: "architect.policy@1",
  reply: policySchema,
  prompt: ({ seed, blueprint, correction }) =>
    withCorrection(
      [
        { role: "system", content: SYSTEM },
        { role: "user", content: `${jsonBlock("seed", seed)}\n\n${jsonBlock("blueprint", blueprint)}\n\nWrite the policy.` },
      ],
      correction,
    ),
};

/** The policy as the text everybody reads. */
export function renderPolicy({ title, clauses }: Policy): string {
  return policyText({ title, policy: clauses });
}

const SYSTEM = `You are the Architect. You turn a blueprint into the wiki policy that an agent will work by: the one source of truth for tables and rules.

Write numbered clauses ("1.1", "1.2", "2.1", …) under headings. One clause says one thing in one sentence that can be true or false; cut sentences that say two. Mark each clause:
- enforceable: the database can decide it from its rows and the write at hand;
- conduct: only a conversation can show it (confirm before writing, do not invent facts).
Cover: who may be served and how the customer is identified; which tables are read-only; for each operation its preconditions, limits (with numbers), calculations (with rounding named), what the system does by itself, and what cannot be undone; what happens at the limit itself ("at most 3" or "fewer than 3", never "around"). Say for each state what may follow. Use the word for a thing that its table will have.
Every rule of the blueprint and every key business rule of the seed must be said. Nothing is deleted; things are cancelled by a state. Answer with one JSON document of the given schema.`;
