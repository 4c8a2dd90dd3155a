/** Artefacts in the form that the environment works with. */
import { z } from "zod";
import { type CatalogueTable, CONTEXT_TABLE, tableOf } from "../environment/core/catalogue.js";
import { type Compiled, compileSheet } from "../environment/compile/compile-sheet.js";
import { quoteIdentifier } from "../environment/core/identifier.js";
import { type Db, openSnapshot } from "../environment/engine/snapshot.js";
import { shownColumns } from "../environment/engine/tools.js";
import type { Value } from "../environment/core/values.js";
import type { Ref } from "./contract.js";
import type { Workshop } from "./workshop.js";

/** Compiling takes milliseconds and every batch of calls needs it: the last few sheets of this process are kept. */
const recent = new Map<Ref, Compiled>();
const RECENT = 64;

/** The compiled sheet of a reference. @throws {TypeError} If the stored sheet does not compile, which its stage refused. */
export function loadCompiled({ store }: Pick<Workshop, "store">, sheet: Ref): Compiled {
  const known = recent.get(sheet);
  if (known !== undefined) return known;
  const compilation = compileSheet(store.getJson(sheet, z.unknown()));
  if (!compilation.ok) throw new TypeError(`Cannot compile stored sheet ${sheet}: ${compilation.errors[0]?.message ?? ""}`);
  if (recent.size >= RECENT) recent.delete(recent.keys().next().value ?? "");
  recent.set(sheet, compilation.compiled);
  return compilation.compiled;
}

/** A row as people and prompts see it: JSON values by column. */
export type PlainRow = Readonly<Record<string, string | number | null>>;

/** What queries would show of a snapshot, by table in the sheet's order, and the clock. */
export function visibleRows(compiled: Compiled, snapshot: Buffer): { rows: Record<string, PlainRow[]>; now: number } {
  const db = openSnapshot(snapshot, { readonly: true });
  try {
    const now = db
      .prepare(`SELECT now FROM ${quoteIdentifier(CONTEXT_TABLE)}`)
      .pluck()
      .get();
    return { rows: shownRows(compiled, db), now: Number(now) };
  } finally {
    db.close();
  }
}

/** What queries would show of a database, by table in the sheet's order. */
export function shownRows(compiled: Compiled, db: Db): Record<string, PlainRow[]> {
  return Object.fromEntries(Object.values(compiled.catalogue.tables).map((table) => [table.name, selectRows(db, compiled, table)]));
}

/** The customer's own row with the evidence that identifies him, which no query shows; null where there is none. */
export function customerRow({ catalogue }: Compiled, db: Db, key: string | number): PlainRow | null {
  const { actor } = catalogue;
  if (actor === null) return null;
  const columns = tableOf(catalogue, actor.table)
    .columns.filter((column) => column.visible || actor.evidence.includes(column.name))
    .map((column) => column.name);
  const statement = db
    .prepare(
      `SELECT ${columns.map(quoteIdentifier).join(", ")} FROM ${quoteIdentifier(actor.table)} WHERE ${quoteIdentifier(actor.key)} = ?`,
    )
    .raw()
    .safeIntegers();
  const values = z
    .array(z.custom<Value>())
    .optional()
    .parse(statement.get(typeof key === "number" ? BigInt(key) : key));
  return values === undefined ? null : Object.fromEntries(columns.map((column, index) => [column, plain(values[index])]));
}

/** JSON-safe form of a stored value. */
export function plain(value: Value | undefined): string | number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return Buffer.isBuffer(value) ? value.toString("base64") : value;
}

function selectRows(db: Db, { catalogue }: Compiled, table: CatalogueTable): PlainRow[] {
  const columns = shownColumns(catalogue, table).map((column) => column.name);
  const order = table.key.map(quoteIdentifier).join(", ");
  const statement = db
    .prepare(`SELECT ${columns.map(quoteIdentifier).join(", ")} FROM ${quoteIdentifier(table.name)} ORDER BY ${order}`)
    .raw()
    .safeIntegers();
  return z
    .array(z.array(z.custom<Value>()))
    .parse(statement.all())
    .map((values) => Object.fromEntries(columns.map((column, index) => [column, plain(values[index])])));
}
