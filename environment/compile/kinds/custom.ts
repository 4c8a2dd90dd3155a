/** `custom_guard` and `custom_effect`: SQL of the sheet's own, let through by the gate alone. */
import type { Expression, SqlExpression } from "../../core/expression.js";
import { type CatalogueTable, findColumn } from "../../core/catalogue.js";
import { type Act, sqlWrites, type SqlWrites } from "../../sheet/rule-writes.js";
import type { Rule } from "../../sheet/sheet.js";
import { gateCustomEffect, gateCustomGuard, type GatedCustom } from "../../sql/gate-custom.js";
import type { CustomEffect } from "../normal-form.js";
import type { Lowering } from "./lowering.js";
import { cutSql, type Stamps, withCondition } from "./sql-pieces.js";

/** The guard's SQL, once the gate let it through. */
export function lowerCustom(rule: Extract<Rule, { kind: "custom_guard" }>, lowering: Lowering): Expression {
  return readSql(rule.sql, gateCustomGuard(rule.sql), lowering);
}

function readSql(text: string, gated: GatedCustom, { table, catalogue, errors, path: place }: Lowering): SqlExpression {
  const cut = gated.ok ? cutSql(text, table, catalogue) : ({ kind: "refused", message: gated.message } as const);
  if (cut.kind === "cut") return cut.sql;
  errors.push({ path: `${place}.sql`, message: cut.message });
  return empty(text);
}

function empty(text: string): SqlExpression {
  return { kind: "sql", text, pieces: [], reads: [] };
}

/** What a custom effect writes, and its SQL with a place for its condition, once the gate let it through. */
export function lowerCustomEffect(
  rule: Extract<Act, { kind: "custom_effect" }>,
  lowering: Lowering,
): Omit<CustomEffect, "id" | "clauses" | "table" | "events" | "when"> {
  const { errors, path: place, catalogue } = lowering;
  const before = errors.length;
  const fail = (message: string): void => {
    errors.push({ path: `${place}.sql`, message });
  };
  const gated = gateCustomEffect(rule.sql);
  const writes = sqlWrites(rule.sql, Object.keys(catalogue.tables));
  const into = catalogue.tables[writes?.table ?? ""];
  const nothing = { kind: "custom_effect", into: lowering.table.name, on: "update", columns: {}, sql: empty(rule.sql) } as const;
  if (!gated.ok) {
    fail(gated.message);
    return nothing;
  }
  if (writes === null || into === undefined) {
    fail("expected one INSERT or UPDATE of a table of the sheet");
    return nothing;
  }
  if (into.layer === "L0") fail(`expected a table of layer L1 or L2, got "${into.name}": reference data never changes`);
  if (Object.keys(writes.columns).length === 0) fail("expected the columns to be named");
  for (const name of Object.keys(writes.columns)) {
    const fault = faultOf(into, name, writes.on);
    if (fault !== null) fail(fault);
  }
  const stamps = writes.on === "insert" ? stampsOf(into) : {};
  const stamped = Object.keys(writes.columns).find((name) => name in stamps);
  if (stamped !== undefined) fail(`the column "${stamped}" is filled by the engine: leave it out`);
  if (writes.on === "update" && makesStampedMove(into, writes)) fail("the move stamps a column: make it by `propagate`");
  // What is wrong with a column that is written is not said again of its name in the text.
  if (errors.length > before) return nothing;
  return {
    kind: "custom_effect",
    into: into.name,
    on: writes.on,
    columns: writes.columns,
    sql: readSql(withCondition(rule.sql, stamps), gated, lowering),
  };
}

function stampsOf({ columns }: CatalogueTable): Stamps {
  const sources = { clock: "now", user: "actor", desk: "desk" } as const;
  return Object.fromEntries(
    columns.flatMap(({ name, insert: { kind } }) =>
      kind === "clock" || kind === "user" || kind === "desk" ? [[name, sources[kind]]] : [],
    ),
  );
}

/** Whether a change of the state may be a move at which the clock, the user or the desk fills a column. */
function makesStampedMove({ columns, states }: CatalogueTable, { columns: set }: SqlWrites): boolean {
  if (states === null || !(states.column in set)) return false;
  const to = set[states.column] ?? null;
  return columns.some(
    ({ update: { by, moves } }) => ["clock", "user", "desk"].includes(by) && moves.some((move) => to === null || move.endsWith(`>${to}`)),
  );
}

/** Why an effect may not write this column; null where it may. */
function faultOf(table: CatalogueTable, name: string, on: "insert" | "update"): string | null {
  const column = findColumn(table, name);
  if (column === undefined || column.insert.kind === "mark") return `table "${table.name}" has no column "${name}"`;
  if (on === "insert")
    return ["key", "counter", "derived"].includes(column.insert.kind)
      ? `the column "${name}" is filled by the engine (${column.insert.kind})`
      : null;
  const { by } = column.update;
  return by === "counter" || by === "derived" || by === "fixed"
    ? `the column "${name}" is ${by === "fixed" ? "fixed" : `written by ${by}`}: no effect may set it`
    : null;
}
