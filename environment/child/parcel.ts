/** A document and named bytes in one piece: what is too large for a line, or no text. */

import { z } from "zod";

const listSchema = z.strictObject({ head: z.unknown(), parts: z.array(z.tuple([z.string(), z.int().nonnegative()])) });

/** `head` is JSON. */
export type Parcel = { readonly head: unknown; readonly parts: ReadonlyMap<string, Buffer> };

const headBytes = 4;

/** The bytes of a parcel: the length of what it lists, the list as JSON, the parts one after another. */
export function packParcel({ head, parts }: Parcel): Buffer {
  const list = Buffer.from(JSON.stringify({ head, parts: [...parts].map(([name, bytes]) => [name, bytes.length]) }));
  const length = Buffer.alloc(headBytes);
  length.writeUInt32BE(list.length);
  return Buffer.concat([length, list, ...parts.values()]);
}

/** Reads what {@link packParcel} wrote; the parts are views of `bytes`. @throws {Error} If it is something else. */
export function unpackParcel(bytes: Buffer): Parcel {
  if (bytes.length < headBytes) throw new SyntaxError("Cannot read a parcel: it ends too soon");
  let at = headBytes + bytes.readUInt32BE();
  const { head, parts: listed } = listSchema.parse(JSON.parse(bytes.subarray(headBytes, at).toString()));
  const parts = new Map<string, Buffer>();
  for (const [name, length] of listed) {
    parts.set(name, bytes.subarray(at, at + length));
    at += length;
  }
  if (at !== bytes.length) throw new SyntaxError("Cannot read a parcel: it is not as long as it says");
  return { head, parts };
}
