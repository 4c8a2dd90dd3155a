import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { readableGuard } from "../../environment/proof/custom-condition.js";
import { namesOf, readSql } from "../../environment/proof/read-sql.js";
import { force } from "../../environment/proof/witness-force.js";
import { beginSearch } from "../../environment/proof/witness-begin.js";
import { sceneOf } from "../../environment/proof/witness-goals.js";
import { scopeOf } from "../../environment/proof/witness-scope.js";
import { actsOf, passes } from "../../environment/proof/witness-search.js";
import { sampleState } from "../../environment/proof/witness-sample.js";
import { settle } from "../../environment/proof/witness-settle.js";
import { wander } from "../../environment/proof/witness-wander.js";
import { namedKeys } from "../../environment/proof/witness-keys.js";
import { parseSqlExpression } from "../../environment/import/sql-expression.js";
import { tokenizeSql } from "../../environment/sql/tokenize-sql.js";
import { tableOf } from "../../environment/core/catalogue.js";
import { createRandom } from "../../models/builtin/random.js";
import { compiledOf } from "../doubles/lending-desk.js";

const sheet = (name: string): unknown => parse(readFileSync(new URL(`../../bench/sheets/${name}.yaml`, import.meta.url), "utf8"));

describe("readSql()", () => {
  test.each([
    ["blood", "issue.volume"],
    ["vet", "dose.weight"],
    ["tools", "loan.closed"],
  ])("reads the custom guard of %s as SQLite does", (name, id) => {
    const whole = compiledOf(sheet(name));
    const guard = whole.normal.guards.find((each) => each.id === id);
    const reading = guard === undefined ? null : readableGuard(guard, whole.catalogue);
    if (guard === undefined || reading === null) throw new Error(`"${id}" is not read`);
    // Alone, so that nothing else refuses what it lets pass.
    const compiled = { ...whole, normal: { guards: [guard], effects: [] } };
    const { next: random } = createRandom(1, "read");
    const search = beginSearch(compiled, { work: Infinity, random });
    const state = settle(whole, sampleState(whole.catalogue, namedKeys(whole)));
    const acts = actsOf(search, state).filter((act) => act.table === guard.table && act.on === "create");
    const bases = acts.flatMap(({ write }) =>
      (["true", "false"] as const).flatMap((wanted) => force(sceneOf(whole, { state, write }, guard.table), reading.must, wanted)),
    );
    const scope = scopeOf(whole, [guard]);
    const told = { accepted: 0, refused: 0 };
    for (let drawn = 0; drawn < 2000 && told.accepted + told.refused < 250; drawn += 1) {
      const base = bases[drawn % bases.length]?.candidate;
      const near = base === undefined ? null : wander({ compiled: whole, scope, random }, base);
      if (near === null) continue;
      const verdict = search.interpret(compiled, near);
      // A raw constraint answers where no guard of the structure does.
      if (verdict.kind === "refused" && verdict.rule !== id) continue;
      expect(passes(sceneOf(whole, near, guard.table), reading) ? "accepted" : "refused").toBe(verdict.kind);
      told[verdict.kind] += 1;
    }
    expect(Math.min(told.accepted, told.refused)).toBeGreaterThan(5);
  });

  const { catalogue } = compiledOf(sheet("blood"));
  const read = (text: string) => readSql(parseSqlExpression(tokenizeSql(text)), namesOf(catalogue, tableOf(catalogue, "issues")));

  test("binds products closer than sums, and turns the sign of one part alone", () => {
    expect(read("NEW.id + 2 * NEW.id - -NEW.id > 0")).toMatchObject({
      left: {
        op: "-",
        left: { op: "+", right: { op: "*" } },
        right: { kind: "negate" },
      },
    });
  });

  test.each([
    "NEW.id / 2 = 1",
    "exists (select 1 from issues as i left join donations as d on d.id = i.donation_id)",
    "exists (select 1 from issues as i, donations as d where d.volume = i.id)",
    "(select d.volume from donations as d order by d.id limit 1) > 3",
    "(select max(d.volume) from donations as d group by d.grp) > 3",
    "NEW.nothing = 1",
    "case when NEW.id = 1 then 1 else 0 end",
    "NEW.status like 'I%'",
  ])("does not read %s", (text) => {
    expect(read(text)).toBeNull();
  });
});
