import { describe, expect, test } from "vitest";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { findWitnesses } from "../../environment/proof/witness.js";
import { matricesOf, runMatrix } from "../../environment/proof/write-matrix.js";
import { createRandom } from "../../models/builtin/random.js";
import { lendingSheet } from "../doubles/lending-sheet.js";

const compilation = compileSheet(lendingSheet);
if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
const { compiled } = compilation;

const random = createRandom(1, "matrix");
const { state, witnesses } = findWitnesses(compiled, { work: 5000, random: () => random.next() });
const matrices = matricesOf(compiled, state, witnesses);

/** The sheet's engine with one guard that always holds. */
function without(id: string): Compiled {
  return {
    ...compiled,
    triggerSql: compiled.triggerSql.map((sql) =>
      sql.replaceAll(/WHEN [^\n]* THEN RAISE\(ABORT, '([^']+)'\)/g, (part, raised: string) => (raised === id ? "WHEN FALSE THEN 0" : part)),
    ),
  };
}

describe("runMatrix()", () => {
  test("finds every statement refused by its rule", () => {
    const { run, failed } = runMatrix(compiled, matrices);
    expect(failed).toEqual([]);
    expect(run).toBeGreaterThan(100);
  });

  test.each([
    "loans.code.writable",
    "loans.status.move",
    "loans.lent_step.stamp",
    "members.loans_out.writable",
    "members.read_only",
    "receipts.read_only",
    "context.now",
  ])("notices an engine that lacks %s", (id) => {
    const open = without(id);
    expect(open.triggerSql).not.toEqual(compiled.triggerSql);
    expect(runMatrix(open, matrices).failed.length).toBeGreaterThan(0);
  });
});
