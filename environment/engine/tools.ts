/**
 * The tools of an environment, generated from its sheet: what an agent may ask for and write, and nothing else.
 *
 * The schemas keep to what every consumer reads: flat properties, each a primitive with a description and perhaps an
 * enum; so preconditions, side effects and filters stand in descriptions and names.
 */
import { createHash } from "node:crypto";
import type { Parameter } from "./arguments.js";
import {
  addressOf,
  type Catalogue,
  type CatalogueColumn,
  type CatalogueMove,
  type CatalogueTable,
  findColumn,
  plainColumn,
} from "../core/catalogue.js";
import type { Engine } from "../compile/compile-sheet.js";
import { oncePer } from "../core/memo.js";
import { preconditions, sideEffects } from "../compile/prose.js";
import { controls, type Filter, pageLimits, type QueryTable } from "./query.js";

/** A tool as a model is shown it; `parameters` is a JSON schema (draft 2020-12). */
export type Tool = {
  readonly name: string;
  readonly description: string;
  readonly parameters: {
    readonly type: "object";
    readonly properties: Readonly<Record<string, ToolProperty>>;
    readonly required: readonly string[];
    readonly additionalProperties: false;
  };
};

export type ToolProperty = { readonly type: Parameter["type"]; readonly description: string; readonly enum?: readonly (string | number)[] };

/** What a tool does: its parameters by name, and the table that it reads or writes. */
export type ToolPlan = {
  readonly name: string;
  readonly description: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
} & (
  | { readonly kind: "query"; readonly source: QueryTable }
  | { readonly kind: "insert" | "update"; readonly table: CatalogueTable }
  | { readonly kind: "authenticate"; readonly key: string; readonly evidence: readonly string[] }
  | { readonly kind: "transfer" }
);

/** The tools in their order: by table as the sheet has them query, insert, update; then `authenticate` and the transfer. */
export const toolsOf: (compiled: Engine) => readonly Tool[] = oncePer((compiled) => toolPlans(compiled).map(renderTool));

/** The tools with what the executor needs to carry them out, in the order of {@link toolsOf}. */
export const toolPlans: (compiled: Engine) => readonly ToolPlan[] = oncePer(plansOf);

function plansOf(compiled: Engine): readonly ToolPlan[] {
  const { catalogue } = compiled;
  const tables = Object.values(catalogue.tables);
  return [
    ...tables.flatMap((table) => [queryTool(catalogue, table), ...insertTool(compiled, table), ...updateTool(compiled, table)]),
    ...authenticateTool(catalogue),
    transferTool,
  ];
}

/** The columns that a tool's rows show: all but marks, and but what a user must quote to be let in; the rowid where that is the address. */
export function shownColumns({ actor }: Catalogue, table: CatalogueTable): readonly CatalogueColumn[] {
  const secret = actor?.table === table.name ? actor.evidence : [];
  const own = table.columns.filter(({ name, insert }) => insert.kind !== "mark" && !secret.includes(name));
  return table.rowid === null ? own : [rowidColumn(table.rowid), ...own];
}

/** How the rows of an import's table without a key are told apart. */
function rowidColumn(name: string): CatalogueColumn {
  return {
    ...plainColumn,
    name,
    type: "integer",
    label: "number that the database gave the row",
    visible: true,
    nullable: false,
    nullMeaning: null,
    insert: { kind: "key" },
    update: { by: "fixed", moves: [], frozen: [], effects: [] },
  };
}

function renderTool({ name, description, parameters }: ToolPlan): Tool {
  const properties = Object.fromEntries(
    [...parameters.values()].map(({ name: property, type, description: text, enum: values }): [string, ToolProperty] => [
      property,
      { type, description: text, ...(values && { enum: values }) },
    ]),
  );
  const required = [...parameters.values()].filter((parameter) => parameter.required).map((parameter) => parameter.name);
  return { name, description, parameters: { type: "object", properties, required, additionalProperties: false } };
}

function queryTool(catalogue: Catalogue, table: CatalogueTable): ToolPlan {
  const columns = shownColumns(catalogue, table);
  const filters = new Map<string, Filter>();
  const parameters = new Map<string, Parameter>();
  const taken = new Set<string>([...controls, ...columns.map(({ name }) => name)]);
  for (const column of columns) {
    for (const { suffix, compare, words } of filtersOf(column)) {
      const name = freeName(column.name, suffix, taken);
      taken.add(name);
      filters.set(name, { column: column.name, compare });
      const values = compare === "equals" ? enumOf(column) : undefined;
      parameters.set(name, {
        name,
        type: jsonType(column),
        description: `${describeShown(catalogue, column)}${words}`,
        required: false,
        ...(values && { enum: values }),
      });
    }
  }
  for (const parameter of controlParameters(columns.map(({ name }) => name))) parameters.set(parameter.name, parameter);
  const source: QueryTable = { table: table.name, columns: columns.map(({ name }) => name), key: orderOf(table), filters };
  return { kind: "query", name: toolName("query", table.name), description: `Finds ${table.plural}.`, parameters, source };
}

/** What decides between equals: the key, but the rowid where a key may be NULL, after which no row value compares. */
function orderOf(table: CatalogueTable): readonly string[] {
  const address = addressOf(table);
  if (!address.some((name) => findColumn(table, name)?.nullable === true)) return address;
  const taken = new Set(table.columns.map(({ name }) => name.toLowerCase()));
  const rowid = ["rowid", "oid", "_rowid_"].find((name) => !taken.has(name));
  return rowid === undefined ? address : [rowid];
}

type FilterForm = { readonly suffix: "" | "_min" | "_max" | "_contains"; readonly compare: Filter["compare"]; readonly words: string };

function filtersOf(column: CatalogueColumn): readonly FilterForm[] {
  const equals: FilterForm = { suffix: "", compare: "equals", words: "" };
  const contains: FilterForm = { suffix: "_contains", compare: "contains", words: ", holding this text" };
  const range: readonly FilterForm[] = [
    { suffix: "_min", compare: "min", words: ", at least" },
    { suffix: "_max", compare: "max", words: ", at most" },
  ];
  if (column.unit === "blob") return [];
  if (column.type !== "text") return [equals, ...range];
  return column.unit === "date" ? [equals, ...range, contains] : [equals, contains];
}

/** A column may be named like a control or like another column's filter: then an underscore tells them apart. */
function freeName(column: string, suffix: FilterForm["suffix"], taken: ReadonlySet<string>): string {
  const isControl = (controls as readonly string[]).includes(column);
  let name = `${column}${suffix}`;
  if (suffix === "" && !isControl) return name;
  while (taken.has(name)) name += "_";
  return name;
}

function controlParameters(columns: readonly string[]): readonly Parameter[] {
  return [
    { name: "sort_by", type: "string", description: "column to sort by; the key decides between equals", enum: columns, required: false },
    { name: "descending", type: "boolean", description: "highest first", required: false },
    {
      name: "limit",
      type: "integer",
      description: `rows to return, 1 to ${pageLimits.most}; ${pageLimits.usual} unless given`,
      required: false,
    },
    { name: "cursor", type: "string", description: "the cursor of the page before, with the same sorting", required: false },
  ];
}

function insertTool(compiled: Engine, table: CatalogueTable): readonly ToolPlan[] {
  if (table.create?.by !== "agent") return [];
  const columns = table.columns.filter(({ insertArgument }) => insertArgument !== "none");
  const phrase = capitalise(table.create.phrase ?? `create ${withArticle(table.label)}`);
  const description = `${phrase}: creates ${withArticle(table.label)}.${conditions(compiled, table, "insert")}`;
  const parameters = columns.map((column) =>
    writeParameter(compiled.catalogue, {
      column,
      required: column.insertArgument === "required",
      values: startValues(table, column) ?? enumOf(column),
    }),
  );
  return [{ kind: "insert", name: toolName("insert", table.name), description, parameters: byName(parameters), table }];
}

function updateTool(compiled: Engine, table: CatalogueTable): readonly ToolPlan[] {
  const changed = table.columns.filter(({ updateArgument }) => updateArgument);
  if (changed.length === 0) return [];
  const moves =
    table.states === null
      ? []
      : describeMoves(
          table.states.column,
          table.states.moves.filter(({ by }) => by === "agent"),
        );
  const description = [`Changes ${withArticle(table.label)}.`, ...moves].join(" ") + conditions(compiled, table, "update");
  const address = addressOf(table);
  const parameters = [...(table.rowid === null ? [] : [rowidColumn(table.rowid)]), ...table.columns]
    .filter(({ name, updateArgument }) => updateArgument || address.includes(name))
    .map((column) => writeParameter(compiled.catalogue, { column, required: address.includes(column.name), values: enumOf(column) }));
  return [{ kind: "update", name: toolName("update", table.name), description, parameters: byName(parameters), table }];
}

function describeMoves(column: string, moves: readonly CatalogueMove[]): readonly string[] {
  return moves.map(({ from, to, phrase, sets }) => {
    const giving = sets.length === 0 ? "" : `, giving ${sets.join(", ")}`;
    return `To ${phrase ?? `move it to ${to}`} set ${column} to ${to} (from ${from})${giving}.`;
  });
}

function conditions(compiled: Engine, table: CatalogueTable, op: "insert" | "update"): string {
  const before = preconditions(compiled, table.name, op);
  const after = sideEffects(compiled, table.name, op);
  return `${sentence("Preconditions", before)}${sentence("Side effects", after)}`;
}

function sentence(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : ` ${title}: ${parts.map((part) => part.replace(/\.$/, "")).join("; ")}.`;
}

function authenticateTool({ actor, tables }: Catalogue): readonly ToolPlan[] {
  if (actor === null) return [];
  const table = tables[actor.table];
  const columns = table?.columns.filter(({ name }) => name === actor.key || actor.evidence.includes(name)) ?? [];
  const parameters = columns.map(
    (column): Parameter => ({ name: column.name, type: jsonType(column), description: column.label, required: true }),
  );
  const description = `Authenticates the ${table?.label ?? "user"} who is served, once; before it every write is refused. The answer is that row, and under "now" the clock, in steps.`;
  return [
    { kind: "authenticate", name: "authenticate", description, parameters: byName(parameters), key: actor.key, evidence: actor.evidence },
  ];
}

const transferTool: ToolPlan = {
  kind: "transfer",
  name: "transfer_to_human_agents",
  description: "Hands the conversation over to a human agent and ends it. Only where the policy calls for it.",
  parameters: byName([{ name: "summary", type: "string", description: "what the human agent needs to know", required: true }]),
};

type WriteParameter = {
  readonly column: CatalogueColumn;
  readonly required: boolean;
  readonly values: readonly (string | number)[] | undefined;
};

function writeParameter(catalogue: Catalogue, { column, required, values }: WriteParameter): Parameter {
  return {
    name: column.name,
    type: jsonType(column),
    description: describeColumn(catalogue, column),
    required,
    ...(values && { enum: values }),
    ...(column.timed && { timed: column.timed }),
  };
}

function startValues({ states }: CatalogueTable, { name }: CatalogueColumn): readonly string[] | undefined {
  return states?.column === name ? states.start : undefined;
}

function enumOf({ values, unit }: CatalogueColumn): readonly (string | number)[] | undefined {
  return values ?? (unit === "flag" ? [0, 1] : undefined);
}

function describeColumn(catalogue: Catalogue, column: CatalogueColumn): string {
  return `${describeMeaning(catalogue, column)}${column.nullMeaning === null ? "" : nulls[column.nullMeaning]}`;
}

function describeShown(catalogue: Catalogue, column: CatalogueColumn): string {
  return `${describeMeaning(catalogue, column)}${column.visible ? "" : ", not to be told to the user"}`;
}

function describeMeaning(catalogue: Catalogue, { label, references, unit }: CatalogueColumn): string {
  return `${label}${describeReference(catalogue, references)}${unit === null ? "" : units[unit]}`;
}

const units: Readonly<Record<NonNullable<CatalogueColumn["unit"]>, string>> = {
  step: ", in steps",
  money: ", money in minor units",
  count: ", a count",
  percent: ", in percent",
  flag: ", 1 for yes and 0 for no",
  date: ", as text that sorts as time",
  blob: ", bytes as {base64}",
};
const nulls: Readonly<Record<NonNullable<CatalogueColumn["nullMeaning"]>, string>> = {
  none: ", left out where there is none",
  open: ", left out where it has no end",
  unknown: ", left out where it is not known",
};

function describeReference({ tables }: Catalogue, name: string | null): string {
  const table = name === null ? undefined : tables[name];
  return table === undefined ? "" : `, the ${table.key.join(" and ")} of ${withArticle(table.label)} (${toolName("query", table.name)})`;
}

function jsonType({ type }: CatalogueColumn): Parameter["type"] {
  return type === "text" ? "string" : type === "real" ? "number" : "integer";
}

/** Longer names than 64 characters, and other characters, are refused by consumers: such a name ends in a digest of the whole. */
function toolName(verb: "query" | "insert" | "update", table: string): string {
  const name = `${verb}_${table}`;
  if (/^[A-Za-z0-9_]{1,64}$/.test(name)) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.replaceAll(/[^A-Za-z0-9_]/g, "_").slice(0, 55)}_${digest}`;
}

function byName(parameters: readonly Parameter[]): ReadonlyMap<string, Parameter> {
  return new Map(parameters.map((parameter) => [parameter.name, parameter]));
}

/** "an approval", "a user". */
function withArticle(label: string): string {
  return `${/^(?:[aeio]|u(?!s|ni))/i.test(label) ? "an" : "a"} ${label}`;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
