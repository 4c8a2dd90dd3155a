/** What a user says about model endpoints and roles: the `endpoints` and `roles` parts of campaign.yaml. */
import { z } from "zod";

export const pricesSchema = z.strictObject({
  prompt: z.number().min(0).describe("price of a million prompt tokens that were not cached"),
  cached: z.number().min(0).optional().describe("price of a million cached prompt tokens; default: as `prompt`"),
  completion: z.number().min(0).describe("price of a million completion tokens, reasoning included"),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'a currency is three capital letters, such as "USD"')
    .describe("the same for every endpoint of a campaign"),
});
export type Prices = z.infer<typeof pricesSchema>;

export const endpointSchema = z.strictObject({
  base_url: z
    .string()
    .refine(isEndpointUrl, "an http or https URL without user, password and query, such as https://api.example.com/v1")
    .describe("where /chat/completions is appended"),
  key_env: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9_]*$/,
      "the NAME of the environment variable that holds the key (capital letters, digits, _), never the key itself",
    )
    .optional()
    .describe("name of the environment variable that holds the key; absent for an endpoint that needs none"),
  requests_per_minute: z.int().positive().optional().describe("limit held within a worker process; default: none"),
  tokens_per_minute: z
    .int()
    .positive()
    .optional()
    .describe("limit on prompt and completion tokens, held within a worker process; default: none"),
  prices: pricesSchema.optional().describe("absent: calls are counted at no cost"),
});
export type Endpoint = z.infer<typeof endpointSchema>;

export const roleSettingsSchema = z.strictObject({
  endpoint: z.string().optional().describe("a name under `endpoints`; default: that of `roles.default`, else the only endpoint"),
  model: z.string().min(1).optional().describe("model name as the endpoint knows it; default: that of `roles.default`"),
  temperature: z.number().min(0).max(2).optional().describe("default: that of `roles.default`, else 1"),
  max_tokens: z.int().positive().optional().describe("cap on a reply, reasoning included; default: that of `roles.default`, else 16384"),
});
export type RoleSettings = z.infer<typeof roleSettingsSchema>;

/** The settings of one role with everything inherited; `endpoint` or `model` undefined where nothing names them. */
export interface ResolvedRole {
  readonly endpoint: string | undefined;
  readonly model: string | undefined;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** A role's settings over those of `default`, over the built-in defaults. */
export function resolveRole(
  role: string,
  config: { readonly endpoints: Readonly<Record<string, Endpoint>>; readonly roles: Readonly<Partial<Record<string, RoleSettings>>> },
): ResolvedRole {
  const own = config.roles[role];
  const inherited = config.roles["default"];
  const names = Object.keys(config.endpoints);
  return {
    endpoint: own?.endpoint ?? inherited?.endpoint ?? (names.length === 1 ? names[0] : undefined),
    model: own?.model ?? inherited?.model,
    temperature: own?.temperature ?? inherited?.temperature ?? 1,
    maxTokens: own?.max_tokens ?? inherited?.max_tokens ?? 16_384,
  };
}

/** Link-local addresses are refused: nothing but a cloud's metadata service answers there. */
function isEndpointUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return false;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return false;
  return !url.hostname.startsWith("169.254.") && !url.hostname.startsWith("[fe80:");
}
