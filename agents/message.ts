/** What goes to a model and comes back, in the shape every adapter and every stored conversation shares. */
import { z } from "zod";

export const toolCallSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  arguments: z.string().describe("JSON text as the model wrote it"),
});

export const messageSchema = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: z.string() }),
  z.strictObject({ role: z.literal("user"), content: z.string() }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string(),
    reasoning: z.string().optional(),
    toolCalls: z.array(toolCallSchema).optional(),
  }),
  z.strictObject({ role: z.literal("tool"), toolCallId: z.string(), content: z.string() }),
]);

export type ToolCall = z.infer<typeof toolCallSchema>;
export type Message = z.infer<typeof messageSchema>;
