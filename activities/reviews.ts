/** The Verifier: reads policy and tables, never the rules, and answers with findings or with examples to run. */
import { z } from "zod";
import { blueprintSchema } from "../agents/architect-blueprint.js";
import { policySchema } from "../agents/architect-policy.js";
import { tablesSchema } from "../agents/architect-tables.js";
import { decodeReply, type Finding, type Review, type Role } from "../agents/role.js";
import { verifierExamples } from "../agents/verifier-examples.js";
import { verifierPolicy } from "../agents/verifier-policy.js";
import { verifierTables } from "../agents/verifier-tables.js";
import { askRole, draftArtefact } from "./ask-role.js";
import type { At, Checked, Drafted, Ref, Spent } from "./contract.js";
import { finding, load, report, type Workshop } from "./workshop.js";

export interface ReviewInput {
  readonly at: At;
  readonly known: Readonly<Record<string, Ref>>;
  readonly artefact: Ref;
}

type Read =
  | { readonly kind: "read"; readonly findings: readonly Finding[]; readonly spent: Spent }
  | { readonly kind: "malformed"; readonly reason: string; readonly spent: Spent };

export function createReviewActivities(workshop: Workshop) {
  async function review<Input>(
    role: Role<Input, Review>,
    { at, run, input }: { readonly at: At; readonly run: string; readonly input: Input },
  ): Promise<Checked<{ readonly spent: Spent }> & { readonly spent: Spent }> {
    const read = await readTwice(at, (asked) => readReview(role, { at: asked, run, input }));
    const { spent } = read;
    if (read.kind === "malformed")
      return {
        ...report(workshop, [finding("review", `the Verifier's answer could not be read: ${read.reason}`, "the same document again")]),
        spent,
      };
    if (read.findings.length === 0) return { kind: "passed", line: "no finding", spent };
    return { ...report(workshop, read.findings), spent };
  }

  async function readReview<Input>(
    role: Role<Input, Review>,
    question: { readonly at: At; readonly run: string; readonly input: Input },
  ): Promise<Read> {
    const { reply, defect, spent } = await askRole(workshop, role, question);
    if (role.reply === null) throw new TypeError(`Cannot read a reply of role "${role.version}": it has no schema`);
    if (defect !== null) return { kind: "malformed", reason: defect, spent };
    const decoded = decodeReply(role.reply, reply.text);
    if (decoded.kind === "malformed") return { ...decoded, spent };
    const { ok, findings } = decoded.value;
    if (!ok && findings.length === 0) return { kind: "malformed", reason: "it refuses the document without a finding", spent };
    return { kind: "read", findings, spent };
  }

  function reviewPolicy({ at, known, artefact }: ReviewInput) {
    return review(verifierPolicy, {
      at,
      run: "policy",
      input: {
        seed: load(workshop, known["seed"] ?? "", z.unknown()),
        blueprint: load(workshop, known["blueprint"] ?? "", blueprintSchema),
        policy: load(workshop, artefact, policySchema),
      },
    });
  }

  function reviewTables({ at, known, artefact }: ReviewInput) {
    return review(verifierTables, {
      at,
      run: "tables",
      input: { policy: load(workshop, known["policy"] ?? "", policySchema), tables: load(workshop, artefact, tablesSchema) },
    });
  }

  function writeExamples({ at, known }: { readonly at: At; readonly known: Readonly<Record<string, Ref>> }): Promise<Drafted> {
    const input = {
      policy: load(workshop, known["policy"] ?? "", policySchema),
      tables: load(workshop, known["tables"] ?? "", tablesSchema),
    };
    return readTwice(at, (asked) =>
      draftArtefact(workshop, verifierExamples, {
        at: asked,
        run: "rules",
        input,
        line: ({ examples }) =>
          `${String(examples.length)} examples for ${String(new Set(examples.map((example) => example.clause)).size)} clauses`,
      }),
    );
  }

  return { reviewPolicy, reviewTables, writeExamples };
}

/** Asks once more, as a step of its own, where the answer is malformed: that is no fault of what the Verifier reads. */
async function readTwice<Answer extends { readonly kind: string; readonly spent: Spent }>(
  at: At,
  ask: (at: At) => Promise<Answer>,
): Promise<Answer> {
  const first = await ask(at);
  if (first.kind !== "malformed") return first;
  const second = await ask({ ...at, step: `${at.step} again` });
  return { ...second, spent: { tokens: first.spent.tokens + second.spent.tokens, money: first.spent.money + second.spent.money } };
}
