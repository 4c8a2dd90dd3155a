/** Architect, dynamic rules: guards and effects by named kinds, never trigger code (paper 3.3.1, step 4; docs/rule-sheet.md). */
import type { z } from "zod";
import { sheetSchema } from "../environment/sheet/sheet.js";
import { type Policy, renderPolicy } from "./architect-policy.js";
import type { Tables } from "./architect-tables.js";
import { block, jsonBlock } from "./block.js";
import { type Correction, type Role, withCorrection } from "./role.js";

export const rulesSchema = sheetSchema.pick({ rules: true });
export type Rules = z.infer<typeof rulesSchema>;

export interface RulesInput {
  readonly policy: Policy;
  readonly tables: Tables;
  readonly correction: Correction | null;
}

export const architectRules: Role<RulesInput, Rules> = {
  agent: "architect",
  version: "architect.rules@1",
  reply: rulesSchema,
  prompt: ({ policy, tables, correction }) =>
    withCorrection(
      [
        { role: "system", content: SYSTEM },
        { role: "user", content: `${block("policy", renderPolicy(policy))}\n\n${jsonBlock("tables", tables)}\n\nWrite the rules.` },
      ],
      correction,
    ),
};

const SYSTEM = `You are the Architect. You write the rules that the database will enforce, as data: each has an id, a kind, the clauses it enforces, a table, and the keys of its kind. A compiler turns them into triggers; you never write SQL.

- Guards refuse a write. "holds": [states] means true of every row in these states whatever write reaches them; "at" means judged at one act ("create", "PENDING>CANCELLED"). Prefer "holds" unless the policy speaks of the moment.
- Effects happen after a write ("at"): counter, propagate, promote (from a queue, ordered by a business number), spawn.
- Expressions read new, old, actor, now; a path hops through a reference column: new.request_id.user_id.level. Aggregates see the table after the write, so "at most 3" is <= 3. Division stands only in floor, ceil or round. A NULL operand refuses, so exempt it explicitly where the policy does.
- Every enforceable clause must be cited by a rule or by a declaration of the tables. Do not repeat what the declarations already enforce (required, lists of values, states and moves, stamps, uniqueness).
- "message" is one sentence for whoever was refused; "hint" what can be done instead.
- Order: looked-up rows and their state, then who, then time, then limits and capacity, then calculation.
Answer with one JSON document of the given schema.`;
