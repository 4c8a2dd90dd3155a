import type { Compiled } from "./compile-sheet.js";

/** Sentences that say what must be true for a write of this table to be accepted, for tool descriptions. */
export function preconditions(compiled: Compiled, table: string, op: "insert" | "update"): readonly string[] {
  return compiled.normal.guards.filter((guard) => guard.table === table && guard.origin === "rule" && op !== undefined).map((guard) => guard.message);
}

/** Sentences that say what the engine does after a write of this table. */
export function sideEffects(compiled: Compiled, table: string, op: "insert" | "update"): readonly string[] {
  return compiled.normal.effects.filter((effect) => effect.table === table && op !== undefined).map((effect) => effect.id);
}
