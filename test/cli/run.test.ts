import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { campaignAnswerSchema, dryRunAnswerSchema } from "../../cli/json-shapes.js";
import { campaignFolder } from "../../workers/campaign-folder.js";
import { stopLocalServer } from "../../workers/local-server.js";
import { executable, runCommand } from "./command.js";

const seed = fileURLToPath(new URL("../../seeds/education-knowledge/librarian.yaml", import.meta.url));
const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) {
    await stopLocalServer(folder);
    rmSync(folder, { recursive: true, force: true });
  }
});

/** An output folder and the arguments of a campaign of one environment in it. */
function smallCampaign(): { out: string; args: string[] } {
  const out = mkdtempSync(join(tmpdir(), "logigen-run-"));
  folders.push(out);
  const config = join(out, "campaign.yaml");
  writeFileSync(config, "name: small\nenvironments: 1\ntasks: 2\n");
  return { out, args: ["run", seed, "--config", config, "--out", out] };
}

const answerOf = (stdout: string) => campaignAnswerSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));

test("logigen run --dry-run starts nothing and forecasts calls, tokens and cost", async () => {
  const { out, args } = smallCampaign();
  const { code, stdout } = await runCommand([...args, "--dry-run", "--json"]);
  expect(code).toBe(0);
  expect(dryRunAnswerSchema.parse(JSON.parse(stdout))).toMatchObject({
    environments: 1,
    tasks: 2,
    config: { name: "small", author: "builtin" },
  });
  expect((await runCommand(["server", "status", "--out", out, "--json"])).stdout).toContain('"absent"');
});

test("logigen run ends with the documented JSON line, finds the campaign complete the second time, and misses lost packages", async () => {
  const { out, args } = smallCampaign();
  const first = await runCommand([...args, "--json"]);
  expect(first.code, first.stderr).toBe(0);
  const answer = answerOf(first.stdout);
  expect(answer).toMatchObject({ campaign: "small", state: "complete", directory: join(out, "small") });
  expect(answer.packages.filter((line) => line.verified).length).toBeGreaterThanOrEqual(2);

  const second = await runCommand([...args, "--json"]);
  expect(second.code).toBe(0);
  expect(second.stderr).toContain("already complete");
  expect(answerOf(second.stdout)).toEqual(answer);
  expect(answerOf((await runCommand(["status", "small", "--out", out, "--json"])).stdout)).toEqual(answer);

  rmSync(answer.packages[0]?.path ?? "", { recursive: true });
  const third = await runCommand(args);
  expect(third.code).toBe(1);
  expect(third.stderr).toMatch(/complete on the server, but 1 of its packages are missing/);
});

test("logigen run, interrupted by Ctrl-C and by SIGKILL of the command, resumes to the digest of an undisturbed run", async () => {
  const undisturbed = answerOf((await runCommand([...smallCampaign().args, "--json"])).stdout);
  const { out, args } = smallCampaign();
  expect(await interrupt(args, out, "SIGINT")).toBe(130);
  expect(await interrupt(args, out, "SIGKILL")).toBeNull();
  const resumed = await runCommand([...args, "--json"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(answerOf(resumed.stdout).dataset?.digest).toBe(undisturbed.dataset?.digest);
});

/** Starts the command, sends the signal once work has begun, and returns the exit code. */
function interrupt(args: readonly string[], out: string, signal: "SIGINT" | "SIGKILL"): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [executable, ...args], { stdio: "ignore" });
    const report = campaignFolder(out, "small").report;
    const before = readIfThere(report);
    const watching = setInterval(() => {
      if (readIfThere(report) === before) return;
      clearInterval(watching);
      child.kill(signal);
    }, 50);
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(watching);
      resolve(code);
    });
  });
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
