/** The Verifier: reads policy and tables, never the rules, and answers with findings or with examples to run. */
import { z } from "zod";
import { blueprintSchema } from "../agents/architect-blueprint.js";
import { policySchema } from "../agents/architect-policy.js";
import { tablesSchema } from "../agents/architect-tables.js";
import { decodeReply, type Review, type Role } from "../agents/role.js";
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

export function createReviewActivities(workshop: Workshop) {
  async function review<Input>(role: Role<Input, Review>, { at, run, input }: { readonly at: At; readonly run: string; readonly input: Input }): Promise<Checked<{ readonly spent: Spent }> & { readonly spent: Spent }> {
    const { reply, spent } = await askRole(workshop, role, { at, input, run });
    const decoded = role.reply === null ? { kind: "malformed" as const, reason: "no schema" } : decodeReply(role.reply, reply.text);
    if (decoded.kind === "malformed") return { ...report(workshop, [finding("review", `the Verifier's answer could not be read: ${decoded.reason}`, "the same document again")]), spent };
    if (decoded.value.findings.length === 0) return { kind: "passed", line: "no finding", spent };
    return { ...report(workshop, decoded.value.findings), spent };
  }

  function reviewPolicy({ at, known, artefact }: ReviewInput) {
    return review(verifierPolicy, { at, run: "policy", input: { seed: load(workshop, known["seed"] ?? "", z.unknown()), blueprint: load(workshop, known["blueprint"] ?? "", blueprintSchema), policy: load(workshop, artefact, policySchema) } });
  }

  function reviewTables({ at, known, artefact }: ReviewInput) {
    return review(verifierTables, { at, run: "tables", input: { policy: load(workshop, known["policy"] ?? "", policySchema), tables: load(workshop, artefact, tablesSchema) } });
  }

  function writeExamples({ at, known }: { readonly at: At; readonly known: Readonly<Record<string, Ref>> }): Promise<Drafted> {
    return draftArtefact(workshop, verifierExamples, {
      at,
      run: "rules",
      input: { policy: load(workshop, known["policy"] ?? "", policySchema), tables: load(workshop, known["tables"] ?? "", tablesSchema) },
      line: ({ examples }) => `${String(examples.length)} examples for ${String(new Set(examples.map((example) => example.clause)).size)} clauses`,
    });
  }

  return { reviewPolicy, reviewTables, writeExamples };
}
