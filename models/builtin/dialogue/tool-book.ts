/**
 * What an agent learns from its tools: the tables it may read with their columns in words, what references what, the acts
 * that the writing tools offer, and how a customer is identified. Nothing else is known of the environment.
 */
import type { ToolSpec } from "../../port.js";

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
  readonly row: { readonly key: readonly string[]; readonly column: string | null; readonly from: readonly string[] } | null;
  /** Arguments that are pointed to, and arguments that are values; those the act calls for are required. */
  readonly references: readonly Field[];
  readonly values: readonly Field[];
}

export interface ToolBook {
  readonly tables: ReadonlyMap<string, TableNote>;
  readonly acts: readonly Act[];
  readonly authenticate: { readonly tool: string; readonly key: Field; readonly evidence: readonly Field[]; readonly table: string | null } | null;
}

const CONTROLS = new Set(["sort_by", "descending", "limit", "cursor"]);

/** Reads the tools of a request. */
export function readTools(tools: readonly ToolSpec[]): ToolBook {
  const labels = labelsOf(tools);
  const keys = keysOf(tools);
  const tables = new Map(tools.flatMap((tool) => (tool.name.startsWith("query_") ? [readTable(tool, labels, keys)] : [])).map((note) => [note.table, note]));
  const acts = tools.flatMap((tool) => {
    if (tool.name.startsWith("insert_")) return [readInsert(tool)];
    return tool.name.startsWith("update_") ? readUpdate(tool, tables) : [];
  });
  const authenticate = tools.find(({ name }) => name === "authenticate");
  return { tables, acts, authenticate: authenticate === undefined ? null : readAuthenticate(authenticate, tables) };
}

function readTable(tool: ToolSpec, labels: ReadonlyMap<string, string>, keys: ReadonlyMap<string, readonly string[]>): TableNote {
  const table = tool.name.slice("query_".length);
  const fields = fieldsOf(tool);
  const parameters = new Set(fields.map(({ name }) => name));
  const columns = fields.filter(({ name }) => !CONTROLS.has(name) && !/_(?:min|max|contains)$/.test(name) || (!CONTROLS.has(name) && !parameters.has(name.replace(/_(?:min|max|contains)$/, ""))));
  const byName = new Map(columns.map((field) => [field.name, field]));
  const key = keys.get(table) ?? (byName.has("id") ? ["id"] : []);
  return { table, label: labels.get(table) ?? table.replaceAll("_", " "), tool: tool.name, parameters, columns: byName, key, surrogate: key.length === 1 && key.every((name) => byName.get(name)?.type === "integer") };
}

function readInsert(tool: ToolSpec): Act {
  const fields = fieldsOf(tool);
  const head = /^(.+?): creates /.exec(tool.description)?.[1] ?? `create ${tool.name.slice("insert_".length).replaceAll("_", " ")}`;
  return {
    phrase: lowerFirst(head),
    tool: tool.name,
    table: tool.name.slice("insert_".length),
    fixed: {},
    row: null,
    references: fields.filter(({ references }) => references !== null),
    values: fields.filter(({ references }) => references === null),
  };
}

function readUpdate(tool: ToolSpec, tables: ReadonlyMap<string, TableNote>): readonly Act[] {
  const table = tool.name.slice("update_".length);
  const fields = fieldsOf(tool);
  const key = fields.filter(({ required, name }) => required && (tables.get(table)?.key.includes(name) ?? true)).map(({ name }) => name);
  const moves = [...tool.description.matchAll(/\bTo (.+?),? set (\w+) to ([A-Z][A-Z0-9_]*)(?: \(from ([^)]*)\))?(?:, giving ([^.]+?))?(?=\.|;|$)/g)];
  return moves.map(([, phrase = "", column = "", to = "", from = "", giving = ""]) => {
    const called = giving.split(/, | and /).map((name) => name.trim());
    const free = fields.filter(({ name }) => !key.includes(name) && name !== column).map((field) => ({ ...field, required: called.includes(field.name) || called.includes(field.label) }));
    return {
      phrase,
      tool: tool.name,
      table,
      fixed: { [column]: to },
      row: { key, column, from: from.match(/[A-Z][A-Z0-9_]*/g) ?? [] },
      references: free.filter(({ references, required }) => references !== null && required),
      values: free.filter(({ references }) => references === null),
    };
  });
}

function readAuthenticate(tool: ToolSpec, tables: ReadonlyMap<string, TableNote>): ToolBook["authenticate"] {
  const [first, ...rest] = fieldsOf(tool);
  if (first === undefined) return null;
  const table = first.references ?? [...tables.values()].find((note) => [first, ...rest].every(({ name }) => note.columns.has(name)))?.table ?? null;
  return { tool: tool.name, key: first, evidence: rest, table };
}

function fieldsOf({ parameters }: ToolSpec): readonly Field[] {
  const properties = parameters["properties"];
  const required = parameters["required"];
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties).map(([name, schema]) => fieldOf(name, schema, Array.isArray(required) && required.includes(name)));
}

function fieldOf(name: string, schema: unknown, required: unknown): Field {
  const { description, type, enum: list }: { description?: unknown; type?: unknown; enum?: unknown } = typeof schema === "object" && schema !== null ? schema : {};
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
  return (/^(.*?)(?:, (?:the \S+ of |in steps|money in|in minor|one of|a |0 or 1|from |at )|[.;:(]|$)/.exec(description)?.[1] ?? "").trim();
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
    for (const [, label, target] of descriptionsOf(tool).matchAll(/, the \S+ of an? ([^\n(]+) \(query_(\w+)\)/g)) learn(target, label);
  }
  return labels;
}

function keysOf(tools: readonly ToolSpec[]): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  for (const tool of tools) {
    for (const [, key, table] of descriptionsOf(tool).matchAll(/, the (\S+) of an? [^\n(]+ \(query_(\w+)\)/g)) if (key !== undefined && table !== undefined) keys.set(table, [key]);
    if (tool.name.startsWith("update_")) keys.set(tool.name.slice("update_".length), fieldsOf(tool).filter(({ required }) => required).map(({ name }) => name));
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
