import { expect, test } from "vitest";
import { z } from "zod";
import { seedSchema } from "../../agents/seed.js";
import { packageManifestSchema } from "../../datasets/package.js";
import { trajectorySchema } from "../../datasets/trajectory.js";
import { sheetSchema } from "../../environment/sheet/sheet.js";
import { taskDescriptionSchema } from "../../environment/task/task-description.js";
import { campaignConfigSchema } from "../../workers/campaign-config.js";
import { docFile } from "./fill-blocks.js";

test.each([
  ["rule-sheet", "a rule sheet", sheetSchema],
  ["seed", "a seed", seedSchema],
  ["campaign", "campaign.yaml", campaignConfigSchema],
  ["task-description", "task.json of a task package", taskDescriptionSchema],
  ["trajectory", "a line of trajectories.jsonl", trajectorySchema],
  ["package-manifest", "manifest.json of a task package", packageManifestSchema],
])("docs/schemas/%s.json is the schema of %s", async (name, title, schema) => {
  const text = `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: "input" }) }, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(docFile(`schemas/${name}.json`));
});
