import type { z } from "zod";

/** Writes a command's answer: one JSON line of the documented shape, or the text for people. */
export function writeAnswer<Schema extends z.ZodType>(as: "json" | "text", schema: Schema, answer: z.input<Schema>, text: string): void {
  const written = as === "json" ? JSON.stringify(schema.parse(answer)) : text.trimEnd();
  process.stdout.write(`${written}\n`);
}

/** Says something beside the answer, on standard error. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
