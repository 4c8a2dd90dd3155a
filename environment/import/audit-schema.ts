/** What a database really holds, against what was announced. */
import type { Database } from "better-sqlite3";
import { z } from "zod";
import { foldName } from "../sql/tokenize-sql.js";

const objectSchema = z.object({ type: z.string(), name: z.string(), tbl_name: z.string() });

/** The objects of a database, `type name table`, SQLite's own (sqlite_sequence, indexes of UNIQUE) left out. */
export function listObjects(db: Database): ReadonlySet<string> {
  const rows = db.prepare("SELECT type, name, tbl_name FROM sqlite_schema").all();
  const objects = z.array(objectSchema).parse(rows);
  return new Set(objects.filter(({ name }) => !foldName(name).startsWith("sqlite_")).map(textOf));
}

/**
 * What a CREATE did, by the objects before and after: exactly the announced one, nothing (it was there: IF NOT EXISTS), or
 * something else, which is then told.
 */
export function auditCreate(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  announced: { readonly kind: string; readonly name: string; readonly table: string },
): { readonly kind: "created" | "nothing" } | { readonly kind: "other"; readonly objects: readonly string[] } {
  const changed = [...after].filter((object) => !before.has(object)).concat([...before].filter((object) => !after.has(object)));
  if (changed.length === 0) return { kind: "nothing" };
  const expected = { type: announced.kind, name: announced.name, tbl_name: announced.table };
  const [object] = changed;
  // The gate knows a trigger's table as folded, SQLite as it was declared.
  const isExpected = changed.length === 1 && object !== undefined && sameObject(object, textOf(expected));
  return isExpected ? { kind: "created" } : { kind: "other", objects: changed };
}

function textOf({ type, name, tbl_name: table }: z.infer<typeof objectSchema>): string {
  return JSON.stringify([type, name, table]);
}

function sameObject(a: string, b: string): boolean {
  const [typeA, nameA, tableA] = z.tuple([z.string(), z.string(), z.string()]).parse(JSON.parse(a));
  const [typeB, nameB, tableB] = z.tuple([z.string(), z.string(), z.string()]).parse(JSON.parse(b));
  return typeA === typeB && nameA === nameB && foldName(tableA) === foldName(tableB);
}
