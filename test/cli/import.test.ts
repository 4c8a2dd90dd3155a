import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { importFolder } from "../../cli/import.js";
import { importAnswerSchema } from "../../cli/json-shapes.js";
import { importRaw, type ImportSource } from "../../environment/import/import-raw.js";
import { readEnvironment } from "../../environment/engine/folder.js";
import { openSession } from "../../environment/engine/session.js";
import { writeSnapshot } from "../../environment/engine/snapshot.js";
import { fixtureFolder } from "../environment/import-texts.js";
import { executable } from "./command.js";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "logigen-import-"));
  cpSync(fixtureFolder("paper-appendix-a"), join(root, "printed"), { recursive: true });
  cpSync(fixtureFolder("paper-appendix-a-repaired"), join(root, "repaired"), { recursive: true });
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

function logigen(args: readonly string[], input = "") {
  return spawnSync(process.execPath, [executable, ...args], { input, encoding: "utf8" });
}

/** In this process, which the command itself does not do. */
const run = (source: ImportSource) => Promise.resolve(importRaw(source));

describe("logigen import --json", () => {
  test("answers with the environment and its findings, and writes nothing but the environment", () => {
    const folder = join(root, "repaired");
    const before = readdirSync(folder);
    const { stdout, status } = logigen(["import", folder, "--json"]);
    const answer = importAnswerSchema.parse(JSON.parse(stdout));
    expect(status).toBe(0);
    expect(answer).toMatchObject({ ok: true, environment: join(folder, "environment") });
    expect(answer.ok ? answer.findings.map(({ kind }) => kind) : []).toContain("partly-maintained");
    expect(readdirSync(folder).sort()).toEqual([...before, "environment"].sort());
    expect(readEnvironment(join(folder, "environment")).manifest.environment).toBe("repaired");
  });

  test("answers with what is refused, one JSON document, and writes nothing", () => {
    const { stdout, stderr, status } = logigen(["import", join(root, "printed"), "--json"]);
    expect(status).toBe(1);
    expect(importAnswerSchema.parse(JSON.parse(stdout))).toMatchObject({
      ok: false,
      refused: [{ file: "triggers.sql" }, { file: "triggers.sql" }],
    });
    expect(stderr).toBe("");
    expect(existsSync(join(root, "printed", "environment"))).toBe(false);
  });

  test.each([
    ["no folder", ["import", "--json"], /missing required argument 'folder'/],
    ["an unknown option", ["import", "somewhere", "--jsno", "--json"], /unknown option '--jsno'/],
  ])("answers a command line with %s, one JSON document", (_what, args, message) => {
    const { stdout, stderr, status } = logigen(args);
    expect(status).toBe(2);
    expect(importAnswerSchema.parse(JSON.parse(stdout))).toMatchObject({
      ok: false,
      refused: [{ code: "USAGE", message: expect.stringMatching(message) as string }],
    });
    expect(stderr).toMatch(message);
  });

  test.each([
    ["a folder that is missing", "absent", "MISSING"],
    ["a file in place of a folder", "printed/schema.sql", "MISSING"],
  ])("refuses %s", (_name, path, code) => {
    const { stdout, status } = logigen(["import", join(root, path), "--json"]);
    expect(status).toBe(1);
    expect(importAnswerSchema.parse(JSON.parse(stdout))).toMatchObject({ ok: false, refused: [{ code }] });
  });
});

describe("logigen import, interrupted", () => {
  const endless = `INSERT INTO flight_classes SELECT 'x', 'y' FROM ${Array.from({ length: 40 }, (_, i) => `flight_classes AS f${String(i)}`).join(", ")};`;

  test("leaves nothing behind: no folder, no process", async () => {
    const folder = join(root, "interrupted");
    cpSync(fixtureFolder("paper-appendix-a-repaired"), folder, { recursive: true });
    const before = readdirSync(folder);
    writeFileSync(join(folder, "rows.sql"), `${readFileSync(join(folder, "rows.sql"), "utf8")}\n${endless}`);
    const command = spawn(process.execPath, [executable, "import", folder, "--json"], { stdio: "ignore" });
    const ended = once(command, "exit");
    const children = () =>
      readFileSync(`/proc/${String(command.pid)}/task/${String(command.pid)}/children`, "utf8")
        .trim()
        .split(" ");
    const loader = await vi.waitFor(() => {
      const found = children().find((pid) => pid !== "" && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("import-main"));
      if (found === undefined) throw new Error("no child yet");
      return found;
    }, 20_000);
    command.kill("SIGINT");
    await ended;
    await vi.waitFor(() => {
      expect(isAlive(loader)).toBe(false);
    }, 5_000);
    expect(readdirSync(folder).sort()).toEqual(before.sort());
  });

  function isAlive(pid: string): boolean {
    return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  }
});

describe("importFolder()", () => {
  const attempt = (name: string, change: (folder: string) => void, out = "out") => {
    const folder = join(root, name);
    cpSync(fixtureFolder("paper-appendix-a-repaired"), folder, { recursive: true });
    change(folder);
    return importFolder(folder, { out: join(folder, out), run });
  };

  test.each([
    [
      "no triggers.sql",
      (folder: string) => {
        rmSync(join(folder, "triggers.sql"));
      },
      "triggers.sql",
      "MISSING",
    ],
    [
      "bad columns.json",
      (folder: string) => {
        writeFileSync(join(folder, "columns.json"), "{");
      },
      "columns.json",
      "JSON",
    ],
    [
      "a file that is no UTF-8",
      (folder: string) => {
        writeFileSync(join(folder, "policy.md"), Buffer.from([0xff]));
      },
      "policy.md",
      "ENCODING",
    ],
  ])("refuses a folder with %s", async (name, change, file, code) => {
    const answer = await attempt(name.replaceAll(" ", "-"), change);
    expect(answer).toMatchObject({ ok: false, refused: [{ file, statement: null, code }] });
    expect(existsSync(join(root, name.replaceAll(" ", "-"), "out"))).toBe(false);
  });

  test("says how a file that is UTF-16 can be read", async () => {
    const change = (folder: string) => {
      writeFileSync(join(folder, "schema.sql"), "\ufeffCREATE TABLE a (n);", "utf16le");
    };
    expect(await attempt("utf-16", change)).toMatchObject({
      refused: [{ file: "schema.sql", code: "ENCODING", message: "the file is UTF-16; save it as UTF-8" }],
    });
  });

  test("refuses to overwrite the files it reads", async () => {
    const unchanged = () => undefined;
    expect(await attempt("itself", unchanged, ".")).toMatchObject({ ok: false, refused: [{ code: "OUT" }] });
    const linked = (folder: string) => {
      symlinkSync(folder, join(folder, "out"));
    };
    expect(await attempt("linked", linked)).toMatchObject({ ok: false, refused: [{ code: "OUT" }] });
    expect(readFileSync(join(root, "itself", "schema.sql"))).toEqual(readFileSync(join(fixtureFolder("paper-appendix-a"), "schema.sql")));
  });

  test("writes the whole folder or leaves it as it was", async () => {
    const block = (folder: string) => {
      mkdirSync(join(folder, "out", ".origin.sqlite.unfinished"), { recursive: true });
      writeFileSync(join(folder, "out", "tools.json"), "kept");
    };
    expect(await attempt("halfway", block)).toMatchObject({ ok: false, refused: [{ code: "OUT" }] });
    expect(readdirSync(join(root, "halfway", "out"))).toEqual(["tools.json"]);
    expect(readFileSync(join(root, "halfway", "out", "tools.json"), "utf8")).toBe("kept");
  });

  test("refuses where the output is a file", async () => {
    const block = (folder: string) => {
      writeFileSync(join(folder, "out"), "");
    };
    expect(await attempt("blocked", block)).toMatchObject({ ok: false, refused: [{ code: "OUT" }] });
  });
});

describe("an imported folder", () => {
  const environment = () => join(root, "played");
  const file = (name: string) => join(root, `${name}.sqlite`);
  const book = { user_id: "u_staff_01", trip_purpose: "visit", current_step: 20 };

  beforeAll(async () => {
    await importFolder(join(root, "repaired"), { out: environment(), run });
    save("wanted", { ...book, trip_purpose: "visit" });
    save("other", { ...book, current_step: 21 });
  });

  function save(name: string, given: object): void {
    const session = openSession(readEnvironment(environment()));
    session.call("insert_travel_requests", given);
    writeFileSync(file(name), writeSnapshot(session.db));
    session.close();
  }

  test("is played over NDJSON, with a reward where there is a target", () => {
    const lines = [
      { op: "tools" },
      { tool: "insert_travel_requests", arguments: { ...book, user_id: "nobody" } },
      { tool: "insert_travel_requests", arguments: book },
      { op: "reward" },
      { op: "reset" },
      { op: "log" },
    ];
    const { stdout, status } = logigen(
      ["play", "--ndjson", "--target", file("wanted"), environment()],
      lines.map((line) => JSON.stringify(line)).join("\n"),
    );
    const answers = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(status).toBe(0);
    expect(answers).toMatchObject([
      { ok: true, tools: expect.arrayContaining([expect.objectContaining({ name: "update_flight_bookings" })]) as unknown },
      {
        ok: false,
        error: { code: "POLICY_VIOLATION", violated_rule: "PREREQ_FAIL", message: "[PREREQ_FAIL] User does not exist or is inactive" },
      },
      { ok: true, row: { trip_purpose: "visit", flight_booking_count: 0 }, effects: [] },
      { ok: true, default: { missing: 0, collateral: 0, success: 1 } },
      { ok: true },
      { ok: true, writes: [] },
    ]);
  });

  test("is played at the prompt", () => {
    const { stdout } = logigen(["play", "--target", file("wanted"), environment()], "query_companies active=0\ndiff\nquit\n");
    expect(stdout).toContain("Corporate Business Travel Agent Policy");
    expect(stdout).toContain("comp_beta");
    expect(stdout).toContain("diff: 1 missing, 0 collateral");
  });

  test("has its states compared in a batch", () => {
    const origin = join(environment(), "origin.sqlite");
    const request = (wanted: string, found: string) => JSON.stringify({ environment: environment(), origin, wanted, found });
    const { stdout, status } = logigen(
      ["diff", "--batch"],
      `${request(file("wanted"), file("wanted"))}\n${request(file("wanted"), file("other"))}\n`,
    );
    expect(status).toBe(0);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line): unknown => JSON.parse(line)),
    ).toMatchObject([
      { equal: true },
      { equal: false, missing: 1, collateral: 1, rows: [{ table: "travel_requests" }, { table: "travel_requests" }] },
    ]);
  });

  test("is refused by prove, which needs a sheet", () => {
    const { stderr, status } = logigen(["prove", environment()]);
    expect(stderr).toContain("has no rule sheet");
    expect(status).toBe(2);
  });
});
