/** A role: the agent it belongs to, its versioned prompt, and the schema its reply must fit. */
import { z } from "zod";
import { jsonBlock } from "./block.js";
import type { Message } from "./message.js";

/** The agents of the paper; models and prices are configured by these names. */
export const agentNames = [
  "architect",
  "verifier",
  "set_designer",
  "client",
  "consultant",
  "projector",
  "user_simulator",
  "teacher",
] as const;
export type AgentName = (typeof agentNames)[number];

/** `reply` is null where the answer is free text or tool calls. `prompt` is pure: same input, same messages. */
export interface Role<Input, Output> {
  readonly agent: AgentName;
  /** `agent.task@version`; changes whenever the prompt text or the schema does. */
  readonly version: string;
  readonly reply: z.ZodType<Output> | null;
  prompt(input: Input): readonly Message[];
}

/** What a failed check sends back: the previous answer and what is wrong with it. */
export interface Correction {
  readonly previous: string;
  readonly report: readonly Finding[];
}

/** One thing that is wrong, said so that whoever wrote the artefact can repair it from this alone. */
export const findingSchema = z.strictObject({
  clause: z.string().nullable().describe('id of the clause concerned, such as "3.2", or null'),
  where: z.string().describe("the part of the artefact: a clause id, table.column, or rule id"),
  problem: z.string().describe("what is wrong, in one sentence"),
  expected: z.string().describe("what would be right, with the exact value or words"),
});
export type Finding = z.infer<typeof findingSchema>;

/** Verdict of a review. */
export const reviewSchema = z.strictObject({
  ok: z.boolean().describe("true exactly when findings is empty"),
  findings: z.array(findingSchema),
});
export type Review = z.infer<typeof reviewSchema>;

/** The reply of a role with a schema, parsed; a reply off contract is data, with a reason fit to send back. */
export function decodeReply<Output>(
  schema: z.ZodType<Output>,
  text: string,
): { kind: "parsed"; value: Output } | { kind: "malformed"; reason: string } {
  let json: unknown;
  try {
    json = JSON.parse(unfenced(text));
  } catch (cause) {
    return { kind: "malformed", reason: `the reply is not one JSON document: ${cause instanceof Error ? cause.message : "unreadable"}` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { kind: "parsed", value: parsed.data };
  return {
    kind: "malformed",
    reason: parsed.error.issues
      .slice(0, 8)
      .map((issue) => `${issue.path.join(".") || "reply"}: ${issue.message}`)
      .join("; "),
  };
}

/** JSON schema of a reply, for endpoints with structured output. */
export function replyJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}

function unfenced(text: string): string {
  const fence = /^\s*```(?:json)?\s*\n([\s\S]*?)\n```\s*$/.exec(text);
  return fence?.[1] ?? text;
}

/** The messages of a first attempt, or of a corrective round after a failed check. */
export function withCorrection(messages: readonly Message[], correction: Correction | null): readonly Message[] {
  if (correction === null) return messages;
  return [
    ...messages,
    { role: "assistant", content: correction.previous },
    {
      role: "user",
      content: `Your answer failed its check. Each finding of the report names what is wrong and what would be right. Answer again with the whole corrected document, changing nothing that the report does not ask for.\n\n${jsonBlock("report", correction.report)}`,
    },
  ];
}
