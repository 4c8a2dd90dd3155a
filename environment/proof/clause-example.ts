/** An executable example of one clause: rows before, calls, verdict, rows after (docs/architecture.md, "Two proofs"). */
import { z } from "zod";

const scalar = z.union([z.string(), z.int(), z.number(), z.null()]);
const row = z.record(z.string(), scalar);
const call = z.strictObject({ tool: z.string(), arguments: row });

export const clauseExampleSchema = z.strictObject({
  clause: z.string().describe("id of the clause that the example is about"),
  title: z.string().max(200).describe("what it shows: the third booking is accepted"),
  rows: z.record(z.string(), z.array(row)).describe("rows that exist before, by table"),
  now: z.int().describe("the clock, in steps"),
  actor: z
    .union([z.string(), z.int()])
    .nullable()
    .describe("key of the authenticated customer; null where the agent names actors in columns"),
  first: z.array(call).default([]).describe("calls made before, all of which must be accepted"),
  call: call.describe("the call that is judged"),
  verdict: z.enum(["accepted", "refused"]),
  after: z
    .array(z.strictObject({ table: z.string(), where: row, values: row }))
    .default([])
    .describe("after an accepted call: exactly one row fits `where`, and it has these values"),
});
export type ClauseExample = z.infer<typeof clauseExampleSchema>;
