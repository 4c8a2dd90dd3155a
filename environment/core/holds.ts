import type { Comparison } from "./expression.js";

/** Whether a comparison is true of two things of which the first stands below (negative), at (0) or above (positive) the second. */
export function holds(op: Comparison, order: number): boolean {
  switch (op) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}
