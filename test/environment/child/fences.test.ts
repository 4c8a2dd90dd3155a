import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fencePrefix, probeFences } from "../../../environment/child/fences.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-fences-"));
  vi.stubEnv("PATH", folder);
  for (const tool of ["sh", "true"]) symlinkSync(`/bin/${tool}`, join(folder, tool));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A program of that name that does what it is asked for, or complains. */
function install(name: string, script: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

describe("probeFences()", () => {
  test("says what is not installed", async () => {
    const absent = { kind: "absent", reason: "not installed" };
    expect(await probeFences()).toEqual({ limits: absent, network: absent, orphan: absent });
  });

  test("says what is installed and denied, with the complaint", async () => {
    install("prlimit", 'echo "prlimit: failed to set: Operation not permitted" >&2; exit 1');
    install("unshare", 'echo "unshare failed: Operation not permitted" >&2; exit 1');
    install("setpriv", "exit 127");
    const fences = await probeFences();
    expect(fences).toMatchObject({
      limits: { kind: "absent", reason: "prlimit: failed to set: Operation not permitted" },
      network: { kind: "absent", reason: "unshare failed: Operation not permitted" },
      orphan: { kind: "absent" },
    });
    expect(fencePrefix(fences)).toEqual([]);
  });

  test("takes a user namespace where there is no other way, and enters it before it asks to die with the parent", async () => {
    install("prlimit", "exit 0");
    install("unshare", 'test "$1" = -rn');
    install("setpriv", "exit 0");
    const fences = await probeFences();
    expect(fences.limits.kind).toBe("present");
    expect(fencePrefix(fences)).toEqual([join(folder, "unshare"), "-rn", join(folder, "setpriv"), "--pdeathsig", "KILL", "--no-new-privs"]);
  });
});
