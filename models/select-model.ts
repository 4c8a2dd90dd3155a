/** Which model answers for which role. */
import { type Endpoint, type Prices, type RoleSettings, resolveRole } from "./endpoint-config.js";
import { createOpenAiModel } from "./openai.js";
import { type Model, ModelError, type Sampling } from "./port.js";
import { createRateLimit, type RateLimit } from "./rate-limit.js";

/** The model of one role, with what its requests and its accounts need. */
export interface SelectedModel {
  readonly model: Model;
  /** Name under `endpoints`, or "builtin". */
  readonly endpoint: string;
  /** Name of the model as configured. */
  readonly name: string;
  readonly sampling: Sampling;
  /** Null where calls cost nothing or no prices are known. */
  readonly prices: Prices | null;
}

export interface ModelSources {
  readonly config: {
    readonly author: "builtin" | "models";
    readonly endpoints: Readonly<Record<string, Endpoint>>;
    readonly roles: Readonly<Partial<Record<string, RoleSettings>>>;
  };
  /** The environment variables, in which `key_env` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The built-in author, which answers every role of a campaign without endpoints. */
  readonly builtin: Model;
}

/** Reasoning models think for minutes before the first byte. */
const deadlineMs = 10 * 60_000;
const maxBytes = 10_000_000;

/**
 * The model of each role, made once each; models of one endpoint share its rate limit.
 *
 * @throws {ModelError} From the function returned: `AUTH` if the variable that `key_env` names is unset, `BAD_REQUEST` if the role has no endpoint or model.
 */
export function createModels({ config, env, builtin }: ModelSources): (role: string) => SelectedModel {
  const limits = new Map<string, RateLimit>(Object.entries(config.endpoints).map(([name, endpoint]) => [name, limitOf(endpoint)]));
  const made = new Map<string, Model>();

  return (role) => {
    const { endpoint: name, model: modelName, temperature, maxTokens } = resolveRole(role, config);
    const sampling = { temperature, maxTokens };
    if (config.author === "builtin") return { model: builtin, endpoint: "builtin", name: "builtin", sampling, prices: null };
    const endpoint = name === undefined ? undefined : config.endpoints[name];
    if (name === undefined || endpoint === undefined || modelName === undefined)
      throw new ModelError("BAD_REQUEST", `Role "${role}" has no endpoint or no model in the configuration`);
    const id = JSON.stringify([name, modelName]);
    const model =
      made.get(id) ??
      createOpenAiModel({
        baseUrl: endpoint.base_url,
        apiKey: keyOf(endpoint, env),
        model: modelName,
        deadlineMs,
        maxBytes,
        ...limitOption(limits.get(name)),
      });
    made.set(id, model);
    return { model, endpoint: name, name: modelName, sampling, prices: endpoint.prices ?? null };
  };
}

function limitOf(endpoint: Endpoint): RateLimit {
  return createRateLimit({ requestsPerMinute: endpoint.requests_per_minute, tokensPerMinute: endpoint.tokens_per_minute });
}

function limitOption(rateLimit: RateLimit | undefined): { readonly rateLimit?: RateLimit } {
  return rateLimit === undefined ? {} : { rateLimit };
}

function keyOf({ key_env: variable }: Endpoint, env: ModelSources["env"]): string {
  if (variable === undefined) return "";
  const key = env[variable]?.trim() ?? "";
  if (key === "") throw new ModelError("AUTH", `Environment variable ${variable} is not set; it must hold the key of the endpoint`);
  return key;
}
