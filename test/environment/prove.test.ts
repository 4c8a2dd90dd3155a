import { describe, expect, test } from "vitest";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { prove } from "../../environment/proof/prove.js";
import { createRandom } from "../../models/builtin/random.js";
import { toolLibrary } from "../doubles/tool-library.js";
import { toolRentalSheet } from "../doubles/tool-rental.js";
import { courses, projects } from "./sheets.js";

function compile(sheet: unknown): Compiled {
  const compilation = compileSheet(sheet);
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
  return compilation.compiled;
}

describe("prove()", () => {
  test.each([
    ["courses", () => compile(courses)],
    ["projects", () => compile(projects)],
    ["the tool library", toolLibrary],
    ["the tool rental", () => compile(toolRentalSheet())],
  ])("holds for %s, and its witnesses notice 95 of 100 mutants", { timeout: 120_000 }, (_name, compiled) => {
    const random = createRandom(1, "proof");
    const { ok, witnesses, matrix, mutants } = prove(compiled(), { work: 20_000, random: () => random.next() });
    expect([witnesses.failed, matrix.failed, ok]).toEqual([[], [], true]);
    expect(mutants.total).toBeGreaterThan(40);
    expect(mutants.score).toBeGreaterThanOrEqual(0.95);
  });
});
