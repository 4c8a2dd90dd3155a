/** The built-in Projector: the user's side of an episode, from the public dialogue, its writes and its refusals. */
import { z } from "zod";
import { readBlock } from "../../agents/block.js";
import type { ModelRequest, ToolCall } from "../port.js";
import { wordingOf } from "./dialogue/plain-text.js";
import { projectStory } from "./dialogue/projection.js";

const scalar = z.union([z.string(), z.number(), z.null()]);
const given = z.record(z.string(), z.unknown());
const blocks = {
  story: z.object({ kind: z.enum(["reach", "refusal"]), goal: z.string() }),
  profile: z.record(z.string(), scalar),
  dialogue: z.array(z.object({ speaker: z.enum(["client", "consultant"]), text: z.string() })),
  writes: z.array(z.object({ write: z.int(), turn: z.int(), tool: z.string(), arguments: given })),
  refusals: z.array(z.object({ turn: z.int(), tool: z.string(), arguments: given, rule: z.string() })),
  tables: z.record(
    z.string(),
    z.object({
      label: z.string(),
      key: z.array(z.string()),
      columns: z.record(z.string(), z.object({ label: z.string(), references: z.string().optional(), class: z.string() })),
    }),
  ),
} as const;

/** Answers as the Projector: one JSON document of its reply schema. @throws {SyntaxError | z.ZodError} If the prompt's blocks are broken. */
export function answerProjector(request: ModelRequest): { text: string; toolCalls: ToolCall[] } {
  const read = <T>(name: string, schema: z.ZodType<T>): T => schema.parse(JSON.parse(readBlock(request.messages, name) ?? "null"));
  const { kind, goal } = read("story", blocks.story);
  const told = projectStory(
    {
      kind,
      goal,
      profile: read("profile", blocks.profile),
      dialogue: read("dialogue", blocks.dialogue),
      writes: read("writes", blocks.writes),
      refusals: read("refusals", blocks.refusals),
      tables: read("tables", blocks.tables),
    },
    wordingOf(request.random),
  );
  return { text: JSON.stringify(told), toolCalls: [] };
}
