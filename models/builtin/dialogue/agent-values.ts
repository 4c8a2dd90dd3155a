/** Values that the policy makes the agent work out: a refund by age, a price by the catalogue. */
import type { Frame } from "./agent-frame.js";
import type { Desk } from "./agent-reading.js";
import type { Said } from "./plain-text.js";
import type { Script } from "./script.js";

/** The arguments of the act that follow from the policy's calculations and from what can be read, by name. */
export function* calculate(_desk: Desk, _frame: Frame): Script<readonly (readonly [string, Said])[]> {
  yield* [];
  return [];
}
