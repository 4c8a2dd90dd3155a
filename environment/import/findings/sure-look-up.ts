import { isNeverNull, sameName, type SqlTable } from "../../engine/sql-tables.js";
import { nameOf } from "../../sql/token-lists.js";
import { keywordOf, type SqlToken } from "../../sql/tokenize-sql.js";
import { type ImportFacts, tableNamed } from "../facts.js";

/**
 * Whether a SELECT always has a value: it looks a row up by the foreign key of the written row that leads to it, as in
 * `SELECT price FROM shows WHERE id = NEW.show`, and neither that key nor the column read is ever NULL. Where there is no such row,
 * SQLite refuses the write as a reference to nothing, whatever a trigger says.
 */
export function isSureLookUp(facts: ImportFacts, table: SqlTable, tokens: readonly SqlToken[]): boolean {
  const read = readLookUp(tokens);
  const target = read === null ? undefined : tableNamed(facts, read.table);
  if (read === null || target === undefined) return false;
  const leads = table.foreignKeys.some(
    ({ columns, to, target: name }) =>
      columns.length === 1 && name === target.name && isName(columns[0], read.from) && isName(to[0], read.key),
  );
  return leads && isGiven(table, read.from) && isGiven(target, read.column);
}

/** `SELECT column FROM table WHERE key = NEW.from`; all names folded. */
type LookUp = { readonly column: string; readonly table: string; readonly key: string; readonly from: string };

type Named = { readonly row: string | null; readonly name: string | null };

/** Reads that form alone: columns with or without the table's name or alias, the sides either way, LIMIT 1 or none. */
function readLookUp(tokens: readonly SqlToken[]): LookUp | null {
  let at = 0;

  function take(word: string): boolean {
    const isThere = keywordOf(tokens[at]) === word;
    if (isThere) at += 1;
    return isThere;
  }

  function takeOne(): void {
    const token = tokens[at];
    if (token?.kind === "number" && token.value === "1") at += 1;
  }

  function name(): string | null {
    const token = tokens[at];
    const found = token?.kind === "string" || keywords.has(keywordOf(token)) ? null : nameOf(token);
    if (found !== null) at += 1;
    return found;
  }

  function column(): Named {
    const first = name();
    return take(".") ? { row: first, name: name() } : { row: null, name: first };
  }

  if (!take("select")) return null;
  const read = column();
  if (!take("from")) return null;
  const table = name();
  take("as");
  const own = [null, name() ?? table];
  if (!take("where")) return null;
  const left = column();
  if (!take("=")) return null;
  const right = column();
  if (take("limit")) takeOne();
  const [key, from] = left.row === "new" ? [right, left] : [left, right];
  const isForm = at === tokens.length && from.row === "new" && own.includes(read.row) && own.includes(key.row);
  if (!isForm || read.name === null || table === null || key.name === null || from.name === null) return null;
  return { column: read.name, table, key: key.name, from: from.name };
}

const keywords: ReadonlySet<string> = new Set(["select", "from", "as", "where", "limit"]);

function isName(name: string | undefined, folded: string): boolean {
  return name !== undefined && sameName(name, folded);
}

function isGiven(table: SqlTable, folded: string): boolean {
  const column = table.columns.find(({ name }) => sameName(name, folded));
  return column !== undefined && isNeverNull(table, column);
}
