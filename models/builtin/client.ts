/** The built-in Client: a customer with intentions, from its profile, its story and what the consultant says. */
import { z } from "zod";
import { leadSchema } from "../../agents/client.js";
import { readBlock } from "../../agents/block.js";
import type { ModelRequest, ToolCall } from "../port.js";
import { beClient } from "./dialogue/client-part.js";
import { wordingOf } from "./dialogue/plain-text.js";
import { answerOf, nextAct, openingOf } from "./dialogue/script.js";

const profileSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
const storySchema = z.object({ wanted: z.enum(["reach", "refusal"]), episode: z.int(), leads: z.array(leadSchema) });

/** Answers as the Client: one JSON document of its reply schema. @throws {SyntaxError | z.ZodError} If the prompt's blocks are broken. */
export function answerClient(request: ModelRequest): { text: string; toolCalls: ToolCall[] } {
  const profile = profileSchema.parse(JSON.parse(readBlock(request.messages, "profile") ?? "{}"));
  const story = storySchema.parse(JSON.parse(readBlock(request.messages, "story") ?? "{}"));
  const conversation = request.messages.filter(({ role }) => role !== "system");
  const seed = JSON.stringify([profile, story]);
  const act = nextAct(conversation, (chance) =>
    beClient(
      { ...story, profile, words: wordingOf(request.random), chance: (choice) => chance(`${seed}/${choice}`), goal: null, refusals: 0 },
      openingOf(conversation),
    ),
  );
  return {
    ...answerOf(
      act ?? { kind: "say", text: JSON.stringify({ goal: null, say: "That is all, thank you.", status: "gave_up" }) },
      request.random,
    ),
  };
}
