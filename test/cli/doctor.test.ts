import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doctorAnswerSchema } from "../../cli/json-shapes.js";
import { runCommand } from "./command.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-doctor-"));
  symlinkSync("/bin/sh", join(folder, "sh"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("logigen doctor", () => {
  test("says which fences of the operating system are missing, what that means, and the fix", async () => {
    const { code, stdout } = await runCommand(["doctor", "--json", "--out", folder], { PATH: folder });
    const { checks } = doctorAnswerSchema.parse(JSON.parse(stdout));
    const fences = checks.filter(({ name }) => ["prlimit", "unshare", "setpriv"].includes(name));
    expect(fences).toEqual([
      {
        name: "prlimit",
        verdict: "warning",
        found: expect.stringMatching(/^not installed: .*memory/) as string,
        fix: "install util-linux",
      },
      {
        name: "unshare",
        verdict: "warning",
        found: expect.stringMatching(/^not installed: .*network/) as string,
        fix: "install util-linux",
      },
      {
        name: "setpriv",
        verdict: "warning",
        found: expect.stringMatching(/^not installed: .*outlives/) as string,
        fix: "install util-linux",
      },
    ]);
    expect(code).toBe(0);
  });
});
