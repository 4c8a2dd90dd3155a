import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { architectBlueprint } from "../../agents/architect-blueprint.js";
import { campaignConfigSchema } from "../../workers/campaign-config.js";
import { campaignFolder } from "../../workers/campaign-folder.js";
import { openWorkshop } from "../../workers/open-workshop.js";
import { readSeed, requestOf, seedFiles } from "../models/builtin/chain.js";

test.each([
  [1, expect.any(String) as unknown],
  [0, null],
])("openWorkshop() has the built-in author err at the rate of builtin.err_rate: %d", (rate, slip) => {
  const out = mkdtempSync(join(tmpdir(), "logigen-workshop-"));
  const config = campaignConfigSchema.parse({ builtin: { err_rate: rate } });
  const { store, injected } = openWorkshop(campaignFolder(out, config.name), config, {});
  expect(injected(requestOf(architectBlueprint, { seed: readSeed(seedFiles[0]), correction: null }, 5))).toEqual(slip);
  store.close();
  rmSync(out, { recursive: true });
});
