import type { ModelErrorCode, ModelReply } from "./port.js";

/** Why the text of a paid reply must not be used. */
export interface ReplyDefect {
  readonly code: Extract<ModelErrorCode, "LENGTH" | "FILTERED" | "REFUSED">;
  /** Fit to stand in a report. */
  readonly reason: string;
}

/**
 * What is wrong with a reply as a whole; null where it may be read. A reply cut off is never parsed: what is left may be a valid
 * document that says something else. Such replies are outcomes, journalled and counted like any other.
 */
export function replyDefect(reply: Pick<ModelReply, "finishReason">): ReplyDefect | null {
  switch (reply.finishReason) {
    case "length":
      return { code: "LENGTH", reason: "the answer was cut off at the cap on its tokens" };
    case "content_filter":
      return { code: "FILTERED", reason: "the endpoint's content filter withheld the answer" };
    case "refusal":
      return { code: "REFUSED", reason: "the model refused to answer" };
    case "stop":
    case "tool_calls":
    case "other":
      return null;
  }
}
