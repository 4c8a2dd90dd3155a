/**
 * What a task description gives away (paper 3.5.3): the names of tools, tables and columns, keys that the system chose, and
 * words of procedure.
 *
 * Decided meaning: a name counts where it stands as a whole word. A table or column name of one dictionary word ("price",
 * "flights") is what people say anyway and allowed; a name with `_` is not, whatever it names. A word of procedure is
 * allowed where it is part of a table's or column's name, hence of the trade (a row of seats, a dinner table). The section
 * headings of a rendered description are not looked at.
 */
import type { Finding } from "./role.js";

/** The names of an environment that a description must not hold. */
export interface KnownNames {
  readonly toolNames: readonly string[];
  readonly tableNames: readonly string[];
  readonly columnNames: readonly string[];
  /** Keys that the database chose, of the rows that the task is about. */
  readonly surrogateKeys?: readonly (string | number)[];
}

const HEADINGS = /\b(?:WHO_YOU_ARE|COGNITIVE_GAPS & FALSE BELIEFS|YOUR_TOTAL_GOAL|SUB_GOALS|REACTIVE_TRIGGER)\b/g;
const PROCEDURE = [
  "insert",
  "inserts",
  "inserted",
  "update",
  "updates",
  "updated",
  "query",
  "queries",
  "database",
  "table",
  "tables",
  "sql",
  "row",
  "rows",
  "column",
  "columns",
  "trigger",
  "triggers",
  "primary key",
  "foreign key",
  "surrogate key",
];
const IDENTIFIER = /\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b/g;

/** One finding for each thing that is given away; empty where nothing is. */
export function spoilerFindings(description: string, known: KnownNames): Finding[] {
  const text = description.replaceAll(HEADINGS, " ");
  const tools = new Set(known.toolNames);
  const names = new Set([...known.tableNames, ...known.columnNames]);
  const trade = new Set(
    [...names].flatMap((name) => name.split("_")).flatMap((word) => [word, word.endsWith("s") ? word.slice(0, -1) : `${word}s`]),
  );
  const identifiers = [...new Set(text.match(IDENTIFIER))];
  return [
    ...known.toolNames.filter((name) => !name.includes("_") && hasWord(text, name)).map((name) => finding(name, "names a tool")),
    ...identifiers.map((name) =>
      finding(
        name,
        tools.has(name) ? "names a tool" : names.has(name) ? "names a table or column" : "holds an identifier that only a system uses",
      ),
    ),
    ...PROCEDURE.filter((word) => !trade.has(word) && hasWord(text, word)).map((word) => finding(word, "holds a word of procedure")),
    ...(known.surrogateKeys ?? [])
      .filter((key) => hasKey(text, key))
      .map((key) => finding(String(key), "holds a key that the system chose")),
  ];
}

function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}_])${word.replaceAll(/[^\w ]/g, "\\$&")}(?![\\p{L}\\p{N}_])`, "iu").test(text);
}

/** A small number is a key only where it is said as one: after "#", "id", "no." or "number". */
function hasKey(text: string, key: string | number): boolean {
  const shown = String(key).replaceAll(/[^\w]/g, "\\$&");
  const marked = new RegExp(`(?:#|\\bids?|\\bno\\.|\\bnumber)\\s*:?\\s*${shown}(?![\\p{L}\\p{N}])`, "iu");
  return typeof key === "number" || /^[0-9]{1,4}$/.test(key) ? marked.test(text) : hasWord(text, key);
}

function finding(words: string, problem: string): Finding {
  return {
    clause: null,
    where: `description: "${words}"`,
    problem: `the description ${problem}`,
    expected: `the same said in the customer's words, without "${words}"`,
  };
}
