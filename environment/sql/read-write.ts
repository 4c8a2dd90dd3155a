/** What one INSERT, UPDATE or DELETE writes. */
import { findKeyword, nameOf, splitAt } from "./token-lists.js";
import { keywordOf, type SqlToken } from "./tokenize-sql.js";

/** One write as it stands in the text; names are folded. */
export interface SqlWrite {
  readonly verb: "insert" | "update" | "delete";
  readonly table: string;
  /** The columns that an UPDATE sets; the columns that an INSERT lists, empty where it lists none. */
  readonly columns: readonly string[];
  /** How many rows an INSERT … VALUES has; null where the rows of the database decide. */
  readonly rows: number | null;
}

/** The writes of one statement: none for a SELECT, two for an upsert. Empty too where it is not SQL. */
export function readWrites(tokens: readonly SqlToken[]): readonly SqlWrite[] {
  const start = findKeyword(tokens, ["insert", "update", "delete", "select", "replace"]);
  const verb = keywordOf(tokens[start]);
  let at = start + 1;
  if (keywordOf(tokens[at]) === "or") at += 2;
  if (verb === "insert") return readInsert(tokens, at + 1);
  if (verb === "delete") return write(tokens[at + 1], { verb, columns: [], rows: null });
  if (verb === "update") return write(tokens[at], { verb, columns: assigned(tokens, at), rows: null });
  return [];
}

/** The folded columns that `SET` assigns, from the first SET at or after `from`. */
function assigned(tokens: readonly SqlToken[], from: number): readonly string[] {
  const set = findKeyword(tokens, ["set"], from);
  if (set === -1) return [];
  const end = findKeyword(tokens, ["from", "where", "returning"], set + 1);
  return splitAt(tokens.slice(set + 1, end === -1 ? tokens.length : end), ",").flatMap((part) => {
    const equals = findKeyword(part, ["="]);
    return part.slice(0, Math.max(0, equals)).flatMap((token) => nameOf(token) ?? []);
  });
}

function readInsert(tokens: readonly SqlToken[], at: number): readonly SqlWrite[] {
  const values = findKeyword(tokens, ["values", "select", "default", "with"], at);
  const conflict = findKeyword(tokens, ["do"], at);
  const listed = tokens.slice(at + 1, values === -1 ? at + 1 : values);
  const open = listed.findIndex((token) => keywordOf(token) === "(");
  const columns = open === -1 ? [] : listed.slice(open + 1).flatMap((token) => nameOf(token) ?? []);
  const isPlain = keywordOf(tokens[values]) === "values" && findKeyword(tokens, ["select", "union"], values) === -1;
  const on = findKeyword(tokens, ["on", "returning"], values + 1);
  const tuples = splitAt(tokens.slice(values + 1, on === -1 ? tokens.length : on), ",").length;
  const rows = isPlain ? tuples : keywordOf(tokens[values]) === "default" ? 1 : null;
  const insert = write(tokens[at], { verb: "insert", columns, rows });
  const isUpsert = conflict !== -1 && keywordOf(tokens[conflict + 1]) === "update";
  return isUpsert ? [...insert, ...write(tokens[at], { verb: "update", columns: assigned(tokens, conflict), rows: null })] : insert;
}

function write(target: SqlToken | undefined, rest: Omit<SqlWrite, "table">): readonly SqlWrite[] {
  const table = nameOf(target);
  return table === null ? [] : [{ table, ...rest }];
}
