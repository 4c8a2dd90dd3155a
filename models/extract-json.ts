/** Finds the one JSON document in a model's answer; nothing is repaired, and an ambiguous answer is refused. */

/** Why no document was taken from a text. */
export type NoJson = { readonly kind: "none"; readonly code: "EMPTY" | "TOO_LARGE" | "NOT_JSON" | "TWO_BLOCKS"; readonly reason: string };

/** Characters of an answer that are looked at. */
const maxCharacters = 2_000_000;
const fence = /^[ \t]*```(?:json|JSON)?[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*```[ \t]*$/gm;

/**
 * The text of the document: the whole answer where that is JSON, else the only fenced block where that is JSON.
 * Byte-order mark and surrounding blanks do not count.
 */
export function extractJson(answer: string): { readonly kind: "json"; readonly text: string } | NoJson {
  if (answer.length > maxCharacters) return none("TOO_LARGE", `the answer has more than ${maxCharacters} characters`);
  const text = answer.replace(/^\uFEFF/, "").trim();
  if (text === "") return none("EMPTY", "the answer is empty");
  if (isJson(text)) return { kind: "json", text };
  const blocks = [...text.matchAll(fence)].map((match) => (match[1] ?? "").trim());
  if (blocks.length > 1) return none("TWO_BLOCKS", "the answer holds more than one fenced block: give one JSON document and nothing else");
  const only = blocks[0];
  if (only !== undefined && isJson(only)) return { kind: "json", text: only };
  return none("NOT_JSON", "the answer is not one complete JSON document");
}

function none(code: NoJson["code"], reason: string): NoJson {
  return { kind: "none", code, reason };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
