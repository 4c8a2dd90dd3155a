/** Which writes of other rows may break a guard that holds, derived from the columns that it reads. */
import { type Catalogue, type CatalogueTable, columnOf, CONTEXT_TABLE, findColumn, tableOf } from "../core/catalogue.js";
import type { Expression, PathExpression, RowsExpression } from "../core/expression.js";
import type { ElsewhereEvent, Guard } from "./normal-form.js";
import { childrenOf, conjunction, conjunctsOf, disjunction, path, pathsIn } from "../core/walk-expression.js";

/** One place where a rule reads another row: the column read (null: only that the row is there), and whose rows that concerns. */
interface Read {
  readonly table: string;
  readonly column: string | null;
  readonly insert: boolean;
  readonly concerned: Expression | null;
}

/**
 * The writes of rows other than the guard's own that it must be judged at. Columns that nobody can change, and tables that
 * nobody can add to, give none; a symmetric guard needs none of its own table.
 */
export function elsewhereEvents(guard: Guard, catalogue: Catalogue, symmetry: "symmetric" | "general"): readonly ElsewhereEvent[] {
  const tables = { new: guard.table };
  const reads = [guard.must, ...(guard.when === null ? [] : [guard.when])].flatMap((expression) => readsOf(expression, tables, catalogue));
  const names = [...new Set(reads.map(({ table }) => table))].filter((name) => symmetry === "general" || name !== guard.table);
  return names.flatMap((name) => {
    const table = tableOf(catalogue, name);
    const here = reads.filter((read) => read.table === name);
    const columns = [...new Set(here.flatMap(({ column }) => column ?? []))].filter((column) => canChange(table, column));
    const inserts = here.filter(({ insert }) => insert);
    return [
      ...(inserts.length > 0 && canGrow(table) ? [event(name, "insert", columns, inserts)] : []),
      ...(columns.length > 0
        ? [
            event(
              name,
              "update",
              columns,
              here.filter(({ column }) => column !== null && columns.includes(column)),
            ),
          ]
        : []),
    ];
  });
}

function event(table: string, on: "insert" | "update", columns: readonly string[], reads: readonly Read[]): ElsewhereEvent {
  const terms = reads.map(({ concerned }) => concerned);
  const known = terms.filter((term) => term !== null);
  const distinct = [...new Map(known.map((term) => [JSON.stringify(term), term])).values()];
  return { kind: "elsewhere", table, on, columns, concerned: known.length === terms.length ? disjunction(distinct) : null, settled: false };
}

/** Whether anything but the builder can write this column of a row that exists. */
export function canChange(table: CatalogueTable, name: string): boolean {
  const { update } = columnOf(table, name);
  if (table.name === CONTEXT_TABLE) return false;
  if (update.by === "derived") return table.columns.some((column) => column.update.by !== "derived" && canChange(table, column.name));
  return update.by !== "fixed" || update.moves.length > 0;
}

/** Whether rows can be added: by the agent, or by an effect (whose target declares who creates). */
export function canGrow(table: CatalogueTable): boolean {
  return table.layer !== "L0" && table.name !== CONTEXT_TABLE;
}

type Tables = Readonly<Record<string, string>>;

/** Everything that an expression reads beyond the rows of its own roots, which `tables` names by table; other roots are not looked at. */
export function readsOf(expression: Expression, tables: Tables, catalogue: Catalogue): readonly Read[] {
  switch (expression.kind) {
    case "path":
      return readsOfPath(expression, tables, catalogue);
    case "count":
    case "exists":
    case "none":
      return readsOfRows(expression.rows, [], tables, catalogue);
    case "aggregate":
      return readsOfRows(expression.rows, [expression.of], tables, catalogue);
    case "pick":
      return readsOfRows(
        expression.rows,
        [path(expression.rows.variable, ...expression.steps), ...(expression.by === null ? [] : [expression.by])],
        tables,
        catalogue,
      );
    case "reaches":
      return [
        ...childrenOf(expression).flatMap((child) => readsOf(child, tables, catalogue)),
        ...readsOfReach(expression, tables, catalogue),
      ];
    case "sql":
      return expression.reads.flatMap(({ table, columns }) =>
        [null, ...columns].map((column): Read => ({ table, column, insert: true, concerned: null })),
      );
    default:
      return childrenOf(expression).flatMap((child) => readsOf(child, tables, catalogue));
  }
}

/** Each hop of a path reads a column of the row that it leads to; from `new` that row is named by the path so far. */
function readsOfPath({ root, steps }: PathExpression, tables: Tables, catalogue: Catalogue): readonly Read[] {
  const start = tables[root];
  if (start === undefined) return [];
  let table = tableOf(catalogue, start);
  return steps.slice(1).map((column, index): Read => {
    table = tableOf(catalogue, columnOf(table, steps[index] ?? "").references ?? "");
    const key = table.key[0] ?? "";
    const concerned: Expression | null =
      root === "new" ? { kind: "compare", op: "=", left: path("new", ...steps.slice(0, index + 1)), right: path("written", key) } : null;
    return { table: table.name, column, insert: false, concerned };
  });
}

/** A row set reads the columns of its rows; rows whose links to `new` match the written row, or what it was, are concerned. */
function readsOfRows(rows: RowsExpression, read: readonly Expression[], tables: Tables, catalogue: Catalogue): readonly Read[] {
  const inner: Tables = { ...tables, [rows.variable]: rows.table };
  const within = [...(rows.where === null ? [] : [rows.where]), ...read];
  const table = tableOf(catalogue, rows.table);
  const concerned = linkOf(rows);
  const columns = [
    ...new Set(within.flatMap(pathsIn).flatMap(({ root, steps }) => (root === rows.variable ? [steps[0] ?? table.key[0] ?? ""] : []))),
  ];
  return [
    { table: rows.table, column: null, insert: true, concerned },
    ...columns.map((column): Read => ({ table: rows.table, column, insert: true, concerned })),
    ...within.flatMap((expression) => readsOf(expression, inner, catalogue)),
  ];
}

function linkOf(rows: RowsExpression): Expression | null {
  const links = conjunctsOf(rows.where).flatMap((term) => {
    if (term.kind !== "compare" || term.op !== "=") return [];
    return [linkFrom(rows.variable, term.left, term.right), linkFrom(rows.variable, term.right, term.left)].flatMap((link) => link ?? []);
  });
  if (links.length === 0) return null;
  const image = (root: "written" | "before") =>
    conjunction(links.map(({ column, value }): Expression => ({ kind: "same", left: value, right: path(root, column) })));
  return { kind: "or", operands: [image("written"), image("before")] };
}

/** A column of the row that must equal something of `new` alone. */
function linkFrom(variable: string, side: Expression, value: Expression): { readonly column: string; readonly value: Expression } | null {
  const isColumn = side.kind === "path" && side.root === variable && side.steps.length === 1;
  const roots = pathsIn(value).map(({ root }) => root);
  if (!isColumn || roots.length === 0 || !roots.every((root) => root === "new")) return null;
  return { column: side.steps[0] ?? "", value };
}

function readsOfReach({ from, column }: Extract<Expression, { kind: "reaches" }>, tables: Tables, catalogue: Catalogue): readonly Read[] {
  if (from.kind !== "path") return [];
  let table = tableOf(catalogue, tables[from.root] ?? catalogue.actor?.table ?? "");
  for (const step of from.steps) table = tableOf(catalogue, findColumn(table, step)?.references ?? table.name);
  return [{ table: table.name, column, insert: false, concerned: null }];
}
