/** Candidates near one, drawn by lot: a few cells of what a rule looks at are changed, a few rows added or taken away. */
import { type CatalogueColumn, CONTEXT_TABLE, findColumn, tableOf } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import type { Value } from "../core/values.js";
import { isNumber, plus, setActor, storedLiteral, valuesOf } from "./witness-domain.js";
import { actorRoot, addRow, type Candidate, type PlacedRow, removeRow, rowsAfter, type Scene, setCell } from "./witness-scene.js";
import type { Scope } from "./witness-scope.js";

/** What may be changed, and a seeded generator for what is. */
export interface Wandering {
  readonly compiled: Compiled;
  readonly scope: Scope;
  readonly random: () => number;
}

/** Steps from one candidate to another at most, and how likely there is one more. */
const STEPS = 5;
const ONWARD = 0.6;

/** How likely a step adds a row (mostly with one cell changed), takes one away, or is another actor's; else it changes a cell. */
const ADDED = 0.35;
const CHANGED_TOO = 0.7;
const REMOVED = 0.1;
const ACTOR = 0.05;

/** How likely it is the row as it was before an update that is changed, where a step comes upon the updated one. */
const BEFORE = 0.3;

/** A candidate some steps away from this one; null where a step cannot be made. */
export function wander(wandering: Wandering, candidate: Candidate): Candidate | null {
  let current = stepFrom(wandering, candidate);
  for (let step = 1; current !== null && step < STEPS && wandering.random() < ONWARD; step += 1) current = stepFrom(wandering, current);
  return current;
}

function stepFrom(wandering: Wandering, candidate: Candidate): Candidate | null {
  const { compiled, scope, random } = wandering;
  const scene: Scene = { compiled, candidate, roots: actorRoot(compiled, candidate) };
  const table = pick(
    random,
    [...scope.keys()].filter((name) => name !== CONTEXT_TABLE),
  );
  const row = table === undefined ? undefined : pick(random, rowsAfter(scene, table));
  if (row === undefined) return null;
  const chance = random();
  if (chance < ADDED) return withCopy(wandering, scene, row);
  if (chance < ADDED + REMOVED) return removeRow(scene, row.place);
  return chance < ADDED + REMOVED + ACTOR ? asOther(wandering, scene) : withCell(wandering, scene, row);
}

function pick<T>(random: () => number, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function withCopy(wandering: Wandering, scene: Scene, { row, place }: PlacedRow): Candidate | null {
  const added = addRow(scene, tableOf(scene.compiled.catalogue, place.table), {}, row);
  if (added === null || wandering.random() >= CHANGED_TOO) return added?.candidate ?? null;
  const next: Scene = { ...scene, candidate: added.candidate };
  const copy = rowsAfter(next, place.table).find((each) => isSamePlace(each.place, added.place));
  return copy === undefined ? added.candidate : withCell(wandering, next, copy);
}

function isSamePlace(a: PlacedRow["place"], b: PlacedRow["place"]): boolean {
  return a.kind === "stored" && b.kind === "stored" && a.key === b.key;
}

function asOther({ random }: Wandering, scene: Scene): Candidate | null {
  const { actor } = scene.compiled.catalogue;
  const user = actor === null ? undefined : pick(random, rowsAfter(scene, actor.table));
  const [other] = actor === null || user === undefined ? [] : setActor(scene, user.row[actor.key] ?? null);
  return other?.candidate ?? null;
}

function withCell({ scope, random }: Wandering, scene: Scene, { row, place }: PlacedRow): Candidate | null {
  const { table } = place;
  const column = findColumn(tableOf(scene.compiled.catalogue, table), pick(random, scope.get(table) ?? []) ?? "");
  if (column === undefined) return null;
  const value = pick(random, valuesNear(scene, { table, column, value: row[column.name] ?? null }));
  const isBefore = place.kind === "after" && scene.candidate.write.op === "update" && random() < BEFORE;
  return value === undefined ? null : setCell(scene, isBefore ? { kind: "before", table } : place, column, value);
}

/** Values that the column could have: those of other rows above all, those beside them, and its bounds. */
function valuesNear(
  scene: Scene,
  { table, column, value }: { readonly table: string; readonly column: CatalogueColumn; readonly value: Value },
): readonly Value[] {
  const others = rowsAfter(scene, table).map(({ row }) => row[column.name] ?? null);
  const beside = others.flatMap((other) => (isNumber(other) ? [plus(other, 1), plus(other, -1)] : []));
  const bounds = column.type === "text" ? [] : [column.min, column.max].flatMap((bound) => (bound === null ? [] : storedLiteral(bound)));
  return [...valuesOf(scene, column, value), ...others, ...beside, ...bounds, ...(column.nullable ? [null] : [])];
}
