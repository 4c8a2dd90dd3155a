/** Which columns a broken constraint of raw SQL is about, in words of ours: SQLite's own text never reaches an agent. */
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { foldName, keywordOf, type SqlToken, tokenizeSql } from "../sql/tokenize-sql.js";

/** What SQLite says: its extended code, such as SQLITE_CONSTRAINT_UNIQUE, and its message. */
export type ConstraintError = { readonly code: string; readonly message: string };

/** The parts of an environment that say which columns a constraint is on; `referring` are a table's columns in foreign keys. */
export type ConstraintScope = {
  readonly catalogue: Catalogue;
  readonly schemaSql: readonly string[];
  readonly referring: (table: string) => readonly string[];
};

/** Tells the broken constraint with table and columns, or null where they cannot be told. `table`: the one that the tool writes. */
export function describeConstraint(scope: ConstraintScope, error: ConstraintError, table: string | null): string | null {
  switch (error.code) {
    case "SQLITE_CONSTRAINT_NOTNULL":
      return describeNamed(scope, error, (columns, of) => `${columns} of "${of}" must have a value`);
    case "SQLITE_CONSTRAINT_UNIQUE":
    case "SQLITE_CONSTRAINT_PRIMARYKEY":
    case "SQLITE_CONSTRAINT_ROWID":
      return describeNamed(scope, error, (columns, of) => `There is a row of "${of}" with this ${columns} already`);
    case "SQLITE_CONSTRAINT_DATATYPE":
      return describeNamed(scope, error, (columns, of) => `${columns} of "${of}" takes a value of another type`);
    case "SQLITE_CONSTRAINT_CHECK":
      return describeCheck(scope, error, table);
    case "SQLITE_CONSTRAINT_FOREIGNKEY":
      return describeReference(scope, table);
    default:
      return null;
  }
}

/** A message ends with "table.column, table.column". */
function describeNamed(
  { catalogue }: ConstraintScope,
  { message }: ConstraintError,
  say: (columns: string, table: string) => string,
): string | null {
  const list = `, ${message.replace(/^.*?(?: failed: | column )/s, "")}, `;
  for (const { name, columns } of Object.values(catalogue.tables)) {
    const named = columns.filter((column) => list.includes(`, ${name}.${column.name}, `));
    if (named.length > 0) return say(listed(named.map((column) => column.name)), name);
  }
  return null;
}

function describeCheck({ catalogue, schemaSql }: ConstraintScope, { message }: ConstraintError, table: string | null): string | null {
  const label = tidy(message.replace(/^CHECK constraint failed: /, ""));
  const found = schemaSql.flatMap((sql) => checksIn(catalogue, sql)).filter((check) => check.label === label);
  const check = found.find((each) => each.table === table) ?? found[0];
  if (check === undefined) return null;
  const columns = listed(check.columns);
  return check.columns.length === 1
    ? `${columns} of "${check.table}" does not allow this value`
    : `The values of ${columns === "" ? "the row" : columns} of "${check.table}" do not go together`;
}

type Check = { readonly table: string; readonly label: string; readonly columns: readonly string[] };

/** SQLite names a CHECK by its name or by its text. */
function checksIn(catalogue: Catalogue, sql: string): readonly Check[] {
  const tokens = tokenizeSql(sql);
  const table = Object.values(catalogue.tables).find(({ name }) => foldName(name) === foldName(tokens[2]?.value ?? ""));
  if (table === undefined || keywordOf(tokens[1]) !== "table") return [];
  return tokens.flatMap((token, at) => {
    if (keywordOf(token) !== "check" || keywordOf(tokens[at + 1]) !== "(") return [];
    const close = closing(tokens, at + 1);
    const text = sql.slice(tokens[at + 1]?.end, tokens[close]?.at);
    const label = keywordOf(tokens[at - 2]) === "constraint" ? (tokens[at - 1]?.value ?? "") : text;
    return [{ table: table.name, label: tidy(label), columns: columnsIn(table, tokens.slice(at + 2, close)) }];
  });
}

function closing(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  return tokens.findIndex((token, at) => {
    if (at < open) return false;
    const mark = keywordOf(token);
    depth += mark === "(" ? 1 : mark === ")" ? -1 : 0;
    return depth === 0;
  });
}

function columnsIn({ columns }: CatalogueTable, tokens: readonly SqlToken[]): readonly string[] {
  const named = new Set(tokens.flatMap(({ kind, value }) => (kind === "word" || kind === "quoted" ? [foldName(value)] : [])));
  return columns.map(({ name }) => name).filter((name) => named.has(foldName(name)));
}

function tidy(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function describeReference({ referring }: ConstraintScope, table: string | null): string | null {
  const columns = table === null ? [] : referring(table);
  return columns.length === 0 || table === null ? null : `${listed(columns, "or")} of "${table}" refers to a row that does not exist`;
}

/** "a", "b" and "c". */
function listed(names: readonly string[], last: "and" | "or" = "and"): string {
  const quotedNames = names.map((name) => `"${name}"`);
  return quotedNames.length < 2 ? quotedNames.join("") : `${quotedNames.slice(0, -1).join(", ")} ${last} ${quotedNames.at(-1) ?? ""}`;
}
