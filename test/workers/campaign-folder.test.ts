import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CampaignReport } from "../../datasets/campaign-report.js";
import { campaignsUnder, claimCampaign, differingKeys, missingPackages } from "../../workers/campaign-folder.js";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "logigen-folder-"));

test("claimCampaign() takes the same record again and names the keys of another", () => {
  const out = newFolder();
  const record = {
    format: 1,
    config: { name: "spring", tasks: 3, budget: { money: null, hours: 2 } },
    scenarios: { shop: "a".repeat(64) },
  } as const;
  expect(claimCampaign(out, "spring", record)).toEqual({ kind: "new" });
  expect(claimCampaign(out, "spring", record)).toEqual({ kind: "same" });
  const other = { ...record, config: { name: "spring", tasks: 4, budget: { money: 5, hours: 2 } }, scenarios: {} };
  expect(claimCampaign(out, "spring", other)).toEqual({ kind: "changed", keys: ["config.tasks", "config.budget.money", "scenarios.shop"] });
  expect(campaignsUnder(out)).toEqual(["spring"]);
});

test("differingKeys() compares lists whole and finds keys that only one side has", () => {
  expect(differingKeys({ a: [1, 2], b: { c: 1 } }, { a: [1, 3], b: {}, d: 0 })).toEqual(["a", "b.c", "d"]);
});

test("missingPackages() names packages without a manifest", () => {
  const out = newFolder();
  const here = join(out, "spring", "packages", "shop-1", "task-1");
  mkdirSync(here, { recursive: true });
  writeFileSync(join(here, "manifest.json"), "{}");
  const line = (path: string) => ({ path, difficulty: "L1", verified: true });
  const report: CampaignReport = {
    campaign: "spring",
    state: "complete",
    funnel: [],
    cost: [],
    packages: [line("packages/shop-1/task-1"), line("packages/shop-1/task-2")],
    dataset: null,
    running: [],
    elapsedMs: 0,
    forecastMs: null,
  };
  expect(missingPackages(out, report)).toEqual([join(out, "spring", "packages", "shop-1", "task-2")]);
});
