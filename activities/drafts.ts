/** The Architect's and the Set Designer's stages: what is known goes into the prompt, the artefact comes back (one model call each). */
import { z } from "zod";
import { architectBlueprint, blueprintGaps, blueprintSchema } from "../agents/architect-blueprint.js";
import { architectPolicy, type Policy, policySchema } from "../agents/architect-policy.js";
import { architectRules, rulesSchema } from "../agents/architect-rules.js";
import { architectTables, tablesSchema } from "../agents/architect-tables.js";
import { type Correction, findingSchema } from "../agents/role.js";
import { setDesignerBoundaries } from "../agents/set-designer-boundaries.js";
import { setDesignerCast } from "../agents/set-designer-cast.js";
import { resourcesSchema, setDesignerResources } from "../agents/set-designer-resources.js";
import { draftArtefact } from "./ask-role.js";
import type { At, CorrectionRefs, Drafted, Ref } from "./contract.js";
import { loadCompiled, visibleRows } from "./loaded.js";
import { load, type Workshop } from "./workshop.js";

/** `known` holds the artefacts that the stage builds on, by name. */
export interface DraftInput {
  readonly at: At;
  readonly known: Readonly<Record<string, Ref>>;
  readonly correction: CorrectionRefs | null;
}

export function createDraftActivities(workshop: Workshop) {
  function correctionOf(refs: CorrectionRefs | null): Correction | null {
    if (refs === null) return null;
    return { previous: workshop.store.get(refs.previous).toString("utf8"), report: load(workshop, refs.report, z.array(findingSchema)) };
  }

  function knownAs<T>({ known }: DraftInput, name: string, schema: z.ZodType<T>): T {
    const ref = known[name];
    if (ref === undefined) throw new TypeError(`Cannot draft without "${name}"`);
    return load(workshop, ref, schema);
  }

  function draftBlueprint(input: DraftInput): Promise<Drafted> {
    return draftArtefact(workshop, architectBlueprint, {
      at: input.at,
      run: "blueprint",
      input: { seed: knownAs(input, "seed", z.unknown()), correction: correctionOf(input.correction) },
      line: (plan) => `${String(plan.rules.length)} rules planned, ${String(plan.operations.length)} operations`,
      gaps: blueprintGaps,
    });
  }

  function draftPolicy(input: DraftInput): Promise<Drafted> {
    return draftArtefact(workshop, architectPolicy, {
      at: input.at,
      run: "policy",
      input: {
        seed: knownAs(input, "seed", z.unknown()),
        blueprint: knownAs(input, "blueprint", blueprintSchema),
        correction: correctionOf(input.correction),
      },
      line: (policy) => `${String(policy.clauses.length)} clauses`,
      gaps: policyDefects,
    });
  }

  function draftTables(input: DraftInput): Promise<Drafted> {
    return draftArtefact(workshop, architectTables, {
      at: input.at,
      run: "tables",
      input: {
        seed: knownAs(input, "seed", z.unknown()),
        policy: knownAs(input, "policy", policySchema),
        correction: correctionOf(input.correction),
      },
      line: ({ tables }) => `${String(Object.keys(tables).length)} tables`,
    });
  }

  function draftRules(input: DraftInput): Promise<Drafted> {
    return draftArtefact(workshop, architectRules, {
      at: input.at,
      run: "rules",
      input: {
        policy: knownAs(input, "policy", policySchema),
        tables: knownAs(input, "tables", tablesSchema),
        correction: correctionOf(input.correction),
      },
      line: ({ rules }) => `${String(rules.length)} rules`,
    });
  }

  function designResources(input: DraftInput): Promise<Drafted> {
    return draftArtefact(workshop, setDesignerResources, {
      at: input.at,
      run: "resources",
      input: {
        seed: knownAs(input, "seed", z.unknown()),
        policy: knownAs(input, "policy", policySchema),
        tables: knownAs(input, "tables", tablesSchema),
        correction: correctionOf(input.correction),
      },
      line: ({ rows }) => `${String(rows.length)} rows`,
    });
  }

  function assembleCast(input: DraftInput): Promise<Drafted> {
    return draftArtefact(workshop, setDesignerCast, {
      at: input.at,
      run: "cast",
      input: {
        seed: knownAs(input, "seed", z.unknown()),
        policy: knownAs(input, "policy", policySchema),
        tables: knownAs(input, "tables", tablesSchema),
        resources: knownAs(input, "resources", resourcesSchema),
        correction: correctionOf(input.correction),
      },
      line: ({ users, history }) => `${String(users.length)} customers, ${String(history.length)} steps of history`,
    });
  }

  function nameBoundaries(input: DraftInput): Promise<Drafted> {
    const compiled = loadCompiled(workshop, input.known["sheet"] ?? "");
    const { rows, now } = visibleRows(compiled, workshop.store.get(input.known["origin"] ?? ""));
    return draftArtefact(workshop, setDesignerBoundaries, {
      at: input.at,
      run: "boundaries",
      input: {
        policy: knownAs(input, "policy", policySchema),
        tables: knownAs(input, "tables", tablesSchema),
        rules: knownAs(input, "rules", rulesSchema),
        rows,
        now,
        correction: correctionOf(input.correction),
      },
      line: ({ claims }) => `${String(claims.length)} boundaries claimed`,
    });
  }

  return { draftBlueprint, draftPolicy, draftTables, draftRules, designResources, assembleCast, nameBoundaries };
}

/** What is wrong with a policy before anybody reads it. */
function policyDefects({ clauses }: Policy): string[] {
  const defects: string[] = [];
  const seen = new Set<string>();
  for (const { id } of clauses) {
    if (seen.has(id)) defects.push(`clause ${id} stands twice; give each clause an id of its own`);
    seen.add(id);
  }
  if (!clauses.some((clause) => clause.kind === "enforceable"))
    defects.push("no clause is enforceable; write those that a database can decide");
  return defects;
}
