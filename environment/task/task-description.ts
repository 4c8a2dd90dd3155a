/**
 * The task description: what drives the user simulator (paper 3.5.3 and appendix A), as prose and as data that a program checks.
 */
import { z } from "zod";

const scalar = z.union([z.string(), z.number()]);

/** One wish about the row that an argument points to: filters first, then superlatives in order. */
export const wishSchema = z.strictObject({
  column: z.string(),
  comparison: z.enum(["=", "<>", "<", "<=", ">", ">=", "contains", "lowest", "highest"]),
  value: scalar.optional(),
});

export const choiceSchema = z.strictObject({
  write: z.int().min(0).describe("index of the gold write, authentication and reads not counted"),
  argument: z.string(),
  table: z.string().describe("the table that the argument points into"),
  wishes: z.array(wishSchema).min(1),
});

export const valueSourceSchema = z.strictObject({
  write: z.int().min(0),
  argument: z.string(),
  from: z.enum(["description", "policy", "created", "context"]),
  quote: z.string().optional().describe("for description: the words of the text that hold the value"),
});

export const subGoalSchema = z.strictObject({
  title: z.string().max(120),
  text: z.string().max(1500),
  trigger: z.string().max(600).nullable().describe('"IF … THEN …", or null'),
});

/** What the Projector answers. */
export const projectionSchema = z.strictObject({
  who_you_are: z.string().max(1500),
  gaps: z.array(z.string().max(400)),
  false_beliefs: z.array(z.string().max(400)),
  goal: z.string().max(800),
  sub_goals: z.array(subGoalSchema).min(1).max(12),
  choices: z.array(choiceSchema),
  values: z.array(valueSourceSchema),
  refusal: z.strictObject({ tool: z.string(), arguments: z.record(z.string(), z.union([scalar, z.null()])), rule: z.string() }).nullable(),
});

export const taskDescriptionSchema = projectionSchema.extend({
  version: z.literal(1),
  kind: z.enum(["reach", "refusal"]),
  user: z.strictObject({
    table: z.string().nullable(),
    key: scalar.nullable(),
    profile: z.record(z.string(), z.union([scalar, z.null()])).describe("what the customer knows of himself, by label, evidence included"),
  }),
  text: z.string().describe("the whole description as the simulator reads it"),
});

export type Wish = z.infer<typeof wishSchema>;
export type Choice = z.infer<typeof choiceSchema>;
export type ValueSource = z.infer<typeof valueSourceSchema>;
export type Projection = z.infer<typeof projectionSchema>;
export type TaskDescription = z.infer<typeof taskDescriptionSchema>;

/** The description as text, in the order of the paper's example. */
export function renderDescription(parts: Pick<Projection, "who_you_are" | "gaps" | "false_beliefs" | "goal" | "sub_goals">): string {
  const gaps = parts.gaps.length === 0 ? ["None."] : parts.gaps;
  const beliefs = parts.false_beliefs.length === 0 ? ["(No false beliefs.)"] : parts.false_beliefs;
  const steps = parts.sub_goals.map(
    (goal, index) => `${index + 1}. [${goal.title}] ${goal.text}${goal.trigger === null ? "" : ` REACTIVE_TRIGGER: ${goal.trigger}`}`,
  );
  return [
    `WHO_YOU_ARE:`,
    parts.who_you_are,
    "",
    "COGNITIVE_GAPS & FALSE BELIEFS:",
    ...gaps,
    ...beliefs,
    "",
    "YOUR_TOTAL_GOAL:",
    parts.goal,
    "",
    "SUB_GOALS (must be completed in order):",
    ...steps,
    "",
  ].join("\n");
}
