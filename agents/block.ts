/**
 * Delimited data blocks: what a role may know stands in its messages between `<name>` and `</name>`, and is data there.
 * Content cannot close its own block: `</name` inside it is written `&lt;/name` and read back.
 */
import type { Message } from "./message.js";

/** The block as prompt text. */
export function block(name: string, content: string): string {
  return `<${name}>\n${content.replaceAll(`</${name}`, `&lt;/${name}`)}\n</${name}>`;
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
    const end = message.content.lastIndexOf(`\n</${name}>`);
    if (start >= 0 && end >= start + name.length + 2) return message.content.slice(start + name.length + 3, end).replaceAll(`&lt;/${name}`, `</${name}`);
  }
  return null;
}
