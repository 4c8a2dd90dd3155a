/** What the messages say that the triggers of an import raise: they are the author's own words, and often start with a code. */

const longest = 500;

/** A message as an agent is told it; one of more than 500 characters is cut. */
export function toldMessage(raised: string): string {
  const text = raised.trim();
  if (text === "") return "The environment refuses this write";
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/**
 * The code at the head of a message: `[CODE] …`, `CODE: …`, `CODE - …`, or a message that is one word with a point, an underscore or
 * capitals alone; null where it has none.
 */
export function codeOf(raised: string): string | null {
  const text = raised.trim();
  const bracketed = /^\[\s*([A-Za-z0-9_.:-]{1,64})\s*\]/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? null;
  const headed = /^([A-Z][A-Z0-9_.-]{1,63})\s*(?::|\s[-–—]\s)/.exec(text);
  if (headed !== null) return headed[1] ?? null;
  return /^(?:[A-Za-z][A-Za-z0-9-]*(?:[._][A-Za-z0-9-]+)+|[A-Z][A-Z0-9]{2,63})$/.test(text) ? text.slice(0, 64) : null;
}
