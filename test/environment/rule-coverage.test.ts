import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { interpretWrite, type Write } from "../../environment/compile/interpret-write.js";
import type { Row } from "../../environment/core/values.js";
import { runWitnesses } from "../../environment/proof/prove.js";
import { findWitnesses } from "../../environment/proof/witness.js";
import { canonical, open, randomState, randomWrite, readState, seeded, tryWrite } from "./random-writes.js";

interface Example {
  readonly id: string;
  readonly base: string;
  readonly rules: readonly { readonly id: string; readonly kind: string }[];
}

interface Sort {
  readonly sort: string;
  readonly count: number;
  readonly examples: readonly string[];
}

const doc = readFileSync(new URL("../../docs/rule-coverage.md", import.meta.url), "utf8");
const bases = new Map(blocks(/```yaml base (\w+)\n([\s\S]*?)```/g).map(([name, text]) => [name, parse(text) as object]));
const examples = [...bases.keys()].flatMap((base) =>
  blocks(new RegExp(`\`\`\`yaml (${base})\\n([\\s\\S]*?)\`\`\``, "g")).flatMap(([, text]) =>
    (parse(text) as (Example["rules"][number] | Example["rules"])[]).map((item): Example => {
      const rules = [item].flat();
      return { id: rules[0]!.id, base, rules };
    }),
  ),
);
const tables = {
  kinds: sortsOf("## Census B"),
  needs: sortsOf("## Census A", "| by what they need"),
  shapes: sortsOf("## Census A", "| shape"),
};
const effects = new Set(["counter", "propagate", "promote", "spawn", "stamp", "rollup", "custom_effect"]);

function blocks(pattern: RegExp): readonly (readonly [string, string])[] {
  return [...doc.matchAll(pattern)].map(([, name, text]) => [name ?? "", text ?? ""]);
}

/** The rows of the first table after a heading whose head starts so: its name, the number in it, and the examples of its last cell. */
function sortsOf(heading: string, head = "| sort"): readonly Sort[] {
  const lines = doc.slice(doc.indexOf(head, doc.indexOf(heading))).split("\n");
  const rows = lines.slice(
    2,
    lines.findIndex((line) => !line.startsWith("|")),
  );
  return rows.map((line) => {
    const cells = line
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1);
    return { sort: cells[0] ?? "", count: Number(cells[1]), examples: (cells.at(-1) ?? "").split(", ").filter((id) => id !== "") };
  });
}

function compiled({ base, rules }: Pick<Example, "base" | "rules">): Compiled {
  const full = rules.map((rule) => ({
    clauses: ["1"],
    ...(effects.has(rule.kind) ? {} : { message: `Refused by ${rule.id}.` }),
    ...rule,
  }));
  const policy = [{ id: "1", kind: "enforceable", text: "All that the rules say." }];
  const compilation = compileSheet({ logigen: 1, id: base, title: "A base sheet", policy, ...bases.get(base), rules: full });
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
  return compilation.compiled;
}

/** Random writes on random states, engine and interpreter side by side. */
function tryWrites(sheet: Compiled, { states, writes }: { readonly states: number; readonly writes: number }): void {
  for (let seed = 1; seed <= states; seed += 1) {
    const random = seeded(seed);
    const db = open(sheet, randomState(sheet, random));
    db.pragma(`recursive_triggers = ${seed % 2}`);
    const state = readState(sheet, db);
    for (let at = 0; at < writes; at += 1) {
      const write = randomWrite(sheet, state, random);
      const engine = tryWrite(sheet, db, write);
      const verdict = interpretWrite(sheet, state, write);
      const mine = verdict.kind === "accepted" ? canonical(sheet, verdict.state) : verdict.rule;
      expect([verdict.kind, mine]).toEqual([engine.kind, engine.kind === "accepted" ? canonical(sheet, engine.state) : engine.rule]);
    }
    db.close();
  }
}

/** A random state with an open order, and an insert of another that is accepted there. */
function acceptedOrder(sheet: Compiled) {
  for (let seed = 1; seed < 100; seed += 1) {
    const random = seeded(seed);
    const db = open(sheet, randomState(sheet, random));
    const state = readState(sheet, db);
    const row = state["orders"]?.find(({ status }) => status === "OPEN");
    for (let at = 0; at < 60 && row !== undefined; at += 1) {
      const accepted = randomWrite(sheet, state, random);
      if (accepted.op === "insert" && accepted.table === "orders" && interpretWrite(sheet, state, accepted).kind === "accepted")
        return { db, state, accepted, row };
    }
    db.close();
  }
  throw new Error("The generator gave no order");
}

describe("docs/rule-coverage.md", () => {
  const listed = [...new Set(Object.values(tables).flatMap((sorts) => sorts.flatMap((sort) => sort.examples)))];
  const declared = listed.filter((id) => bases.has("shop") && /^orders\./.test(id));

  test("lists every example, and has every example that it lists", () => {
    expect(new Set(examples.map(({ id }) => id)).size).toBe(examples.length);
    expect([...declared, ...examples.map(({ id }) => id)].sort()).toEqual([...listed].sort());
  });

  test("covers at least 98 % of the census rules without custom, counted from its tables", () => {
    const covered = (sorts: readonly Sort[]) => sorts.reduce((sum, { count, examples: shown }) => sum + (shown.length > 0 ? count : 0), 0);
    const all = (sorts: readonly Sort[]) => sorts.reduce((sum, { count }) => sum + count, 0);
    const shares = [
      { census: "B, by kind", covered: covered(tables.kinds), of: 462 },
      { census: "A, by what they need", covered: covered(tables.needs), of: 300 },
      { census: "A, conjuncts by shape", covered: covered(tables.shapes), of: 432 },
    ];
    console.log(
      shares
        .map((share) => `${share.census}: ${share.covered} of ${share.of}, ${((100 * share.covered) / share.of).toFixed(1)} %`)
        .join("\n"),
    );
    expect([all(tables.kinds), all(tables.needs), all(tables.shapes)]).toEqual([461, 300, 432]);
    for (const { covered: count, of } of shares) expect(count / of).toBeGreaterThanOrEqual(0.98);
    expect(examples.flatMap(({ rules }) => rules.filter(({ kind }) => kind.startsWith("custom")))).toEqual([]);
  });

  test.each(examples.map((example) => [example.id, example] as const))(
    "%s is compiled, interpreted and witnessed",
    { timeout: 60_000 },
    (id, example) => {
      const sheet = compiled(example);
      tryWrites(sheet, { states: 2, writes: 12 });
      const { witnesses, unshown } = findWitnesses(sheet, { work: 2_000, random: seeded(1) });
      const own = witnesses.filter(({ rule }) => rule === id);
      expect(unshown.filter(({ rule }) => rule === id)).toEqual([]);
      expect(runWitnesses(sheet, own)).toEqual([]);
      const verdicts = new Set(own.map(({ expected }) => expected.kind));
      expect([...verdicts].sort()).toEqual(effects.has(example.rules[0]!.kind) ? ["accepted"] : ["accepted", "refused"]);
      if (effects.has(example.rules[0]!.kind))
        expect(
          own.some(({ state, write }) => {
            const verdict = interpretWrite(sheet, state, write);
            return verdict.kind === "accepted" && verdict.effects.some(({ rule }) => rule === id);
          }),
        ).toBe(true);
    },
  );

  test("declarations refuse what the tables say they do", () => {
    const sheet = compiled({ base: "shop", rules: [] });
    const { db, state, accepted, row } = acceptedOrder(sheet);
    const insert = (values: Row): Write => ({ ...accepted, values: { ...accepted.values, ...values } });
    const update = (set: Row): Write => ({ op: "update", table: "orders", key: { id: row["id"] ?? null }, set });
    const refused: Readonly<Record<string, Write>> = {
      "orders.code.values": insert({ code: "a1" }),
      "orders.discount.values": insert({ discount: 101n }),
      "orders.status.move": update({ status: "DONE", discount: 101n }),
      "orders.status.start": insert({ status: "DONE" }),
      "orders.kind.writable": update({ kind: row["kind"] === "NORMAL" ? "EXPRESS" : "NORMAL" }),
      "orders.due_step.writable": insert({ due_step: 5n }),
    };
    expect(Object.keys(refused).sort()).toEqual([...declared].sort());
    for (const [rule, write] of Object.entries(refused)) {
      expect(tryWrite(sheet, db, write)).toEqual({ kind: "refused", rule });
      expect(interpretWrite(sheet, state, write)).toMatchObject({ kind: "refused", rule });
    }
    db.close();
  });
});
