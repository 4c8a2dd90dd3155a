/** What the Client works with in one conversation, and how it speaks. */
import type { ClientReply, Lead } from "../../../agents/client.js";
import type { Said, Wording } from "./plain-text.js";
import { type Chance, say, type Script } from "./script.js";

/** What a Client knows of itself and its story. */
export interface ClientStory {
  readonly profile: Readonly<Record<string, Said | null>>;
  readonly wanted: "reach" | "refusal";
  readonly episode: number;
  readonly leads: readonly Lead[];
}

export interface ClientDesk extends ClientStory {
  readonly words: Wording;
  readonly chance: Chance;
  /** The goal once committed to. */
  goal: string | null;
  /** Refusals since something was last done: a patient customer does not go on for ever. */
  refusals: number;
}

/** One act that the Client asks for; a lead tells which rows and values are meant. */
export interface Intention {
  readonly act: string;
  readonly lead: Lead | null;
  /** Thought of only when nothing else could be done. */
  readonly late: boolean;
}

/** Refusals in a row after which the Client asks for nothing that it expects to be refused. */
export const PATIENCE = 3;

/** Says a line as the Client's reply, a JSON document. */
export function* reply(desk: ClientDesk, line: string, status: ClientReply["status"]): Script<string> {
  const answer: ClientReply = { goal: desk.goal, say: line, status };
  return yield* say(JSON.stringify(answer));
}
