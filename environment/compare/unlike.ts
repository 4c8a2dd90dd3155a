/**
 * The quickest sign that a state is not the target: a row created that is like none of those the target has, told from the notes
 * alone. Most tries that lead elsewhere show it, and are then not compared at all.
 */
import { isSameValue } from "../core/values.js";
import type { Note, NotedTable, Notes } from "../engine/notes.js";
import { type Changes, encodeCompared } from "./changes.js";
import type { StateView, TableView } from "./state-view.js";

/** A column compared by what it holds alone: where it stands in the image of a note, and in a row of the view. */
type PlainColumn = { readonly how: TableView["compared"][number]; readonly inImage: number; readonly inRow: number };

type Wanted = { readonly columns: readonly PlainColumn[]; readonly rows: ReadonlySet<string> };

/**
 * Whether a row stands created that differs from each row created on the way to `wanted` in some column that a bijection of
 * created rows keeps. False says nothing.
 */
export function unlikeOf(view: StateView, wanted: Changes, notes: Notes): () => boolean {
  const known = new Map(notes.tables.flatMap((noted) => wantedOf(view, wanted, noted)));
  const isUnlike = ({ table, event, after }: Note): boolean => {
    const found = known.get(table);
    if (event !== "created" || after === null || found === undefined) return false;
    return !found.rows.has(found.columns.map(({ how, inImage }) => encodeCompared(how, after[inImage] ?? null)).join());
  };
  return () => notes.list.some((note) => isUnlike(note) && isOnly(notes.list, note));
}

function wantedOf(view: StateView, wanted: Changes, { table: name, image }: NotedTable): readonly (readonly [string, Wanted])[] {
  const at = view.tables.findIndex((table) => table.name === name);
  const table = view.tables[at];
  // A row of a table without key may be one that was deleted, whatever its rowid.
  if (table === undefined || table.key.length === 0) return [];
  const columns = image.flatMap((column, inImage): readonly PlainColumn[] => {
    const inRow = table.columns.indexOf(column);
    const how = table.compared[inRow] ?? "none";
    const isReference = table.references.some(({ from }) => from.includes(inRow));
    return (how === "value" || how === "text") && !isReference ? [{ how, inImage, inRow }] : [];
  });
  const created = wanted[at]?.created ?? [];
  const rows = created.map((row) => columns.map(({ how, inRow }) => encodeCompared(how, row[inRow] ?? null)).join());
  return [[name, { columns, rows: new Set(rows) }]];
}

/** A row noted once is as it was noted, and was not there before. */
function isOnly(notes: readonly Note[], { table, key }: Note): boolean {
  const isIt = (note: Note) => note.table === table && note.key.every((value, i) => isSameValue(value, key[i] ?? null));
  return notes.filter(isIt).length === 1;
}
