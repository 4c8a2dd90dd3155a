/** What cells and expressions could be instead of what they are, and the edits that change which row is meant. */
import { type CatalogueColumn, CONTEXT_TABLE, tableOf } from "../core/catalogue.js";
import type { Expression, PathExpression } from "../core/expression.js";
import { isSameValue, type Value } from "../core/values.js";
import { readExpression } from "./witness-read.js";
import { sampleText } from "./witness-sample.js";
import { addRow, type Cell, cellOf, placeOf, rowsAfter, type Scene, setCell } from "./witness-scene.js";

/** Values that an expression could have: a closed list, the keys of the referenced table, or the neighbours of what it is. */
export function domainOf(scene: Scene, node: Expression): readonly Value[] {
  if (node.kind === "rank") return (scene.compiled.catalogue.ladders[node.ladder] ?? []).map((_, index) => BigInt(index));
  const value = now(scene, node);
  if (isNumber(value) && node.kind !== "path") return [plus(value, 1), plus(value, -1)];
  return node.kind === "path" ? usualValues(scene, node) : [];
}

/** Values that the cell of a path could have. */
export function usualValues(scene: Scene, path: PathExpression): readonly Value[] {
  if (path.root === "actor" && path.steps.length === 0) return actorKeys(scene);
  const cell = cellOf(scene, path);
  return cell === null ? [] : valuesOf(scene, cell.column, now(scene, path));
}

/** Values that a column's cell could have instead of this one. */
export function valuesOf(scene: Scene, column: CatalogueColumn, value: Value): readonly Value[] {
  if (column.values !== null) return column.values.map(storedLiteral);
  if (column.references !== null) {
    const key = tableOf(scene.compiled.catalogue, column.references).key[0] ?? "";
    return (scene.candidate.state[column.references] ?? []).map((row) => row[key] ?? null);
  }
  if (column.type === "text" && column.format !== null) {
    const texts = [sampleText(column.format), sampleText(column.format, 1)];
    return [...texts, ...(column.format.endsWith("*") ? texts.slice(0, 1).map((text) => `${text}x`) : [])];
  }
  if (column.type === "text") return [`${column.name}1`, `${column.name}2`, ""];
  const start = isNumber(value) ? value : column.unit === "step" || column.step !== null ? 1000n : 1n;
  return [...(isNumber(value) ? [] : [start]), plus(start, 1), plus(start, -1)].map((each) =>
    column.type === "real" ? Number(each) : each,
  );
}

/** The value of an expression; NULL for a condition. */
export function now(scene: Scene, node: Expression): Value {
  const value = readExpression(scene, node);
  return isStored(value) ? value : null;
}

/** Turns the reference that a cell's row was found through: to a row that has the value, or to a new one. */
export function redirect(scene: Scene, { table, column, through }: Cell, value: Value): readonly Scene[] {
  if (through === null || through.column.references !== table.name) return [];
  const key = table.key[0] ?? "";
  const rows = rowsAfter(scene, table.name).filter(({ row }) => isSameValue(row[column.name] ?? null, value));
  const found = rows
    .slice(0, 3)
    .flatMap(({ row }) => withCandidate(scene, setCell(scene, through.place, through.column, row[key] ?? null)));
  const added =
    column.insert.kind === "derived" || column.insert.kind === "counter" || table.key.includes(column.name)
      ? null
      : addRow(scene, table, { [column.name]: value });
  if (added === null) return found;
  const next = { ...scene, candidate: added.candidate };
  const row = rowsAfter(next, table.name).find(
    (each) => each.place.kind === "stored" && added.place.kind === "stored" && each.place.key === added.place.key,
  );
  return row === undefined ? found : [...found, ...withCandidate(next, setCell(next, through.place, through.column, row.row[key] ?? null))];
}

function actorKeys({ compiled, candidate }: Scene): readonly Value[] {
  const { actor } = compiled.catalogue;
  return actor === null ? [] : (candidate.state[actor.table] ?? []).map((row) => row[actor.key] ?? null);
}

/** Another authenticated user: the context row, and the columns of the write that hold the user. */
export function setActor(scene: Scene, key: Value): readonly Scene[] {
  const { compiled, candidate } = scene;
  const { actor } = compiled.catalogue;
  const [context] = candidate.state[CONTEXT_TABLE] ?? [];
  const user = actor === null ? undefined : candidate.state[actor.table]?.find((row) => isSameValue(row[actor.key] ?? null, key));
  if (actor === null || context === undefined || user === undefined) return [];
  const evidence = Object.fromEntries(actor.evidence.map((column) => [`evidence_${column}`, user[column] ?? null]));
  const state = { ...candidate.state, [CONTEXT_TABLE]: [{ ...context, ...evidence, actor: key }] };
  const { write } = candidate;
  const stamped = tableOf(compiled.catalogue, write.table).columns.filter(({ name, insert, update }) =>
    write.op === "insert" ? insert.kind === "user" && name in write.values : update.by === "user" && name in write.set,
  );
  const own = Object.fromEntries(stamped.map(({ name }) => [name, key]));
  const next = {
    ...scene,
    candidate: {
      state,
      write: write.op === "insert" ? { ...write, values: { ...write.values, ...own } } : { ...write, set: { ...write.set, ...own } },
    },
  };
  return [{ ...next, roots: { ...scene.roots, actor: placeOf(next, actor.table, user) } }];
}

/** The scene with another candidate, or none. */
export function withCandidate(scene: Scene, candidate: Scene["candidate"] | null): readonly Scene[] {
  return candidate === null ? [] : [{ ...scene, candidate }];
}

/** A literal as it is stored. */
export function storedLiteral(value: string | number): Value {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** Whether a result is a stored value, no truth. */
export function isStored(value: Value | boolean): value is Value {
  return typeof value !== "boolean";
}

/** Whether a result is a number. */
export function isNumber(value: Value | boolean): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

/** The sum, exact where both are integers. */
export function plus(value: bigint | number, by: number): bigint | number {
  return typeof value === "bigint" && Number.isInteger(by) ? value + BigInt(by) : Number(value) + by;
}

/** The difference, exact where both are integers. */
export function minus(a: bigint | number, b: bigint | number): bigint | number {
  return typeof a === "bigint" && typeof b === "bigint" ? a - b : Number(a) - Number(b);
}
