/** What a command line asks for: the resolved configuration, and the scenarios with everything they enter with. */
import { readFileSync } from "node:fs";
import { policySchema } from "../agents/architect-policy.js";
import { policyFromText } from "../agents/policy-from-text.js";
import { compileSheet } from "../environment/compile/compile-sheet.js";
import type { SheetError } from "../environment/core/sheet-error.js";
import { EnvironmentFolderError, readCompiledEnvironment } from "../environment/engine/folder.js";
import { parseSheet } from "../environment/engine/parse-sheet.js";
import { canonicalJson, contentDigest } from "../storage/content-digest.js";
import type { Store } from "../storage/store.js";
import { type CampaignConfig, campaignConfigSchema, loadCampaignConfig } from "./campaign-config.js";
import type { CampaignRecord } from "./campaign-folder.js";
import { type LoadedSeed, loadSeeds, SeedError } from "./load-seed.js";

export interface CampaignPlan {
  readonly config: CampaignConfig;
  readonly scenarios: readonly ScenarioPlan[];
  /** What a person should look at before the start: lines of their policies that were read in a way to be checked. */
  readonly notices: readonly string[];
}

/** A scenario as the pipeline takes it: the seed, and the artefacts that a later entry brings. */
export interface ScenarioPlan {
  readonly id: string;
  readonly title: string;
  readonly entry: LoadedSeed["entry"]["kind"];
  readonly seed: LoadedSeed["seed"];
  readonly entered: Entered;
}

type Entered =
  | { readonly kind: "nothing" }
  | { readonly kind: "policy"; readonly text: string }
  | { readonly kind: "sheet"; readonly sheet: unknown }
  | { readonly kind: "environment"; readonly sheet: unknown; readonly origin: Buffer };

/**
 * Reads configuration (null: every default) and seeds.
 * @throws {ConfigError} Or {SeedError}, with every problem found.
 */
export function planCampaign(configFile: string | null, seedFiles: readonly string[]): CampaignPlan {
  const config = configFile === null ? campaignConfigSchema.parse({}) : loadCampaignConfig(configFile);
  const seeds = loadSeeds(seedFiles, config);
  return { config, scenarios: seeds.map(scenarioOf), notices: seeds.flatMap(noticesOf) };
}

/** What decides the campaign's results; a campaign runs on only with the same. Its own folder and time are no part of it. */
export function planRecord({ config, scenarios }: CampaignPlan): CampaignRecord {
  return { format: 1, config, scenarios: Object.fromEntries(scenarios.map((scenario) => [scenario.id, scenarioDigest(scenario)])) };
}

/** Leaves a scenario's artefacts in the store; `entered` is null for a plain seed. */
export function storeScenario(store: Store, { seed, entered }: ScenarioPlan): { readonly seed: string; readonly entered: string | null } {
  return { seed: store.putJson(seed), entered: storeEntered(store, entered) };
}

function storeEntered(store: Store, entered: Entered): string | null {
  switch (entered.kind) {
    case "nothing":
      return null;
    case "policy":
      return store.put(entered.text);
    case "sheet":
      return store.putJson(entered.sheet);
    case "environment":
      return store.putJson({ sheet: store.putJson(entered.sheet), origin: store.put(entered.origin) });
  }
}

function scenarioOf(loaded: LoadedSeed): ScenarioPlan {
  const { seed, entry } = loaded;
  return { id: seed.id, title: seed.title, entry: entry.kind, seed, entered: enteredOf(loaded) };
}

function enteredOf({ entry, problemAt }: LoadedSeed): Entered {
  switch (entry.kind) {
    case "seed":
      return { kind: "nothing" };
    case "policy":
      return { kind: "policy", text: readPolicy(entry.path) };
    case "sheet": {
      const read = readSheet(entry.path);
      if (read.kind === "sheet") return read;
      throw new SeedError([problemAt(["sheet"], `expected a rule sheet at ${entry.path} that compiles: ${read.reason}`)]);
    }
    case "environment":
      try {
        const { compiled, origin } = readCompiledEnvironment(entry.path);
        return { kind: "environment", sheet: compiled.sheet, origin };
      } catch (error) {
        if (!(error instanceof EnvironmentFolderError)) throw error;
        throw new SeedError([problemAt(["environment"], `expected an environment folder at ${entry.path}: ${error.message}`)]);
      }
  }
}

/** @throws {SeedError} At the file's line, if it has no clause or one that is too long. */
function readPolicy(file: string): string {
  const text = readFileSync(file, "utf8");
  const { policy, lines } = policyFromText(text);
  const [wrong] = policySchema.safeParse(policy).error?.issues ?? [];
  if (wrong === undefined) return text;
  const [, index] = wrong.path;
  const expected = policy.clauses.length === 0 ? "expected at least one clause: a paragraph or list item" : wrong.message;
  throw new SeedError([{ file, line: (typeof index === "number" ? lines[index] : undefined) ?? 1, key: "", expected }]);
}

const NOTICES = 20;

/** The gaps of the policy that a seed brings, at most `NOTICES` lines. */
function noticesOf({ entry }: LoadedSeed): readonly string[] {
  if (entry.kind !== "policy") return [];
  const { gaps } = policyFromText(readFileSync(entry.path, "utf8"));
  const told = gaps.length <= NOTICES ? gaps : [...gaps.slice(0, NOTICES - 1), `and ${String(gaps.length - NOTICES + 1)} more`];
  return told.map((gap) => `${entry.path}: ${gap}`);
}

function readSheet(
  file: string,
): { readonly kind: "sheet"; readonly sheet: unknown } | { readonly kind: "refused"; readonly reason: string } {
  const parsed = parseSheet(readFileSync(file, "utf8"));
  if (!parsed.ok) return refused(parsed.errors);
  const compilation = compileSheet(parsed.sheet);
  return compilation.ok ? { kind: "sheet", sheet: parsed.sheet } : refused(compilation.errors);
}

function refused(errors: readonly SheetError[]) {
  return {
    kind: "refused",
    reason: errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; "),
  } as const;
}

function scenarioDigest({ seed, entered }: ScenarioPlan): string {
  const content = entered.kind === "environment" ? { ...entered, origin: contentDigest(entered.origin) } : entered;
  return contentDigest(canonicalJson({ seed, content }));
}
