/** What a person may get wrong: each is refused before anything starts, with the place and the fix, and no stack trace. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePackage } from "../../datasets/package.js";
import { certified, libraryTask, refusals } from "../doubles/tool-library.js";
import { runCommand } from "./command.js";

const seed = "id: shop\ndomain: Retail\ntitle: Shop\nsummary: A shop.\nrules: [Three things a customer at most.]\nvocabulary: {}\n";
/** A seed with a vocabulary, as the built-in author needs one. */
const whole = readFileSync(new URL("../../seeds/education-knowledge/librarian.yaml", import.meta.url), "utf8");
let folder = "";
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-bad-"));
  const { compiled, origin, ...task } = libraryTask();
  const content = { ...task, task: "library/task-1", author: "builtin", environment: { compiled, origin }, refusals };
  writePackage(join(folder, "later"), { ...content, certificate: certified(libraryTask()), trajectories: [], provenance: {} });
  const manifest = join(folder, "later", "manifest.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"package": 1', '"package": 2'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.each([
  ["a seed with a wrong key", `${seed}rule: x\n`, ["7: rule: no such key; expected one of id,", "key: rule", "docs/seeds.md"]],
  ["a seed with a wrong type", seed.replace("Shop\n", "7\n"), ["3: title: expected string, received number", "key: title"]],
  ["a seed without a key", seed.replace("domain: Retail\n", ""), ["domain: expected string, found nothing", "key: domain"]],
  [
    "a rule sheet that does not compile",
    `${whole}sheet: seed.yaml\n`,
    [`${String(whole.split("\n").length)}: sheet: expected a rule sheet`, "that compiles: logigen: ", "key: sheet"],
  ],
  ["a folder that is no environment", `${seed}environment: .\n`, ["7: environment: expected an environment folder", "manifest.json"]],
])("logigen run refuses %s", async (_name, text, said) => {
  const path = file("seed.yaml", text);
  const { code, stdout, stderr } = await runCommand(["run", path, "--out", join(folder, "campaigns")]);
  expect([code, stdout]).toEqual([2, ""]);
  for (const words of [`file: ${path}`, ...said]) expect(stderr).toContain(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(existsSync(join(folder, "campaigns"))).toBe(false);
});

test.each([
  ["run", (out: string) => ["run", file("seed.yaml", whole), "--out", out]],
  ["server start", (out: string) => ["server", "start", "--out", out]],
  ["compile", (out: string) => ["compile", join(folder, "later", "sheet.yaml"), "--out", out]],
])("logigen %s refuses an output folder that cannot be made", async (_name, args) => {
  for (const out of [join(file("taken", ""), "below"), "/proc/logigen"]) {
    const { code, stderr } = await runCommand(args(out));
    expect(code).toBe(2);
    expect(stderr).toContain(`Cannot write the output folder ${out}`);
    expect(stderr).toContain("use another --out");
  }
});

test("logigen run leaves a campaign unclaimed when the server does not answer", async () => {
  const out = join(folder, "unreached");
  const { code, stderr } = await runCommand(["run", file("seed.yaml", whole), "--out", out], { TEMPORAL_ADDRESS: "127.0.0.1:1" });
  expect(code).toBe(1);
  expect(stderr).toMatch(/Cannot reach the Temporal server at 127\.0\.0\.1:1 .*: .+\n {2}fix: /);
  expect(existsSync(join(out, "campaign"))).toBe(false);
});

test.each([[["play"]], [["prove"]], [["view", "agent"]]])(
  "logigen %s refuses a package of another format version by name",
  async ([command, ...rest]) => {
    const { code, stdout, stderr } = await runCommand([command ?? "", join(folder, "later"), ...rest]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("package format version 2 is not 1");
    expect(stderr).toContain(`file: ${join(folder, "later", "manifest.json")}`);
  },
);

test("logigen worker refuses a campaign that was never run", async () => {
  const { code, stderr } = await runCommand(["worker", "nowhere", "--out", folder]);
  expect(code).toBe(2);
  expect(stderr).toContain('No campaign "nowhere" has been run under');
});
