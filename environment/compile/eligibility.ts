import type { Guard } from "./normal-form.js";

/** Whether a guard has a say in which row a promotion may take: the table's own rules, its moves' conditions and what is unique. */
export function isEligibilityGuard(guard: Guard, table: string): boolean {
  if (guard.table !== table) return false;
  return guard.origin === "rule" || guard.kind === "move_when" || guard.kind === "unique";
}
