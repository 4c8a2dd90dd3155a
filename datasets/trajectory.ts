/** One line of `trajectories.jsonl`: one rollout of user simulator and agent on a task, verified or failed. */
import { z } from "zod";

const count = z.int().nonnegative();
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const profiles = z.strictObject({ paper: z.number(), default: z.number() });

/** Who or what ended a rollout; a failure of the machinery is no failure of an agent. */
export const outcomeSchema = z.enum(["completed", "agent_failure", "user_failure", "environment_failure", "infrastructure"]);
export const endReasonSchema = z.enum(["stop", "transfer", "deviation", "max_turns"]);

export const trajectoryMessageSchema = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("user"), content: z.string() }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string(),
    reasoning: z.string().nullable().describe("kept apart from what the user heard"),
    tool_calls: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        arguments: z.record(z.string(), z.unknown()).describe("parsed; text that could not be parsed stands under `unparsed`"),
      }),
    ),
  }),
  z.strictObject({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string() }),
]);

const toolSchema = z.strictObject({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) });

/** `r` and `p` are r_t and P_t (paper 4.2), in both reward profiles. */
const callSchema = z.strictObject({
  turn: z.int().positive(),
  tool: z.string(),
  outcome: z.enum(["write", "read", "violation", "invalid"]),
  r: profiles,
  p: profiles,
});
const turnSchema = z.strictObject({ turn: z.int().positive(), r: profiles, p: profiles });

/** A metric of refusal tasks, beside their reward. */
export const refusalReadsSchema = z
  .strictObject({
    needed: count.describe("rows and tables that the refusing rule looks up for the refused call"),
    made: count.describe("of these, how many queries answered with"),
    established: z.boolean().describe("all of them"),
  })
  .describe("of a refusal task: were the reads made that establish the refusal; a metric, no reward");

export const trajectorySchema = z.strictObject({
  version: z.literal(1),
  task: z.string(),
  attempt: count,
  outcome: outcomeSchema,
  end: endReasonSchema.nullable().describe("null where the machinery failed first"),
  verified: z.boolean().describe("DIFF(final, target) = 0 and the simulator kept to its script"),
  final: z
    .strictObject({
      paper: z.strictObject({ diff: count, r_final: z.union([z.literal(0), z.literal(1)]), p: z.number() }),
      default: z.strictObject({
        missing: count,
        collateral: count,
        success: z.union([z.literal(0), z.literal(1)]).nullable(),
        p: z.number(),
      }),
    })
    .nullable()
    .describe("null where the machinery failed: that is no reward of 0"),
  refusal_reads: refusalReadsSchema.optional(),
  calls: z.array(callSchema),
  turns: z.array(turnSchema),
  system: z.string(),
  tools: z.array(toolSchema),
  messages: z.array(trajectoryMessageSchema),
  models: z.record(z.string(), z.string()).describe("model by role: teacher, user_simulator"),
  sampling: z.record(z.string(), z.record(z.string(), scalar)).describe("sampling settings by role"),
});

export type Trajectory = z.infer<typeof trajectorySchema>;
export type Outcome = z.infer<typeof outcomeSchema>;
export type EndReason = z.infer<typeof endReasonSchema>;

/** The file's text: a line a trajectory. */
export function trajectoryLines(trajectories: readonly Trajectory[]): string {
  return trajectories.map((trajectory) => `${JSON.stringify(trajectorySchema.parse(trajectory))}\n`).join("");
}

/** The trajectories of a file's text. @throws {SyntaxError | z.ZodError} If a line is none. */
export function readTrajectories(text: string): readonly Trajectory[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => trajectorySchema.parse(JSON.parse(line)));
}
