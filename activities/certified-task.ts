/** A certified task as an artefact: what a rollout plays and a package is made of. */
import { z } from "zod";
import { taskDescriptionSchema } from "../environment/task/task-description.js";
import { digestSchema } from "../storage/content-digest.js";
import { environmentRefsSchema, loggedCallSchema } from "./conversation.js";

export const certifiedTaskSchema = z.strictObject({
  environment: environmentRefsSchema,
  description: taskDescriptionSchema,
  gold: z.array(loggedCallSchema).describe("the log whose state is the target"),
  target: digestSchema,
  certificate: digestSchema,
  difficulty: z.string(),
  refused: z.array(z.string()).describe("rules that refused a write in the episode"),
});
export type CertifiedTask = z.infer<typeof certifiedTaskSchema>;
