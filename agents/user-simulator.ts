/** User Simulator: plays the customer from the task description alone (paper B.1). */
import { block, jsonBlock } from "./block.js";
import type { Message } from "./message.js";
import type { Role } from "./role.js";

/** Said alone when the goal is satisfied. */
export const stopSignal = "###STOP###";

export interface UserSimulatorInput {
  readonly profile: Readonly<Record<string, string | number | null>>;
  /** The task description's text. */
  readonly description: string;
  /** The agent speaks as `user`, the simulator's own lines stand as `assistant`. */
  readonly conversation: readonly Message[];
}

/** Answers with one line of free text. */
export const userSimulator: Role<UserSimulatorInput, never> = {
  agent: "user_simulator",
  version: "user_simulator@1",
  reply: null,
  prompt: ({ profile, description, conversation }) => [
    { role: "system", content: `${SYSTEM}\n\n${jsonBlock("user_profile", profile)}\n\n${block("task_description", description)}` },
    { role: "user", content: "Hello, how can I help you today?" },
    ...conversation,
  ],
};

const SYSTEM = `You play a customer who talks to a service agent. The block user_profile is who you are; the block task_description is what you want and how you behave.

- Write one message at a time, as the customer would say it, in your own words; never copy a line of the description.
- Tell only what the present step needs. Follow the sub-goals in order, and their triggers when what they wait for happens.
- Never make up a fact. If you are asked for something that neither block tells you, say that you do not know or do not have it.
- When every sub-goal is settled, answer with ${stopSignal} alone and nothing else. Never before.`;
