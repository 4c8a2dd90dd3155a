/** The built-in User Simulator: plays the customer from profile, task description and conversation. */
import { z } from "zod";
import { readBlock } from "../../agents/block.js";
import { stopSignal } from "../../agents/user-simulator.js";
import type { ModelRequest, ToolCall } from "../port.js";
import { readDescription } from "./dialogue/description.js";
import { wordingOf } from "./dialogue/plain-text.js";
import { answerOf, nextAct, openingOf } from "./dialogue/script.js";
import { beUser } from "./dialogue/simulator-part.js";

const profileSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

/** Answers as the User Simulator: one line. @throws {SyntaxError | z.ZodError} If the prompt's blocks are broken. */
export function answerUserSimulator(request: ModelRequest): { text: string; toolCalls: ToolCall[] } {
  const profile = profileSchema.parse(JSON.parse(readBlock(request.messages, "user_profile") ?? "{}"));
  const goals = readDescription(readBlock(request.messages, "task_description") ?? "");
  const act = nextAct(request.messages, (chance) =>
    beUser({ profile, goals, words: wordingOf(request.random), chance }, openingOf(request.messages)),
  );
  return answerOf(act ?? { kind: "say", text: stopSignal }, request.random);
}
