/** Every `--json` answer as a schema; `docs/json/` is generated from here. */
import { z } from "zod";
import {
  agentCostSchema,
  campaignStateSchema,
  datasetSchema,
  funnelStageSchema,
  packageLineSchema,
  roundsSchema,
} from "../datasets/campaign-report.js";

/** Last line of `run --json`, `npm start -- --json` and `status --json`. */
export const campaignAnswerSchema = z.strictObject({
  campaign: z.string(),
  state: campaignStateSchema,
  directory: z.string().describe("absolute path of the campaign's folder"),
  dataset: datasetSchema.extend({ path: z.string().describe("absolute path") }).nullable(),
  funnel: z.array(funnelStageSchema),
  rounds: roundsSchema.optional(),
  cost: z.array(agentCostSchema),
  packages: z.array(packageLineSchema.extend({ path: z.string().describe("absolute path of the package's folder") })),
  ui: z.string().nullable().describe("address of the Temporal UI that shows this campaign; null where it is not known"),
  query: z.string().describe("search query of the Temporal UI for this campaign"),
  elapsedMs: z.int().nonnegative(),
});
export type CampaignAnswer = z.infer<typeof campaignAnswerSchema>;

/** `run --dry-run --json`. */
export const dryRunAnswerSchema = z.strictObject({
  config: z.record(z.string(), z.unknown()).describe("the configuration with every default filled in"),
  scenarios: z.array(z.string()),
  environments: z.int().nonnegative(),
  tasks: z.int().nonnegative().describe("verified tasks wanted"),
  forecast: z.record(z.string(), z.unknown()).describe("expected calls, tokens and cost"),
});

/** `pause --json`, `resume --json`, `cancel --json`. */
export const signalAnswerSchema = z.strictObject({ campaign: z.string(), state: campaignStateSchema.describe("the state asked for") });

/** `server status|start|stop --json`. */
export const serverAnswerSchema = z.strictObject({
  state: z.enum(["running", "stopped", "absent"]),
  address: z.string().nullable(),
  ui: z.string().nullable(),
  version: z.string().nullable().describe("version of the Temporal server that made the database file"),
  pid: z.int().nullable(),
  database: z.string(),
});
export type ServerAnswer = z.infer<typeof serverAnswerSchema>;

/** `doctor --json`: `warning` does not stop a campaign. */
export const doctorAnswerSchema = z.strictObject({
  ok: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      verdict: z.enum(["ok", "warning", "failed"]),
      found: z.string(),
      fix: z.string().nullable(),
    }),
  ),
});
export type DoctorAnswer = z.infer<typeof doctorAnswerSchema>;

const failure = z.strictObject({ path: z.string(), message: z.string() });

/** `compile --json`. */
export const compileAnswerSchema = z.union([
  z.strictObject({ ok: z.literal(true), environment: z.string() }),
  z.strictObject({ ok: z.literal(false), errors: z.array(failure) }),
]);

const runs = z.looseObject({ run: z.int().nonnegative(), failed: z.array(z.unknown()) });

/** `prove --json`. */
export const proveAnswerSchema = z.looseObject({ ok: z.boolean(), witnesses: runs, matrix: runs });

/** One line of `verify --json`, a package each. */
export const verifyAnswerSchema = z.strictObject({
  package: z.string(),
  ok: z.boolean(),
  points: z
    .array(
      z.strictObject({
        name: z.enum(["replay", "idle", "necessary", "repeat", "altered", "invariants", "determined", "difficulty"]),
        ok: z.boolean(),
        evidence: z.unknown(),
      }),
    )
    .readonly(),
});

/** The answers by the name of their file in `docs/json/`. */
export const JSON_ANSWERS = {
  run: campaignAnswerSchema,
  "run-dry-run": dryRunAnswerSchema,
  status: campaignAnswerSchema,
  pause: signalAnswerSchema,
  resume: signalAnswerSchema,
  cancel: signalAnswerSchema,
  verify: verifyAnswerSchema,
  compile: compileAnswerSchema,
  prove: proveAnswerSchema,
  doctor: doctorAnswerSchema,
  server: serverAnswerSchema,
} as const satisfies Record<string, z.ZodType>;
