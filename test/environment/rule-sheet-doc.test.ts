import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { interpretWrite } from "../../environment/compile/interpret-write.js";
import { ruleSchema } from "../../environment/sheet/sheet.js";
import { canonical, open, randomState, randomWrite, seeded, tryWrite } from "./random-writes.js";

const doc = readFileSync(new URL("../../docs/rule-sheet.md", import.meta.url), "utf8");
const base = parse(block("base")[0] ?? "") as Record<string, unknown>;
const rules = block("rule").map((text) => parse(text) as { readonly id: string; readonly kind: string });

function block(name: string): readonly string[] {
  return [...doc.matchAll(new RegExp(`\`\`\`yaml ${name}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, text]) => text ?? "");
}

function compiled(sheet: unknown): Compiled {
  const compilation = compileSheet(sheet);
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
  return compilation.compiled;
}

/** Compiles every trigger program, which SQLite puts off until a statement needs it. */
function explainAll({ schemaSql, triggerSql, catalogue }: Compiled): void {
  const db = new Database(":memory:");
  for (const sql of [...schemaSql, ...triggerSql]) db.prepare(sql).run();
  for (const table of [catalogue.context, ...Object.values(catalogue.tables)]) {
    db.prepare(`EXPLAIN INSERT INTO "${table.name}" DEFAULT VALUES`).all();
    for (const { name, insert } of table.columns)
      if (insert.kind !== "derived") db.prepare(`EXPLAIN UPDATE "${table.name}" SET "${name}" = NULL`).all();
  }
  db.close();
}

describe("docs/rule-sheet.md", () => {
  test("has an example of every kind", () => {
    const kinds = ruleSchema.options.map((option) => option.shape.kind.value);
    expect(new Set(rules.map(({ kind }) => kind))).toEqual(new Set(kinds));
  });

  test.each(rules.map((rule) => [rule.kind, rule] as const))("compiles %s, and SQLite compiles its triggers", (_kind, rule) => {
    explainAll(compiled({ ...base, rules: [rule] }));
  });

  test("all examples together: engine and interpreter agree, and each kind that can be reached refuses or acts", {
    timeout: 60_000,
  }, () => {
    const sheet = compiled({ ...base, rules: rules.filter(({ kind }) => !kind.startsWith("custom_")) });
    const refused = new Set<string>();
    const acted = new Set<string>();
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seeded(seed);
      const state = randomState(sheet, random);
      const db = open(sheet, state);
      for (let at = 0; at < 30; at += 1) {
        const write = randomWrite(sheet, state, random);
        const engine = tryWrite(sheet, db, write);
        const verdict = interpretWrite(sheet, state, write);
        expect([verdict.kind, verdict.kind === "accepted" ? canonical(sheet, verdict.state) : verdict.rule]).toEqual([
          engine.kind,
          engine.kind === "accepted" ? canonical(sheet, engine.state) : engine.rule,
        ]);
        if (verdict.kind === "refused") refused.add(verdict.rule);
        else if (verdict.kind === "accepted") for (const { rule } of verdict.effects) acted.add(rule);
      }
      db.close();
    }
    const own = rules.map(({ id }) => id);
    expect(own.filter((id) => refused.has(id)).length).toBeGreaterThan(8);
    expect(own.filter((id) => acted.has(id)).length).toBeGreaterThan(2);
  });
});
