/**
 * `play --ndjson`: one line out for each line in, in order.
 *
 * `{"op":"tools"|"reset"|"reward"|"log"}` or `{"tool","arguments"}`; a line that is neither is `BAD_REQUEST`.
 */
import { once } from "node:events";
import { z } from "zod";
import { PoolError } from "../environment/child/pool-error.js";
import { ExactJsonError, parseExactJson, stringifyExactJson } from "../environment/engine/exact-json.js";
import type { Playable } from "./playable.js";
import { readLines } from "./read-lines.js";

/** A line is longer than the arguments it carries: those have a cap of their own, with a code of its own. */
const lineLimits = { maxBytes: 1_048_576, maxDepth: 32 };

const requestSchema = z.union([
  z.strictObject({ op: z.enum(["tools", "reset", "reward", "log"]) }),
  z.strictObject({ tool: z.string(), arguments: z.unknown().refine((given) => given !== undefined) }),
]);
type Request = z.infer<typeof requestSchema>;

/** Where lines come from and where answers go. */
export type Streams = { readonly input: AsyncIterable<Buffer>; readonly output: NodeJS.WritableStream };

/** Answers every line until the input ends. */
export async function playLines(playable: Playable, { input, output }: Streams): Promise<void> {
  for await (const line of readLines(input)) {
    const written = output.write(`${stringifyExactJson(await answerLine(playable, line))}\n`);
    if (!written) await once(output, "drain");
  }
}

async function answerLine(playable: Playable, line: string): Promise<unknown> {
  const request = readRequest(line);
  if ("ok" in request) return request;
  try {
    return await answer(playable, request);
  } catch (error) {
    // An import that was stopped too often answers nothing more, but its lines are answered.
    if (error instanceof PoolError) return failure("INTERNAL", error.message);
    throw error;
  }
}

async function answer(playable: Playable, request: Request): Promise<unknown> {
  const { session, tools, restart } = playable;
  if ("tool" in request) return session.call(request.tool, request.arguments);
  switch (request.op) {
    case "tools":
      return { ok: true, tools };
    case "reset":
      await restart();
      return { ok: true };
    case "log":
      return { ok: true, writes: await session.log() };
    case "reward":
      return rewardOf(playable);
  }
}

/** The reward and, of a refusal task, the metric beside it, which is none. */
async function rewardOf({ rewarded, refusalReads }: Playable): Promise<unknown> {
  if (rewarded === null) return failure("NO_TARGET", "An environment without a target has no reward");
  const reads = refusalReads();
  return { ok: true, ...(await rewarded.reward()), ...(reads !== null && { refusal_reads: reads }) };
}

function readRequest(line: string): Request | ReturnType<typeof failure> {
  try {
    const request = requestSchema.safeParse(parseExactJson(line, lineLimits));
    return request.success
      ? request.data
      : failure("BAD_REQUEST", 'A line is {"op":"tools"|"reset"|"reward"|"log"} or {"tool","arguments"}');
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error;
    return failure("BAD_REQUEST", error.message);
  }
}

function failure(code: "BAD_REQUEST" | "NO_TARGET" | "INTERNAL", message: string) {
  return { ok: false as const, error: { code, message, violated_rule: null, hint: null } };
}
