import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { doctorAnswerSchema, serverAnswerSchema } from "../../cli/json-shapes.js";
import { executable, runCommand } from "./command.js";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "logigen-cli-"));

test("logigen --help lists every command under what people do, and the exit codes", async () => {
  const { code, stdout } = await runCommand(["--help"]);
  expect(code).toBe(0);
  for (const name of [
    "run",
    "status",
    "pause",
    "resume",
    "cancel",
    "verify",
    "view",
    "play",
    "compile",
    "prove",
    "doctor",
    "server",
    "worker",
  ]) {
    expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, "m"));
  }
  expect(stdout).toMatch(/Campaigns:[\s\S]*Tasks:[\s\S]*Environments:[\s\S]*This machine:[\s\S]*Exit codes:/);
});

test("logigen exits with 2 on an unknown command and proposes the one that was meant", async () => {
  const { code, stdout, stderr } = await runCommand(["statsu"]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("Did you mean status");
});

test("logigen run exits with 2 on a wrong key, naming file, key and what was expected, and starts nothing", async () => {
  const out = newFolder();
  const config = join(out, "campaign.yaml");
  writeFileSync(config, "name: spring\nenvironment: 2\n");
  const { code, stdout, stderr } = await runCommand(["run", "no-such-seed.yaml", "--config", config, "--out", join(out, "campaigns")]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(config);
  expect(stderr).toContain("key: environment");
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("logigen status names the campaigns there are when it is given another", async () => {
  const { code, stderr } = await runCommand(["status", "nowhere", "--out", newFolder()]);
  expect(code).toBe(2);
  expect(stderr).toContain('No campaign "nowhere" has been run under');
});

test("logigen doctor --json answers in its documented shape", async () => {
  const { code, stdout } = await runCommand(["doctor", "--json", "--out", newFolder()]);
  const answer = doctorAnswerSchema.parse(JSON.parse(stdout));
  expect(answer.checks.map((check) => check.name)).toEqual([
    "node",
    "sqlite",
    "temporal",
    "go",
    "disk",
    "out",
    "prlimit",
    "unshare",
    "setpriv",
  ]);
  expect(code).toBe(answer.ok ? 0 : 1);
});

test("logigen server start, status and stop work on one database file, in their documented shape", async () => {
  const out = newFolder();
  const ask = async (verb: string) =>
    serverAnswerSchema.parse(JSON.parse((await runCommand(["server", verb, "--out", out, "--json"])).stdout));
  expect((await ask("status")).state).toBe("absent");
  const started = await ask("start");
  expect(started.state).toBe("running");
  expect(await ask("start")).toEqual(started);
  expect(await ask("stop")).toMatchObject({ state: "stopped", version: started.version, pid: null });
});

test("logigen run exits with 2 when the variable of an endpoint's key is not set, and makes no folder", async () => {
  const folder = newFolder();
  const config = join(folder, "campaign.yaml");
  const seed = join(folder, "shop.yaml");
  writeFileSync(seed, "id: shop\ndomain: Retail\ntitle: Shop\nsummary: A shop.\nrules: [Three things a customer at most.]\n");
  writeFileSync(config, "endpoints: {main: {base_url: 'http://127.0.0.1:9/v1', key_env: NO_SUCH_KEY}}\nroles: {default: {model: m}}\n");
  const { code, stderr } = await runCommand(["run", seed, "--config", config, "--out", join(folder, "campaigns")]);
  expect(code).toBe(2);
  expect(stderr).toContain("NO_SUCH_KEY");
  expect(stderr).toContain("key: endpoints.main.key_env");
  expect(existsSync(join(folder, "campaigns"))).toBe(false);
});

test("logigen doctor names the address of a server that does not answer", async () => {
  const { code, stdout } = await runCommand(["doctor", "--json", "--out", newFolder()], { TEMPORAL_ADDRESS: "127.0.0.1:1" });
  const { checks } = doctorAnswerSchema.parse(JSON.parse(stdout));
  expect(code).toBe(1);
  expect(checks.find((check) => check.name === "temporal")).toMatchObject({
    verdict: "failed",
    found: expect.stringContaining("127.0.0.1:1") as string,
  });
});

test.each([["advantages"], ["diff", "--batch"]])("logigen %s ends quietly when its reader does, and exits with 141", async (...args) => {
  const child = spawn(process.execPath, [executable, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close");
  // The command leaves before it has read everything.
  child.stdin.on("error", () => undefined);
  child.stdin.write("{}\n");
  await once(child.stdout, "data");
  child.stdout.destroy();
  child.stdin.end("{}\n".repeat(50_000));
  expect([await ended, stderr]).toEqual([[141, null], ""]);
});
