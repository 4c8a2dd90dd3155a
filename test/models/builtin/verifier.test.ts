import { describe, expect, test } from "vitest";
import { renderPolicy } from "../../../agents/architect-policy.js";
import { readPolicyText } from "../../../models/builtin/reading/read-policy.js";
import { writeExamples } from "../../../models/builtin/verifier-examples.js";
import { readSeed, runChain, seedFiles } from "./chain.js";

describe.each(seedFiles)("the Verifier on %s", (file) => {
  test("sets up every scene that a pattern asks for", async () => {
    for (const number of [1, 4, 7]) {
      const { policy } = await runChain(readSeed(file), number, { errRate: 0, review: { ok: true, findings: [] } });
      const { failures } = writeExamples(readPolicyText(renderPolicy(policy)));
      expect(failures).toEqual([]);
    }
  }, 60_000);

  test("agrees with an Architect that does not err, and has examples on both sides of rules", async () => {
    const { accounts, examples, policy } = await runChain(readSeed(file), 2, { errRate: 0 });
    expect(accounts.map(({ stage, rounds, ok, report }) => ({ stage, rounds, ok, report }))).toEqual(
      ["architect.blueprint@1", "architect.policy@1", "architect.tables@1", "architect.rules@1"].map((stage) => ({
        stage,
        rounds: 0,
        ok: true,
        report: [],
      })),
    );
    const limits = policy.clauses.filter(({ heading, kind }) => heading === "Conditions and limits" && kind === "enforceable");
    const oneSided = limits
      .filter(({ id }) => new Set(examples.examples.filter(({ clause }) => clause === id).map(({ verdict }) => verdict)).size < 2)
      .map(({ text }) => text);
    expect(oneSided).toEqual([]);
  }, 60_000);

  test("finds every error put in on purpose, and the report is enough to repair it", async () => {
    for (const number of [2, 3]) {
      const { accounts } = await runChain(readSeed(file), number, { errRate: 1 });
      expect(accounts.map(({ stage, ok }) => ({ stage, ok }))).toEqual(accounts.map(({ stage }) => ({ stage, ok: true })));
      for (const { injected, found } of accounts) expect({ injected, found }).toEqual({ injected, found: injected.length });
    }
  }, 120_000);
});

test("a Verifier that always agrees misses errors", async () => {
  const chains = await Promise.all(
    [2, 3, 4].map((number) => runChain(readSeed(seedFiles[1]), number, { errRate: 1, review: { ok: true, findings: [] } })),
  );
  const missed = chains.flatMap(({ accounts }) => accounts).reduce((sum, { injected, found }) => sum + injected.length - found, 0);
  expect(missed).toBeGreaterThan(0);
}, 60_000);
