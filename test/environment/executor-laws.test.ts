import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readRows } from "../../cli/read-rows.js";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { encodeValue } from "../../environment/core/encode-value.js";
import { quoteIdentifier } from "../../environment/core/identifier.js";
import { brokenInvariants } from "../../environment/engine/invariants.js";
import { layRows } from "../../environment/engine/lay-rows.js";
import { openSession, type Session, type ToolResult } from "../../environment/engine/session.js";
import { writeSnapshot } from "../../environment/engine/snapshot.js";
import { shownColumns, toolsOf } from "../../environment/engine/tools.js";
import type { Value } from "../../environment/core/values.js";
import { compiledOf, openDesk } from "../doubles/lending-desk.js";
import { randomCall, seeded } from "../doubles/random-calls.js";

type Environment = { readonly compiled: Compiled; readonly origin: Buffer };

function travel(): Environment {
  const compiled = compiledOf(parse(readFileSync("examples/corporate-travel/sheet.yaml", "utf8")));
  const rows = readRows(readFileSync("examples/corporate-travel/rows.json", "utf8"));
  const db = layRows(compiled, rows.ok ? rows.value : {}, { now: 0n });
  return { compiled, origin: writeSnapshot(db) };
}

/** Every shown cell of every row, by table, key and column. */
function cellsOf({ catalogue }: Compiled, session: Session): ReadonlyMap<string, string> {
  const cells = new Map<string, string>();
  for (const table of Object.values(catalogue.tables)) {
    const columns = shownColumns(catalogue, table).map(({ name }) => name);
    const rows = session.db
      .prepare<[], Value[]>(`SELECT ${columns.map(quoteIdentifier).join(", ")} FROM ${quoteIdentifier(table.name)}`)
      .raw()
      .all();
    for (const row of rows) {
      const key = table.key.map((column) => encodeValue(row[columns.indexOf(column)] ?? null)).join();
      for (const [i, column] of columns.entries()) cells.set(`${table.name}/${key}/${column}`, encodeValue(row[i] ?? null));
    }
  }
  return cells;
}

/** The cells that an accepted write says to be so now. */
function toldCells(
  { catalogue }: Compiled,
  tool: string,
  result: Extract<ToolResult, { row: unknown }>,
): readonly (readonly [string, string])[] {
  const table = tool.replace(/^(insert|update)_/, "");
  const told = [
    {
      table,
      key: Object.fromEntries((catalogue.tables[table]?.key ?? []).map((column) => [column, result.row[column] ?? null])),
      columns: result.row,
    },
    ...result.effects,
  ];
  return told.flatMap(({ table: name, key, columns }) => {
    const row = Object.values(key).map(encodeValue).join();
    return Object.entries({ ...key, ...columns }).map(([column, value]) => [`${name}/${row}/${column}`, encodeValue(value)] as const);
  });
}

describe.each([
  ["lending desk", openDesk, { id: "m1", pin: "1111" }],
  ["corporate travel", travel, null],
])("600 random calls at the %s", (_name, open, user) => {
  test("leave no invariant broken, change nothing when refused, and tell exactly what changed", () => {
    const { compiled, origin } = open();
    const tools = toolsOf(compiled);
    const session = openSession({ compiled, origin });
    const counts = { accepted: 0, refused: 0, effects: 0 };
    const random = seeded(20261121);
    for (let step = 0; step < 600; step += 1) {
      if (step % 60 === 0) {
        session.reset();
        if (user !== null) session.call("authenticate", user);
      }
      const before = cellsOf(compiled, session);
      const call = randomCall(session, tools, random);
      const result = session.call(call.tool, call.arguments);
      const after = cellsOf(compiled, session);
      if (!result.ok) {
        counts.refused += 1;
        expect(after).toEqual(before);
        expect(result.error.code).not.toBe("INTERNAL");
        expect(result.error.message).not.toMatch(/constraint|sqlite|SELECT|RAISE/i);
        continue;
      }
      if (!("row" in result)) throw new TypeError("A write answers with its row");
      counts.accepted += 1;
      counts.effects += result.effects.length;
      const told = toldCells(compiled, call.tool, result);
      for (const [cell, value] of told) expect([cell, after.get(cell)]).toEqual([cell, value]);
      const names = new Set(told.map(([cell]) => cell));
      for (const [cell, value] of after) if (before.get(cell) !== value) expect(names).toContain(cell);
      expect(brokenInvariants(session.db, compiled)).toEqual([]);
    }
    expect(counts.accepted).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(50);
    expect(counts.effects).toBeGreaterThan(20);
  });
});
