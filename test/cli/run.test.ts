import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dryRunAnswerSchema } from "../../cli/json-shapes.js";
import { campaignsUnder } from "../../workers/campaign-folder.js";
import { runCommand } from "./command.js";

const seed = fileURLToPath(new URL("../../seeds/education-knowledge/librarian.yaml", import.meta.url));
let out = "";

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "logigen-run-"));
});
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

/** The arguments of a campaign with this configuration; it is to start nothing. */
function commandLine(config: string): string[] {
  const file = join(out, "campaign.yaml");
  writeFileSync(file, config);
  return ["run", seed, "--config", file, "--out", out];
}

async function expectNothingStarted(): Promise<void> {
  expect(campaignsUnder(out)).toEqual([]);
  expect((await runCommand(["server", "status", "--out", out, "--json"])).stdout).toContain('"absent"');
}

test("logigen run --dry-run starts nothing and forecasts calls, tokens and cost", async () => {
  const { code, stdout } = await runCommand([...commandLine("name: small\nenvironments: 1\ntasks: 1\n"), "--dry-run", "--json"]);
  expect(code).toBe(0);
  expect(dryRunAnswerSchema.parse(JSON.parse(stdout))).toMatchObject({
    environments: 1,
    tasks: 1,
    config: { name: "small", author: "builtin" },
  });
  await expectNothingStarted();
});

test("logigen run names the variable that should hold an endpoint's key, and starts nothing", async () => {
  const config = "endpoints: { main: { base_url: http://127.0.0.1:1/v1, key_env: ABSENT_KEY } }\nroles: { default: { model: any } }\n";
  const { code, stderr } = await runCommand(commandLine(config));
  expect(code).toBe(2);
  expect(stderr).toMatch(/ABSENT_KEY is not set[\s\S]*file: .*campaign\.yaml[\s\S]*key: endpoints\.main\.key_env/);
  await expectNothingStarted();
});
