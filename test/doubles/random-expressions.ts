/** Random expressions of the typed core over the tables of a sheet: conditions and numbers that mostly type-check. */
import { hasSurrogate, keyOf, statesOf } from "../../environment/sheet/resolve-catalogue.js";
import type { Column, Sheet } from "../../environment/sheet/sheet.js";
import type { Draw } from "./random-draw.js";

/** What a column holds: a number of a unit, text, or the key of a table. */
export type Sort = "number" | "money" | "step" | "text" | `key ${string}`;

/** A column that a path leads to. */
export interface ColumnPath {
  readonly text: string;
  readonly sort: Sort;
  readonly nullable: boolean;
  /** Of a text: its closed list, the state column's among them. */
  readonly values: readonly string[] | null;
}

/** What an expression may read: rows by root, and the clock. */
export interface Reach {
  readonly tables: Sheet["tables"];
  readonly ladders: Sheet["ladders"];
  readonly roots: Readonly<Record<string, string>>;
  readonly clock: "now" | "none";
  readonly depth: number;
}

const orders = ["=", "<>", "<", "<=", ">", ">="] as const;

/** What a column holds. */
export function sortOf(tables: Sheet["tables"], table: string, name: string): Sort {
  const column = tables[table]?.columns[name];
  if (column?.references !== undefined) return `key ${column.references}`;
  const key = keyOf(tables[table]);
  if (key.length === 1 && key[0] === name) return `key ${table}`;
  if (column?.type === "text") return "text";
  return column?.unit === "step" ? "step" : column?.unit === "money" ? "money" : "number";
}

/** The columns of a row of a table and of the rows it refers to, `hops` references away. */
export function pathsFrom(tables: Sheet["tables"], table: string, root: string, hops = 1): readonly ColumnPath[] {
  return Object.entries(tables[table]?.columns ?? {}).flatMap(([name, column]): ColumnPath[] => {
    const text = root === "" ? name : `${root}.${name}`;
    const here: ColumnPath = {
      text,
      sort: sortOf(tables, table, name),
      nullable: column.null !== undefined,
      values: listOf(tables, table, name, column),
    };
    const next = column.references === undefined || hops === 0 ? [] : pathsFrom(tables, column.references, text, hops - 1);
    return [here, ...next.map((path) => ({ ...path, nullable: path.nullable || column.null !== undefined }))];
  });
}

function listOf(tables: Sheet["tables"], table: string, name: string, column: Column): readonly string[] | null {
  const declared = tables[table];
  if (declared?.states?.column === name) return statesOf(declared);
  return column.values?.map(String) ?? null;
}

/** All paths of a sort in reach. */
export function pathsOf(reach: Reach, fits: (path: ColumnPath) => boolean): readonly ColumnPath[] {
  return Object.entries(reach.roots)
    .flatMap(([root, table]) => pathsFrom(reach.tables, table, root))
    .filter(fits);
}

/** A condition. */
export function drawCondition(draw: Draw, reach: Reach): string {
  const { depth } = reach;
  const inner = { ...reach, depth: depth - 1 };
  const form = draw.int(0, depth > 0 ? 15 : 9);
  if (form <= 3) return drawOrder(draw, reach);
  if (form <= 5) return drawChoice(draw, reach);
  if (form === 6) return drawKeys(draw, reach);
  if (form === 7) return drawNull(draw, reach);
  if (form === 8) return drawWords(draw, reach);
  if (form === 9) return drawRank(draw, reach);
  if (form <= 11) return `(${drawCondition(draw, inner)} and ${drawCondition(draw, inner)})`;
  if (form === 12) return `(${drawCondition(draw, inner)} or ${drawCondition(draw, inner)})`;
  if (form === 13) return `not (${drawCondition(draw, inner)})`;
  return `${draw.pick(["exists", "none"])}(${drawRows(draw, inner).text})`;
}

function drawOrder(draw: Draw, reach: Reach): string {
  const sort = draw.pick(["number", "number", "money", "step"] as const);
  return `${drawNumber(draw, reach, sort)} ${draw.pick(orders)} ${drawNumber(draw, { ...reach, depth: 0 }, sort)}`;
}

function drawChoice(draw: Draw, reach: Reach): string {
  const paths = pathsOf(reach, ({ sort, values }) => sort === "text" && values !== null);
  if (paths.length === 0) return drawOrder(draw, reach);
  const { text, values } = draw.pick(paths);
  const listed = draw.some(values ?? [], 1, 3).map((value) => `'${value}'`);
  return draw.chance(0.5)
    ? `${text} ${draw.pick(["=", "<>"])} ${listed[0] ?? "''"}`
    : `${text} ${draw.pick(["in", "not in"])} (${listed.join(", ")})`;
}

function drawKeys(draw: Draw, reach: Reach): string {
  const keys = pathsOf(reach, ({ sort }) => sort.startsWith("key"));
  const left = draw.pick(keys);
  const right = keys.filter(({ sort, text }) => sort === left.sort && text !== left.text);
  if (right.length === 0) return drawOrder(draw, reach);
  const table = left.sort.slice("key ".length);
  const parent = Object.entries(reach.tables[table]?.columns ?? {}).find(([, column]) => column.references === table)?.[0];
  const other = draw.pick(right).text;
  // The compiler cannot climb from a row that was looked up by an order.
  const isRow = ![left.text, other].some((text) => text.startsWith("latest."));
  if (parent !== undefined && isRow && draw.chance(0.4)) return `reaches(${left.text}, ${parent}, ${other})`;
  return `${left.text} ${draw.pick(["=", "<>"])} ${other}`;
}

function drawNull(draw: Draw, reach: Reach): string {
  const paths = pathsOf(reach, ({ nullable }) => nullable);
  return paths.length === 0 ? drawOrder(draw, reach) : `${draw.pick(paths).text} ${draw.pick(["is null", "is not null"])}`;
}

function drawWords(draw: Draw, reach: Reach): string {
  const paths = pathsOf(reach, ({ sort, values }) => sort === "text" && values === null);
  if (paths.length === 0) return drawChoice(draw, reach);
  const { text } = draw.pick(paths);
  return draw.chance(0.5)
    ? `length(${text}) ${draw.pick(orders)} ${draw.int(0, 3)}`
    : `matches(${text}, '${draw.pick(["a*", "?b", "[a-b]*", "*c"])}')`;
}

function drawRank(draw: Draw, reach: Reach): string {
  const [ladder, ranks] = draw.pick(Object.entries(reach.ladders));
  const paths = pathsOf(reach, ({ values }) => values !== null && values.every((value) => ranks.includes(value)));
  if (paths.length === 0) return drawChoice(draw, reach);
  return `rank(${ladder}, ${draw.pick(paths).text}) ${draw.pick(orders)} rank(${ladder}, '${draw.pick(ranks)}')`;
}

/** A number of a unit. */
export function drawNumber(draw: Draw, reach: Reach, sort: "number" | "money" | "step"): string {
  const { depth } = reach;
  const inner = { ...reach, depth: depth - 1 };
  const paths = pathsOf(reach, (path) => path.sort === sort);
  const leaf = () => (paths.length > 0 && draw.chance(0.75) ? draw.pick(paths).text : drawLiteral(draw, reach, sort));
  if (depth <= 0 || draw.chance(0.4)) return leaf();
  const form = draw.int(0, 8);
  if (form === 0) return `${leaf()} ${draw.pick(["+", "-"])} ${sort === "money" ? leaf() : draw.int(0, 3)}`;
  if (form === 1) return `coalesce(${leaf()}, ${drawLiteral(draw, reach, sort)})`;
  if (form === 2) return `${draw.pick(["least", "greatest"])}(${leaf()}, ${leaf()})`;
  if (form === 3) return `case when ${drawCondition(draw, inner)} then ${leaf()} else ${leaf()} end`;
  if (form === 4 && sort !== "step") return `${draw.pick(["floor", "ceil", "round"])}(${leaf()} / ${draw.int(-1, 4)})`;
  if (form === 5 && sort !== "step") return draw.chance(0.5) ? `abs(${leaf()})` : `-${draw.int(0, 2)} + ${leaf()} * ${draw.int(0, 3)}`;
  if (form === 6 && sort === "number") return `count(${drawRows(draw, inner).text})`;
  return drawAggregate(draw, inner, sort);
}

function drawAggregate(draw: Draw, reach: Reach, sort: "number" | "money" | "step"): string {
  const { text, variable, table } = drawRows(draw, reach);
  const columns = pathsFrom(reach.tables, table, variable).filter((path) => path.sort === sort);
  if (columns.length === 0) return drawLiteral(draw, reach, sort);
  const column = draw.pick(columns).text;
  const form = draw.int(0, 4);
  if (form === 0 && sort !== "step") return `sum(${column} for ${text})`;
  if (form === 1 && sort === "number") return `distinct(${column} for ${text})`;
  if (form === 2) {
    const by = draw.pick(pathsFrom(reach.tables, table, variable, 0).filter((path) => path.sort !== "text")).text;
    return `${draw.pick(["first", "last"])}(${text} by ${by}).${column.slice(variable.length + 1)}`;
  }
  return `${draw.pick(["min", "max"])}(${column} for ${text})`;
}

function drawLiteral(draw: Draw, reach: Reach, sort: "number" | "money" | "step"): string {
  if (sort === "step" && reach.clock === "now") return draw.pick(["now", `now - ${draw.int(1, 4)}`, `now + ${draw.int(1, 4)}`]);
  return String(sort === "money" ? draw.int(0, 9) : sort === "step" ? draw.int(6, 14) : draw.int(0, 8));
}

/** Rows of a table that mostly have to do with a row in reach, with their variable. */
export function drawRows(draw: Draw, reach: Reach): { readonly text: string; readonly variable: string; readonly table: string } {
  const table = draw.pick(Object.keys(reach.tables));
  const variable = `v${Object.keys(reach.roots).length}`;
  const own: Reach = { ...reach, roots: { ...reach.roots, [variable]: table } };
  const terms = [
    ...(draw.chance(0.8) ? [drawLink(draw, own, variable)] : []),
    ...(draw.chance(0.5) ? [drawCondition(draw, { ...own, depth: 0 })] : []),
  ].filter((term) => term !== "");
  return { text: `${variable} in ${table}${terms.length === 0 ? "" : ` where ${terms.join(" and ")}`}`, variable, table };
}

/** A condition that ties a bound row to another row: by a key, else by an equal value; empty where there is none. */
function drawLink(draw: Draw, reach: Reach, variable: string): string {
  const mine = pathsFrom(reach.tables, reach.roots[variable] ?? "", variable, 0).filter(({ sort }) => sort !== "text");
  const { [variable]: _own, ...roots } = reach.roots;
  const theirs = pathsOf({ ...reach, roots }, ({ text }) => text.split(".").length === 2);
  const pairs = mine.flatMap((left) => theirs.flatMap((right) => (left.sort === right.sort ? [[left, right] as const] : [])));
  const keyed = pairs.filter(([left]) => left.sort.startsWith("key"));
  const from = keyed.length > 0 && draw.chance(0.8) ? keyed : pairs;
  if (from.length === 0) return "";
  const [left, right] = draw.pick(from);
  return `${left.text} = ${right.text}`;
}

/** The column that holds a table's key where it is one column. */
export function onlyKey(tables: Sheet["tables"], table: string): string | null {
  const key = keyOf(tables[table]);
  return key.length === 1 ? (key[0] ?? null) : null;
}

/** Whether the database chooses the key of a table. */
export function isChosen(tables: Sheet["tables"], table: string): boolean {
  const declared = tables[table];
  return declared !== undefined && hasSurrogate(declared);
}
