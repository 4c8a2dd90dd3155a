/**
 * The quickest sign that a state is not the target: a row created that is like none of those the target has, told from the notes
 * alone. Most tries that lead elsewhere show it, and are then not compared at all; where the columns in question are such that
 * nothing can change, the calls that would follow need not be made either.
 */
import type { Engine } from "../compile/compile-sheet.js";
import { canChange } from "../compile/elsewhere-events.js";
import { tableOf } from "../core/catalogue.js";
import { isSameValue } from "../core/values.js";
import type { Note, NotedTable, Notes } from "../engine/notes.js";
import { type Changes, encodeCompared, isIdentifying } from "./changes.js";
import type { StateView, TableView } from "./state-view.js";

/** Both say nothing where they are false. */
export interface Unlike {
  /** Whether a row stands created that differs from each row created on the way to the target in some column that a bijection of created rows keeps. */
  readonly isElsewhere: () => boolean;
  /** Whether such a row was created that differs so for good, whatever calls follow. */
  readonly isLost: () => boolean;
}

/** Whether a row that was created keeps its value of a column whatever calls follow, and none can take the row away. */
type Lasts = (table: string, column: string) => boolean;

type UnlikeSource = { readonly view: StateView; readonly wanted: Changes; readonly notes: Notes; readonly lasts: Lasts };

/** Compares rows created with those that were created on the way to `wanted`. */
export function unlikeOf(source: UnlikeSource): Unlike {
  const { notes, lasts } = source;
  const isUnlike = unlikeAny(source, () => true);
  const isUnlikeForGood = unlikeAny(source, lasts);
  return {
    isElsewhere: () => notes.list.some((note) => isUnlike(note) && isOnly(notes.list, note)),
    isLost: () => notes.list.some(isUnlikeForGood),
  };
}

/** What lasts by a sheet, whose rules take no row away; of opaque rules nothing is known. */
export function lastingBy({ sheet, catalogue }: Engine): Lasts {
  return (table, column) => sheet !== undefined && !canChange(tableOf(catalogue, table), column);
}

/** Whether the created row of a note is like none of those wanted, in columns that are meant. */
function unlikeAny({ view, wanted, notes }: UnlikeSource, isMeant: Lasts): (note: Note) => boolean {
  const known = new Map(notes.tables.flatMap((noted) => wantedOf(noted, { view, wanted, isMeant })));
  return ({ table, event, key, after }) => {
    const found = known.get(table);
    // A row that no key identifies may be one that was deleted, whatever its rowid.
    if (event !== "created" || after === null || found === undefined || !isIdentifying(key)) return false;
    const text = found.columns.map(({ how, inImage }) => encodeCompared(how, after[inImage] ?? null)).join();
    // Notes do not tell apart texts that are no UTF-8.
    return !text.includes("\uFFFD") && !found.rows.has(text);
  };
}

/** A column compared by what it holds alone: where it stands in the image of a note, and in a row of the view. */
type PlainColumn = { readonly how: TableView["compared"][number]; readonly inImage: number; readonly inRow: number };

type Wanted = { readonly columns: readonly PlainColumn[]; readonly rows: ReadonlySet<string> };

function wantedOf(
  { table: name, image }: NotedTable,
  { view, wanted, isMeant }: Pick<UnlikeSource, "view" | "wanted"> & { readonly isMeant: Lasts },
): readonly (readonly [string, Wanted])[] {
  const at = view.tables.findIndex((table) => table.name === name);
  const table = view.tables[at];
  if (table === undefined || table.key.length === 0) return [];
  const columns = image.flatMap((column, inImage): readonly PlainColumn[] => {
    const inRow = table.columns.indexOf(column);
    const how = table.compared[inRow] ?? "none";
    const isReference = table.references.some(({ from }) => from.includes(inRow));
    return (how === "value" || how === "text") && !isReference && isMeant(name, column) ? [{ how, inImage, inRow }] : [];
  });
  if (columns.length === 0) return [];
  const created = wanted[at]?.created ?? [];
  const rows = created.map((row) => columns.map(({ how, inRow }) => encodeCompared(how, row[inRow] ?? null)).join());
  return [[name, { columns, rows: new Set(rows) }]];
}

/** A row noted once is as it was noted, and was not there before. */
function isOnly(notes: readonly Note[], { table, key }: Note): boolean {
  const isIt = (note: Note) => note.table === table && note.key.every((value, i) => isSameValue(value, key[i] ?? null));
  return notes.filter(isIt).length === 1;
}
