import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { planCampaign } from "../../workers/plan-campaign.js";
import { loadSeeds, SeedError } from "../../workers/load-seed.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-seed-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const plain = "id: bakery\ndomain: Food\ntitle: Bakery\nsummary: Orders of bread.\nrules:\n  - At most 3 open orders a customer.\n";

function seedFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function problemsOf(files: readonly string[], author: "builtin" | "models" = "models"): readonly string[] {
  try {
    loadSeeds(files, { author });
  } catch (error) {
    if (error instanceof SeedError) return error.problems.map(({ line, key, expected }) => `${line} ${key}: ${expected}`);
    throw error;
  }
  return [];
}

test("loadSeeds() reads a plain seed", () => {
  const file = seedFile("bakery.yaml", plain);
  expect(loadSeeds([file], { author: "models" })).toEqual([
    {
      file,
      seed: { id: "bakery", domain: "Food", title: "Bakery", summary: "Orders of bread.", rules: ["At most 3 open orders a customer."] },
      entry: { kind: "seed" },
      problemAt: expect.any(Function) as unknown,
    },
  ]);
});

test("loadSeeds() finds what a seed enters with beside its file", () => {
  writeFileSync(join(folder, "policy.md"), "1. …");
  mkdirSync(join(folder, "built"));
  const files = [
    seedFile("a.yaml", `${plain}policy: policy.md\n`),
    seedFile("b.yaml", `${plain.replace("bakery", "other")}environment: built\n`),
  ];
  expect(loadSeeds(files, { author: "models" }).map(({ entry }) => entry)).toEqual([
    { kind: "policy", path: join(folder, "policy.md") },
    { kind: "environment", path: join(folder, "built") },
  ]);
});

test.each([
  ["a file that is absent", `${plain}policy: none.md\n`, [expect.stringMatching(/^7 policy: expected a file at .*none\.md$/)]],
  ["a folder where a file is meant", `${plain}sheet: .\n`, [expect.stringMatching(/^7 sheet: expected a file at /)]],
  [
    "two entries at once",
    `${plain}policy: a.yaml\nsheet: a.yaml\n`,
    ["8 sheet: expected one of policy, sheet and environment, and policy is there already"],
  ],
  ["a wrong key", `${plain}rule: x\n`, [expect.stringMatching(/^7 rule: no such key; expected one of id, domain, title, summary, rules,/)]],
  ["a rule that is no text", `${plain}  - 7\n`, ["7 rules.1: expected string, received number"]],
  ["a bad id", plain.replace("bakery", "Bakery 1"), [expect.stringMatching(/^1 id: expected a name of a-z/)]],
])("loadSeeds() says where and what: %s", (_name, text, expected) => {
  expect(problemsOf([seedFile("a.yaml", text)])).toEqual(expected);
});

test("loadSeeds() tells a user without vocabulary that an endpoint is needed", () => {
  expect(problemsOf([seedFile("a.yaml", plain)], "builtin")).toEqual([
    expect.stringMatching(/^1 vocabulary: .*configure a model endpoint/),
  ]);
});

const vocabulary = `vocabulary:
  customers:
    noun: patron
    plural: patrons
    key: card
    prefix: P
    names: [A A, B B, C C, D D, E E, F F, G G, H H]
    evidence: [email]
    rank: { label: grade, values: [LOW, MID, HIGH] }
    standing: { label: standing, good: FINE, bad: [BLOCKED] }
  resources:
    - noun: loaf
      plural: loaves
      key: loaf code
      prefix: L
      name: { label: name, values: [Rye, Spelt, Oat, Corn] }
      category: { label: sort, values: [PLAIN, RICH], restricted: [RICH] }
      price: { label: price, low: 100, high: 900 }
  transactions:
    - noun: order
      plural: orders
      resource: loaf
      acts: { open: order a loaf }
      states: { start: OPEN }
      steps: { opened: order step }
`;

test("loadSeeds() takes a vocabulary, and leaves it as it is written", () => {
  const [loaded] = loadSeeds([seedFile("a.yaml", plain + vocabulary)], { author: "builtin" });
  expect(loaded?.seed.vocabulary).not.toHaveProperty("keep");
});

test.each([
  [
    "an empty one",
    "vocabulary: {}\n",
    [
      "7 vocabulary.customers: expected object, found nothing",
      "7 vocabulary.resources: expected array, found nothing",
      "7 vocabulary.transactions: expected array, found nothing",
    ],
  ],
  [
    "a wrong key deep in it",
    vocabulary.replace("low: 100", "lowest: 100"),
    [
      "24 vocabulary.resources.0.price.low: expected number, found nothing",
      "24 vocabulary.resources.0.price.lowest: no such key; expected one of label, low, high",
    ],
  ],
  [
    "a transaction of nothing",
    vocabulary.replace("resource: loaf", "resource: cake"),
    ["28 vocabulary.transactions.0.resource: expected the noun of one of them: loaf"],
  ],
])("loadSeeds() refuses a vocabulary that the built-in author cannot use, and models never read: %s", (_name, text, expected) => {
  const file = seedFile("a.yaml", plain + text);
  expect(problemsOf([file], "builtin")).toEqual(expected);
  expect(problemsOf([file], "models")).toEqual([]);
});

test("loadSeeds() wants a vocabulary with a policy or a sheet, and none with an environment", () => {
  writeFileSync(join(folder, "policy.md"), "1. …");
  mkdirSync(join(folder, "built"));
  const wanted = expect.stringMatching(/^1 vocabulary: .*names of catalogue rows and customers/) as unknown;
  expect(problemsOf([seedFile("a.yaml", `${plain}policy: policy.md\n`)], "builtin")).toEqual([wanted]);
  expect(problemsOf([seedFile("b.yaml", `${plain}sheet: policy.md\n`)], "builtin")).toEqual([wanted]);
  expect(problemsOf([seedFile("c.yaml", `${plain}environment: built\n`)], "builtin")).toEqual([]);
});

test("planCampaign() refuses a policy in which no clause is found, or one is too long, with file and line", () => {
  const policy = join(folder, "policy.md");
  const seed = seedFile("a.yaml", `${plain}policy: policy.md\n${vocabulary}`);
  writeFileSync(policy, "# Bakery\n\n---\n");
  expect(() => planCampaign(null, [seed])).toThrow(`${policy}:1: expected at least one clause`);
  writeFileSync(policy, `# Bakery\n\nShort enough.\n\n${"long ".repeat(500)}\n`);
  expect(() => planCampaign(null, [seed])).toThrow(`${policy}:5: `);
});

test("planCampaign() notices the gaps of a policy, at most 20", () => {
  const policy = join(folder, "policy.md");
  const seed = seedFile("a.yaml", `${plain}policy: policy.md\n${vocabulary}`);
  writeFileSync(policy, "An order has a loaf.\n");
  expect(planCampaign(null, [seed]).notices).toEqual([`${policy}: line 1: had no number and is clause 1.1`]);
  writeFileSync(policy, "An order has a loaf.\n\n".repeat(30));
  const { notices } = planCampaign(null, [seed]);
  expect(notices).toHaveLength(20);
  expect(notices.at(-1)).toBe(`${policy}: and 11 more`);
});

test("loadSeeds() refuses two seeds of one id, and reports on all files", () => {
  const files = [seedFile("a.yaml", plain), seedFile("b.yaml", plain), seedFile("c.yaml", "id: [")];
  expect(problemsOf(files)).toEqual([
    expect.stringMatching(/^1 id: expected another id: .*a\.yaml has the same$/),
    expect.stringMatching(/: expected YAML: /),
  ]);
});
