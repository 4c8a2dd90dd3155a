import { expect, test } from "vitest";
import { exportedEnvironments, tryDirectStatements } from "./direct-statements.js";
import { hasShell, shellVersion } from "./shell.js";
import { typeStatements } from "./shell-statements.js";

const environments = exportedEnvironments();

test("100,000 random statements of a plain client break no invariant, whatever they say and however the pragmas stand", {
  timeout: 300_000,
}, () => {
  const { byRule, broken, ...counts } = tryDirectStatements(environments, { seed: 4, statements: 100_000 });
  console.info(
    `${counts.statements} statements: ${counts.changed} accepted and changed something, ${counts.idle} accepted and changed nothing, ${counts.refused} refused by ${byRule.size} rules, ${counts.malformed} refused by SQLite ahead of the triggers`,
  );
  expect(broken).toEqual([]);
  expect(counts.statements).toBeGreaterThanOrEqual(100_000);
  expect(counts.changed).toBeGreaterThan(5000);
  expect(byRule.size).toBeGreaterThan(200);
});

test.skipIf(!hasShell)("nor do 4,000 typed into the shell", { timeout: 120_000 }, () => {
  const { statements, refused, broken } = typeStatements(environments, { seed: 9, perFile: 500, files: 8 });
  console.info(`sqlite3 ${shellVersion()}: ${statements} statements, ${refused} refused`);
  expect(broken).toEqual([]);
  expect(statements).toBe(4000);
  expect(refused).toBeGreaterThan(1000);
});

test.each([
  ["a guard on a system column", /WHEN [^\n]* THEN RAISE\(ABORT, 'loans\.lent_step\.writable'\)/g, "WHEN FALSE THEN 0"],
  ["the guard of a counter", /WHEN [^\n]* THEN RAISE\(ABORT, 'members\.loans_out\.writable'\)/g, "WHEN FALSE THEN 0"],
  ["the recount of a counter", /^ {2}UPDATE "members" SET "loans_out"[^;]*;$/gm, "  SELECT 1;"],
  ["the refusal of deletes", /SELECT RAISE\(ABORT, 'loans\.no_delete'\)/g, "SELECT 1"],
])("a missing clause is noticed: %s", (_name, clause, instead) => {
  const desk = environments.filter(({ name }) => name === "lending-desk");
  const [compiled] = desk.map((environment) => environment.compiled);
  const triggerSql = (compiled?.triggerSql ?? []).map((sql) => sql.replaceAll(clause, instead));
  expect(triggerSql).not.toEqual(compiled?.triggerSql);
  expect(tryDirectStatements(desk, { seed: 4, statements: 3000, triggerSql }).broken.length).toBeGreaterThan(0);
});
