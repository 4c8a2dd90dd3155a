/**
 * What a write changed beside its own row: TEMP triggers note every touched row, its image before an update with it.
 *
 * The image is taken BEFORE the update: AFTER triggers of the environment may change the row again, and nested changes
 * are noted before the outer ones. The notes lie in the session's transaction, so that a refused write leaves none and a
 * reset drops them all. They are kept without any constraint, since an outer conflict clause would override its own.
 */
import { encodeValue } from "../core/encode-value.js";
import { quoteIdentifier } from "../core/identifier.js";
import type { Db } from "./snapshot.js";
import { isSameValue, type Row, type Value } from "../core/values.js";

/** A row that a write changed beside its own: its key, and the values after the write of what changed (of a new row, all). */
export type Effect = { readonly table: string; readonly key: Row; readonly columns: Row };

/** A table whose changes are told: key and other columns that may be shown. */
export type EffectTable = { readonly table: string; readonly key: readonly string[]; readonly columns: readonly string[] };

export interface EffectLog {
  /** The effects noted since the last call of this or of `forget`, in the order in which the rows were first touched. */
  take(own: { readonly table: string; readonly key: readonly Value[] } | null): readonly Effect[];
  /** To be called after a ROLLBACK, which drops the notes. */
  forget(): void;
}

type Note = readonly [seq: bigint, table: bigint, rowid: bigint, created: bigint, ...before: Value[]];

/** Installs the triggers on the connection; to be called outside a transaction that may be rolled back. */
export function openEffectLog(db: Db, tables: readonly EffectTable[]): EffectLog {
  const width = Math.max(0, ...tables.map(({ columns }) => columns.length));
  const before = Array.from({ length: width }, (_, i) => `v${i}`);
  db.prepare(`CREATE TEMP TABLE logigen_touched (${["seq INTEGER PRIMARY KEY", "tab", "row", "created", ...before].join(", ")})`).run();
  for (const [index, table] of tables.entries()) for (const sql of noteTriggers(table, index)) db.prepare(sql).run();
  const notes = db.prepare<[bigint], Note>("SELECT * FROM temp.logigen_touched WHERE seq > ? ORDER BY seq").safeIntegers(true).raw(true);
  const current = tables.map(({ table, key, columns }) =>
    db
      .prepare<[bigint], Value[]>(
        `SELECT ${[...key, ...columns].map(quoteIdentifier).join(", ")} FROM main.${quoteIdentifier(table)} WHERE _rowid_ = ?`,
      )
      .safeIntegers(true)
      .raw(true),
  );
  let seen = 0n;

  function take(own: { readonly table: string; readonly key: readonly Value[] } | null): readonly Effect[] {
    const effects: Effect[] = [];
    const told = new Set<string>();
    for (const [seq, index, rowid, created, ...image] of notes.all(seen)) {
      seen = seq;
      const table = tables[Number(index)];
      const row = `${index}:${rowid}`;
      if (table === undefined || told.has(row)) continue;
      told.add(row);
      const after = current[Number(index)]?.get(rowid);
      if (after === undefined || (own?.table === table.table && own.key.every((value, i) => isSameValue(value, after[i] ?? null))))
        continue;
      const effect = effectOf(table, after, created === 1n ? null : image);
      if (effect !== undefined) effects.push(effect);
    }
    return effects;
  }

  function forget(): void {
    seen = 0n;
  }

  return { take, forget };
}

function noteTriggers({ table, columns }: EffectTable, index: number): readonly string[] {
  const name = (event: string): string => quoteIdentifier(`logigen_${event}_${table}`);
  const on = `main.${quoteIdentifier(table)} BEGIN INSERT INTO logigen_touched`;
  const slots = columns.map((_, i) => `, v${i}`).join("");
  const old = columns.map((column) => `, OLD.${quoteIdentifier(column)}`).join("");
  return [
    `CREATE TEMP TRIGGER ${name("created")} AFTER INSERT ON ${on} (tab, row, created) VALUES (${index}, NEW._rowid_, 1); END`,
    `CREATE TEMP TRIGGER ${name("changed")} BEFORE UPDATE ON ${on} (tab, row, created${slots}) VALUES (${index}, OLD._rowid_, 0${old}); END`,
  ];
}

function effectOf(table: EffectTable, after: readonly Value[], before: readonly Value[] | null): Effect | undefined {
  const key: Record<string, Value> = {};
  const columns: Record<string, Value> = {};
  for (const [i, name] of table.key.entries()) key[name] = after[i] ?? null;
  for (const [i, name] of table.columns.entries()) {
    const value = after[table.key.length + i] ?? null;
    if (before === null || encodeValue(value) !== encodeValue(before[i] ?? null)) columns[name] = value;
  }
  return before !== null && Object.keys(columns).length === 0 ? undefined : { table: table.table, key, columns };
}
