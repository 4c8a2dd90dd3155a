/** campaign.yaml: what a person says about a campaign, with every default. */
import { z } from "zod";
import { agentNames } from "../agents/role.js";
import { endpointSchema, resolveRole, roleSettingsSchema } from "../models/endpoint-config.js";
import { describeProblems, type Problem, readYaml } from "./read-yaml.js";

const identifier = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const attemptsSchema = z.strictObject({
  explore: z.int().positive().max(100).default(4).describe("episodes tried for each task wanted"),
  distil: z.int().positive().max(100).default(4).describe("rollouts tried for each certified task"),
});

const budgetSchema = z.strictObject({
  money: z.number().positive().nullable().default(null).describe("in the currency of the endpoints' prices; null: no limit"),
  tokens: z.int().positive().nullable().default(null).describe("prompt and completion tokens of all calls; null: no limit"),
  hours: z.number().positive().nullable().default(null).describe("from the start of the campaign; null: no limit"),
});

const builtinSchema = z.strictObject({
  err_rate: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe("how often the built-in author's Architect errs on purpose in a stage, so that checks have something to find"),
});

const fieldsSchema = z.strictObject({
  name: z
    .string()
    .regex(identifier, "expected a name of a-z, 0-9, _ and -, at most 64 characters")
    .default("campaign")
    .describe("names the campaign's folder and workflows; another name is another campaign"),
  author: z
    .enum(["builtin", "models"])
    .optional()
    .describe(
      "who answers as every role: the built-in author, or models at endpoints; default: models where `endpoints` has any, else builtin",
    ),
  environments: z.int().positive().max(10_000).default(2).describe("distinct environments wanted of each seed"),
  tasks: z.int().positive().max(1_000).default(3).describe("verified tasks wanted of each environment"),
  attempts: attemptsSchema.prefault({}),
  keep: z.int().positive().default(1).describe("verified trajectories kept of each task; at most `attempts.distil`"),
  refusals: z.number().min(0).max(1).default(0.2).describe("share of tasks whose right answer is to change nothing"),
  max_turns: z.int().positive().max(1_000).default(50).describe("turns after which a conversation ends"),
  random: z
    .int()
    .min(0)
    .max(2 ** 48 - 1)
    .default(1)
    .describe("the number from which everything random is drawn"),
  budget: budgetSchema.prefault({}),
  builtin: builtinSchema.prefault({}),
  endpoints: z
    .record(z.string().regex(identifier, "expected an endpoint's name of a-z, 0-9, _ and -"), endpointSchema)
    .default({})
    .describe("OpenAI-compatible endpoints by a name of your own"),
  roles: z
    .partialRecord(z.enum(["default", ...agentNames]), roleSettingsSchema)
    .default({})
    .describe("which endpoint and model answers as which role; what a role leaves out is as in `default`"),
});

/** A configuration with every default; references between its parts hold. */
export const campaignConfigSchema = fieldsSchema
  .transform((fields) => ({
    ...fields,
    author: fields.author ?? (Object.keys(fields.endpoints).length > 0 ? ("models" as const) : ("builtin" as const)),
  }))
  .superRefine((config, context) => {
    for (const { path, expected } of contradictions(config)) context.addIssue({ code: "custom", path: [...path], message: expected });
  });
export type CampaignConfig = z.infer<typeof campaignConfigSchema>;

/** A configuration cannot be used; the message has one line a problem, the fields are those of the first. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];
  readonly file: string;
  readonly key: string;
  readonly fix = "correct what is said above; docs/configuration.md describes every key";

  constructor(problems: readonly [Problem, ...Problem[]]) {
    super(describeProblems(problems));
    this.problems = problems;
    ({ file: this.file, key: this.key } = problems[0]);
  }
}

/** Reads campaign.yaml. @throws {ConfigError} With every problem found. */
export function loadCampaignConfig(file: string): CampaignConfig {
  const read = readYaml(file, campaignConfigSchema);
  if (read.kind === "refused") throw new ConfigError(read.problems);
  return read.value;
}

interface Contradiction {
  readonly path: readonly string[];
  readonly expected: string;
}

function contradictions(config: z.output<typeof fieldsSchema> & { readonly author: "builtin" | "models" }): readonly Contradiction[] {
  const keep =
    config.keep > config.attempts.distil
      ? [{ path: ["keep"], expected: `expected at most attempts.distil, which is ${config.attempts.distil}` }]
      : [];
  return [
    ...keep,
    ...unknownEndpoints(config),
    ...(config.author === "models" ? [...unansweredRoles(config), ...unpricedBudget(config)] : []),
    ...mixedCurrencies(config),
  ];
}

function unknownEndpoints({ endpoints, roles }: Pick<z.output<typeof fieldsSchema>, "endpoints" | "roles">): readonly Contradiction[] {
  return Object.entries(roles).flatMap(([role, { endpoint }]) =>
    endpoint === undefined || Object.hasOwn(endpoints, endpoint)
      ? []
      : [
          {
            path: ["roles", role, "endpoint"],
            expected: `expected a name under endpoints (${Object.keys(endpoints).join(", ") || "there is none"})`,
          },
        ],
  );
}

/** With models as the author, every role needs an endpoint and a model. */
function unansweredRoles(config: Pick<z.output<typeof fieldsSchema>, "endpoints" | "roles">): readonly Contradiction[] {
  if (Object.keys(config.endpoints).length === 0)
    return [{ path: ["endpoints"], expected: "expected at least one endpoint, since author is models" }];
  for (const role of agentNames) {
    const { endpoint, model } = resolveRole(role, config);
    if (endpoint === undefined)
      return [
        { path: ["roles", "default", "endpoint"], expected: `expected the endpoint that answers as ${role}, since there are several` },
      ];
    if (model === undefined)
      return [{ path: ["roles", "default", "model"], expected: `expected the name of the model that answers as ${role}` }];
  }
  return [];
}

function unpricedBudget({ budget, endpoints }: Pick<z.output<typeof fieldsSchema>, "budget" | "endpoints">): readonly Contradiction[] {
  if (budget.money === null) return [];
  const unpriced = Object.entries(endpoints).filter(([, { prices }]) => prices === undefined);
  return unpriced.map(([name]) => ({
    path: ["endpoints", name, "prices"],
    expected: "expected prices, since budget.money is a limit on them",
  }));
}

function mixedCurrencies({ endpoints }: Pick<z.output<typeof fieldsSchema>, "endpoints">): readonly Contradiction[] {
  const priced = Object.entries(endpoints).flatMap(([name, { prices }]) =>
    prices === undefined ? [] : [{ name, currency: prices.currency }],
  );
  const [first, ...others] = priced;
  return others
    .filter(({ currency }) => currency !== first?.currency)
    .map(({ name }) => ({
      path: ["endpoints", name, "prices", "currency"],
      expected: `expected ${first?.currency ?? ""}, as at endpoint ${first?.name ?? ""}: costs are summed`,
    }));
}
