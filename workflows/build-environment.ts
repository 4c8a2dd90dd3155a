/** Everything up to the proven boundaries: policy, tables, rules, resources, cast, from wherever the scenario enters. */
import type { At, Checked, EnvironmentRefs, Ref, Stage } from "../activities/contract.js";
import { runStage, type Site, spend } from "./site.js";

/** How far in a scenario enters: the pipeline starts at the stage after it. */
export type Entry = "seed" | "policy" | "sheet" | "environment";

export interface Entering {
  readonly seed: Ref;
  readonly entry: Entry;
  /** Artefact of what the scenario enters with (policy, sheet or environment); null for a plain seed. */
  readonly entered: Ref | null;
}

/** Everything up to the proven boundaries; null, with the reason noted, where a stage refused. */
export async function buildEnvironment(site: Site, { seed, entry, entered }: Entering): Promise<EnvironmentRefs | null> {
  const { place, crew } = site;
  const at = (step: string): At => ({ place, step });
  if (entry === "environment" && entered !== null) {
    const taken = await crew.run("enterEnvironment", "00 enter | an environment of the user's", {
      at: at("enter"),
      environment: entered,
    });
    if (taken.kind === "failed") return refuse(site, "rules", taken.line);
    site.standing.structure = taken.structure;
    return stageBoundaries(site, {
      seed,
      policy: taken.policy,
      sheet: taken.sheet,
      tables: taken.tables,
      rules: taken.rules,
      cast: taken.cast,
      origin: taken.origin,
    });
  }
  if (entry === "sheet" && entered !== null) {
    const taken = await crew.run("enterSheet", "00 enter | a rule sheet of the user's", { at: at("enter"), sheet: entered });
    if (taken.kind === "failed") return refuse(site, "rules", taken.line);
    site.standing.structure = taken.structure;
    return stageWorld(site, { seed, policy: taken.policy, sheet: taken.sheet, tables: taken.tables, rules: taken.rules });
  }
  let policy: Ref | null = null;
  if (entry === "policy" && entered !== null)
    ({ policy } = await crew.run("enterPolicy", "00 enter | a policy of the user's, clause by clause", {
      at: at("enter"),
      text: entered,
    }));
  if (entry === "seed") {
    const blueprint = await runStage(site, {
      name: "blueprint",
      ordinal: "01",
      draft: "draftBlueprint",
      known: { seed },
      checks: [],
    });
    if (blueprint === null) return null;
    policy = await runStage(site, {
      name: "policy",
      ordinal: "02",
      draft: "draftPolicy",
      known: { seed, blueprint },
      checks: [review(site, "reviewPolicy", "02 policy | verify against seed and blueprint", { seed, blueprint })],
    });
  }
  if (policy === null) return null;
  const known = { seed, policy };
  const tables = await runStage(site, {
    name: "tables",
    ordinal: "03",
    draft: "draftTables",
    known,
    checks: [
      (artefact, round) =>
        crew.run("checkTables", "03 tables | check: do they load", {
          at: at(`checkTables ${String(round)}`),
          policy: known.policy,
          tables: artefact,
        }),
      review(site, "reviewTables", "03 tables | verify clause by clause", known),
    ],
  });
  if (tables === null) return null;
  const examples = await crew.ask("writeExamples", "04 rules | verifier writes clause examples", {
    at: at("writeExamples"),
    known: { ...known, tables },
  });
  if (examples.kind === "malformed") {
    site.standing.report = examples.report;
    return refuse(site, "rules", `examples: ${examples.line}`);
  }
  const rules = await runStage(site, {
    name: "rules",
    ordinal: "04",
    draft: "draftRules",
    known: { ...known, tables },
    checks: [
      (artefact, round) =>
        crew.run("checkRules", "04 rules | both proofs: clause examples, witnesses, matrix, mutants", {
          at: at(`checkRules ${String(round)}`),
          policy: known.policy,
          tables,
          rules: artefact,
          examples: examples.artefact,
        }),
    ],
  });
  if (rules === null) return null;
  const joined = await crew.run("joinSheet", "04 rules | the sheet", {
    at: at("joinSheet"),
    policy: known.policy,
    tables,
    rules,
    title: place.scenario,
  });
  site.standing.structure = joined.structure;
  return stageWorld(site, { seed, policy: known.policy, sheet: joined.sheet, tables, rules });
}

/** Resources, cast and boundaries on a finished sheet. */
async function stageWorld(
  site: Site,
  { seed, policy, sheet, tables, rules }: Readonly<Record<"seed" | "policy" | "sheet" | "tables" | "rules", Ref>>,
): Promise<EnvironmentRefs | null> {
  const { place, crew } = site;
  const at = (step: string): At => ({ place, step });
  const known = { seed, policy, tables };
  const resources = await runStage(site, {
    name: "resources",
    ordinal: "05",
    draft: "designResources",
    known,
    checks: [
      (artefact, round) =>
        crew.run("checkResources", "05 resources | labels hold, rows fit", {
          at: at(`checkResources ${String(round)}`),
          sheet,
          resources: artefact,
        }),
    ],
  });
  if (resources === null) return null;
  const origin: { ref: Ref } = { ref: "" };
  const cast = await runStage(site, {
    name: "cast",
    ordinal: "06",
    draft: "assembleCast",
    known: { ...known, resources },
    checks: [
      async (artefact, round) => {
        const outcome = await crew.run("checkCast", "06 cast | history through the engine, origin sealed", {
          at: at(`checkCast ${String(round)}`),
          sheet,
          resources,
          cast: artefact,
        });
        if (outcome.kind === "passed") origin.ref = outcome.origin;
        return outcome;
      },
    ],
  });
  if (cast === null) return null;
  return stageBoundaries(site, { seed, policy, sheet, tables, rules, cast, origin: origin.ref });
}

/** The last stage before customers come in. */
async function stageBoundaries(
  site: Site,
  {
    seed,
    policy,
    sheet,
    tables,
    rules,
    cast,
    origin,
  }: Readonly<Record<"seed" | "policy" | "sheet" | "tables" | "rules" | "cast" | "origin", Ref>>,
): Promise<EnvironmentRefs | null> {
  const { place, crew } = site;
  const at = (step: string): At => ({ place, step });
  const proven: { ref: Ref } = { ref: "" };
  const boundaries = await runStage(site, {
    name: "boundaries",
    ordinal: "07",
    draft: "nameBoundaries",
    known: { policy, tables, rules, sheet, origin },
    checks: [
      async (artefact, round) => {
        const outcome = await crew.run("checkBoundaries", "07 boundaries | each claim run on a copy of the origin", {
          at: at(`checkBoundaries ${String(round)}`),
          sheet,
          origin,
          boundaries: artefact,
        });
        if (outcome.kind === "passed") proven.ref = outcome.proven;
        return outcome;
      },
    ],
  });
  return boundaries === null ? null : { seed, policy, sheet, origin, boundaries: proven.ref, cast };
}

/** The Verifier's look at an artefact, as one of a stage's checks. */
function review(site: Site, name: "reviewPolicy" | "reviewTables", summary: string, known: Readonly<Record<string, Ref>>) {
  return async (artefact: Ref, round: number): Promise<Checked> => {
    const outcome = await site.crew.ask(name, summary, { at: { place: site.place, step: `${name} ${String(round)}` }, known, artefact });
    spend(site, outcome.spent);
    return outcome;
  };
}

function refuse({ standing }: Site, name: Stage, line: string): null {
  standing.events.push({ stage: name, outcome: "unresolved" });
  standing.reason = `${name}: ${line}`;
  return null;
}
