/** SQL of the sheet's own, cut at NEW, OLD and the tables it reads, so that it can be printed into any trigger. */
import { type Catalogue, type CatalogueTable, findColumn, tableOf } from "../../core/catalogue.js";
import type { SqlExpression, SqlPiece } from "../../core/expression.js";
import { foldName, keywordOf, type SqlToken, tokenizeSql } from "../../sql/tokenize-sql.js";
import { keywords } from "../../sql/word-lists.js";

/** Words that the compiler puts into a text; no name of a sheet begins so. */
const CONDITION = "logigen_when";
const contextWords: ReadonlyMap<string, "now" | "actor" | "desk"> = new Map([
  ["logigen_now", "now"],
  ["logigen_actor", "actor"],
  ["logigen_desk", "desk"],
]);

/** The pieces of a text, or the first name in it that the sheet does not have. */
export type SqlCut = { readonly kind: "cut"; readonly sql: SqlExpression } | { readonly kind: "refused"; readonly message: string };

/** Cuts a text that passed the gate. `table` is the one whose rows NEW and OLD are. */
export function cutSql(text: string, table: CatalogueTable, catalogue: Catalogue): SqlCut {
  const tokens = tokenizeSql(text);
  const sources = sourcesOf(tokens, catalogue);
  const fault = columnFault(tokens, table) ?? nameFault(tokens, catalogue, sources);
  if (fault !== null) return { kind: "refused", message: fault };
  const pieces: SqlPiece[] = [];
  let printed = 0;
  const put = (piece: SqlPiece, from: number, to: number): void => {
    if (from > printed) pieces.push({ kind: "text", text: text.slice(printed, from) });
    pieces.push(piece);
    printed = to;
  };
  for (const [index, token] of tokens.entries()) {
    const word = keywordOf(token);
    const column = tokens[index + 2];
    const filled = contextWords.get(word);
    if (word === CONDITION) put({ kind: "condition" }, token.at, token.end);
    else if (filled !== undefined) put({ kind: "context", column: filled }, token.at, token.end);
    else if ((word === "new" || word === "old") && keywordOf(tokens[index + 1]) === "." && column !== undefined)
      put({ kind: "column", root: word, column: nameOf(column) }, token.at, column.end);
    else if (sources.has(token)) {
      const name = nameOf(token);
      put({ kind: "table", table: name, alias: hasAlias(tokens[index + 1]) ? null : name }, token.at, token.end);
    }
  }
  if (printed < text.length) pieces.push({ kind: "text", text: text.slice(printed) });
  const read = [...new Set([...sources].map(nameOf))];
  return {
    kind: "cut",
    sql: { kind: "sql", text, pieces, reads: read.map((name) => ({ table: name, columns: named(tokens, catalogue, name) })) },
  };
}

/** The words that name a table to read from. */
function sourcesOf(tokens: readonly SqlToken[], catalogue: Catalogue): ReadonlySet<SqlToken> {
  const clauses = [""];
  const found = new Set<SqlToken>();
  for (const [index, token] of tokens.entries()) {
    const word = keywordOf(token);
    if (word === "(") clauses.push("");
    else if (word === ")") clauses.pop();
    else if (clauseWords.has(word)) clauses[clauses.length - 1] = word;
    else if (isSource(keywordOf(tokens[index - 1]), clauses.at(-1) ?? "") && Object.hasOwn(catalogue.tables, nameOf(token)))
      found.add(token);
  }
  return found;
}

/** What is wrong with a column of NEW or OLD. */
function columnFault(tokens: readonly SqlToken[], table: CatalogueTable): string | null {
  for (const [index, token] of tokens.entries()) {
    const word = keywordOf(token);
    if ((word !== "new" && word !== "old") || keywordOf(tokens[index + 1]) !== ".") continue;
    const name = tokens[index + 2];
    const column = findColumn(table, nameOf(name));
    if (column === undefined || column.insert.kind === "mark")
      return `table "${table.name}" has no column "${name?.value ?? ""}" (after ${token.value})`;
  }
  return null;
}

/** The first name that is no table or column of the sheet, and that the text does not give itself. */
function nameFault(tokens: readonly SqlToken[], catalogue: Catalogue, sources: ReadonlySet<SqlToken>): string | null {
  const tables = Object.values(catalogue.tables);
  const known = new Set(
    tables.flatMap(({ name, columns }) => [name, ...columns.flatMap((column) => (column.insert.kind === "mark" ? [] : [column.name]))]),
  );
  for (const [index, token] of tokens.entries()) {
    const isGiven = keywordOf(tokens[index - 1]) === "as" || sources.has(tokens[index - 1] ?? token) || isCommonTable(tokens, index);
    if (isGiven && !sources.has(token)) known.add(nameOf(token));
  }
  const stray = tokens.find(
    (token, index) =>
      nameOf(token) !== "" &&
      !known.has(nameOf(token)) &&
      !(token.kind === "word" && (keywords.has(nameOf(token)) || otherWords.has(nameOf(token)) || keywordOf(tokens[index + 1]) === "(")),
  );
  return stray === undefined ? null : `unknown name "${stray.value}"`;
}

function isCommonTable(tokens: readonly SqlToken[], index: number): boolean {
  return keywordOf(tokens[index + 1]) === "as" && ["(", "not", "materialized"].includes(keywordOf(tokens[index + 2]));
}

/** Names that no sheet gives: rows, the place of a condition, types of a CAST. */
const otherWords = new Set([
  "new",
  "old",
  CONDITION,
  ...contextWords.keys(),
  "integer",
  "real",
  "text",
  "numeric",
  "blob",
  "nocase",
  "binary",
  "rtrim",
]);

/** Columns of a new row that the engine fills. */
export type Stamps = Readonly<Record<string /* column */, "now" | "actor" | "desk">>;

/**
 * One INSERT or UPDATE, with a place for a condition without which it does nothing, and with the columns that the engine fills.
 *
 * @throws {SqlTextError} If the text is no SQL.
 */
export function withCondition(text: string, stamps: Stamps = {}): string {
  const tokens = tokenizeSql(text).filter((token, index, all) => keywordOf(token) !== ";" || index < all.length - 1);
  const end = tokens.at(-1)?.end ?? 0;
  const outer = outerTokens(tokens);
  if (keywordOf(tokens[0]) === "update") {
    const where = outer.find((token) => keywordOf(token) === "where");
    if (where === undefined) return `${text.slice(0, end)}\nWHERE ${CONDITION}`;
    return `${text.slice(0, where.end)} ${CONDITION} AND (${text.slice(where.end, end)}\n)`;
  }
  const source = outer.find((token) => ["values", "select"].includes(keywordOf(token)))?.at ?? end;
  const list = tokens.find((token) => keywordOf(token) === ")")?.at ?? source;
  const names = Object.keys(stamps).map((name) => `, "${name}"`);
  const values = Object.values(stamps).map((column) => `, logigen_${column}`);
  const into = text.slice(0, list) + names.join("") + text.slice(list, source);
  return `${into} SELECT *${values.join("")} FROM (${text.slice(source, end)}\n) WHERE ${CONDITION}`;
}

/** The words that stand in no brackets. */
function outerTokens(tokens: readonly SqlToken[]): readonly SqlToken[] {
  let depth = 0;
  return tokens.filter((token) => {
    const word = keywordOf(token);
    if (word === ")") depth -= 1;
    const isOuter = depth === 0;
    if (word === "(") depth += 1;
    return isOuter;
  });
}

const clauseWords = new Set(["select", "from", "where", "on", "using", "group", "having", "order", "limit", "set", "values", "window"]);

/** Whether a table's name may stand here: after FROM or JOIN, or after a comma of a FROM clause. */
function isSource(before: string, clause: string): boolean {
  return before === "from" || before === "join" || (before === "," && clause === "from");
}

function hasAlias(next: SqlToken | undefined): boolean {
  if (next?.kind === "quoted") return true;
  return next?.kind === "word" && !notAliases.has(keywordOf(next));
}

const notAliases = new Set(
  "where on join left right full inner cross natural group order limit having union except intersect using set returning window indexed not".split(
    " ",
  ),
);

function nameOf(token: SqlToken | undefined): string {
  return token?.kind === "word" || token?.kind === "quoted" ? foldName(token.value) : "";
}

/** The columns of a table that the words name; all of them where a star stands for them. */
function named(tokens: readonly SqlToken[], catalogue: Catalogue, table: string): readonly string[] {
  const isAll = tokens.some(
    (token, index) => keywordOf(token) === "*" && ["select", ",", ".", "distinct"].includes(keywordOf(tokens[index - 1])),
  );
  const words = new Set(tokens.map(nameOf));
  const columns = tableOf(catalogue, table).columns.map(({ name }) => name);
  return isAll ? columns : columns.filter((name) => words.has(name));
}
