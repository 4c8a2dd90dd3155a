/** How the agent reads: rows by queries with all pages followed, what is the customer's own, and what may be told of a row. */
import type { Attributes } from "./options.js";
import { fitting } from "./options.js";
import { meansValue, type Said, type Wording } from "./plain-text.js";
import { type Call, call, type Chance, type Script } from "./script.js";
import type { PolicyBook } from "./policy-book.js";
import type { Act, Field, TableNote, ToolBook } from "./tool-book.js";
import type { Wish } from "./wishes.js";

/** A row as tools return it. */
export type Found = Readonly<Record<string, Said | null>>;

/** What the agent works with in one conversation; `seen` holds results since the last accepted write. */
export interface Desk {
  readonly book: ToolBook;
  readonly rules: PolicyBook;
  readonly words: Wording;
  readonly chance: Chance;
  readonly seen: Map<string, string>;
  /** The authenticated customer's key, once known. */
  customer: Said | null;
  /** The business clock, once the system told it. */
  now: number | null;
}

/** A result of a tool. */
export type Result =
  | { readonly kind: "rows"; readonly rows: readonly Found[]; readonly cursor: string | null }
  | {
      readonly kind: "row";
      readonly row: Found;
      readonly now: number | null;
      readonly effects: readonly { readonly table: string; readonly columns: Found }[];
    }
  | { readonly kind: "refused"; readonly code: string; readonly message: string; readonly hint: string | null };

/** Reads a tool's answer; whatever is no such answer counts as refused. */
export function readResult(text: string | undefined): Result {
  const json = parse(text ?? "");
  if (json["ok"] !== true) {
    const error = objectOf(json["error"]);
    return {
      kind: "refused",
      code: textOf(error["code"]) ?? "INTERNAL",
      message: textOf(error["message"]) ?? "the system did not answer",
      hint: textOf(error["hint"]),
    };
  }
  if (Array.isArray(json["rows"])) return { kind: "rows", rows: json["rows"].map(foundOf), cursor: textOf(json["cursor"]) };
  const effects = Array.isArray(json["effects"]) ? json["effects"].map(objectOf) : [];
  const row = foundOf(json["row"]);
  const now = [json["now"], row["now"]].find((each) => typeof each === "number") ?? null;
  return {
    kind: "row",
    row,
    now,
    effects: effects.map((effect) => ({ table: String(effect["table"]), columns: foundOf(effect["columns"]) })),
  };
}

/** Reads several queries together, each with all its pages; what was read since the last write is not read again. */
export function* readRows(desk: Desk, queries: readonly Call[]): Script<readonly (readonly Found[])[]> {
  const rows: Found[][] = queries.map(() => []);
  let open = queries.map((query, index) => ({ query, index }));
  while (open.length > 0) {
    const unseen = open.filter(({ query }) => !desk.seen.has(JSON.stringify(query)));
    const answers = yield* call(unseen.map(({ query }) => query));
    for (const [at, { query }] of unseen.entries()) desk.seen.set(JSON.stringify(query), answers[at] ?? "");
    open = open.flatMap(({ query, index }) => {
      const result = readResult(desk.seen.get(JSON.stringify(query)));
      if (result.kind !== "rows") return [];
      rows[index]?.push(...result.rows);
      return result.cursor === null ? [] : [{ query: { ...query, arguments: { ...query.arguments, cursor: result.cursor } }, index }];
    });
  }
  return rows;
}

/** How a table's rows belong to customers: by its own column, or by the row of a parent table; null where they do not. */
export type Belonging =
  | { readonly kind: "own"; readonly column: string }
  | { readonly kind: "within"; readonly column: string; readonly parent: string };

/** The shortest way from a table to the customer. A column that the agent fills in, or that may be empty, names somebody else. */
export function belongingOf(desk: Pick<Desk, "book" | "rules">, table: string, depth = 3): Belonging | null {
  const { tables, acts, authenticate } = desk.book;
  const note = tables.get(table);
  const customers = authenticate?.table ?? null;
  if (note === undefined || customers === null || table === customers) return null;
  const given = acts.filter((act) => act.table === table).flatMap(({ references }) => references.map(({ name }) => name));
  const references = [...note.columns.values()].filter((field) => field.references !== null);
  const own = references.find(
    (field) => field.references === customers && !given.includes(field.name) && !desk.rules.mayBeEmpty(table, field.name),
  );
  if (own !== undefined) return { kind: "own", column: own.name };
  if (depth === 0) return null;
  const parent = references.find(
    (field) => field.references !== null && field.references !== table && belongingOf(desk, field.references, depth - 1) !== null,
  );
  const above = parent?.references ?? null;
  return parent === undefined || above === null ? null : { kind: "within", column: parent.name, parent: above };
}

/** Whose rows an act is about: the customer's own, unless the policy forbids exactly that. */
export function scopeOf({ rules }: Desk, act: Act): "own" | "anyone" {
  return rules.forOthers(act) ? "anyone" : "own";
}

/** The rows of a table: the customer's own where `own` is asked and rows belong to somebody, narrowed by what a query can filter. */
export function* readTable(
  desk: Desk,
  note: TableNote,
  options: { readonly own: boolean; readonly wishes: readonly Wish[] },
): Script<readonly Found[]> {
  const filters = filtersOf(note, options.wishes);
  const belonging = options.own ? belongingOf(desk, note.table) : null;
  if (belonging === null || desk.customer === null) return (yield* readRows(desk, [{ tool: note.tool, arguments: filters }])).flat();
  const owners = belonging.kind === "own" ? [desk.customer] : yield* parentKeys(desk, belonging.parent);
  const queries = owners.map((owner) => ({ tool: note.tool, arguments: { ...filters, [belonging.column]: owner } }));
  return (yield* readRows(desk, queries)).flat();
}

function* parentKeys(desk: Desk, parent: string): Script<readonly Said[]> {
  const note = desk.book.tables.get(parent);
  if (note === undefined) return [];
  const rows = yield* readTable(desk, note, { own: true, wishes: [] });
  return rows.map((row) => row[note.key[0] ?? ""] ?? null).filter((key) => key !== null);
}

/** What a query can narrow by itself: equality, bounds and text. Superlatives are judged over what comes back. */
function filtersOf({ parameters }: TableNote, wishes: readonly Wish[]): Record<string, Said> {
  const filters: Record<string, Said> = {};
  const suffixes = { "=": "", ">=": "_min", "<=": "_max", contains: "_contains" } as const;
  for (const { column, comparison, value } of wishes) {
    const suffix = Object.hasOwn(suffixes, comparison) ? suffixes[comparison as keyof typeof suffixes] : null;
    if (suffix !== null && value !== undefined && parameters.has(`${column}${suffix}`)) filters[`${column}${suffix}`] ??= value;
  }
  return filters;
}

/** The rows that the wishes single out. */
export function choose(rows: readonly Found[], wishes: readonly Wish[]): readonly Found[] {
  return fitting(rows, wishes, (row, column) => row[column] ?? null);
}

/** A wish in words as a wish on a column, its value as the column stores it; null where the table has no such column. */
export function wishOn(note: TableNote, wish: Wish): Wish | null {
  const field = fieldNamed([...note.columns.values()], wish.column);
  if (field === null) return null;
  return wish.value === undefined ? { ...wish, column: field.name } : { ...wish, column: field.name, value: valueFor(field, wish.value) };
}

/** The field of that label, or of that name in words. */
export function fieldNamed(fields: readonly Field[], label: string): Field | null {
  const wanted = label.toLowerCase();
  return (
    fields.find((field) => field.label.toLowerCase() === wanted) ??
    fields.find((field) => field.name.replaceAll("_", " ") === wanted) ??
    null
  );
}

/** What was said as the field takes it: the listed value that is meant, a number where one is asked. */
export function valueFor(field: Field, said: Said): Said {
  const listed = field.choices.find((choice) => meansValue(said, choice));
  if (listed !== undefined) return listed;
  if (field.type === "string") return String(said);
  return typeof said === "string" && said !== "" && Number.isFinite(Number(said)) ? Number(said) : said;
}

/** What may be told of a row, by label: neither keys that the system made nor the customer himself, and nothing that is empty. */
export function tellRow({ tables, authenticate }: ToolBook, note: TableNote, row: Found): Attributes {
  const told: Record<string, Said> = {};
  for (const [name, value] of Object.entries(row)) {
    const field = note.columns.get(name);
    if (field === undefined || value === null || value === "" || (note.surrogate && note.key.includes(name))) continue;
    if (field.references !== null && (field.references === authenticate?.table || tables.get(field.references)?.surrogate === true))
      continue;
    told[field.label] = value;
  }
  return told;
}

function parse(text: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    // An answer that is no JSON is a refusal without a reason.
    return {};
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

function foundOf(value: unknown): Found {
  return Object.fromEntries(
    Object.entries(objectOf(value)).filter(
      (entry): entry is [string, Said | null] => entry[1] === null || typeof entry[1] === "string" || typeof entry[1] === "number",
    ),
  );
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
