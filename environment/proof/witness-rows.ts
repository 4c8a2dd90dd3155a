/** Row sets of a rule: which rows fit, and the edits that make one more or one less fit. */
import { tableOf } from "../core/catalogue.js";
import type { Expression, RowsExpression } from "../core/expression.js";
import type { Row, Value } from "../core/values.js";
import { conjunctsOf } from "../core/walk-expression.js";
import { isStored, storedLiteral, withCandidate } from "./witness-domain.js";
import { filterOf, readExpression } from "./witness-read.js";
import { addRow, type Place, type PlacedRow, removeRow, rowsAfter, type Scene } from "./witness-scene.js";

/** How a condition is made true or false: `force` of witness-force, which is built on this file. */
export type Force = (scene: Scene, node: Expression, wanted: "true" | "false") => readonly Scene[];

/** How a part is made so: what witness-force does, which is built on this file, and any other value than it has. */
export interface Ways {
  readonly force: Force;
  /** Makes a condition false, not merely unknown. */
  readonly refute: (scene: Scene, node: Expression) => readonly Scene[];
  readonly assign: (scene: Scene, node: Expression, value: Value) => readonly Scene[];
  readonly unlike: (scene: Scene, node: Expression) => readonly Scene[];
}

/** A row set by what it is asked for: a row for which the filter is unknown does not make `exists` true, but it makes `none` unknown. */
export interface Asked {
  readonly kind: "count" | "exists" | "none";
  readonly rows: RowsExpression;
}

/** How many proposals of one kind are carried on. */
export const WIDTH = 4;

/** New rows are made after so many of those that are there. */
const MODELS = 3;

/** What the attempts give, one after the other, until there is enough. */
export function upTo(limit: number, attempts: readonly (() => readonly Scene[])[]): readonly Scene[] {
  const found: Scene[] = [];
  for (const attempt of attempts) {
    if (found.length >= limit) break;
    found.push(...attempt());
  }
  return found.slice(0, limit);
}

/** Scenes with one more row that fits, at most so many. */
export function addFitting(scene: Scene, rows: RowsExpression, force: Force, limit = WIDTH): readonly Scene[] {
  const table = tableOf(scene.compiled.catalogue, rows.table);
  const where: Expression = rows.where ?? { kind: "literal", value: true };
  const given = equalities(scene, rows);
  const models = (scene.candidate.state[rows.table] ?? []).slice(0, MODELS);
  const fresh = models.map((model) => (): readonly Scene[] => {
    const added = addRow(scene, table, given, model);
    return added === null
      ? []
      : force(bind({ ...scene, candidate: added.candidate }, rows.variable, added.place), where, "true").slice(0, 2);
  });
  const bent = rowsAfter(scene, rows.table)
    .slice(0, 3)
    .map(
      ({ place }) =>
        () =>
          force(bind(scene, rows.variable, place), where, "true"),
    );
  return unbind(upTo(limit, [...fresh.slice(0, 1), ...bent.slice(0, 1), ...fresh.slice(1), ...bent.slice(1)]), scene);
}

/** What the filter asks of columns of the row by plain equality. */
function equalities(scene: Scene, { variable, where }: RowsExpression): Row {
  const values: Record<string, Value> = {};
  for (const term of conjunctsOf(where)) {
    if (term.kind === "in" && !term.negated)
      setFrom(values, variable, term.operand, term.values[0] === undefined ? null : storedLiteral(term.values[0]));
    if (term.kind !== "same" && !(term.kind === "compare" && term.op === "=")) continue;
    setFrom(values, variable, term.left, outside(scene, variable, term.right));
    setFrom(values, variable, term.right, outside(scene, variable, term.left));
  }
  return values;
}

function setFrom(values: Record<string, Value>, variable: string, node: Expression, value: Value | undefined): void {
  const [column, ...more] = node.kind === "path" && node.root === variable ? node.steps : [];
  if (column !== undefined && more.length === 0 && value !== undefined) values[column] = value;
}

function outside(scene: Scene, variable: string, node: Expression): Value | undefined {
  if (node.kind === "path" && node.root === variable) return undefined;
  const value = readExpression(scene, node);
  return isStored(value) ? value : undefined;
}

/** Scenes in which no row stands in the way: none fits, nor, for `none`, may fit. */
export function dropFitting(scene: Scene, asked: Asked, ways: Ways): readonly Scene[] {
  let current: readonly Scene[] = [scene];
  for (let step = 0; step < 45; step += 1) {
    const [first] = current;
    if (first === undefined) return [];
    const left = inTheWay(first, asked).length;
    if (left === 0) return current;
    current = dropOne(first, asked, ways, left === 1 ? 3 * WIDTH : 1);
    // Of the last row every way is kept: another rule may need it there, only unlike.
    if (left === 1) return current.filter((each) => inTheWay(each, asked).length === 0);
  }
  return [];
}

/** Scenes with one such row less: the row is taken away, or a cell is changed so that it no longer fits. */
export function dropOne(scene: Scene, asked: Asked, ways: Ways, limit = 3 * WIDTH): readonly Scene[] {
  const [target] = inTheWay(scene, asked);
  if (target === undefined) return [];
  const { variable, where } = asked.rows;
  return upTo(limit, [
    () => withCandidate(scene, removeRow(scene, target.place)),
    () => (where === null ? [] : unbind(ways.refute(bind(scene, variable, target.place), where), scene)),
  ]);
}

function inTheWay(scene: Scene, { kind, rows }: Asked): readonly PlacedRow[] {
  if (kind !== "none") return fitting(scene, rows);
  const filter = filterOf(scene, rows);
  return rowsAfter(scene, rows.table).filter(({ row }) => filter(row) !== false);
}

/** The rows of a set, each with its place; a row for which the filter is unknown does not fit. */
export function fitting(scene: Scene, rows: RowsExpression): readonly PlacedRow[] {
  const filter = filterOf(scene, rows);
  return rowsAfter(scene, rows.table).filter(({ row }) => filter(row) === true);
}

/** Whether another filter chooses other rows. */
export function othersFit(scene: Scene, rows: RowsExpression, changed: RowsExpression): boolean {
  const chosen = new Set(fitting(scene, rows).map(({ row }) => row));
  const others = fitting(scene, changed);
  return others.length !== chosen.size || others.some(({ row }) => !chosen.has(row));
}

/** The scene with a variable that stands for a row. */
export function bind(scene: Scene, variable: string, place: Place): Scene {
  return { ...scene, roots: { ...scene.roots, [variable]: place } };
}

/** The candidates of some scenes under the roots of another. */
export function unbind(scenes: readonly Scene[], { roots }: Scene): readonly Scene[] {
  return scenes.map((each) => ({
    ...each,
    roots: { ...roots, ...(each.roots["actor"] === undefined ? {} : { actor: each.roots["actor"] }) },
  }));
}
