/** Maintained columns: what a counter must equal, and the writes after which that is looked at again. */
import { type Catalogue, type CatalogueTable, findColumn, tableOf } from "../../core/catalogue.js";
import type { Expression, RowsExpression } from "../../core/expression.js";
import { conjunction, conjunctsOf, path, pathsIn, walk } from "../../core/walk-expression.js";
import type { Rule } from "../../sheet/sheet.js";
import { canChange, canGrow, readsOf } from "../elsewhere-events.js";
import type { CounterEffect, CounterSource } from "../normal-form.js";
import { type ExtraRoots, type Lowering, type Place, readRows, readText, unknown } from "./lowering.js";

/** A counter of the sheet: the value that its column must equal, and the writes after which that is looked at again. */
export function lowerCounter(
  rule: Extract<Rule, { kind: "counter" }>,
  catalogue: Catalogue,
  table: CatalogueTable,
  place: Place,
): CounterEffect {
  const owner = { kind: "row", table: table.name } as const;
  const lowering: Lowering = { ...place, catalogue, table, roots: { owner }, lookups: {} };
  const column = findColumn(table, rule.column);
  const common = { kind: "counter", id: rule.id, clauses: rule.clauses, table: table.name, column: rule.column } as const;
  if (column === undefined || column.type === "text") {
    // With another table or column meant, what the rows are matched with says nothing.
    place.errors.push({ path: `${place.path}.column`, message: `expected a number column of table "${table.name}", got "${rule.column}"` });
    return { ...common, value: unknown, sources: [] };
  }
  const rows = readRows(lowering, "rows", rule.rows, { self: "owner" });
  const value = valueOf(rule, lowering, rows);
  const sources = place.errors.length === 0 ? sourcesOf(rows, value, catalogue, table) : [];
  return { ...common, value, sources };
}

/** What the column holds: a count, or what one of the rule's other keys says of the rows. */
function valueOf(rule: Extract<Rule, { kind: "counter" }>, lowering: Lowering, rows: RowsExpression): Expression {
  const row: ExtraRoots = { row: { kind: "row", table: rows.table } };
  const count: Expression = { kind: "count", rows };
  const over = (name: "sum" | "min" | "max" | "distinct", field: string, text: string): Expression => ({
    kind: "aggregate",
    function: name,
    of: readText(lowering, field, text, row),
    rows,
  });
  const { sum, distinct, min, max, avg, weighted_avg: weighted, percent } = rule;
  const given = [sum, distinct, min, max, avg, weighted, percent].filter((one) => one !== undefined);
  const isShare = avg !== undefined || weighted !== undefined || percent !== undefined;
  if (given.length > 1)
    lowering.errors.push({
      path: lowering.path,
      message: "expected one of `sum`, `distinct`, `min`, `max`, `avg`, `weighted_avg` and `percent`",
    });
  if (isShare !== (rule.round !== undefined) || (rule.empty === undefined) === (isShare || min !== undefined || max !== undefined))
    lowering.errors.push({
      path: lowering.path,
      message: "expected `round` and `empty` with an average or a percentage, `empty` with min and max, and neither with others",
    });
  const [value, weight] = weighted ?? ["0", "0"];
  const times = (left: Expression, right: Expression): Expression => ({ kind: "arithmetic", op: "*", left, right });
  if (sum !== undefined) return over("sum", "sum", sum);
  if (distinct !== undefined) return over("distinct", "distinct", distinct);
  if (min !== undefined) return orEmpty(rule, over("min", "min", min));
  if (max !== undefined) return orEmpty(rule, over("max", "max", max));
  if (avg !== undefined) return share(rule, over("sum", "avg", avg), count);
  if (weighted !== undefined) {
    const products = times(readText(lowering, "weighted_avg[0]", value, row), readText(lowering, "weighted_avg[1]", weight, row));
    return share(rule, { kind: "aggregate", function: "sum", of: products, rows }, over("sum", "weighted_avg[1]", weight));
  }
  if (percent === undefined) return count;
  const meets = readText(lowering, "percent", percent, row);
  const met: Expression = { kind: "count", rows: { ...rows, where: conjunction([...(rows.where === null ? [] : [rows.where]), meets]) } };
  return share(rule, times({ kind: "literal", value: 100 }, met), count);
}

/** A quotient, rounded as the rule says; where it is divided by nothing, the value for no rows. */
function share(rule: Extract<Rule, { kind: "counter" }>, dividend: Expression, divisor: Expression): Expression {
  return orEmpty(rule, { kind: "divide", rounding: rule.round ?? "floor", dividend, divisor });
}

function orEmpty({ empty }: Extract<Rule, { kind: "counter" }>, value: Expression): Expression {
  return { kind: "call", function: "coalesce", arguments: [value, { kind: "literal", value: empty ?? 0 }] };
}

function sourcesOf(rows: RowsExpression, value: Expression, catalogue: Catalogue, owner: CatalogueTable): readonly CounterSource[] {
  const paths = pathsIn(value);
  const readFrom = (root: string) => [...new Set(paths.flatMap((read) => (read.root === root ? read.steps.slice(0, 1) : [])))];
  const counted = tableOf(catalogue, rows.table);
  const sources: CounterSource[] = [
    { table: rows.table, columns: readFrom("row").filter((name) => canChange(counted, name)), insert: true, concerned: linkOf(rows) },
  ];
  sources.push(...sourcesBeyond(rows, value, catalogue, owner));
  const ownColumns = readFrom("owner").filter((name) => canChange(owner, name));
  const key = owner.key[0] ?? "";
  const isOwner: Expression = { kind: "same", left: path("owner", key), right: path("written", key) };
  // Rows that name this one by its key cannot be there before it is.
  const isReferenced = conjunctsOf(rows.where).some(
    (term) =>
      term.kind === "compare" &&
      term.op === "=" &&
      (isReference(term.left, counted, owner)
        ? isKey(term.right, owner)
        : isReference(term.right, counted, owner) && isKey(term.left, owner)),
  );
  if (!isReferenced || ownColumns.length > 0)
    sources.push({ table: owner.name, columns: ownColumns, insert: !isReferenced, concerned: isOwner });
  return sources;
}

function isReference(side: Expression, counted: CatalogueTable, owner: CatalogueTable): boolean {
  return (
    side.kind === "path" &&
    side.root === "row" &&
    side.steps.length === 1 &&
    findColumn(counted, side.steps[0] ?? "")?.references === owner.name
  );
}

function isKey(side: Expression, owner: CatalogueTable): boolean {
  return (
    side.kind === "path" &&
    side.root === "owner" &&
    owner.key.length === 1 &&
    (side.steps.length === 0 || (side.steps.length === 1 && side.steps[0] === owner.key[0]))
  );
}

/** What the value reads of other rows than the counted one and its owner: along paths, in row sets within, up a tree. All owners are concerned. */
function sourcesBeyond(rows: RowsExpression, value: Expression, catalogue: Catalogue, owner: CatalogueTable): readonly CounterSource[] {
  const tables = { owner: owner.name, [rows.variable]: rows.table };
  const reads = readsWithin(value, rows).flatMap((expression) => readsOf(expression, tables, catalogue));
  return [...new Set(reads.map(({ table }) => table))].flatMap((name): readonly CounterSource[] => {
    const here = reads.filter(({ table }) => table === name);
    const table = tableOf(catalogue, name);
    const columns = [...new Set(here.flatMap(({ column }) => column ?? []))].filter((column) => canChange(table, column));
    const insert = canGrow(table) && here.some((read) => read.insert);
    return insert || columns.length > 0 ? [{ table: name, columns, insert, concerned: null }] : [];
  });
}

/** What a counter's value says of its rows; those of an average are there twice, and of a percentage once with a condition more. */
function readsWithin(value: Expression, rows: RowsExpression): readonly Expression[] {
  return walk(value).flatMap((node) => {
    if (!("rows" in node) || node.rows.variable !== rows.variable) return [];
    return [...(node.rows.where === null ? [] : [node.rows.where]), ...(node.kind === "aggregate" ? [node.of] : [])];
  });
}

function linkOf(rows: RowsExpression): Expression | null {
  const links = conjunctsOf(rows.where).flatMap((term) => {
    if (term.kind !== "compare" || term.op !== "=" || term.left.kind !== "path" || term.left.root !== "row" || term.left.steps.length !== 1)
      return [];
    const isOwners = term.right.kind === "path" && term.right.root === "owner" && term.right.steps.length === 1;
    return isOwners ? [{ column: term.left.steps[0] ?? "", owner: term.right }] : [];
  });
  if (links.length === 0) return null;
  const image = (root: "written" | "before") =>
    conjunction(links.map(({ column, owner }): Expression => ({ kind: "compare", op: "=", left: owner, right: path(root, column) })));
  return { kind: "or", operands: [image("written"), image("before")] };
}
