/** What a live session takes, measured in a fresh process. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Result } from "./measure.js";

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
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", "--import", "tsx", fileURLToPath(new URL("session-memory.ts", import.meta.url))],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`Cannot measure the memory of sessions: ${stderr}`);
  const { sessions, connections, writes, own, pooled, takeUpUs } = measuredSchema.parse(JSON.parse(stdout));
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
