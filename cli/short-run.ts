/**
 * For a command that is over within seconds. V8 optimises what runs often on threads beside, and in so short a run most of that
 * work is never earned back: a proof took a quarter of a processor's time less without it. Code that runs on for long is still
 * optimised, only later. Its baseline compiler on the other hand is quick, and pays from a function's first call on: another
 * twentieth.
 *
 * @see https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
import { setFlagsFromString } from "node:v8";

/** How much bytecode a function runs before it may be optimised, several times V8's own measure. */
const BUDGET_BYTES = 1_000_000;

/** To be called before the work begins; it holds for the whole process. */
export function expectShortRun(): void {
  setFlagsFromString("--always-sparkplug");
  setFlagsFromString(`--interrupt-budget=${BUDGET_BYTES}`);
}
