/**
 * Verifier on the rules, which it never sees: from policy and tables it writes for each enforceable clause executable
 * examples; the compiled engine must agree with every one (docs/architecture.md, "Two proofs").
 */
import { z } from "zod";
import { clauseExampleSchema } from "../environment/proof/clause-example.js";
import { type Policy, renderPolicy } from "./architect-policy.js";
import type { Tables } from "./architect-tables.js";
import { block, jsonBlock } from "./block.js";
import type { Role } from "./role.js";

export const examplesSchema = z.strictObject({ examples: z.array(clauseExampleSchema).max(600) });
export type Examples = z.infer<typeof examplesSchema>;

export interface ExamplesInput {
  readonly policy: Policy;
  readonly tables: Tables;
}

export const verifierExamples: Role<ExamplesInput, Examples> = {
  agent: "verifier",
  version: "verifier.examples@1",
  reply: examplesSchema,
  prompt: ({ policy, tables }) => [
    { role: "system", content: SYSTEM },
    { role: "user", content: `${block("policy", renderPolicy(policy))}\n\n${jsonBlock("tables", tables)}\n\nWrite the examples.` },
  ],
};

const SYSTEM = `You are the Verifier. For each enforceable clause of the policy write examples that the finished database must agree with. An example gives every row that exists before (in all tables it needs, complete and consistent with all other clauses), the clock, the customer who is authenticated, calls that are accepted first, and one last call with its verdict; for an accepted call with effects also the rows after it.

For each clause: accepted exactly at the limit; refused just beyond it; each optional value left empty; the forbidden fact reached by a later write (another column, another state, a row of another table); the same person or thing twice; the rows after an effect. A refused call must break this clause and no other.
Tools are insert_<table>, update_<table> (key and the columns to set). Columns that the system stamps or maintains are never arguments. Keys of new rows are the highest existing number plus one. You do not know how the rules were written; go by the policy alone. Answer with one JSON document of the given schema.`;
