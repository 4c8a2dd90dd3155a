/**
 * Truth tables of conditions, in the three values of SQL: over every value that the cells they read may have where these are
 * few, over every outcome of what cannot be listed. Conditions that agree on all of it answer alike whatever the state.
 */
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { findColumn } from "../core/catalogue.js";
import { evaluate } from "../core/evaluate-expression.js";
import type { Expression, PathExpression } from "../core/expression.js";
import { holds } from "../core/holds.js";
import type { Row, Value } from "../core/values.js";
import { pathsIn, walk } from "../core/walk-expression.js";
import { storedLiteral } from "./witness-domain.js";

/** True, false or unknown. */
export type Truth = boolean | null;

/** How the cell of one row lies to that of another in the same column: −1, 0, 1; null where one is NULL. */
export type Sign = -1 | 0 | 1 | null;

/** One line of a truth table: cells by root and column, signs by the two roots and the column, other outcomes by their text. */
export interface Line {
  readonly cells: Readonly<Record<string, Row>>;
  readonly signs: ReadonlyMap<string, Sign>;
  readonly outcomes: ReadonlyMap<string, Truth>;
}

/** The tables of the rows that the conditions' roots stand for, and which lines can be. */
export interface Frame {
  readonly catalogue: Catalogue;
  readonly tables: Readonly<Record<string, CatalogueTable>>;
  canBe(line: Line): boolean;
}

/** A longer table is not made. */
const LINES = 40_000;

/** What a condition comes to on one line of the table. */
export type TruthOf = (condition: Expression) => Truth;

/** Whether something holds on every line of the conditions' truth table that can be; false where the table is too long. */
export function onEveryLine(frame: Frame, conditions: readonly Expression[], holdsOn: (truthOf: TruthOf) => boolean): boolean {
  const cells: Cells = { ...frame, points: pointsOf(frame, conditions) };
  const variables = [...new Map(conditions.flatMap((each) => variablesOf(cells, each)).map((each) => [each.name, each])).values()];
  if (variables.reduce((lines, { values }) => lines * values.length, 1) > LINES) return false;
  return every(
    variables,
    { cells: {}, signs: new Map(), outcomes: new Map() },
    (line) => !frame.canBe(line) || holdsOn((condition) => truthOn(cells, condition, line)),
  );
}

/** A frame with the numbers that stand for all others in columns which are held against a few of them alone, by table and column. */
interface Cells extends Frame {
  readonly points: ReadonlyMap<string, readonly Value[]>;
}

function pointsOf(frame: Frame, conditions: readonly Expression[]): Cells["points"] {
  const atoms = conditions.flatMap(atomsOf);
  const found = new Map<string, Set<bigint> | null>();
  for (const atom of atoms) {
    for (const path of pathsIn(atom)) {
      const column = columnAt(frame, path);
      if (column === null) continue;
      const literal = atom.kind === "compare" ? (atom.left === path ? atom.right : atom.right === path ? atom.left : null) : null;
      const number = literal?.kind === "literal" && Number.isSafeInteger(literal.value) ? BigInt(Number(literal.value)) : null;
      const known = found.get(column.name);
      const isPlain = column.type === "integer" && (number !== null || (atom.kind === "is_null" && atom.operand === path));
      if (!isPlain || known === null) found.set(column.name, null);
      else found.set(column.name, new Set([...(known ?? []), ...(number === null ? [] : [number - 1n, number, number + 1n])]));
    }
  }
  return new Map([...found].flatMap(([name, points]) => (points === null || points.size === 0 ? [] : [[name, [...points]]])));
}

function atomsOf(condition: Expression): readonly Expression[] {
  if (condition.kind === "and" || condition.kind === "or") return condition.operands.flatMap(atomsOf);
  return condition.kind === "not" ? atomsOf(condition.operand) : [condition];
}

function truthOn(frame: Cells, condition: Expression, line: Line): Truth {
  switch (condition.kind) {
    case "literal":
      return typeof condition.value === "boolean" ? condition.value : null;
    case "and":
    case "or": {
      const decisive = condition.kind === "or";
      const truths = condition.operands.map((each) => truthOn(frame, each, line));
      return truths.includes(decisive) ? decisive : truths.includes(null) ? null : !decisive;
    }
    case "not": {
      const truth = truthOn(frame, condition.operand, line);
      return truth === null ? null : !truth;
    }
    default:
      return truthOfAtom(frame, condition, line);
  }
}

function truthOfAtom(frame: Cells, atom: Expression, line: Line): Truth {
  const pair = pairOf(frame, atom);
  if (pair !== null) {
    const sign = line.signs.get(pair.name) ?? null;
    if (atom.kind === "same") return sign === 0;
    return sign === null || atom.kind !== "compare" ? null : holds(atom.op, pair.isTurned ? -sign : sign);
  }
  if (!isListed(frame, atom)) return line.outcomes.get(JSON.stringify(atom)) ?? null;
  const roots = Object.fromEntries(
    Object.entries(frame.tables).map(([root, { name }]) => [root, { table: name, row: line.cells[root] ?? {} }] as const),
  );
  const none = (): readonly Row[] => [];
  const result = evaluate(atom, { catalogue: frame.catalogue, roots, rows: none, rowsBefore: none, context: {}, cause: null });
  return typeof result === "boolean" ? result : null;
}

interface Variable {
  readonly name: string;
  readonly values: readonly ((line: Line) => Line)[];
}

function every(variables: readonly Variable[], line: Line, test: (line: Line) => boolean): boolean {
  const [first, ...rest] = variables;
  return first === undefined ? test(line) : first.values.every((put) => every(rest, put(line), test));
}

function variablesOf(frame: Cells, condition: Expression): readonly Variable[] {
  if (condition.kind === "and" || condition.kind === "or") return condition.operands.flatMap((each) => variablesOf(frame, each));
  if (condition.kind === "not") return variablesOf(frame, condition.operand);
  if (condition.kind === "literal") return [];
  const pair = pairOf(frame, condition);
  if (pair !== null) return [signVariable(pair)];
  if (isListed(frame, condition)) return pathsIn(condition).map((path) => cellVariable(frame, path));
  const name = JSON.stringify(condition);
  const outcomes: readonly Truth[] = [true, false, null];
  return [{ name, values: outcomes.map((truth) => (line) => ({ ...line, outcomes: new Map(line.outcomes).set(name, truth) })) }];
}

/** Two rows of one table compared in one column that has not few values. */
interface Pair {
  readonly name: string;
  readonly isNullable: boolean;
  readonly isTurned: boolean;
}

/** The name by which a line knows how one root's cell lies to another's. */
export function signName(roots: readonly [string, string], column: string): string {
  return `${[...roots].sort().join(" ")} ${column}`;
}

function pairOf(frame: Cells, atom: Expression): Pair | null {
  if (atom.kind !== "compare" && atom.kind !== "same") return null;
  const { left, right } = atom;
  if (left.kind !== "path" || right.kind !== "path" || left.root === right.root) return null;
  const [[column = "", ...more], [other, ...others]] = [left.steps, right.steps];
  const [table, otherTable] = [frame.tables[left.root], frame.tables[right.root]];
  if (column !== other || more.length > 0 || others.length > 0 || table === undefined || table !== otherTable) return null;
  const found = findColumn(table, column);
  if (found === undefined || valuesOf(frame, left) !== null || (atom.kind === "same" && found.nullable)) return null;
  return { name: signName([left.root, right.root], column), isNullable: found.nullable, isTurned: left.root > right.root };
}

function signVariable({ name, isNullable }: Pair): Variable {
  const signs: readonly Sign[] = isNullable ? [-1, 0, 1, null] : [-1, 0, 1];
  return { name, values: signs.map((sign) => (line) => ({ ...line, signs: new Map(line.signs).set(name, sign) })) };
}

/** Whether an atom reads nothing but cells that have few values. */
function isListed(frame: Cells, atom: Expression): boolean {
  if (atom.kind !== "compare" && atom.kind !== "same" && atom.kind !== "in" && atom.kind !== "is_null") return false;
  return walk(atom).every((node) => node === atom || node.kind === "literal" || (node.kind === "path" && valuesOf(frame, node) !== null));
}

function cellVariable(frame: Cells, path: PathExpression): Variable {
  const { root } = path;
  const [column = ""] = path.steps;
  const values = valuesOf(frame, path) ?? [];
  return {
    name: `${root}.${column}`,
    values: values.map((value) => (line) => ({ ...line, cells: { ...line.cells, [root]: { ...line.cells[root], [column]: value } } })),
  };
}

/** The values that stand for all that the cell of a path may have, where these are few. */
function valuesOf(frame: Cells, path: PathExpression): readonly Value[] | null {
  const table = frame.tables[path.root];
  const [name = "", ...more] = path.steps;
  const column = table === undefined || more.length > 0 ? undefined : findColumn(table, name);
  if (table === undefined || column === undefined) return null;
  const values = column.values?.map(storedLiteral) ?? frame.points.get(`${table.name}.${name}`);
  return values === undefined ? null : [...values, ...(column.nullable ? [null] : [])];
}

/** A column that is read alone, and whose values are not listed. */
function columnAt({ tables }: Frame, { root, steps: [name = "", ...more] }: PathExpression) {
  const table = tables[root];
  const column = table === undefined || more.length > 0 ? undefined : findColumn(table, name);
  if (table === undefined || column === undefined || column.values !== null) return null;
  return { name: `${table.name}.${name}`, type: column.type };
}
