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
import { refusalReadsSchema } from "../datasets/trajectory.js";

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

/** `import --json`: the environment and what a person should look at, or everything that was refused. */
export const importAnswerSchema = z.union([
  z.strictObject({
    ok: z.literal(true),
    environment: z.string().describe("absolute path of the environment folder"),
    findings: z.array(
      z.strictObject({
        kind: z.string().describe("sort of finding, as in docs/import.md"),
        object: z.string().describe("the trigger, table, column, code or file it is about"),
        message: z.string(),
      }),
    ),
  }),
  z.strictObject({
    ok: z.literal(false),
    refused: z.array(
      z.strictObject({
        file: z.string(),
        statement: z.string().nullable().describe("line and first words of the statement; null: the whole file"),
        code: z.string(),
        message: z.string(),
      }),
    ),
  }),
]);

const runs = z.strictObject({
  run: z.int().nonnegative(),
  failed: z.array(
    z.strictObject({ rule: z.string(), message: z.string().describe("what was done, expected and found, for the sheet's author") }),
  ),
});
const mutant = z.strictObject({ rule: z.string(), operator: z.string(), change: z.string(), why: z.string() });

/** `prove --json`. */
export const proveAnswerSchema = z.strictObject({
  ok: z.boolean().describe("whether every witness and every case of the matrix holds"),
  witnesses: runs,
  matrix: runs,
  mutants: z.strictObject({
    total: z.int().nonnegative(),
    killed: z.int().nonnegative(),
    score: z.number().describe("killed of total, from 0 to 1; 1 where there are none"),
    by_operator: z.record(z.string(), z.strictObject({ total: z.int().nonnegative(), killed: z.int().nonnegative() })),
    survivors: z.array(mutant),
    equivalent: z.array(mutant).describe("not noticed, and proven by machine to answer as the original does; not in total"),
    few: z
      .array(z.strictObject({ rule: z.string(), mutants: z.int().nonnegative() }))
      .describe("rules of which fewer than four mutants were tried"),
  }),
});

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

const cells = z.record(z.string(), z.unknown());

/** `diff --json`, and each answer of `diff --batch`; integers beyond 2^53 are JSON strings. */
export const diffAnswerSchema = z.union([
  z.strictObject({ equal: z.null(), undecided: z.literal(true).describe("not decided within the work limit") }),
  z.strictObject({
    equal: z.boolean(),
    missing: z.int().nonnegative().describe("changes that the wanted state has and the found one lacks"),
    collateral: z.int().nonnegative().describe("the reverse"),
    upper_bound: z.literal(true).optional().describe("the two counts are upper bounds; the verdict is exact"),
    rows: z
      .array(
        z.strictObject({
          table: z.string(),
          key: cells,
          column: z.string().nullable().describe("null: a whole row"),
          wanted: z.unknown().describe("a cell or a whole row; null where that side has no such row"),
          found: z.unknown(),
        }),
      )
      .readonly(),
  }),
]);

const binary = z.union([z.literal(0), z.literal(1)]);
const failedCall = z.strictObject({
  ok: z.literal(false),
  error: z.strictObject({
    code: z
      .enum(["POLICY_VIOLATION", "INVALID_ARGUMENTS", "UNKNOWN_TOOL", "NOT_FOUND", "LIMIT", "INTERNAL", "BAD_REQUEST", "NO_TARGET"])
      .describe("the last two are about the line: it is no request, or asks for the reward where there is no target"),
    message: z.string(),
    violated_rule: z.string().nullable(),
    hint: z.string().nullable(),
  }),
});

/** One line out of `play --ndjson`; integers beyond 2^53 are JSON strings, blobs `{"base64"}`. */
export const playAnswerSchema = z.union([
  z.strictObject({ ok: z.literal(true), rows: z.array(cells), truncated: z.boolean(), cursor: z.string().nullable() }),
  z.strictObject({
    ok: z.literal(true),
    row: cells.describe("the row written, as stored"),
    effects: z
      .array(z.strictObject({ table: z.string(), key: cells, columns: cells, deleted: z.literal(true).optional() }))
      .describe("every other row that the write changed"),
  }),
  z
    .strictObject({
      ok: z.literal(true),
      paper: z.strictObject({ diff: z.int().nonnegative(), r_final: binary, p: z.number(), r: z.number() }),
      default: z.strictObject({
        missing: z.int().nonnegative(),
        collateral: z.int().nonnegative(),
        success: binary.nullable().describe("null where equality could not be decided"),
        p: z.number(),
        r: z.number().describe("of the last call"),
      }),
      refusal_reads: refusalReadsSchema.optional(),
    })
    .describe("op reward"),
  z
    .strictObject({ ok: z.literal(true), tools: z.array(z.strictObject({ name: z.string(), description: z.string(), parameters: cells })) })
    .describe("op tools"),
  z.strictObject({ ok: z.literal(true), writes: z.array(z.strictObject({ tool: z.string(), arguments: cells })) }).describe("op log"),
  z.strictObject({ ok: z.literal(true) }).describe("op reset"),
  failedCall,
]);

/** `view --json`: the agent has `policy` and `tools`, the simulator `profile` and `description`, the grader everything. */
export const viewAnswerSchema = z.strictObject({
  policy: z.string().optional(),
  tools: z
    .array(z.strictObject({ name: z.string(), description: z.string(), parameters: cells }))
    .readonly()
    .optional(),
  profile: cells.optional().describe("what the user knows of himself, by label"),
  description: z.string().optional().describe("the task description as the simulator reads it"),
  task: z.string().optional(),
  description_parts: cells.optional().describe("docs/schemas/task-description.json"),
  gold: cells.optional(),
  certificate: cells.optional(),
  manifest: cells.optional().describe("docs/schemas/package-manifest.json"),
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
  import: importAnswerSchema,
  prove: proveAnswerSchema,
  doctor: doctorAnswerSchema,
  server: serverAnswerSchema,
  diff: diffAnswerSchema,
  play: playAnswerSchema,
  view: viewAnswerSchema,
} as const satisfies Record<string, z.ZodType>;
