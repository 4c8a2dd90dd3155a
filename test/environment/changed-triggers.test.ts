import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type Compiled, compileSheet, emitTriggers } from "../../environment/compile/compile-sheet.js";
import { changedTriggers, originalOf } from "../../environment/proof/changed-triggers.js";
import type { Mutated } from "../../environment/proof/mutant.js";
import { mutantsOf } from "../../environment/proof/mutants.js";
import { shareParts } from "../../environment/proof/share-parts.js";
import { triggersByName } from "../../environment/proof/witness-run.js";
import { courses, projects } from "./sheets.js";

const travel: unknown = parse(readFileSync(new URL("../../examples/corporate-travel/sheet.yaml", import.meta.url), "utf8"));

test.each([
  ["the case study", travel],
  ["courses", courses],
  ["projects", projects],
])("changedTriggers() says of mutants of %s what compiling them from nothing says", (_, sheet) => {
  const compiled = compiledOf(sheet);
  const original = originalOf(compiled);
  const mutants = mutantsOf(compiled).flatMap((mutant, index) => (index % 4 === 0 ? (mutant.read() ?? []) : []));
  expect(mutants.length).toBeGreaterThan(50);
  for (const mutated of mutants) {
    const changed = changedTriggers(original, shareParts(compiled, mutated));
    expect(new Map([...changed].sort(byName))).toEqual(new Map([...differences(compiled, mutated)].sort(byName)));
  }
});

/** A copy shares no object with the original, so that nothing kept for the original serves it. */
function differences(compiled: Compiled, mutated: Mutated): ReadonlyMap<string, string | null> {
  const before = triggersByName(compiled.triggerSql);
  const after = triggersByName(emitTriggers(structuredClone(mutated.catalogue), structuredClone(mutated.normal)));
  return new Map([
    ...[...before.keys()].filter((name) => !after.has(name)).map((name) => [name, null] as const),
    ...[...after].filter(([name, sql]) => before.get(name) !== sql),
  ]);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function compiledOf(sheet: unknown): Compiled {
  const compilation = compileSheet(sheet);
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
  return compilation.compiled;
}
