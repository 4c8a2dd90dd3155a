/**
 * Which rows two snapshots store in different bytes, told from their files without reading a value: of two states of a large origin
 * most rows are the same, and to read them through SQLite costs more than everything else that is done with them.
 *
 * A rowid table is a tree of pages whose leaves hold rowids and records in order. Rows of one table statement whose records are the
 * same bytes have the same values. Whatever is not plainly laid out (a record that continues on other pages, an offset outside its
 * page) is answered by null, and is left to SQLite.
 *
 * @see https://sqlite.org/fileformat2.html#b_tree_pages
 */
import { type Db, prepareKept } from "./snapshot.js";

/** A snapshot that is open, with the bytes that it was opened from. */
export type OpenedSnapshot = { readonly db: Db; readonly bytes: Buffer };

/** By name of a table: the rowids that either side lacks or stores other bytes for, in no order; null where that cannot be told. */
export type RowsApart = (table: string) => readonly bigint[] | null;

/** Compares two snapshots table by table. A malformed file gets some answer: that it is malformed is SQLite's to find. */
export function rowsApart(a: OpenedSnapshot, b: OpenedSnapshot): RowsApart {
  const isAlike = layouts.every(([from, to]) => a.bytes.subarray(from, to).equals(b.bytes.subarray(from, to)));
  const [left, right] = [storedTables(a.db), storedTables(b.db)];
  return (table) => {
    const [one, other] = [left.get(table), right.get(table)];
    if (!isAlike || one === undefined || one.sql !== other?.sql) return null;
    const [leaves, others] = [leavesOf(a.bytes, one.root), leavesOf(b.bytes, other.root)];
    return leaves === null || others === null ? null : apart(leaves, others);
  };
}

/** Parts of a file's header that say how its pages are read: page size to reserved bytes, schema format, text encoding. */
const layouts = [
  [16, 21],
  [44, 48],
  [56, 60],
] as const;

type StoredTable = { readonly root: number; readonly sql: string };

function storedTables(db: Db): ReadonlyMap<string, StoredTable> {
  const rows = prepareKept(db, "SELECT name, rootpage, sql FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0").all();
  return new Map(rows.map(([name, root, sql]) => [String(name), { root: Number(root), sql: String(sql) }]));
}

/** The rows of leaves that are not the same page for page; pages that are the same hold the same rows on both sides. */
function apart(leaves: readonly Buffer[], others: readonly Buffer[]): readonly bigint[] | null {
  const isOwn = (leaf: Buffer, i: number, side: readonly Buffer[]) => side[i]?.equals(leaf) !== true;
  const mine = recordsOf(leaves.filter((leaf, i) => isOwn(leaf, i, others)));
  const theirs = recordsOf(others.filter((leaf, i) => isOwn(leaf, i, leaves)));
  if (mine === null || theirs === null) return null;
  const found: bigint[] = [];
  for (const [rowid, record] of mine) if (theirs.get(rowid)?.equals(record) !== true) found.push(BigInt(rowid));
  for (const rowid of theirs.keys()) if (!mine.has(rowid)) found.push(BigInt(rowid));
  return found;
}

const [interior, leaf] = [0x05, 0x0d];

/** Trees of tables are never deeper. */
const maxDepth = 20;

/** The leaf pages of a table's tree in order. Page 1, which begins with the file's header, is no table's but the schema's. */
function leavesOf(bytes: Buffer, root: number): readonly Buffer[] | null {
  const size = bytes.readUInt16BE(16) === 1 ? 65_536 : bytes.readUInt16BE(16);
  if (size < 512) return null;
  const leaves: Buffer[] = [];
  let left = bytes.length / size;

  function walk(number: number, depth: number): boolean {
    const page = bytes.subarray((number - 1) * size, number * size);
    left -= 1;
    if (number < 2 || page.length < size || depth > maxDepth || left < 0) return false;
    if (page[0] === leaf) leaves.push(page);
    if (page[0] !== interior) return page[0] === leaf;
    const children = pointersOf(page, 12)?.map((at) => (at + 4 > size ? 0 : page.readUInt32BE(at)));
    return children?.every((child) => walk(child, depth + 1)) === true && walk(page.readUInt32BE(8), depth + 1);
  }

  return walk(root, 0) ? leaves : null;
}

/** Where the cells of a page lie, from an array behind its header. */
function pointersOf(page: Buffer, header: number): readonly number[] | null {
  const count = page.readUInt16BE(3);
  if (header + 2 * count > page.length) return null;
  return Array.from({ length: count }, (_, i) => page.readUInt16BE(header + 2 * i));
}

/** A longer record leaves more of its page to what comes before it, and to the bytes that a page may reserve. */
const maxOverhead = 35 + 255;

/** Every row's record by rowid; null where one may continue on other pages, or a rowid is below 0 or takes more than six bytes. */
function recordsOf(leaves: readonly Buffer[]): ReadonlyMap<number, Buffer> | null {
  const records = new Map<number, Buffer>();
  for (const page of leaves) {
    const pointers = pointersOf(page, 8);
    if (pointers === null) return null;
    for (const at of pointers) {
      const length = readVarint(page, at);
      const rowid = length === null ? null : readVarint(page, length.next);
      if (length === null || rowid === null || length.value > page.length - maxOverhead) return null;
      records.set(rowid.value, page.subarray(rowid.next, rowid.next + length.value));
    }
  }
  return records;
}

/** A number of seven bits a byte, the highest first; null where it takes more than six bytes. */
function readVarint(page: Buffer, at: number): { readonly value: number; readonly next: number } | null {
  let value = 0;
  for (let i = 0; i < 6; i += 1) {
    const byte = page[at + i];
    if (byte === undefined) return null;
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, next: at + i + 1 };
  }
  return null;
}
