import { createHash } from "node:crypto";
import { z } from "zod";

/** SHA-256 in lower-case hex: the name of an artefact. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, "a digest is 64 hexadecimal digits");
export type Digest = z.infer<typeof digestSchema>;

/** The digest of bytes, or of a text as UTF-8. */
export function contentDigest(content: Uint8Array | string): Digest {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * JSON with one spelling a value: members sorted by UTF-16 code units, no blanks, numbers as ECMAScript writes them.
 * Members that are undefined are left out, as JSON does.
 *
 * @throws {TypeError} If the value is not JSON: NaN, an infinity, a bigint, undefined in a list, a function, text with a lone surrogate.
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === "string") return canonicalText(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && isPlain(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    // Member names are distinct, so no two compare equal.
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${canonicalText(name)}:${canonicalJson(member)}`).join(",")}}`;
  }
  throw new TypeError(`Cannot write ${typeof value === "number" ? String(value) : `a ${typeof value}`} as canonical JSON`);
}

function canonicalText(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new TypeError("Cannot write text with a lone surrogate as canonical JSON");
  return JSON.stringify(text);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
