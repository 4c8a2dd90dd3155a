/**
 * What one endpoint understands of the chat completions protocol. It is found out by asking: a request refused for a part that
 * the refusal names is asked again without that part, and what was learnt is kept. A refused request is not charged.
 */

/** How a reply schema is asked for, from the strongest to the weakest. */
const replyModes = ["json_schema", "json_object", "prompt"] as const;

export interface Dialect {
  readonly replyMode: (typeof replyModes)[number];
  readonly tokenLimit: "max_tokens" | "max_completion_tokens";
  readonly seed: "sent" | "omitted";
  /** Whether reasoning of earlier assistant messages is sent back. */
  readonly reasoning: "sent" | "omitted";
}

/** What is tried first. */
export const firstDialect: Dialect = { replyMode: "json_schema", tokenLimit: "max_tokens", seed: "sent", reasoning: "omitted" };

/** The dialect to try next after a refusal (status 400 or 422) with these words; null where they name nothing that can be left out. */
export function nextDialect(dialect: Dialect, refusal: string): Dialect | null {
  const weaker = replyModes[replyModes.indexOf(dialect.replyMode) + 1];
  if (weaker !== undefined && /response_format|json_schema|json_object|structured output/i.test(refusal))
    return { ...dialect, replyMode: weaker };
  if (dialect.tokenLimit === "max_tokens" && /max_completion_tokens/.test(refusal))
    return { ...dialect, tokenLimit: "max_completion_tokens" };
  if (dialect.reasoning === "omitted" && /reasoning_content/.test(refusal)) return { ...dialect, reasoning: "sent" };
  if (dialect.seed === "sent" && /\bseed\b/.test(refusal)) return { ...dialect, seed: "omitted" };
  return null;
}
