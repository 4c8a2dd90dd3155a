import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CampaignConfig, ConfigError, loadCampaignConfig } from "../../workers/campaign-config.js";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-config-"));
  file = join(folder, "campaign.yaml");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(text: string): CampaignConfig {
  writeFileSync(file, text);
  return loadCampaignConfig(file);
}

function problemsOf(text: string): readonly string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ line, key, expected }) => `${line} ${key}: ${expected}`);
    throw error;
  }
  return [];
}

const endpoint = "endpoints:\n  main:\n    base_url: https://api.example.com/v1\n    key_env: MAIN_KEY\n";
const models = `${endpoint}roles:\n  default: { model: small }\n`;

test("an empty file is a campaign of the built-in author with every default", () => {
  expect(load("")).toEqual({
    name: "campaign",
    author: "builtin",
    environments: 2,
    tasks: 3,
    attempts: { explore: 4, distil: 4 },
    keep: 1,
    refusals: 0.2,
    max_turns: 50,
    random: 1,
    budget: { money: null, tokens: null, hours: null },
    builtin: { err_rate: 0.2 },
    endpoints: {},
    roles: {},
  });
});

test("a whole file is read as written; with an endpoint the author is models", () => {
  const text = `
name: night-1
environments: 5
tasks: 4
attempts: { explore: 6, distil: 8 }
keep: 2
refusals: 0.5
max_turns: 30
random: 7
budget: { money: 20, tokens: 1000000, hours: 8 }
builtin: { err_rate: 0 }
endpoints:
  main:
    base_url: http://10.0.0.5:8000/v1
    key_env: MAIN_KEY
    requests_per_minute: 600
    tokens_per_minute: 1000000
    prices: { prompt: 0.28, cached: 0.028, completion: 0.42, currency: USD }
roles:
  default: { endpoint: main, model: small, temperature: 0.7, max_tokens: 8192 }
  teacher: { model: large }
`;
  expect(load(text)).toMatchObject({
    name: "night-1",
    author: "models",
    attempts: { explore: 6, distil: 8 },
    budget: { money: 20, tokens: 1_000_000, hours: 8 },
    builtin: { err_rate: 0 },
    endpoints: { main: { base_url: "http://10.0.0.5:8000/v1", prices: { cached: 0.028 } } },
    roles: { teacher: { model: "large" } },
  });
});

test.each([
  [
    "an unknown key",
    "name: a\nenviroments: 3\n",
    [
      "2 enviroments: no such key; expected one of name, author, environments, tasks, attempts, keep, refusals, max_turns, random, budget, builtin, endpoints, roles",
    ],
  ],
  [
    "an unknown key of an endpoint",
    models.replace("key_env", "key"),
    ["4 endpoints.main.key: no such key; expected one of base_url, key_env, requests_per_minute, tokens_per_minute, prices"],
  ],
  [
    "an unknown role",
    `${models}  taecher: { model: large }\n`,
    [expect.stringMatching(/^7 roles\.taecher: no such key; expected one of .*teacher/)],
  ],
  ["a wrong type", "tasks: many\n", ["1 tasks: expected number, received string"]],
  ["a rate beyond 1", "builtin: { err_rate: 2 }\n", ["1 builtin.err_rate: Too big: expected number to be <=1"]],
  ["a number out of range", "attempts:\n  distil: 0\n", ["2 attempts.distil: Too small: expected number to be >0"]],
  [
    "a missing key, at the mapping that lacks it",
    "endpoints:\n  main:\n    key_env: MAIN_KEY\n",
    ["2 endpoints.main.base_url: expected string, found nothing"],
  ],
  ["two things at once", "name: A B\ntasks: 0\n", [expect.stringMatching(/^1 name: expected a name/), expect.stringMatching(/^2 tasks: /)]],
  [
    "an unknown endpoint",
    `${models}  teacher: { endpoint: other }\n`,
    ["7 roles.teacher.endpoint: expected a name under endpoints (main)"],
  ],
  ["no model", endpoint, ["1 roles.default.model: expected the name of the model that answers as architect"]],
  ["models without an endpoint", "author: models\n", ["1 endpoints: expected at least one endpoint, since author is models"]],
  [
    "several endpoints and none chosen",
    `${endpoint}  other: { base_url: https://b.example.com }\nroles:\n  default: { model: small }\n`,
    ["7 roles.default.endpoint: expected the endpoint that answers as architect, since there are several"],
  ],
  [
    "a budget of money without prices",
    `${models}budget: { money: 5 }\n`,
    ["2 endpoints.main.prices: expected prices, since budget.money is a limit on them"],
  ],
  [
    "two currencies",
    `${endpoint}    prices: { prompt: 1, completion: 1, currency: USD }\n  b: { base_url: https://b.example.com, prices: { prompt: 1, completion: 1, currency: EUR } }\nroles:\n  default: { endpoint: main, model: small }\n`,
    ["6 endpoints.b.prices.currency: expected USD, as at endpoint main: costs are summed"],
  ],
  ["more kept than tried", "keep: 9\n", ["1 keep: expected at most attempts.distil, which is 4"]],
  ["a key twice", "name: a\nname: b\n", ["2 : expected YAML: this key is there twice"]],
  ["an unclosed quote", 'name: "a\n', [expect.stringMatching(/: expected YAML: /)]],
  ["an alias to nothing", "name: *x\n", ["1 : expected every alias to have its anchor, and few of them"]],
  ["a list", "- name\n", [expect.stringMatching(/^1 : expected object/)]],
])("loadCampaignConfig() says where and what: %s", (_name, text, expected) => {
  expect(problemsOf(text)).toEqual(expected);
});

test.each(["ftp://example.com", "https://user:pass@example.com", "https://example.com?key=1", "http://169.254.169.254/v1", "example.com"])(
  "loadCampaignConfig() refuses the address %s",
  (address) => {
    expect(problemsOf(models.replace("https://api.example.com/v1", address))).toEqual([
      expect.stringMatching(/^3 endpoints\.main\.base_url: an http or https URL/),
    ]);
  },
);

test("loadCampaignConfig() refuses a key in place of its variable's name, and does not repeat it", () => {
  const problems = problemsOf(models.replace("MAIN_KEY", "sk-CANARY-0123456789"));
  expect(problems).toEqual([expect.stringMatching(/^4 endpoints\.main\.key_env: the NAME of the environment variable/)]);
  expect(problems.join()).not.toContain("CANARY");
});

test("loadCampaignConfig() names a file that is absent", () => {
  const absent = join(folder, "none.yaml");
  expect(() => loadCampaignConfig(absent)).toThrow(`${absent}:1: expected a file that can be read (there is none)`);
});

test("ConfigError carries file and key of the first problem, and the page that describes every key", () => {
  writeFileSync(file, "keep: 9\n");
  expect(() => loadCampaignConfig(file)).toThrow(
    expect.objectContaining({ name: "ConfigError", file, key: "keep", fix: expect.stringContaining("docs/configuration.md") as string }),
  );
});
