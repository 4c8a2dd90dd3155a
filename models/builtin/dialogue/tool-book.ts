/**
 * What an agent learns from its tools: the tables it may read with their columns in words, what references what, the acts
 * that the writing tools offer, and how a customer is identified. Nothing else is known of the environment.
 */
import type { ToolSpec } from "../../port.js";
import { withArticle } from "./plain-text.js";

/** A column, or an argument of a writing tool. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly choices: readonly (string | number)[];
  /** The table whose key it holds. */
  readonly references: string | null;
  readonly required: boolean;
}

export interface TableNote {
  readonly table: string;
  readonly label: string;
  readonly plural: string;
  readonly tool: string;
  /** Parameters of the reading tool, for filters. */
  readonly parameters: ReadonlySet<string>;
  readonly columns: ReadonlyMap<string, Field>;
  readonly key: readonly string[];
  /** The key is a number that the system chose: nothing that people say. */
  readonly surrogate: boolean;
}

/** An act that a writing tool offers, under the phrase that people use for it. */
export interface Act {
  readonly phrase: string;
  readonly tool: string;
  readonly table: string;
  /** Arguments that are fixed by the act itself: the state that it leads to. */
  readonly fixed: Readonly<Record<string, string>>;
  /** Of an act on an existing row: its key arguments, and the states it is open in (empty where the tool does not say). */
  readonly row: { readonly key: readonly string[]; readonly column: string; readonly from: readonly string[] } | null;
  /** Arguments that are pointed to, and arguments that are values; those the act calls for are required. */
  readonly references: readonly Field[];
  readonly values: readonly Field[];
}

export interface ToolBook {
  readonly tables: ReadonlyMap<string, TableNote>;
  readonly acts: readonly Act[];
  /** `evidence` is everything that is asked, the key among it. */
  readonly authenticate: { readonly tool: string; readonly evidence: readonly Field[]; readonly table: string | null } | null;
}

/** Reads the tools of a request. */
export function readTools(tools: readonly ToolSpec[]): ToolBook {
  const labels = labelsOf(tools);
  const keys = keysOf(tools);
  const notes = tools.filter(({ name }) => name.startsWith("query_")).map((tool) => readTable(tool, labels, keys));
  const acts = tools.flatMap((tool) =>
    tool.name.startsWith("insert_") ? [readInsert(tool)] : tool.name.startsWith("update_") ? readUpdate(tool) : [],
  );
  const authenticate = tools.find(({ name }) => name === "authenticate");
  return {
    tables: new Map(notes.map((note) => [note.table, note])),
    acts,
    authenticate: authenticate === undefined ? null : readAuthenticate(authenticate, notes),
  };
}

/** The columns are those that a query can sort by; its other parameters are filters and controls. */
function readTable(tool: ToolSpec, labels: ReadonlyMap<string, string>, keys: ReadonlyMap<string, readonly string[]>): TableNote {
  const table = tool.name.slice("query_".length);
  const fields = fieldsOf(tool);
  const sortable = fields.find(({ name }) => name === "sort_by")?.choices ?? [];
  const columns = new Map(fields.filter(({ name }) => sortable.includes(name)).map((field) => [field.name, field]));
  const key = keys.get(table) ?? [...columns.keys()].slice(0, 1);
  return {
    table,
    label: labels.get(table) ?? table.replaceAll("_", " "),
    plural: /^Finds (.+?)\./.exec(tool.description)?.[1] ?? table.replaceAll("_", " "),
    tool: tool.name,
    parameters: new Set(fields.map(({ name }) => name)),
    columns,
    key,
    surrogate: key.length === 1 && key.every((name) => columns.get(name)?.type === "integer"),
  };
}

function readInsert(tool: ToolSpec): Act {
  const table = tool.name.slice("insert_".length);
  const fields = fieldsOf(tool);
  const head = /^(.+?): creates /.exec(tool.description)?.[1] ?? `create ${withArticle(table.replaceAll("_", " "))}`;
  return { phrase: lowerFirst(head), tool: tool.name, table, fixed: {}, row: null, ...byNature(fields) };
}

/** One act a phrase and end state: the same act may start from several states. */
function readUpdate(tool: ToolSpec): readonly Act[] {
  const table = tool.name.slice("update_".length);
  const fields = fieldsOf(tool);
  const key = fields.filter(({ required }) => required).map(({ name }) => name);
  const acts = new Map<string, Act>();
  for (const [, phrase = "", column = "", to = "", from = "", giving = ""] of tool.description.matchAll(
    /\bTo (.+?) set (\w+) to ([A-Z][A-Z0-9_]*) \(from ([^)]*)\)(?:, giving ([^.]+?))?\./g,
  )) {
    const called = giving.split(", ");
    const free = fields.filter(({ name }) => !key.includes(name) && called.includes(name)).map((field) => ({ ...field, required: true }));
    const id = `${phrase}>${to}`;
    acts.set(id, {
      phrase,
      tool: tool.name,
      table,
      fixed: { [column]: to },
      row: { key, column, from: [...(acts.get(id)?.row?.from ?? []), from] },
      ...byNature(free),
    });
  }
  return [...acts.values()];
}

function byNature(fields: readonly Field[]): Pick<Act, "references" | "values"> {
  return {
    references: fields.filter(({ references }) => references !== null),
    values: fields.filter(({ references }) => references === null),
  };
}

function readAuthenticate(tool: ToolSpec, notes: readonly TableNote[]): ToolBook["authenticate"] {
  const label = /^Authenticates the (.+?) who is served/.exec(tool.description)?.[1];
  const table = notes.find((note) => note.label === label) ?? notes.find(({ plural }) => label !== undefined && plural.startsWith(label));
  return { tool: tool.name, evidence: fieldsOf(tool), table: table?.table ?? null };
}

function fieldsOf({ parameters }: ToolSpec): readonly Field[] {
  const properties = parameters["properties"];
  const required = parameters["required"];
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties).map(([name, schema]) => fieldOf(name, schema, Array.isArray(required) && required.includes(name)));
}

function fieldOf(name: string, schema: unknown, required: unknown): Field {
  const {
    description,
    type,
    enum: list,
  }: { description?: unknown; type?: unknown; enum?: unknown } = typeof schema === "object" && schema !== null ? schema : {};
  const text = typeof description === "string" ? description : "";
  const choices = Array.isArray(list) ? list.filter((each) => typeof each === "string" || typeof each === "number") : [];
  return {
    name,
    label: labelIn(text) || name.replaceAll("_", " "),
    type: typeof type === "string" ? type : "string",
    choices,
    references: /\(query_(\w+)\)/.exec(text)?.[1] ?? null,
    required: required === true,
  };
}

function labelIn(description: string): string {
  return (
    /^(.*?)(?:, (?:the .+ of an? |in steps|money in |a count|in percent|1 for yes|left out |holding this|at least|at most)|$)/.exec(
      description,
    )?.[1] ?? ""
  ).trim();
}

function labelsOf(tools: readonly ToolSpec[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  const learn = (table: string | undefined, label: string | undefined): void => {
    if (table !== undefined && label !== undefined && !labels.has(table)) labels.set(table, label.trim());
  };
  for (const tool of tools) {
    const table = tool.name.replace(/^(?:insert|update)_/, "");
    learn(table, /: creates (?:an? )?(.+?)\./.exec(tool.description)?.[1]);
    learn(table, /^Changes (?:an? )?(.+?)\./.exec(tool.description)?.[1]);
    for (const [, label, target] of descriptionsOf(tool).matchAll(/, the [^\n]+? of an? ([^\n(]+) \(query_(\w+)\)/g)) learn(target, label);
  }
  return labels;
}

function keysOf(tools: readonly ToolSpec[]): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  for (const tool of tools) {
    for (const [, key, table] of descriptionsOf(tool).matchAll(/, the ([^\n]+?) of an? [^\n(]+ \(query_(\w+)\)/g))
      if (key !== undefined && table !== undefined) keys.set(table, key.split(" and "));
    if (tool.name.startsWith("update_"))
      keys.set(
        tool.name.slice("update_".length),
        fieldsOf(tool)
          .filter(({ required }) => required)
          .map(({ name }) => name),
      );
  }
  return keys;
}

function descriptionsOf({ parameters }: ToolSpec): string {
  const properties = parameters["properties"];
  if (typeof properties !== "object" || properties === null) return "";
  return Object.values(properties)
    .map((schema: unknown) => (typeof schema === "object" && schema !== null && "description" in schema ? String(schema.description) : ""))
    .join("\n");
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text;
}
