import { describe, expect, test } from "vitest";
import { type ClauseExample, clauseExampleSchema } from "../../environment/proof/clause-example.js";
import { compileSheet } from "../../environment/compile/compile-sheet.js";
import { runExamples } from "../../environment/proof/run-examples.js";
import { lendingSheet } from "../doubles/lending-sheet.js";

const compilation = compileSheet(lendingSheet);
if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
const { compiled } = compilation;

const rows = {
  implements: [{ code: "saw", weight: 1.5, price: null, limit: 1 }],
  members: [{ id: "m1", name: "Ada", pin: "1234", loans_out: 0 }],
};
const lend = { tool: "insert_loans", arguments: { code: "saw", days: 2 } };

function example(parts: Partial<ClauseExample>): ClauseExample {
  return clauseExampleSchema.parse({
    clause: "1.1",
    title: "a loan",
    rows,
    now: 5,
    actor: "m1",
    call: lend,
    verdict: "accepted",
    ...parts,
  });
}

describe("runExamples()", () => {
  test("agrees with an accepted call and the rows after it", () => {
    const after = [{ table: "members", where: { id: "m1" }, values: { loans_out: 1 } }];
    expect(runExamples(compiled, [example({ after })])).toEqual({ run: 1, disagreements: [], tripped: new Set() });
  });

  test("agrees with a refusal by a rule that cites the clause", () => {
    const { disagreements, tripped } = runExamples(compiled, [example({ first: [lend, lend], verdict: "refused" })]);
    expect(disagreements).toEqual([]);
    expect(tripped).toEqual(new Set(["loan.quota"]));
  });

  test("disagrees where a call is accepted that should be refused", () => {
    const [found] = runExamples(compiled, [example({ first: [lend], verdict: "refused" })]).disagreements;
    expect(found).toMatchObject({ kind: "verdict", found: "accepted", where: "call" });
  });

  test("disagrees where a call is refused that should be accepted, naming the rule", () => {
    const [found] = runExamples(compiled, [example({ first: [lend, lend] })]).disagreements;
    expect(found).toMatchObject({ kind: "verdict", found: "refused", where: "call" });
    expect(found?.rule).toEqual(expect.any(String));
    expect(found?.message).toContain(found?.rule);
  });

  test("disagrees where a first call is refused", () => {
    const [found] = runExamples(compiled, [example({ first: [lend, lend, lend], verdict: "refused" })]).disagreements;
    expect(found).toMatchObject({ kind: "verdict", found: "refused", where: "first call 3" });
  });

  test("disagrees where a refusal comes from a rule that cites another clause", () => {
    const [found] = runExamples(compiled, [example({ clause: "1.2", first: [lend, lend], verdict: "refused" })]).disagreements;
    expect(found).toMatchObject({ kind: "clause", found: "refused" });
    expect(found?.message).toContain("clause 1.2");
  });

  test("disagrees where the rows after are others", () => {
    const after = [{ table: "members", where: { id: "m1" }, values: { loans_out: 2 } }];
    const [found] = runExamples(compiled, [example({ after })]).disagreements;
    expect(found).toMatchObject({ kind: "after", found: "accepted", where: "after 1" });
    expect(found?.message).toContain("loans_out = 1");
  });

  test.each<[name: string, parts: Partial<ClauseExample>, where: string]>([
    ["rows of no table", { rows: { ...rows, ghosts: [{ id: 1 }] } }, "rows"],
    ["a column that is absent", { rows: { ...rows, members: [{ id: "m1", name: "Ada", pin: "1234", age: 3 }] } }, "rows"],
    [
      "a dangling reference",
      { rows: { ...rows, loans: [{ id: 1, member_id: "m9", code: "saw", days: 1, lent_step: 1, status: "OUT" }] } },
      "rows",
    ],
    ["an unknown actor", { actor: "m7" }, "actor"],
    ["an unknown tool", { call: { tool: "delete_loans", arguments: {} } }, "call"],
    ["an unknown tool before", { first: [{ tool: "steal", arguments: {} }] }, "first call 1"],
    ["rows after in no table", { after: [{ table: "ghosts", where: {}, values: {} }] }, "after 1"],
  ])("says of %s that the example cannot be run", (_name, parts, where) => {
    const [found] = runExamples(compiled, [example(parts)]).disagreements;
    expect(found).toMatchObject({ kind: "example", found: "not run", where, rule: null });
    expect(found?.message).toContain("cannot be run");
  });
});
