import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { environmentFiles, manifestOf, writeFiles } from "../../environment/engine/folder-files.js";
import { openSession } from "../../environment/engine/session.js";
import { writeSnapshot } from "../../environment/engine/snapshot.js";
import { writePackage } from "../../datasets/package.js";
import { openDesk } from "../doubles/lending-desk.js";
import { certified, description, goldLog, libraryTask, told } from "../doubles/tool-library.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "play-"));
  const desk = openDesk();
  const session = openSession(desk);
  session.call("authenticate", { id: "m1", pin: "1111" });
  session.call("insert_loans", { code: "saw", days: 3 });
  const files = new Map([...environmentFiles(desk), ["target.sqlite", writeSnapshot(session.db)]]);
  writeFiles(folder, new Map([...files, ["manifest.json", Buffer.from(JSON.stringify(manifestOf(desk, files)))]]));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function play(input: string): { readonly status: number | null; readonly lines: readonly string[]; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/logigen.js", "play", folder, "--ndjson", "--actor", "m1"], {
    input,
    encoding: "utf8",
  });
  return { status, lines: stdout.split("\n").slice(0, -1), said: stderr };
}

describe("logigen play --ndjson", () => {
  test("plays a folder with a target: one line out for each line in, exit 0 at the end of the input", () => {
    const { status, lines } = play('{"tool":"insert_loans","arguments":{"code":"saw","days":3}}\n{"op":"reward"}\n');
    expect(status).toBe(0);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { ok: true },
      { ok: true, paper: { r_final: 1 }, default: { success: 1 } },
    ]);
  });

  test("refuses a target that is another one, naming the file, with nothing on standard output", () => {
    writeFileSync(join(folder, "target.sqlite"), "another");
    const { status, lines, said } = play('{"op":"tools"}\n');
    expect(status).toBe(2);
    expect(lines).toEqual([]);
    expect(said).toContain('Cannot read "target.sqlite": its digest is not the one in manifest.json');
  });

  test("tells of a package of a refusal task how much of what establishes the refusal was read", () => {
    const task = libraryTask({
      log: goldLog.slice(0, 1),
      description: told({
        ...description,
        kind: "refusal",
        choices: [],
        values: [],
        refusal: { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 9 }, rule: "loans.two" },
      }),
    });
    const { compiled, origin, target, log } = task;
    writePackage(folder, {
      task: "library/task-1",
      author: "builtin",
      environment: { compiled, origin },
      target,
      log,
      refusals: [],
      description: task.description,
      certificate: certified(task),
      trajectories: [],
      provenance: {},
    });
    const { lines } = play('{"op":"reward"}\n{"tool":"query_loans","arguments":{"member_id":"m1"}}\n{"op":"reward"}\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { ok: true, refusal_reads: { needed: 2, made: 0, established: false } },
      { ok: true },
      { ok: true, default: { success: 1 }, refusal_reads: { needed: 2, made: 2, established: true } },
    ]);
  });
});
