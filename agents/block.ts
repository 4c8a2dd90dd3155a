/**
 * Delimited data blocks: what a role may know stands in its messages between `<name>` and `</name>`, and is data there.
 * Content can neither close a block nor open one: `<` before a letter or `/` is written `&lt;`, and read back.
 */
import type { Message } from "./message.js";

/** The block as prompt text. */
export function block(name: string, content: string): string {
  return `<${name}>\n${content.replaceAll(/&(?=lt;|amp;)/g, "&amp;").replaceAll(/<(?=[/A-Za-z])/g, "&lt;")}\n</${name}>`;
}

/** A block that holds a JSON document. */
export function jsonBlock(name: string, value: unknown): string {
  return block(name, JSON.stringify(value, null, 1));
}

/** The last block of that name in the user and system messages; null where there is none. */
export function readBlock(messages: readonly Message[], name: string): string | null {
  for (const message of messages.toReversed()) {
    if (message.role !== "user" && message.role !== "system") continue;
    const start = message.content.lastIndexOf(`<${name}>\n`);
    const end = message.content.indexOf(`\n</${name}>`, start);
    if (start >= 0 && end > start)
      return message.content
        .slice(start + name.length + 3, Math.max(end, start + name.length + 3))
        .replaceAll("&lt;", "<")
        .replaceAll("&amp;", "&");
  }
  return null;
}
