import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EnvironmentFolderError, readEnvironment } from "../../environment/engine/folder.js";
import { manifestSchema, writeEnvironment } from "../../environment/engine/folder-files.js";
import { openSnapshot, writeSnapshot } from "../../environment/engine/snapshot.js";
import { openDesk } from "../doubles/lending-desk.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "environment-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Changes a file and rewrites its digest to match. */
function forge(name: string, bytes: Buffer): void {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));
  writeFileSync(join(folder, name), bytes);
  const files = { ...manifest.files, [name]: createHash("sha256").update(bytes).digest("hex") };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...manifest, files }));
}

function faultyFile(): string {
  try {
    readEnvironment(folder);
    return "";
  } catch (error) {
    if (error instanceof EnvironmentFolderError) return error.file;
    throw error;
  }
}

describe("writeEnvironment()", () => {
  test("writes the seven files and nothing else, with digests and counts", () => {
    const manifest = writeEnvironment(folder, openDesk());
    expect(readdirSync(folder).sort()).toEqual([
      "manifest.json",
      "origin.sqlite",
      "policy.md",
      "schema.sql",
      "sheet.yaml",
      "tools.json",
      "triggers.sql",
    ]);
    expect(manifest).toMatchObject({ logigen: 1, environment: "lending-desk", counts: { clauses: 4, tables: 4, tools: 8, rows: 5 } });
    expect(Object.keys(manifest.files).sort()).toEqual([
      "origin.sqlite",
      "policy.md",
      "schema.sql",
      "sheet.yaml",
      "tools.json",
      "triggers.sql",
    ]);
  });

  test("writes the same bytes again, over the files of before", () => {
    writeEnvironment(folder, openDesk());
    const first = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString("hex"));
    writeEnvironment(folder, openDesk());
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString("hex"))).toEqual(first);
  });

  test("writes the policy in numbered clauses by section", () => {
    writeEnvironment(folder, openDesk());
    expect(readFileSync(join(folder, "policy.md"), "utf8")).toMatchInlineSnapshot(`
      "# Lending desk

      ## Lending

      1.1 A member has at most 2 loans that are OUT.
      1.2 A returned tool leaves a receipt.
      1.3 Members act for themselves.

      ## Manners

      2.1 Be polite. [conduct]
      "
    `);
  });

  test.runIf(existsSync("/usr/bin/sqlite3"))("leaves an origin that refuses in the system's sqlite3 shell what a session refuses", () => {
    writeEnvironment(folder, openDesk());
    const shell = (sql: string): string =>
      execFileSync("/usr/bin/sqlite3", [join(folder, "origin.sqlite"), sql], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    expect(shell("SELECT count(*) FROM members")).toBe("2\n");
    expect(() => shell("INSERT INTO loans (member_id, code, days, lent_step) VALUES ('m1', 'saw', 3, 10)")).toThrow("session.required");
    expect(() => shell("DELETE FROM members")).toThrow("members.no_delete");
  });
});

describe("readEnvironment()", () => {
  beforeEach(() => {
    writeEnvironment(folder, openDesk({ loans: [{ member_id: "m1", code: "saw", days: 3n, lent_step: 4n }] }));
  });

  test("reads what was written", () => {
    const { compiled, origin, manifest } = readEnvironment(folder);
    expect(compiled).toEqual(openDesk().compiled);
    expect(origin.equals(readFileSync(join(folder, "origin.sqlite")))).toBe(true);
    expect(manifest.title).toBe("Lending desk");
  });

  test.each(["sheet.yaml", "policy.md", "schema.sql", "triggers.sql", "tools.json", "origin.sqlite"])(
    "names %s when one of its bytes is another",
    (name) => {
      const bytes = readFileSync(join(folder, name));
      bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
      writeFileSync(join(folder, name), bytes);
      expect(faultyFile()).toBe(name);
    },
  );

  test.each(["origin.sqlite", "tools.json", "manifest.json"])("names %s when it is missing", (name) => {
    rmSync(join(folder, name));
    expect(faultyFile()).toBe(name);
  });

  test("refuses another format version by name", () => {
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as object;
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...manifest, logigen: 2 }));
    expect(() => readEnvironment(folder)).toThrow('Cannot read "manifest.json": format version 2 is not 1');
  });

  test("names the origin when a trigger in it was edited and the digest rewritten", () => {
    const db = openSnapshot(readFileSync(join(folder, "origin.sqlite")));
    const [name, sql] = db
      .prepare<[], [string, string]>("SELECT name, sql FROM sqlite_schema WHERE sql LIKE '%loan.quota%' ORDER BY name")
      .raw()
      .get() ?? ["", ""];
    db.prepare(`DROP TRIGGER "${name}"`).run();
    db.prepare(sql.replaceAll("loan.quota", "loan.quote")).run();
    forge("origin.sqlite", writeSnapshot(db));
    expect(faultyFile()).toBe("origin.sqlite");
  });

  test("names triggers.sql and tools.json when they are not what the sheet compiles to", () => {
    forge("triggers.sql", Buffer.from("SELECT 1;\n"));
    expect(faultyFile()).toBe("triggers.sql");
    writeEnvironment(folder, openDesk());
    forge("tools.json", Buffer.from("[]\n"));
    expect(faultyFile()).toBe("tools.json");
  });

  test("names the sheet when it does not compile, and the origin when it is no SQLite file", () => {
    forge("sheet.yaml", Buffer.from("logigen: 1\n"));
    expect(faultyFile()).toBe("sheet.yaml");
    writeEnvironment(folder, openDesk());
    forge("origin.sqlite", Buffer.from("not a database, but long enough to be looked at as one"));
    expect(faultyFile()).toBe("origin.sqlite");
  });
});
