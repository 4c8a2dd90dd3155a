/** Verifying packages, as a verifier does that has a process to itself. */
import { z } from "zod";
import { measureApart } from "./measure-apart.js";
import type { Result } from "./measure.js";

/** Packages verified a second, with two alterations an argument and with all there are, and the time by length of the log. */
export function benchPackage(): readonly Result[] {
  const { writes, alterations, share, fewOfAll, ...times } = measureApart("package-process.ts", measuredSchema);
  const rate = 1e6 / times.few;
  const line = (name: string, time: number): Result => ({ name: `verify, ${name}, ms`, value: time / 1000, goal: "", ok: null });
  const name = `verify a package of ${writes} writes, ${alterations} alterations each`;
  return [
    { name: "rounds in which the machine was left alone, share", value: share, goal: "", ok: null },
    {
      name: `${name}, a second of a core`,
      value: rate,
      goal: "≥ 100",
      ok: rate >= 100,
    },
    { name: `${name}, all rounds`, value: 1e6 / fewOfAll, goal: "", ok: null },
    line("4 writes, every alteration", times.all),
    line("1 write", times.one),
    line("2 writes", times.two),
    line("4 writes", times.few),
    line("8 writes", times.eight),
    line("12 writes", times.twelve),
  ];
}

/** Times of one package each, in µs. */
const measuredSchema = z.strictObject({
  writes: z.number(),
  alterations: z.number(),
  few: z.number(),
  fewOfAll: z.number(),
  share: z.number(),
  all: z.number(),
  one: z.number(),
  two: z.number(),
  eight: z.number(),
  twelve: z.number(),
});
