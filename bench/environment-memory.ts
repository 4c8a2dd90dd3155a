/** What a live session takes, measured in a fresh process. */
import { z } from "zod";
import type { Result } from "./measure.js";
import { measureApart } from "./measure-apart.js";

const measuredSchema = z.object({
  sessions: z.number(),
  connections: z.number(),
  writes: z.number(),
  own: z.number(),
  pooled: z.number(),
  takeUpUs: z.number(),
});

/** @throws {Error} If the process fails. */
export function benchMemory(): readonly Result[] {
  const { sessions, connections, writes, own, pooled, takeUpUs } = measureApart("session-memory.ts", measuredSchema, ["--expose-gc"]);
  const many = sessions.toLocaleString("en-US");
  return [
    {
      name: `a session of ${many} with ${writes} writes each, on ${connections} connections, KB`,
      value: pooled,
      goal: "≤ 100",
      ok: pooled <= 100,
    },
    { name: "a session on a connection of its own, copy of the origin and schema included, KB", value: own, goal: "", ok: null },
    { name: `a call of a session without a connection: its ${writes} writes made again, µs`, value: takeUpUs, goal: "", ok: null },
  ];
}
