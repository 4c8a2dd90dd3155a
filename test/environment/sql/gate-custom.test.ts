import { expect, test } from "vitest";
import { gateCustomEffect, gateCustomGuard } from "../../../environment/sql/gate-custom.js";

test.each([
  "NEW.a > 1 AND NOT EXISTS (SELECT 1 FROM t WHERE t.id = NEW.id)",
  "CASE WHEN NEW.a IS NULL THEN 1 ELSE OLD.a <> NEW.a END",
  "NEW.a IS NOT DISTINCT FROM OLD.a",
  "(SELECT count(*) FROM t AS x, u WHERE x.a = u.a GROUP BY x.b ORDER BY 1 LIMIT 1) <= 3 /* at most */ OR NEW.b",
  "julianday(NEW.due) - julianday(NEW.made) <= 30",
])("gateCustomGuard() lets through %s", (sql) => {
  expect(gateCustomGuard(sql)).toMatchObject({ ok: true });
});

test.each([
  ["", /got none/],
  ["SELECT 1", /"SELECT" stands outside/],
  ["1 THEN 1 ELSE 2 END", /"THEN" stands outside/],
  ["1 FROM t", /"FROM" stands outside/],
  ["1, 2", /"," stands outside/],
  ["1) OR (1", /closes nothing/],
  ["1; DROP TABLE t", /semicolon/],
  ["NEW.a > 1 -- rest", /comment/],
  ["random() > 0", /random\(\)/],
  ["NEW.a < date('now')", /clock/],
  ["(WITH c AS (SELECT 1 UNION ALL SELECT 1 FROM c) SELECT 1 FROM c)", /reads itself/],
  ["RAISE(ABORT, 'x')", /RAISE/],
  ["NEW.a > 'x", /never closed/],
  ["NEW.a > ?", /parameter/],
])("gateCustomGuard() refuses %s", (sql, message) => {
  expect(gateCustomGuard(sql)).toMatchObject({ ok: false, message: expect.stringMatching(message) as unknown });
});

test.each([
  "INSERT INTO log (a, b) VALUES (NEW.a, 'x')",
  "INSERT INTO log (a) SELECT id FROM t WHERE t.a = NEW.a",
  "UPDATE t SET n = n + 1, (a, b) = (SELECT 1, 2) FROM u WHERE t.id = NEW.id AND u.id = t.id",
])("gateCustomEffect() lets through %s", (sql) => {
  expect(gateCustomEffect(sql)).toMatchObject({ ok: true });
});

test.each([
  ["", /got nothing/],
  ["DELETE FROM t", /"DELETE"/],
  ["INSERT OR IGNORE INTO t (a) VALUES (1)", /conflict/],
  ["INSERT OR REPLACE INTO t (a) VALUES (1)", /REPLACE/],
  ["INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", /conflict/],
  ["INSERT INTO t (a) VALUES (1) RETURNING a", /RETURNING/],
  ["UPDATE t SET a = 1; UPDATE t SET b = 1", /semicolon/],
  ["UPDATE main.t SET a = 1", /names a database/],
  ["UPDATE logigen_context SET transferred = 1", /reserved/],
])("gateCustomEffect() refuses %s", (sql, message) => {
  expect(gateCustomEffect(sql)).toMatchObject({ ok: false, message: expect.stringMatching(message) as unknown });
});
