import { describe, expect, test } from "vitest";
import { exportedEnvironments } from "./direct-statements.js";
import { hasShell, shellVersion } from "./shell.js";
import { typeMatrix } from "./shell-matrix.js";

const environments = exportedEnvironments();

describe.skipIf(!hasShell)("the write matrix typed into a plain sqlite3 shell", () => {
  test.each(environments)(
    "is refused case by case on the file of $name, each by its rule, and nothing changes",
    { timeout: 120_000 },
    ({ name, compiled }) => {
      const { files, cases, failed } = typeMatrix(compiled, { work: 3000, seed: 1 });
      console.info(`${name}: ${cases} cases typed into ${files} files with sqlite3 ${shellVersion()}`);
      expect(failed).toEqual([]);
      expect(cases).toBeGreaterThan(100);
    },
  );

  test("notices a guard that is not there", { timeout: 120_000 }, () => {
    const [desk] = environments.filter(({ name }) => name === "lending-desk");
    const triggerSql = (desk?.compiled.triggerSql ?? []).map((sql) =>
      sql.replaceAll(/WHEN [^\n]* THEN RAISE\(ABORT, 'loans\.code\.writable'\)/g, "WHEN FALSE THEN 0"),
    );
    const failed = desk === undefined ? [] : typeMatrix(desk.compiled, { work: 3000, seed: 1, triggerSql }).failed;
    expect(failed.join("\n")).toContain("expected loans.code, got accepted");
    expect(failed).toContain("the state of the file changed");
  });
});
