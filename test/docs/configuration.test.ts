import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { campaignConfigSchema } from "../../workers/campaign-config.js";
import { environmentVariables } from "./environment-variables.js";
import { docFile, filled } from "./fill-blocks.js";
import { keyPaths, keyTable } from "./key-table.js";

const page = "configuration.md";

test("docs/configuration.md has the table of the keys as the schema has them", async () => {
  expect(keyPaths(campaignConfigSchema)).toEqual(
    expect.arrayContaining(["`name`", "`attempts.distil`", "`endpoints.<name>.prices.currency`", "`roles.<role>.model`"]),
  );
  await expect(filled(page, { keys: keyTable(campaignConfigSchema) })).toMatchFileSnapshot(docFile(page));
});

test("every campaign.yaml in docs/configuration.md is a configuration", () => {
  const examples = [...readFileSync(docFile(page), "utf8").matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text]) => parse(text ?? "") as unknown,
  );
  const parsed = examples.map((example) => campaignConfigSchema.parse(example));
  expect(parsed.map(({ author, endpoints }) => [author, Object.keys(endpoints).length])).toEqual([
    ["builtin", 0],
    ["models", 2],
  ]);
});

test("docs/configuration.md names every environment variable that is read", () => {
  const read = environmentVariables();
  expect(read).toEqual(expect.arrayContaining(["LOGIGEN_CACHE", "LOGIGEN_DEBUG", "LOGIGEN_DOWNLOAD_SITE", "TEMPORAL_CONFIG_FILE"]));
  const text = readFileSync(docFile(page), "utf8");
  expect(read.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test("docs/configuration.md names no variable of logigen that nothing reads", () => {
  const named = [...readFileSync(docFile(page), "utf8").matchAll(/LOGIGEN_[A-Z_]+/g)].map(([name]) => name);
  expect([...new Set(named)].filter((name) => !environmentVariables().includes(name))).toEqual([]);
});
