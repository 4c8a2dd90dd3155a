/** The slowest comparison of up to 250 created rows: `npx tsx bench/isomorphism.ts` lists every case. */
import { pathToFileURL } from "node:url";
import { compareFacts } from "../environment/compare/diff.js";
import { seeded } from "../test/doubles/random-states.js";
import { type Case, mostRows, zoo } from "./isomorphism-zoo.js";
import type { Result } from "./measure.js";

type Timed = Case & { readonly verdict: string; readonly seconds: number };

/** Seconds of CPU of the slowest case of the zoo, and how many cases are decided, and rightly. */
export function benchIsomorphism(): readonly Result[] {
  const timed = timeAll();
  const slowest = Math.max(...timed.map(({ seconds }) => seconds));
  const right = timed.filter(isRight).length / timed.length;
  return [
    {
      name: `comparison of up to ${mostRows} created rows, slowest of ${timed.length}, s`,
      value: slowest,
      goal: "≤ 1",
      ok: slowest <= 1,
    },
    { name: "comparisons decided rightly, share", value: right, goal: "= 1", ok: right === 1 },
  ];
}

function timeAll(): readonly Timed[] {
  return zoo(seeded).map((each) => {
    const before = process.cpuUsage();
    const verdict = compareFacts(each.a, each.b);
    const { user, system } = process.cpuUsage(before);
    return { ...each, verdict, seconds: (user + system) / 1e6 };
  });
}

function isRight({ verdict, equal }: Timed): boolean {
  return verdict === (equal ? "equal" : "unequal");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const each of [...timeAll()].sort((a, b) => b.seconds - a.seconds))
    process.stdout.write(
      `${each.seconds.toFixed(3).padStart(7)} s  ${String(each.a.facts.length).padStart(3)} rows  ${each.verdict.padEnd(9)}  ${isRight(each) ? "" : "WRONG "}${each.name}\n`,
    );
}
