/**
 * Proof by machine that other rows could as well be looked at for the step at which there is too much: what is there at once
 * only grows where one of the counted rows begins, and the written row is one of them.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Guard } from "../compile/normal-form.js";
import { type CatalogueTable, columnOf, tableOf } from "../core/catalogue.js";
import type { Expression, PathExpression, RowsExpression } from "../core/expression.js";
import { isSame } from "../core/is-same.js";
import { conjunctsOf, pathsIn, renameRoots } from "../core/walk-expression.js";

/**
 * Whether `after` looks at more rows than the rule for the steps within the written row's span, and at all that the rule looks
 * at, where the counted rows are those that the written row is one of.
 */
export function looksAtMorePeers({ catalogue }: Compiled, guard: Guard, after: Expression): boolean {
  const { must } = guard;
  if (must.kind !== "none" || after.kind !== "none" || must.rows.table !== guard.table) return false;
  if (must.rows.before || !isSame({ ...must.rows, where: null }, { ...after.rows, where: null })) return false;
  const [terms, left] = [conjunctsOf(must.rows.where), conjunctsOf(after.rows.where)];
  const found = terms.map((term) => countedIn(term, must.rows)).find((each) => each !== null);
  if (found === undefined || !left.some((each) => isSame(each, found.term))) return false;
  const { rows, of, most } = found;
  const names = { row: rows.variable, peer: must.rows.variable };
  const about = conjunctsOf(rows.where);
  const spans = about.filter((term) => pathsIn(term).some(({ root }) => root === names.peer));
  const asked = about.filter((term) => !spans.includes(term));
  const isSpan = (term: Expression): boolean =>
    spans.some((each) => isSame(turned(renameRoots(each, { [names.row]: "new" })), turned(term)));
  const isAsked = (term: Expression): boolean => asked.some((each) => isSame(renameRoots(each, { [names.row]: names.peer }), term));
  const table = tableOf(catalogue, guard.table);
  const known: About = { row: names.row, asked, guard, table, isBounded: most.kind === "literal" && Number(most.value) >= 0 };
  return (
    spans.length === 2 &&
    isFromThenUntil(spans, { ...names, table }) &&
    terms.every((term) => isSame(term, found.term) || isSpan(term) || isAsked(term)) &&
    left.filter(isSpan).length === 2 &&
    left.every((each) => terms.some((term) => isSame(each, term) || isListedIn(term, each))) &&
    asked.every((term) => isTrueOfNew(term, known)) &&
    (of === null || isNeverNegative(table, of, names.row))
  );
}

interface Counted {
  readonly term: Expression;
  readonly rows: RowsExpression;
  /** What is summed, null for a count. */
  readonly of: Expression | null;
  readonly most: Expression;
}

/** The rows of the same table of which a term says that there are too many, whichever row is looked at. */
function countedIn(term: Expression, { variable, table }: RowsExpression): Counted | null {
  if (term.kind !== "not" || term.operand.kind !== "compare" || term.operand.op !== "<=") return null;
  const { left, right: most } = term.operand;
  const of = left.kind === "aggregate" && left.function === "sum" ? left.of : null;
  if (left.kind !== "count" && (left.kind !== "aggregate" || of === null)) return null;
  if (left.rows.table !== table || left.rows.before || pathsIn(most).some(({ root }) => root === variable)) return null;
  return { term, rows: left.rows, of, most };
}

/** Whether a row counts from its beginning on, and then until some step of its own, which is known or never comes. */
function isFromThenUntil(
  [begins, ends]: readonly Expression[],
  { row, peer, table }: { readonly row: string; readonly peer: string; readonly table: CatalogueTable },
): boolean {
  if (begins?.kind !== "compare" || begins.op !== "<=" || begins.left.kind !== "path" || ends === undefined) return false;
  const start = { ...begins.left, root: peer };
  if (!isCell(begins.left, row) || columnOf(table, start.steps[0] ?? "").nullable || !isSame(begins.right, start)) return false;
  const [last, ...others] = ends.kind === "or" ? [...ends.operands].reverse() : [ends];
  if (last?.kind !== "compare" || (last.op !== "<" && last.op !== "<=") || !isSame(last.left, start)) return false;
  const isNever = (each: PathExpression): boolean =>
    others.some((other) => other.kind === "is_null" && !other.negated && isSame(other.operand, each));
  return (
    others.every((other) => other.kind === "is_null" && !other.negated && pathsIn(other).every((each) => isCell(each, row))) &&
    pathsIn(last.right).every((each) => isCell(each, row) && (isNever(each) || !columnOf(table, each.steps[0] ?? "").nullable))
  );
}

/** A comparison with its smaller side first. */
function turned(term: Expression): Expression {
  if (term.kind !== "compare" || (term.op !== ">=" && term.op !== ">")) return term;
  return { ...term, op: term.op === ">=" ? "<=" : "<", left: term.right, right: term.left };
}

/** Whether the second is the first with a longer list. */
function isListedIn(term: Expression, other: Expression): boolean {
  if (term.kind !== "in" || other.kind !== "in" || term.negated || other.negated) return false;
  return isSame(term.operand, other.operand) && term.values.every((value) => other.values.includes(value));
}

interface About {
  readonly row: string;
  /** What is asked of the counted rows. */
  readonly asked: readonly Expression[];
  readonly guard: Guard;
  readonly table: CatalogueTable;
  /** Whether too many are at least one. */
  readonly isBounded: boolean;
}

/** Whether what is asked of the counted rows is true of the written row, wherever one counts. */
function isTrueOfNew(term: Expression, { row, asked, guard, table, isBounded }: About): boolean {
  const state = table.states?.column;
  if (sharedColumn(term, row, table) !== null) return true;
  if (term.kind === "in" && !term.negated && term.operand.kind === "path" && isCell(term.operand, row) && term.operand.steps[0] === state)
    return guard.states !== null && guard.states.every((each) => term.values.includes(each));
  const isKnown = pathsIn(term).every((each) => isCell(each, row) && !columnOf(table, each.steps[0] ?? "").nullable);
  if (isKnown && conjunctsOf(guard.when).some((each) => isSame(each, renameRoots(term, { [row]: "new" })))) return true;
  const shared = asked.flatMap((each) => sharedColumn(each, row, table) ?? []);
  return isBounded && pathsIn(term).every(({ root, steps: [first = ""] }) => root === row && shared.includes(first));
}

/** The column that a term asks to be the written row's, where that always has a value. */
function sharedColumn(term: Expression, row: string, table: CatalogueTable): string | null {
  if (term.kind !== "compare" || term.op !== "=" || term.left.kind !== "path" || !isCell(term.left, row)) return null;
  const [name = ""] = term.left.steps;
  return isSame(term.right, { ...term.left, root: "new" }) && !columnOf(table, name).nullable ? name : null;
}

function isCell({ root, steps }: PathExpression, variable: string): boolean {
  return root === variable && steps.length === 1;
}

/** Whether a column is summed that is never below 0 nor empty. */
function isNeverNegative(table: CatalogueTable, of: Expression, row: string): boolean {
  if (of.kind !== "path" || !isCell(of, row)) return false;
  const { min, nullable } = columnOf(table, of.steps[0] ?? "");
  return min !== null && min >= 0 && !nullable;
}
