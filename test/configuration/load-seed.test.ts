import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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

test("loadSeeds() refuses two seeds of one id, and reports on all files", () => {
  const files = [seedFile("a.yaml", plain), seedFile("b.yaml", plain), seedFile("c.yaml", "id: [")];
  expect(problemsOf(files)).toEqual([
    expect.stringMatching(/^1 id: expected another id: .*a\.yaml has the same$/),
    expect.stringMatching(/: expected YAML: /),
  ]);
});
