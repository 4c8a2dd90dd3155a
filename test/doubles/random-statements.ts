/** Random SQL statements of a client that goes round the tools: every verb, conflict clause and shape, values from the state and odd ones. */
import type Database from "better-sqlite3";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import type { CatalogueTable } from "../../environment/core/catalogue.js";
import { quoteIdentifier as quote } from "../../environment/core/identifier.js";
import type { Value } from "../../environment/core/values.js";
import type { Draw } from "./random-draw.js";

/** A statement, and how values for its question marks are drawn from the rows there are. */
export interface DirectStatement {
  readonly sql: string;
  readonly bind: (reading: Reading) => readonly Value[];
}

/** The rows of each table as they are now, to draw values from. */
export type Reading = ReadonlyMap<string, readonly Readonly<Record<string, Value>>[]>;

const clauses = ["", "", " OR REPLACE", " OR IGNORE", " OR FAIL", " OR ABORT", " OR ROLLBACK"] as const;

/** Pragmas that a client may set as it likes. */
export const pragmas: readonly string[] = [
  "foreign_keys = on",
  "foreign_keys = off",
  "recursive_triggers = on",
  "recursive_triggers = off",
  "ignore_check_constraints = on",
  "ignore_check_constraints = off",
  "defer_foreign_keys = on",
  "reverse_unordered_selects = on",
  "reverse_unordered_selects = off",
  "case_sensitive_like = on",
  "cell_size_check = on",
];

/** The statements of the effects, their NEW and OLD to be typed in by hand: each with the table whose row they read. */
export function effectStatements({
  catalogue,
  triggerSql,
}: Pick<Compiled, "catalogue" | "triggerSql">): readonly { readonly table: string; readonly sql: string }[] {
  return triggerSql.flatMap((sql) => {
    const [, table = ""] = /AFTER (?:INSERT|UPDATE) ON "([^"]+)"/.exec(sql) ?? [];
    if (catalogue.tables[table] === undefined) return [];
    return sql
      .slice(sql.indexOf("BEGIN\n") + 6, sql.lastIndexOf("END"))
      .split(";\n")
      .map((statement) => statement.trim())
      .filter((statement) => statement !== "" && !statement.includes("RAISE("))
      .map((statement) => ({ table, sql: statement }));
  });
}

/** One statement; it is prepared once and run with other values again and again. */
export function drawStatement(draw: Draw, compiled: Compiled, effects: ReturnType<typeof effectStatements>): DirectStatement {
  const tables = [...Object.values(compiled.catalogue.tables), compiled.catalogue.context];
  const agents = tables.filter(({ layer }) => layer === "L2");
  const table = draw.pick(draw.chance(0.75) ? agents : tables);
  const form = draw.int(0, 99);
  if (form < 12 && effects.length > 0) return typedEffect(draw, draw.pick(effects));
  if (form < 20) return drawDelete(draw, table);
  return form < 55 ? drawInsert(draw, table) : drawUpdate(draw, table);
}

/** An effect's own statement, with the columns of some row in the place of NEW and OLD. */
function typedEffect(draw: Draw, { table, sql }: { readonly table: string; readonly sql: string }): DirectStatement {
  const columns: string[] = [];
  const text = sql.replaceAll(/\b(?:NEW|OLD)\."([^"]+)"/g, (_, column: string) => {
    columns.push(column);
    return "?";
  });
  const bind = (reading: Reading) => {
    const rows = reading.get(table) ?? [];
    const row = rows.length === 0 ? {} : draw.pick(rows);
    return columns.map((column) => (draw.chance(0.95) ? (row[column] ?? null) : BigInt(draw.int(0, 9))));
  };
  return { sql: text, bind };
}

const nothing = () => [];

function joined(parts: readonly DirectStatement[]): DirectStatement["bind"] {
  return (reading) => parts.flatMap(({ bind }) => bind(reading));
}

function drawDelete(draw: Draw, table: CatalogueTable): DirectStatement {
  if (draw.chance(0.2)) return { sql: `DELETE FROM ${quote(table.name)}`, bind: nothing };
  const { sql, bind } = drawWhere(draw, table);
  return { sql: `DELETE FROM ${quote(table.name)}${sql}`, bind };
}

function columnsOf(table: CatalogueTable): readonly string[] {
  return table.columns.filter(({ insert }) => insert.kind !== "derived").map(({ name }) => name);
}

/** A row that an agent might give, with some of it spoiled. */
function drawInsert(draw: Draw, table: CatalogueTable): DirectStatement {
  const given = table.columns
    .filter(({ insert }) => ["agent", "start", "clock", "user", "desk"].includes(insert.kind))
    .map(({ name }) => name);
  const names = draw.chance(0.75) ? given : draw.chance(0.5) ? columnsOf(table) : draw.some(columnsOf(table), 1, 8);
  if (names.length === 0) return { sql: `INSERT${draw.pick(clauses)} INTO ${quote(table.name)} DEFAULT VALUES`, bind: nothing };
  const verb = draw.chance(0.05) ? "REPLACE" : `INSERT${draw.pick(clauses)}`;
  const head = `${verb} INTO ${quote(table.name)} (${names.map(quote).join(", ")})`;
  if (draw.chance(0.08)) {
    const where = drawWhere(draw, table);
    return {
      sql: `${head} SELECT ${names.map(quote).join(", ")} FROM ${quote(table.name)}${where.sql === "" ? " WHERE true" : where.sql} LIMIT 4`,
      bind: where.bind,
    };
  }
  const size = draw.chance(0.85) ? 1 : draw.int(2, 3);
  const rows = Array.from(
    { length: size },
    (): DirectStatement => ({ sql: `(${names.map(() => "?").join(", ")})`, bind: (reading) => drawValues(draw, table, names, reading) }),
  );
  const tail = drawUpsert(draw, table);
  return { sql: `${head} VALUES ${rows.map(({ sql }) => sql).join(", ")}${tail.sql}`, bind: joined([...rows, tail]) };
}

function drawSet(draw: Draw, table: CatalogueTable, name: string): DirectStatement {
  return { sql: `${quote(name)} = ?`, bind: (reading) => drawValues(draw, table, [name], reading) };
}

function drawUpsert(draw: Draw, table: CatalogueTable): DirectStatement {
  if (draw.chance(0.85)) return { sql: "", bind: nothing };
  if (draw.chance(0.3)) return { sql: " ON CONFLICT DO NOTHING", bind: nothing };
  const sets = draw
    .some(columnsOf(table), 1, 2)
    .map((name) => (draw.chance(0.3) ? { sql: `${quote(name)} = excluded.${quote(name)}`, bind: nothing } : drawSet(draw, table, name)));
  const target = draw.chance(0.7) ? ` (${table.key.map(quote).join(", ")})` : "";
  return { sql: ` ON CONFLICT${target} DO UPDATE SET ${sets.map(({ sql }) => sql).join(", ")}`, bind: joined(sets) };
}

function drawUpdate(draw: Draw, table: CatalogueTable): DirectStatement {
  const all = columnsOf(table);
  const agents = table.columns.filter(({ update }) => update.by === "agent" || update.by === "state").map(({ name }) => name);
  const moves = (table.states?.moves ?? []).filter(({ by }) => draw.chance(by === "agent" ? 1 : 0.3));
  const where = drawWhere(draw, table);
  const head = `UPDATE${draw.pick(clauses)} ${quote(table.name)} SET `;
  if (moves.length > 0 && draw.chance(0.45)) return drawMove(draw, { table, move: draw.pick(moves), head });
  const names = agents.length > 0 && draw.chance(0.6) ? draw.some(agents, 1, 2) : draw.some(all, 1, 3);
  const sets = names.map((name) =>
    draw.chance(0.15)
      ? { sql: `${quote(name)} = ${quote(name)} ${draw.pick(["+ 1", "- 1", "|| 'x'"])}`, bind: nothing }
      : drawSet(draw, table, name),
  );
  return { sql: `${head}${sets.map(({ sql }) => sql).join(", ")}${where.sql}`, bind: joined([...sets, where]) };
}

/** A move with what it stamps, of one row, of those in its state, or of all. */
function drawMove(
  draw: Draw,
  {
    table,
    move,
    head,
  }: { readonly table: CatalogueTable; readonly move: NonNullable<CatalogueTable["states"]>["moves"][number]; readonly head: string },
): DirectStatement {
  const state = table.states?.column ?? "";
  const sets: DirectStatement[] = [{ sql: `${quote(state)} = ?`, bind: () => [move.to] }];
  for (const { name, update } of table.columns) {
    const source = update.by === "clock" ? "now" : update.by === "user" ? "actor" : update.by === "desk" ? "desk" : null;
    if (source !== null && update.moves.includes(`${move.from}>${move.to}`) && draw.chance(0.95))
      sets.push({ sql: `${quote(name)} = ?`, bind: (reading) => [reading.get("logigen_context")?.[0]?.[source] ?? null] });
    else if (move.sets.includes(name) && draw.chance(0.8)) sets.push(drawSet(draw, table, name));
    else if (update.by === "mark" && draw.chance(0.1)) sets.push({ sql: `${quote(name)} = ?`, bind: () => [move.to] });
  }
  const where = draw.chance(0.8)
    ? {
        sql: table.key.map((name) => `${quote(name)} = ?`).join(" AND "),
        bind: (reading: Reading) => {
          const rows = (reading.get(table.name) ?? []).filter((row) => row[state] === move.from);
          const row = rows.length === 0 ? {} : draw.pick(rows);
          return table.key.map((name) => row[name] ?? null);
        },
      }
    : draw.chance(0.7)
      ? { sql: `${quote(state)} = ?`, bind: () => [move.from] }
      : { sql: "true", bind: nothing };
  return { sql: `${head}${sets.map(({ sql }) => sql).join(", ")} WHERE ${where.sql}`, bind: joined([...sets, where]) };
}

function drawWhere(draw: Draw, table: CatalogueTable): DirectStatement {
  const form = draw.int(0, 9);
  if (form === 0) return { sql: "", bind: nothing };
  if (form === 1) return { sql: " WHERE rowid > ?", bind: () => [BigInt(draw.int(0, 4))] };
  const names = form <= 3 ? draw.some(columnsOf(table), 1, 1) : table.key;
  const bind = (reading: Reading) => {
    const rows = reading.get(table.name) ?? [];
    const row = rows.length > 0 ? draw.pick(rows) : null;
    return row === null ? drawValues(draw, table, names, reading) : names.map((name) => row[name] ?? null);
  };
  return { sql: ` WHERE ${names.map((name) => `${quote(name)} IS ?`).join(" AND ")}`, bind };
}

const odd: readonly Value[] = [null, 0n, -1n, 1n, 2n ** 62n, -(2n ** 63n), 1.5, "", "x", "7", "é\u0000", Buffer.from([1, 255])];

function drawValues(draw: Draw, table: CatalogueTable, names: readonly string[], reading: Reading): readonly Value[] {
  const context = reading.get("logigen_context")?.[0] ?? {};
  return names.map((name): Value => {
    const column = table.columns.find((other) => other.name === name);
    if (column === undefined || draw.chance(0.02)) return draw.pick(odd);
    const source =
      column.insert.kind === "clock" ? "now" : column.insert.kind === "user" ? "actor" : column.insert.kind === "desk" ? "desk" : null;
    if (source !== null && draw.chance(0.85)) return context[source] ?? null;
    if (table.states?.column === name && draw.chance(0.8)) return draw.pick(table.states.start);
    if (column.nullable && draw.chance(0.25)) return null;
    if (column.references !== null && draw.chance(0.95)) {
      const target = reading.get(column.references) ?? [];
      const key = Object.keys(target[0] ?? {})[0] ?? "";
      return target.length === 0 ? null : (draw.pick(target)[key] ?? null);
    }
    if (column.values !== null && draw.chance(0.95)) {
      const value = draw.pick(column.values);
      return typeof value === "number" ? BigInt(value) : value;
    }
    const unique = table.unique.some(({ columns }) => columns.includes(name));
    const rows = reading.get(table.name) ?? [];
    if (unique && column.type === "integer" && draw.chance(0.8))
      return rows.reduce((most, row) => (typeof row[name] === "bigint" && row[name] > most ? row[name] : most), 0n) + 1n;
    if (rows.length > 0 && draw.chance(0.2)) return draw.pick(rows)[name] ?? null;
    if (column.type === "text") return draw.pick(["a", "b", "ab", "c", "abc"]);
    if (column.type === "real") return draw.int(0, 20) / 2;
    return BigInt(draw.int(0, 12)) + (column.unit === "step" && typeof context["now"] === "bigint" ? context["now"] - 2n : 0n);
  });
}

/** All rows of a database by table. */
export function readAll(
  db: Database.Database,
  { catalogue }: Compiled,
  statementFor: (sql: string) => Database.Statement<[], Readonly<Record<string, Value>>>,
): Reading {
  return new Map(
    [...Object.values(catalogue.tables), catalogue.context].map((table) => {
      const [first = "", ...rest] = table.key;
      const names = [first, ...rest, ...table.columns.map(({ name }) => name).filter((name) => !table.key.includes(name))];
      return [table.name, statementFor(`SELECT ${names.map(quote).join(", ")} FROM ${quote(table.name)}`).all()];
    }),
  );
}
