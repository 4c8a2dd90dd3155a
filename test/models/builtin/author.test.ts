import { expect, test } from "vitest";
import { architectBlueprint } from "../../../agents/architect-blueprint.js";
import { architectPolicy, policySchema } from "../../../agents/architect-policy.js";
import { verifierPolicy } from "../../../agents/verifier-policy.js";
import { createBuiltinAuthor } from "../../../models/builtin/author.js";
import { ask, readSeed, requestOf, seedFiles } from "./chain.js";

const signal = new AbortController().signal;
const seed = readSeed(seedFiles[0]);

test("the built-in author answers the same request with the same bytes, and estimates its usage", async () => {
  const { model } = createBuiltinAuthor();
  const request = requestOf(architectBlueprint, { seed, correction: null }, 5);
  const reply = await model.complete(request, { signal });
  expect(await model.complete(request, { signal })).toEqual(reply);
  expect(reply.usage).toMatchObject({ cached: 0, estimated: true });
  expect(reply.finishReason).toBe("stop");
});

test("injected() tells the slip of an answer from the request alone, and nothing at rate 0", async () => {
  const request = requestOf(architectBlueprint, { seed, correction: null }, 5);
  expect(createBuiltinAuthor({ errRate: 1 }).injected(request)).toEqual(expect.any(String));
  expect(createBuiltinAuthor({ errRate: 0 }).injected(request)).toBeNull();
});

test("a seed without a vocabulary, and a prompt that the author does not know, are refused", async () => {
  const { model } = createBuiltinAuthor();
  await expect(
    model.complete(requestOf(architectBlueprint, { seed: { title: "t", summary: "s" }, correction: null }, 1), { signal }),
  ).rejects.toThrow("vocabulary");
  const unknown = { ...requestOf(architectBlueprint, { seed, correction: null }, 1), promptVersion: "poet@1" };
  await expect(model.complete(unknown, { signal })).rejects.toThrow('Cannot answer prompt "poet@1"');
});

test("the Architect repairs a policy from the report alone, and touches nothing else", async () => {
  const author = createBuiltinAuthor({ errRate: 0 });
  const blueprint = await ask(author, architectBlueprint, { seed, correction: null }, 5);
  const policy = await ask(author, architectPolicy, { seed, blueprint, correction: null }, 5);
  const broken = {
    ...policy,
    clauses: policy.clauses.map((clause) =>
      clause.text.includes("at most 3 live") ? { ...clause, text: clause.text.replace("at most 3", "at most 4") } : clause,
    ),
  };
  const review = await ask(author, verifierPolicy, { seed, blueprint, policy: policySchema.parse(broken) }, 5);
  const repaired = await ask(
    author,
    architectPolicy,
    { seed, blueprint, correction: { previous: JSON.stringify(broken), report: review.findings } },
    6,
  );
  expect(repaired).toEqual(policy);
});
