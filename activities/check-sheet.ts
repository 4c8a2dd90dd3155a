/** The physical checks of tables and rules, and both proofs: witnesses from the sheet, clause examples from the policy. */
import { z } from "zod";
import { type Policy, policySchema } from "../agents/architect-policy.js";
import { type Rules, rulesSchema } from "../agents/architect-rules.js";
import { type Tables, tablesSchema } from "../agents/architect-tables.js";
import { examplesSchema } from "../agents/verifier-examples.js";
import { type Compilation, type Compiled, compileSheet } from "../environment/compile/compile-sheet.js";
import { createRandom } from "../models/builtin/random.js";
import { prove } from "../environment/proof/prove.js";
import { type Disagreement, runExamples as runClauseExamples } from "../environment/proof/run-examples.js";
import type { sheetSchema } from "../environment/sheet/sheet.js";
import { structureOf } from "../environment/compile/structure.js";
import type { At, Checked, Ref } from "./contract.js";
import { finding, load, randomOf, report, type Workshop } from "./workshop.js";

interface SheetParts {
  readonly at: At;
  readonly policy: Ref;
  readonly tables: Ref;
  readonly rules: Ref;
}

/** Mutants that some witness must notice, of all mutants. */
const MUTATION_SCORE = 0.95;
/** Interpreted writes that the search for witnesses may take: some seconds where a sheet is large, and most need far fewer. */
const WITNESS_WORK = 10_000;

export interface JoinedSheet {
  readonly policy: Ref;
  readonly sheet: Ref;
  readonly tables: Ref;
  readonly rules: Ref;
  readonly structure: string;
}

export function createSheetActivities(workshop: Workshop) {
  /** Declarations alone: clauses count as conduct, since no rule is there yet to enforce them. */
  function checkTables({ at, policy, tables }: { readonly at: At; readonly policy: Ref; readonly tables: Ref }): Promise<Checked> {
    const declared = load(workshop, tables, tablesSchema);
    const clauses = load(workshop, policy, policySchema).clauses.map((clause) => ({ ...clause, kind: "conduct" as const }));
    const compilation = compileSheet({ logigen: 1, id: at.place.scenario, title: "tables alone", policy: clauses, ...declared, rules: [] });
    return Promise.resolve(
      compilation.ok
        ? { kind: "passed", line: `${String(compilation.compiled.schemaSql.length)} statements load` }
        : report(workshop, errorsOf(compilation)),
    );
  }

  function compileParts(parts: SheetParts): Compilation {
    return compileSheet(
      sheetOf(
        parts.at,
        load(workshop, parts.policy, policySchema),
        load(workshop, parts.tables, tablesSchema),
        load(workshop, parts.rules, rulesSchema),
      ),
    );
  }

  /** Clause examples first: they are quick, and a rule that one of them trips needs no other witness. */
  function checkRules(parts: SheetParts & { readonly examples: Ref | null }): Promise<Checked> {
    const compilation = compileParts(parts);
    if (!compilation.ok) return Promise.resolve(report(workshop, errorsOf(compilation)));
    const examples = parts.examples === null ? [] : load(workshop, parts.examples, examplesSchema).examples;
    const { disagreements, tripped } = runClauseExamples(compilation.compiled, examples);
    if (disagreements.length > 0) return Promise.resolve(report(workshop, disagreements.map(disagreementFinding)));
    const proof = proofOf(workshop, compilation.compiled, { at: parts.at, shown: tripped });
    return Promise.resolve(
      proof.kind === "failed" ? proof : { ...proof, line: `${String(examples.length)} clause examples agree, ${proof.line}` },
    );
  }

  function joinSheet(parts: SheetParts & { readonly title: string }): Promise<JoinedSheet> {
    const policy = load(workshop, parts.policy, policySchema);
    const sheet = sheetOf(parts.at, policy, load(workshop, parts.tables, tablesSchema), load(workshop, parts.rules, rulesSchema));
    return Promise.resolve(joined(sheet, parts));
  }

  /** A rule sheet of the user's: compiled and proven like a drafted one; the Verifier is not asked. */
  function enterSheet({
    at,
    sheet,
  }: {
    readonly at: At;
    readonly sheet: Ref;
  }): Promise<({ readonly kind: "passed"; readonly line: string } & JoinedSheet) | { readonly kind: "failed"; readonly line: string }> {
    const given = workshop.store.getJson(sheet, z.unknown());
    const compilation = compileSheet(given);
    if (!compilation.ok)
      return Promise.resolve({
        kind: "failed",
        line: compilation.errors
          .slice(0, 3)
          .map((error) => `${error.path}: ${error.message}`)
          .join("; "),
      });
    const { policy, actor, ladders, tables, rules, title } = compilation.compiled.sheet;
    const parts = {
      policy: workshop.store.putJson({ title, clauses: policy }),
      tables: workshop.store.putJson({ actor, ladders, tables }),
      rules: workshop.store.putJson({ rules }),
    };
    const proof = proofOf(workshop, compilation.compiled, { at, shown: new Set() });
    return Promise.resolve(
      proof.kind === "failed"
        ? { kind: "failed", line: proof.line }
        : { kind: "passed", line: proof.line, ...joined(compilation.compiled.sheet, parts) },
    );
  }

  function joined(sheet: unknown, parts: { readonly policy: Ref; readonly tables: Ref; readonly rules: Ref }): JoinedSheet {
    const compilation = compileSheet(sheet);
    if (!compilation.ok) throw new TypeError(`Cannot join a sheet that does not compile: ${compilation.errors[0]?.message ?? ""}`);
    return {
      policy: parts.policy,
      tables: parts.tables,
      rules: parts.rules,
      sheet: workshop.store.putJson(sheet),
      structure: structureOf(compilation.compiled),
    };
  }

  return { checkTables, checkRules, joinSheet, enterSheet };
}

function sheetOf(at: At, policy: Policy, tables: Tables, rules: Rules): z.input<typeof sheetSchema> {
  return { logigen: 1, id: at.place.scenario, title: policy.title, policy: policy.clauses, ...tables, ...rules };
}

/** Witnesses, write matrix and mutation score of a sheet, within the time that a stage may take. */
function proofOf(workshop: Workshop, compiled: Compiled, { at, shown }: { readonly at: At; readonly shown: ReadonlySet<string> }): Checked {
  const { witnesses, matrix, mutants } = prove(compiled, {
    work: WITNESS_WORK,
    random: createRandom(randomOf(at, "witnesses"), "witnesses").next,
    shown,
  });
  const failed = [...witnesses.failed, ...matrix.failed].map((one) =>
    finding(one.rule, one.message, "a rule that its witnesses accept and refuse as the sheet says"),
  );
  if (failed.length > 0) return report(workshop, failed);
  if (mutants.score < MUTATION_SCORE)
    return report(
      workshop,
      mutants.survivors.map((one) => finding(one.rule, `${one.change}: no witness notices`, "a rule that can be told from its neighbours")),
    );
  return {
    kind: "passed",
    line: `${String(witnesses.run)} witnesses, ${String(matrix.run)} matrix writes, mutation score ${mutants.score.toFixed(3)} of ${String(mutants.total)}`,
  };
}

function disagreementFinding(one: Disagreement): ReturnType<typeof finding> {
  return finding(
    one.where,
    `example "${one.example.title}": ${one.message}`,
    `clause ${one.example.clause} has the call ${one.example.verdict}`,
    one.example.clause,
  );
}

function errorsOf(compilation: Extract<Compilation, { ok: false }>): ReturnType<typeof finding>[] {
  return compilation.errors.map((error) =>
    finding(error.path, error.message, "what the message asks for", /clause (\d+(?:\.\d+)*)/.exec(error.message)?.[1] ?? null),
  );
}
