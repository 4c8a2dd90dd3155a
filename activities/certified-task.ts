/** A certified task as an artefact: what a rollout plays and a package is made of. */
import { z } from "zod";
import { taskDescriptionSchema } from "../environment/task-description.js";
import { digestSchema } from "../storage/content-digest.js";
import { loggedCallSchema } from "./conversation.js";

export const certifiedTaskSchema = z.strictObject({
  description: taskDescriptionSchema,
  gold: z.array(loggedCallSchema).describe("the log whose state is the target"),
  target: digestSchema,
  certificate: digestSchema,
  difficulty: z.string(),
  /** Writes that the episode saw refused, for tags and statistics. */
  refused: z.int(),
});
export type CertifiedTask = z.infer<typeof certifiedTaskSchema>;
