/**
 * A seat: one session in the child, made anew from its own log when the environment has broken out of its transaction.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { openRewardedSession, type RewardedSession } from "../compare/rewarded-session.js";
import { callLimits, ExactJsonError, parseExactJson } from "../engine/exact-json.js";
import { type LoggedCall, openSession, type Session, type SessionSource } from "../engine/session.js";
import { refuse, type ToolResult } from "../engine/tool-result.js";

/** What a seat is opened on: paths of an environment folder and, where the seat is rewarded, of a target's SQLite file. */
export const seatSourceSchema = z.strictObject({ folder: z.string(), target: z.string().nullable() });
export type SeatSource = z.infer<typeof seatSourceSchema>;

/** `text` is the answer as it is sent; `written` says that the call was an accepted write. */
export type Spoken = { readonly text: string; readonly written: boolean };

/** Caps of one seat, in bytes: an answer, and the growth of its database over the origin. */
export type SeatLimits = { readonly answerBytes: number; readonly growthBytes: number };

export interface Seat {
  /** One call with arguments as a session takes them; `write` makes the answer's text. */
  call(tool: string, given: unknown, write: (result: ToolResult) => string): Spoken;
  reset(): void;
  log(): readonly LoggedCall[];
  /** @throws {TypeError} If the seat has no target. */
  rewarded(): RewardedSession;
  close(): void;
}

/** Opens a seat. @throws {Error} If the target cannot be read, or a snapshot is no SQLite file. */
export function openSeat(environment: SessionSource, target: string | null, limits: SeatLimits): Seat {
  const goal = target === null ? null : readFileSync(target);
  let opened = open();
  let accepted = 0;

  function open(): { readonly session: Session; readonly rewarded: RewardedSession | null } {
    const rewarded = goal === null ? null : openRewardedSession({ ...environment, target: goal });
    const session = rewarded ?? openSession(environment);
    capGrowth(session, limits.growthBytes);
    return { session, rewarded };
  }

  function call(tool: string, given: unknown, write: (result: ToolResult) => string): Spoken {
    try {
      const result = opened.session.call(tool, given);
      const text = write(result);
      const written = result.ok && "row" in result;
      if (text.length <= limits.answerBytes) {
        if (written) accepted += 1;
        return { text, written };
      }
    } catch {
      rebuild();
      return { text: write(refuse("INTERNAL", "The environment failed to carry out this call; nothing was changed")), written: false };
    }
    rebuild();
    const cut = refuse("LIMIT", `The answer holds more than ${limits.answerBytes} characters; nothing was changed`);
    return { text: write(cut), written: false };
  }

  /** A transaction that the environment has ended cannot be taken back; the log can be made again. */
  function rebuild(): void {
    const log = opened.session.log().slice(0, accepted);
    opened.session.close();
    opened = open();
    for (const { tool, arguments: given } of log) {
      if (!opened.session.call(tool, given).ok) throw new Error(`Cannot rebuild the session: "${tool}" was accepted and is now refused`);
    }
  }

  function reset(): void {
    opened.session.reset();
    accepted = 0;
  }

  function rewarded(): RewardedSession {
    if (opened.rewarded === null) throw new TypeError("Cannot tell a reward: the seat has no target");
    return opened.rewarded;
  }

  function close(): void {
    opened.session.close();
  }

  return { call, reset, log: () => opened.session.log(), rewarded, close };
}

/** Arguments as the model wrote them, or the answer to what is no JSON. */
export function readArguments(
  text: string,
): { readonly ok: true; readonly given: unknown } | { readonly ok: false; readonly result: ToolResult } {
  try {
    return { ok: true, given: parseExactJson(text, callLimits) };
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error;
    const code = error.reason === "limit" ? "LIMIT" : "INVALID_ARGUMENTS";
    return {
      ok: false,
      result: refuse(code, `The arguments are not readable JSON: ${error.message}`, "Send one JSON object"),
    };
  }
}

/** An endless write then ends in SQLITE_FULL, before the memory of all seats of the child is gone. */
function capGrowth({ db }: Session, growthBytes: number): void {
  const [pages, pageSize] = (["page_count", "page_size"] as const).map((name) => Number(db.pragma(name, { simple: true })));
  db.pragma(`max_page_count = ${(pages ?? 0) + Math.ceil(growthBytes / (pageSize ?? 4096))}`);
}
