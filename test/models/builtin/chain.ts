/** The Architect's stages with the built-in author, as the pipeline runs them: draft, physical check, Verifier, report back. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { architectBlueprint, type Blueprint, blueprintGaps, blueprintSchema } from "../../../agents/architect-blueprint.js";
import { architectPolicy, type Policy, policySchema } from "../../../agents/architect-policy.js";
import { architectRules, type Rules, rulesSchema } from "../../../agents/architect-rules.js";
import { architectTables, type Tables, tablesSchema } from "../../../agents/architect-tables.js";
import { decodeReply, type Correction, type Finding, type Review, type Role } from "../../../agents/role.js";
import { type Examples, verifierExamples } from "../../../agents/verifier-examples.js";
import { verifierPolicy } from "../../../agents/verifier-policy.js";
import { verifierTables } from "../../../agents/verifier-tables.js";
import { compileSheet } from "../../../environment/compile/compile-sheet.js";
import { runExamples } from "../../../environment/proof/run-examples.js";
import { createBuiltinAuthor } from "../../../models/builtin/author.js";
import type { ModelRequest } from "../../../models/port.js";

/** The seeds that the built-in author composes from. */
export const seedFiles = [
  "travel-hospitality/corporate-travel-booking",
  "education-knowledge/librarian",
  "technology-media/telecom-support",
] as const;

/** A seed of the project. */
export function readSeed(file: string): { readonly vocabulary: unknown } {
  return z
    .looseObject({ vocabulary: z.unknown() })
    .parse(parse(readFileSync(new URL(`../../../seeds/${file}.yaml`, import.meta.url), "utf8")));
}

/** What became of errors put in on purpose in one stage. */
export interface Account {
  readonly stage: string;
  readonly injected: string[];
  readonly found: number;
  readonly rounds: number;
  readonly ok: boolean;
  /** What the last report said. */
  readonly report: readonly Finding[];
}

export interface Chain {
  readonly blueprint: Blueprint;
  readonly policy: Policy;
  readonly tables: Tables;
  readonly rules: Rules;
  readonly examples: Examples;
  readonly accounts: readonly Account[];
}

export interface ChainOptions {
  readonly errRate: number;
  /** Another Verifier in the place of the built-in one. */
  readonly review?: Review;
}

const ROUNDS = 4;

/** A request as an activity makes it. */
export function requestOf<Input, Output>(role: Role<Input, Output>, input: Input, random: number): ModelRequest {
  return {
    role: role.agent,
    promptVersion: role.version,
    messages: role.prompt(input),
    tools: [],
    reply: null,
    sampling: { temperature: 0, maxTokens: 1 },
    random,
  };
}

/** Asks the author as a role with a reply schema. @throws {TypeError} If the reply does not fit it. */
export async function ask<Input, Output>(
  author: ReturnType<typeof createBuiltinAuthor>,
  role: Role<Input, Output>,
  input: Input,
  random: number,
): Promise<Output> {
  const reply = await author.model.complete(requestOf(role, input, random), { signal: new AbortController().signal });
  if (role.reply === null) throw new TypeError("The role has no schema");
  const decoded = decodeReply(role.reply, reply.text);
  if (decoded.kind === "malformed") throw new TypeError(decoded.reason);
  return decoded.value;
}

/** All four stages for one random number. */
export async function runChain(seed: unknown, random: number, { errRate, review }: ChainOptions): Promise<Chain> {
  const author = createBuiltinAuthor({ errRate });
  const accounts: Account[] = [];

  async function stage<Input extends { readonly correction: Correction | null }, Output>(
    role: Role<Input, Output>,
    input: Input,
    check: (value: Output) => Promise<readonly Finding[]>,
  ): Promise<Output> {
    const injected: string[] = [];
    let found = 0;
    let correction: Correction | null = null;
    for (let round = 0; ; round += 1) {
      const number = random * 1000 + accounts.length * 10 + round;
      const request = requestOf(role, { ...input, correction }, role.version.includes("blueprint") ? random + round : number);
      const slip = author.injected(request);
      const reply = await author.model.complete(request, { signal: new AbortController().signal });
      if (role.reply === null) throw new TypeError("The role has no schema");
      const decoded = decodeReply(role.reply, reply.text);
      if (decoded.kind === "malformed") throw new TypeError(decoded.reason);
      if (slip !== null) injected.push(slip);
      const findings = await check(decoded.value);
      if (findings.length > 0 && slip !== null) found += 1;
      if (findings.length === 0 || round === ROUNDS) {
        accounts.push({ stage: role.version, injected, found, rounds: round, ok: findings.length === 0, report: findings });
        return decoded.value;
      }
      correction = { previous: reply.text, report: findings };
    }
  }

  const blueprint = await stage(architectBlueprint, { seed, correction: null }, async (plan) =>
    Promise.resolve(blueprintGaps(blueprintSchema.parse(plan)).map((gap) => finding("plan", gap, gap))),
  );
  const policy = await stage(
    architectPolicy,
    { seed, blueprint, correction: null },
    async (value) =>
      (review ?? (await ask(author, verifierPolicy, { seed, blueprint, policy: policySchema.parse(value) }, random))).findings,
  );
  const tables = await stage(architectTables, { seed, policy, correction: null }, async (value) => {
    const declared = tablesSchema.parse(value);
    const loaded = compileSheet({
      logigen: 1,
      id: "tables",
      title: "tables alone",
      policy: policy.clauses.map((clause) => ({ ...clause, kind: "conduct" })),
      ...declared,
      rules: [],
    });
    if (!loaded.ok) return loaded.errors.map(({ path, message }) => finding(path, message, "what the message asks for"));
    return (review ?? (await ask(author, verifierTables, { policy, tables: declared }, random))).findings;
  });
  const examples = review === undefined ? await ask(author, verifierExamples, { policy, tables }, random) : { examples: [] };
  const rules = await stage(architectRules, { policy, tables, correction: null }, async (value) => {
    const compilation = compileSheet({
      logigen: 1,
      id: "sheet",
      title: policy.title,
      policy: policy.clauses,
      ...tables,
      ...rulesSchema.parse(value),
    });
    if (!compilation.ok)
      return compilation.errors.map(({ path, message }) =>
        finding(path, message, "what the message asks for", /clause (\d+(?:\.\d+)*)/.exec(message)?.[1] ?? null),
      );
    const { disagreements } = runExamples(compilation.compiled, examples.examples);
    return Promise.resolve(
      disagreements.map(({ where, message, example }) =>
        finding(where, message, `clause ${example.clause} has the call ${example.verdict}`, example.clause),
      ),
    );
  });
  return { blueprint, policy, tables, rules, examples, accounts };
}

function finding(where: string, problem: string, expected: string, clause: string | null = null): Finding {
  return { clause, where, problem, expected };
}
