/** Architect, static tables: the declarations of the rule sheet (paper 3.3.1, step 3). */
import type { z } from "zod";
import { sheetSchema } from "../environment/sheet/sheet.js";
import { type Policy, renderPolicy } from "./architect-policy.js";
import { block, jsonBlock } from "./block.js";
import { type Correction, type Role, withCorrection } from "./role.js";

export const tablesSchema = sheetSchema.pick({ actor: true, ladders: true, tables: true });
export type Tables = z.infer<typeof tablesSchema>;

export interface TablesInput {
  readonly seed: unknown;
  readonly policy: Policy;
  readonly correction: Correction | null;
}

export const architectTables: Role<TablesInput, Tables> = {
  agent: "architect",
  version: "architect.tables@1",
  reply: tablesSchema,
  prompt: ({ seed, policy, correction }) =>
    withCorrection(
      [
        { role: "system", content: SYSTEM },
        { role: "user", content: `${jsonBlock("seed", seed)}\n\n${block("policy", renderPolicy(policy))}\n\nDeclare the tables.` },
      ],
      correction,
    ),
};

const SYSTEM = `You are the Architect. You declare the tables of the environment from the policy. Declarations are strict: what is not said is refused.

- Layers: L0 reference and L1 entities are read-only for the agent; L2 transactions are what it creates and changes. Every entity of the policy has its table.
- Keys: L2 tables have an integer key "id" that the database chooses; L0 and L1 rows have natural text keys that people use.
- Columns: type, label (what a person calls it), unit for steps, money, counts, percents and flags; "values" for a closed list; "references" for a key of another table; "null" with its meaning, else the column is required. A text column an agent may write needs values, format, references, or "quoted": true; free wording has class "text".
- Who writes: "insert" and "update" say agent, system or fixed. A column that an effect or a count maintains is "system". A step column is a "stamp" (the clock at creation or at a move), "planned", or "past". The customer's key on a transaction is stamped "by": "user".
- State columns go into "states" with start, every move (with "when": a condition or "free", "sets" for columns that change in it, "by" agent, system or other) and end. "live" lists the states that count.
- An L2 table has "unique" (with the states in which it holds) or the clause that allows "duplicates".
- Each declaration cites the clauses it enforces.
- "actor": mode session, the table of customers, and the evidence columns they are identified by.
Answer with one JSON document of the given schema.`;
