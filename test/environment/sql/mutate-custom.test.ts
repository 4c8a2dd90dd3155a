import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { gateCustomEffect, gateCustomGuard } from "../../../environment/sql/gate-custom.js";
import { customMutants } from "../../../environment/sql/mutate-custom.js";

function mutantsOf(sql: string, operator: string): readonly string[] {
  return customMutants(sql)
    .filter((mutant) => mutant.operator === operator)
    .map((mutant) => mutant.sql);
}

test("customMutants() flips comparisons and makes them strict or lax", () => {
  expect(mutantsOf("a < 1 OR b = c", "comparison flipped")).toEqual(["a >= 1 OR b = c", "a < 1 OR b <> c"]);
  expect(mutantsOf("a < 1 OR b = c", "comparison made strict or lax")).toEqual(["a <= 1 OR b = c"]);
});

test("customMutants() drops each conjunct of each chain, and no half of a BETWEEN", () => {
  const drop = (sql: string) => mutantsOf(sql, "conjunct dropped").map((text) => text.replaceAll(/ +/g, " ").trim());
  expect(drop("a AND b BETWEEN 1 AND 2 AND NOT c")).toEqual(["b BETWEEN 1 AND 2 AND NOT c", "a AND NOT c", "a AND b BETWEEN 1 AND 2"]);
  expect(drop("x OR (SELECT 1 FROM t WHERE CASE WHEN p AND q THEN 1 END AND r)")).toEqual([
    "x OR (SELECT 1 FROM t WHERE CASE WHEN q THEN 1 END AND r)",
    "x OR (SELECT 1 FROM t WHERE CASE WHEN p THEN 1 END AND r)",
    "x OR (SELECT 1 FROM t WHERE r)",
    "x OR (SELECT 1 FROM t WHERE CASE WHEN p AND q THEN 1 END )",
  ]);
});

test("customMutants() swaps AND and OR, shifts literals and negates EXISTS", () => {
  expect(mutantsOf("a AND b OR c", "OR for AND")).toEqual(["a OR b OR c"]);
  expect(mutantsOf("a AND b OR c", "AND for OR")).toEqual(["a AND b AND c"]);
  expect(mutantsOf("a > 3 OR b = 'it''s'", "literal")).toEqual([
    "a > (3 + 1) OR b = 'it''s'",
    "a > (3 - 1) OR b = 'it''s'",
    "a > 3 OR b = 'it''s~'",
  ]);
  expect(mutantsOf("NOT EXISTS (SELECT 1 FROM t) OR EXISTS (SELECT 1 WHERE 0)", "EXISTS negated")).toEqual([
    "EXISTS (SELECT 1 FROM t) OR EXISTS (SELECT 1 WHERE 0)",
    "NOT EXISTS (SELECT 1 FROM t) OR NOT EXISTS (SELECT 1 WHERE 0)",
  ]);
});

test("customMutants() drops each SET, the only one by setting it to itself", () => {
  expect(mutantsOf("UPDATE t SET a = 1, (b, c) = (2, 3) WHERE d", "SET dropped")).toEqual([
    "UPDATE t SET (b, c) = (2, 3) WHERE d",
    "UPDATE t SET a = 1 WHERE d",
  ]);
  expect(mutantsOf("UPDATE t SET a = a + NEW.b", "SET dropped")).toEqual(["UPDATE t SET a = a"]);
  expect(mutantsOf("UPDATE t SET a = 1", "comparison flipped")).toEqual([]);
});

test("customMutants() writes SQL that passes the gate and compiles", () => {
  const guards = [
    "NEW.a > 1 AND NOT EXISTS (SELECT 1 FROM t WHERE t.b = 'x' AND t.a BETWEEN 1 AND 9 AND t.c LIKE 'y%')",
    "CASE WHEN NEW.a >= 2 AND NEW.b = 'z' THEN NEW.c ELSE NEW.a + 1 < 9 AND (NEW.b <> 'q' OR NEW.c IS NULL AND 1) END",
  ];
  const effects = [
    "UPDATE t SET a = a + 1, b = CASE WHEN NEW.a > 3 AND NEW.b THEN 'x' ELSE 'y' END WHERE c = NEW.c AND a <> 7",
    "UPDATE t SET (a, b) = (SELECT 1, 2) WHERE a = 1",
    "INSERT INTO t (a, b) SELECT a, 'x' FROM t WHERE b = NEW.b AND a < 5",
  ];
  const db = new Database(":memory:");
  db.exec("CREATE TABLE t (a, b, c)");
  const compile = (body: string) => {
    db.exec(`CREATE TRIGGER g AFTER INSERT ON t BEGIN ${body}; END`);
    db.prepare("EXPLAIN INSERT INTO t VALUES (1, 2, 3)").all();
    db.exec("DROP TRIGGER g");
  };
  const texts = guards.flatMap(customMutants).map(({ sql }) => {
    expect(gateCustomGuard(sql)).toMatchObject({ ok: true });
    compile(`SELECT RAISE(ABORT, 'no') WHERE NOT (${sql})`);
    return sql;
  });
  const effectTexts = effects.flatMap(customMutants).map(({ sql }) => {
    expect(gateCustomEffect(sql)).toMatchObject({ ok: true });
    compile(sql);
    return sql;
  });
  expect(new Set(texts).size).toBe(texts.length);
  expect([texts.length, effectTexts.length].map((count) => count > 20)).toEqual([true, true]);
});
