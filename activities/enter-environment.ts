/** An environment of the user's: its sheet is compiled again, its origin sealed, its customers taken as the cast. */
import { ApplicationFailure } from "@temporalio/common";
import { z } from "zod";
import { policySchema } from "../agents/architect-policy.js";
import { policyFromText } from "../agents/policy-from-text.js";
import { compileSheet } from "../environment/compile/compile-sheet.js";
import { digestSchema } from "../storage/content-digest.js";
import type { At, Ref } from "./contract.js";
import { visibleRows } from "./loaded.js";
import { load, type Workshop } from "./workshop.js";
import type { JoinedSheet } from "./check-sheet.js";
import { structureOf } from "../environment/compile/structure.js";

/** What a scenario enters with when it brings a whole environment: its sheet (JSON) and its snapshot. */
export const enteredEnvironmentSchema = z.strictObject({ sheet: digestSchema, origin: digestSchema });

type Entered =
  | ({ readonly kind: "passed"; readonly line: string; readonly origin: Ref; readonly cast: Ref } & JoinedSheet)
  | { readonly kind: "failed"; readonly line: string };

export function createEnterActivities(workshop: Workshop) {
  function enterEnvironment({ environment }: { readonly at: At; readonly environment: Ref }): Promise<Entered> {
    const { sheet, origin } = load(workshop, environment, enteredEnvironmentSchema);
    const compilation = compileSheet(workshop.store.getJson(sheet, z.unknown()));
    if (!compilation.ok)
      return Promise.resolve({
        kind: "failed",
        line: compilation.errors
          .slice(0, 3)
          .map((error) => `${error.path}: ${error.message}`)
          .join("; "),
      });
    const { compiled } = compilation;
    const { policy, actor, ladders, tables, rules, title } = compiled.sheet;
    const { rows, now } = visibleRows(compiled, workshop.store.get(origin));
    const customers = compiled.catalogue.actor;
    const users =
      customers === null
        ? []
        : (rows[customers.table] ?? []).map((row) => ({
            key: row[customers.key] ?? "",
            archetype: "edge",
            why: "a customer of the environment given",
          }));
    return Promise.resolve({
      kind: "passed",
      line: `${String(rules.length)} rules, ${String(users.length)} customers`,
      policy: workshop.store.putJson({ title, clauses: policy }),
      tables: workshop.store.putJson({ actor, ladders, tables }),
      rules: workshop.store.putJson({ rules }),
      sheet,
      origin,
      cast: workshop.store.putJson({ rows: [], users, start: now, history: [], now }),
      structure: structureOf(compiled),
    });
  }

  /** A policy of the user's, word for word; its numbering and its gaps are reported. */
  function enterPolicy({ text }: { readonly at: At; readonly text: Ref }): Promise<{ readonly policy: Ref; readonly line: string }> {
    const { policy, gaps } = policyFromText(workshop.store.get(text).toString("utf8"));
    const parsed = policySchema.safeParse(policy);
    if (!parsed.success)
      throw ApplicationFailure.nonRetryable(`Cannot read the policy: ${parsed.error.issues[0]?.message ?? ""}`, "BAD_REQUEST");
    return Promise.resolve({
      policy: workshop.store.putJson(parsed.data),
      line: `${String(policy.clauses.length)} clauses${gaps.length === 0 ? "" : `; ${gaps.slice(0, 5).join("; ")}`}`,
    });
  }

  return { enterEnvironment, enterPolicy };
}
