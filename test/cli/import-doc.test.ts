import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { executable } from "./command.js";

const page = readFileSync(fileURLToPath(new URL("../../docs/import.md", import.meta.url)), "utf8");

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "logigen-import-doc-"));
  mkdirSync(join(root, "seats"));
  for (const file of ["schema.sql", "triggers.sql", "rows.sql", "policy.md", "columns.json"])
    writeFileSync(join(root, "seats", file), block(file));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** The page's block that is marked with this word behind its language. */
function block(mark: string): string {
  const [, found] = new RegExp(`^\`\`\`[a-z]+ ${mark.replaceAll(".", "\\.")}\\n([^]*?)^\`\`\`$`, "m").exec(page) ?? [];
  if (found === undefined) throw new Error(`docs/import.md has no block "${mark}"`);
  return found;
}

function logigen(args: readonly string[], input = "") {
  return spawnSync(process.execPath, [executable, ...args], { cwd: root, input, encoding: "utf8" });
}

test("docs/import.md imports and plays its example as it says", () => {
  const imported = logigen(["import", "seats"]);
  expect(imported.status).toBe(0);
  expect(imported.stdout.replace(/^environment written to .*\n\n/, "")).toBe(block("import"));
  expect(logigen(["play", "--ndjson", "seats/environment"], block("calls")).stdout).toBe(block("answers"));
});

test("docs/import.md says what is refused as it is", () => {
  writeFileSync(join(root, "seats", "triggers.sql"), block("triggers.sql").replace("many seats');", "many seats);"));
  const refused = logigen(["import", "seats"]);
  expect(refused.status).toBe(1);
  expect(refused.stdout).toBe(block("refused"));
});
