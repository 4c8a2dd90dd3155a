/** Candidates for custom rules, whose SQL only the engine can read: what the SQL names is changed, one cell or row at a time. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { SqlExpression } from "../core/expression.js";
import { tableOf } from "../core/catalogue.js";
import type { Value } from "../core/values.js";
import { valuesOf } from "./witness-domain.js";
import { actorRoot, addRow, type Candidate, type Place, removeRow, rowsAfter, type Scene, setCell } from "./witness-scene.js";

/** Rows of one table that are changed. */
const ROWS = 4;

/** Candidates one step from this one: a cell with a value that the SQL names or one beside it, a row more, a row less. */
export function* nearby(compiled: Compiled, candidate: Candidate, sql: SqlExpression): Iterable<Candidate> {
  const scene: Scene = { compiled, candidate, roots: actorRoot(compiled, candidate) };
  const named = literalsOf(sql.text);
  const { table } = candidate.write;
  yield* changedCells(scene, { place: { kind: "after", table }, columns: columnsOf(sql), named });
  for (const { table: name, columns } of sql.reads) {
    const rows = rowsAfter(scene, name).slice(0, ROWS);
    for (const { place } of rows) yield* changedCells(scene, { place, columns, named });
    for (const { row } of rows.slice(0, 2)) {
      const added = addRow(scene, tableOf(compiled.catalogue, name), {}, row);
      if (added === null) continue;
      yield added.candidate;
      yield* changedCells({ ...scene, candidate: added.candidate }, { place: added.place, columns, named });
    }
    for (const { place } of rows) {
      const removed = removeRow(scene, place);
      if (removed !== null) yield removed;
    }
  }
}

function columnsOf({ pieces }: SqlExpression): readonly string[] {
  return [...new Set(pieces.flatMap((piece) => (piece.kind === "column" ? [piece.column] : [])))];
}

function* changedCells(
  scene: Scene,
  { place, columns, named }: { readonly place: Place; readonly columns: readonly string[]; readonly named: readonly Value[] },
): Iterable<Candidate> {
  const table = tableOf(scene.compiled.catalogue, place.table);
  const row = rowsAfter(scene, place.table).find((each) => each.place.kind === place.kind && keyOf(each.place) === keyOf(place))?.row ?? {};
  for (const column of table.columns.filter(({ name }) => columns.includes(name))) {
    const fitting = named.filter((value) => (typeof value === "string") === (column.type === "text"));
    for (const value of [...fitting, ...valuesOf(scene, column, row[column.name] ?? null), ...(column.nullable ? [null] : [])]) {
      const changed = setCell(scene, place, column, value);
      if (changed !== null) yield changed;
    }
  }
}

function keyOf(place: Place): string {
  return place.kind === "stored" ? place.key : "";
}

/** Texts and numbers that the SQL names; of a number its neighbours too. */
function literalsOf(text: string): readonly Value[] {
  const texts = [...text.matchAll(/'((?:[^']|'')*)'/g)].map(([, inner = ""]) => inner.replaceAll("''", "'"));
  const numbers = [...text.replaceAll(/'(?:[^']|'')*'/g, "").matchAll(/\b\d{1,15}\b/g)].map(([digits]) => BigInt(digits));
  return [...new Set<Value>([...texts, ...numbers.flatMap((number) => [number, number + 1n, number - 1n])])];
}
