/** A seed: a scenario's short description with its key business rules, which is all that a user must write. */
import { z } from "zod";

const path = z.string().min(1);

export const seedSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "expected a name of a-z, 0-9, _ and -, at most 64 characters")
    .describe("names the scenario; environments are called <id>-<number>"),
  domain: z.string().min(1).max(80).describe("the trade it belongs to, such as Retail"),
  title: z.string().min(1).max(120),
  summary: z.string().min(1).max(4_000).describe("what the business does, who deals with it, and what for"),
  rules: z.array(z.string().min(1).max(1_000)).min(1).max(60).describe("key business rules in plain English, one each"),
  vocabulary: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("names and things from which the built-in author composes; needed by it alone, and not where an environment is given"),
  policy: path
    .optional()
    .describe("Markdown file with a policy, kept word for word: the pipeline starts after the policy stage; relative to the seed's file"),
  sheet: path.optional().describe("YAML file with a rule sheet: the pipeline starts after the rules stage"),
  environment: path.optional().describe("environment folder, from compile or import: the pipeline starts at its cast and boundaries"),
});
export type Seed = z.infer<typeof seedSchema>;
