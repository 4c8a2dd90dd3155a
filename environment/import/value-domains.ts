/** Values that stand for all that a column of NEW or OLD may hold, as far as given conditions tell values apart. */
import { closeOf } from "../sql/token-lists.js";
import { foldName, keywordOf } from "../sql/tokenize-sql.js";
import type { SqlTable } from "../engine/sql-tables.js";
import { type Assignment, columnKey, type Known } from "./possible.js";
import { parseSqlExpression, type SqlExpression } from "./sql-expression.js";
import { walkSql } from "./walk-sql.js";

/** More assignments than these are not tried; then everything counts as possible. */
const mostAssignments = 4_000;

/** The values of a column that its CHECK lists, or null where none does. */
export function enumOf(table: SqlTable, column: string): readonly (string | number)[] | null {
  for (const check of checksOf(table)) {
    if (check.kind !== "in" || check.op !== "in" || check.list === null) continue;
    if (check.operand.kind !== "column" || check.operand.name !== foldName(column)) continue;
    const values = check.list.flatMap((each) => (each.kind === "literal" && each.value !== null ? [each.value] : []));
    if (values.length === check.list.length) return values;
  }
  return null;
}

/** The conditions of a table's CHECKs. */
export function checksOf({ tokens }: SqlTable): readonly SqlExpression[] {
  return tokens.flatMap((token, at) => {
    if (keywordOf(token) !== "check" || keywordOf(tokens[at + 1]) !== "(") return [];
    return [parseSqlExpression(tokens.slice(at + 2, closeOf(tokens, at + 1)))];
  });
}

/**
 * Every assignment worth trying to the columns that some condition compares with a literal or another column, those of `fixed`
 * as they are; null: too many.
 */
export function assignmentsOf(
  table: SqlTable,
  conditions: readonly SqlExpression[],
  { timing, fixed = new Map() }: { readonly timing: "before" | "after" | "instead"; readonly fixed?: Assignment },
): readonly Assignment[] | null {
  const columns = comparedColumns(conditions);
  let assignments: Assignment[] = [fixed];
  for (const key of columns.keys()) {
    if (fixed.has(key)) continue;
    const values = domainOf(table, key, { literals: columns, timing });
    if (assignments.length * values.length > mostAssignments) return null;
    assignments = assignments.flatMap((assignment) => values.map((value) => new Map([...assignment, [key, value]])));
  }
  return assignments;
}

/** Columns of NEW and OLD that are compared as they are, each with the literals it is compared with. */
function comparedColumns(conditions: readonly SqlExpression[]): ReadonlyMap<string, ReadonlySet<string | number>> {
  const found = new Map<string, Set<string | number>>();
  const note = (operand: SqlExpression, others: readonly SqlExpression[]) => {
    if (operand.kind !== "column" || (operand.row !== "new" && operand.row !== "old")) return;
    const literals = others.flatMap((other) => (other.kind === "literal" && other.value !== null ? [other.value] : []));
    const known = found.get(columnKey(operand)) ?? new Set();
    for (const literal of literals) known.add(literal);
    found.set(columnKey(operand), known);
  };
  for (const node of conditions.flatMap((condition) => [...walkSql(condition)])) {
    if (node.kind === "compare") {
      note(node.left, [node.right]);
      note(node.right, [node.left]);
    } else if (node.kind === "in") note(node.operand, node.list ?? []);
  }
  return found;
}

type Literals = { readonly literals: ReadonlyMap<string, ReadonlySet<string | number>>; readonly timing: "before" | "after" | "instead" };

/** Literals of the column and, of numbers, their neighbours; its own list where a CHECK has one; two values of no name; NULL where it may be. A table with collations is left open. */
function domainOf(table: SqlTable, key: string, { literals, timing }: Literals): readonly Known[] {
  if (table.tokens.some((token) => keywordOf(token) === "collate")) return [undefined];
  const [row = "", ...rest] = key.split(".");
  const name = rest.join(".");
  const column = table.columns.find((each) => foldName(each.name) === name);
  const mayBeNull =
    column === undefined || (!column.notNull && name !== foldName(table.alias ?? "")) || (row === "new" && timing === "before");
  const none = mayBeNull ? [null] : [];
  const listed = column === undefined ? null : enumOf(table, column.name);
  // A BEFORE trigger sees what the CHECK has not yet refused.
  if (listed !== null && !(row === "new" && timing === "before")) return [...listed, ...none];
  const partners = [`new.${name}`, `old.${name}`].flatMap((each) => [...(literals.get(each) ?? [])]);
  const known = [...new Set([...(listed ?? []), ...partners])];
  const numbers = known.filter((value) => typeof value === "number").sort((a, b) => a - b);
  const between = numbers.slice(1).map((value, i) => (value + (numbers[i] ?? value)) / 2);
  const near: readonly Known[] = [
    ...known.flatMap((value): readonly Known[] => (typeof value === "number" ? [value - 1, value, value + 1] : [value])),
    ...between,
  ];
  const isNumeric = known.length > 0 ? known.every((value) => typeof value === "number") : !/CHAR|CLOB|TEXT/i.test(column?.type ?? "");
  const others: readonly Known[] = isNumeric ? [7_000_001, 7_000_002] : ["\u0001", "\u0002"];
  return [...new Set<Known>([...near, ...others]), ...none];
}
