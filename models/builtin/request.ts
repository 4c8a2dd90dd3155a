/** What a request of the built-in author holds: its data blocks, and in a corrective round the previous answer with the report. */
import { z } from "zod";
import { readBlock } from "../../agents/block.js";
import { type Finding, findingSchema } from "../../agents/role.js";
import type { ModelRequest } from "../port.js";

/** A block that must be there, read by its schema. @throws {SyntaxError} If it is absent or no JSON. @throws {z.ZodError} If it has another shape. */
export function readJsonBlock<T>(request: ModelRequest, name: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readTextBlock(request, name)));
}

/** A block that must be there, as text. @throws {SyntaxError} If it is absent. */
export function readTextBlock({ messages, promptVersion }: ModelRequest, name: string): string {
  const text = readBlock(messages, name);
  if (text === null) throw new SyntaxError(`Cannot answer as ${promptVersion}: the messages hold no block <${name}>`);
  return text;
}

/** The previous answer and the findings on it; null in a first attempt. */
export function readCorrection<T>(
  { messages }: ModelRequest,
  schema: z.ZodType<T>,
): { readonly previous: T; readonly findings: readonly Finding[] } | null {
  const last = messages.at(-1);
  const before = messages.at(-2);
  if (last?.role !== "user" || before?.role !== "assistant") return null;
  const report = readBlock([last], "report");
  if (report === null) return null;
  return { previous: schema.parse(JSON.parse(before.content)), findings: z.array(findingSchema).parse(JSON.parse(report)) };
}
