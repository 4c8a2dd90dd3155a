import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyAnswerSchema } from "../../cli/json-shapes.js";
import { writePackage } from "../../datasets/package.js";
import { certified, libraryTask, refusals } from "../doubles/tool-library.js";
import { runCommand } from "./command.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-verify-"));
  const { compiled, origin, ...task } = libraryTask();
  const sound = {
    ...task,
    task: "library/task-1",
    author: "builtin",
    environment: { compiled, origin },
    refusals,
    certificate: certified(libraryTask()),
    trajectories: [],
    provenance: {},
  };
  writePackage(join(folder, "sound"), sound);
  writePackage(join(folder, "bad"), { ...sound, log: task.log.slice(0, 2) });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("logigen verify --json prints one line a package, and exits 1 when a point fails", async () => {
  const { stdout, code } = await runCommand(["verify", folder, "--json"]);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => verifyAnswerSchema.parse(JSON.parse(line)));
  expect(lines.map((line) => [line.package, line.ok, line.points.length])).toEqual([
    [join(folder, "bad"), false, 8],
    [join(folder, "sound"), true, 8],
  ]);
  expect(lines[0]?.points.find((point) => !point.ok)?.name).toBe("replay");
  expect(code).toBe(1);
});

test("logigen verify exits 0 when every point holds, and 2 where there is no package", async () => {
  expect((await runCommand(["verify", join(folder, "sound")])).code).toBe(0);
  expect((await runCommand(["verify", join(folder, "absent")])).code).toBe(2);
});

test("logigen view shows the simulator the description, and nothing of the solution", async () => {
  const { stdout, code } = await runCommand(["view", join(folder, "sound"), "simulator"]);
  expect(code).toBe(0);
  expect(stdout).toContain("WHO_YOU_ARE");
  expect(stdout).not.toContain("insert_loans");
});
