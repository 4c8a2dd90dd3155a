/** CREATE TABLE, read definition by definition. */
import { scanTokens } from "./scan-tokens.js";
import type { ScanPlace } from "./scan-walk.js";
import { closeOf, nameOf, refuseCollation, refuseName, shorten, splitAt, type SqlRefusal } from "./token-lists.js";
import { keywordOf, type SqlToken } from "./tokenize-sql.js";
import { clockWords, dateFunctions } from "./word-lists.js";

/** What the gate read in the definitions of a table: columns in order, as meant. */
export interface GatedDefinitions {
  readonly refusals: readonly SqlRefusal[];
  /** Columns whose DEFAULT reads the clock, which only a technical column may. */
  readonly clockDefaults: readonly string[];
}

interface Reader {
  readonly tokens: readonly SqlToken[];
  at: number;
  readonly refusals: SqlRefusal[];
  readonly clockDefaults: string[];
  readonly functions: ReadonlySet<string> | undefined;
  column: string;
}

const constraintWords = new Set(
  "constraint primary not null unique check default collate references generated as foreign on deferrable".split(" "),
);

/** Reads what stands between the brackets and behind them: columns, constraints, WITHOUT ROWID and STRICT. */
export function gateDefinitions(tokens: readonly SqlToken[], functions: ReadonlySet<string> | undefined): GatedDefinitions {
  const close = closeOf(tokens, 0);
  const refusals: SqlRefusal[] = [];
  const clockDefaults: string[] = [];
  if (close === tokens.length) refusals.push({ code: "BRACKETS", message: "the list of columns is never closed; close its bracket" });
  for (const part of splitAt(tokens.slice(1, close), ",")) {
    const reader: Reader = { tokens: part, at: 0, refusals, clockDefaults, functions, column: "" };
    readDefinition(reader);
  }
  const options = tokens
    .slice(close + 1)
    .map(keywordOf)
    .join(" ");
  if (!/^((without rowid|strict)( , (without rowid|strict))*)?$/.test(options))
    refusals.push({ code: "SYNTAX", message: `after the columns only WITHOUT ROWID and STRICT may follow, got "${shorten(options)}"` });
  return { refusals, clockDefaults };
}

function peek({ tokens, at }: Reader, ahead = 0): string {
  return keywordOf(tokens[at + ahead]);
}

/** Takes these keywords if they come next. */
function take(reader: Reader, ...words: readonly string[]): boolean {
  if (!words.every((word, ahead) => peek(reader, ahead) === word)) return false;
  reader.at += words.length;
  return true;
}

function refuse(reader: Reader, code: string, message: string): void {
  reader.refusals.push({ code, message });
  reader.at = reader.tokens.length;
}

function syntax(reader: Reader, expected: string): void {
  const token = reader.tokens[reader.at];
  const where = reader.column === "" ? "" : ` in column "${shorten(reader.column)}"`;
  refuse(reader, "SYNTAX", `expected ${expected}${where}, got ${token === undefined ? "the end" : `"${shorten(token.value)}"`}`);
}

function readDefinition(reader: Reader): void {
  const [first] = reader.tokens;
  if (first === undefined) {
    syntax(reader, "a column, found an extra comma");
    return;
  }
  if (!/^(constraint|primary|unique|check|foreign)$/.test(peek(reader))) readColumn(reader);
  while (reader.at < reader.tokens.length) readConstraint(reader);
}

function readColumn(reader: Reader): void {
  const name = nameOf(reader.tokens[0]);
  if (name === null) {
    syntax(reader, "a column's name");
    return;
  }
  reader.column = reader.tokens[0]?.value ?? "";
  // Names such as sqlite_x are a column's own affair; only what JavaScript objects cannot hold is refused.
  const refusal = refuseName(name);
  if (refusal?.code === "NAME") reader.refusals.push(refusal);
  reader.at = 1;
  while (nameOf(reader.tokens[reader.at]) !== null && !constraintWords.has(peek(reader))) reader.at += 1;
  if (peek(reader) !== "(") return;
  const close = closeOf(reader.tokens, reader.at);
  const size = reader.tokens.slice(reader.at + 1, close).map(({ value }) => value);
  if (!/^[-+]? ?[0-9.]+( , [-+]? ?[0-9.]+)?$/.test(size.join(" ")) || reader.at === 1) {
    refuse(
      reader,
      "SYNTAX",
      `type of column "${shorten(reader.column)}" takes one or two numbers in brackets, got "${shorten(size.join(" "))}"; write a list of values as CHECK (… IN (…))`,
    );
    return;
  }
  reader.at = close + 1;
}

function readConstraint(reader: Reader): void {
  if (take(reader, "constraint")) {
    reader.at += 1;
    return;
  }
  if (take(reader, "primary", "key")) {
    if (peek(reader) === "(") readExpression(reader, "stored");
    if (!take(reader, "asc")) take(reader, "desc");
    readConflict(reader);
    take(reader, "autoincrement");
  } else if (take(reader, "unique")) {
    if (peek(reader) === "(") readExpression(reader, "stored");
    readConflict(reader);
  } else if (take(reader, "not", "null") || take(reader, "null")) readConflict(reader);
  else if (take(reader, "check")) {
    readExpression(reader, "stored");
    readConflict(reader);
  } else if (take(reader, "default")) readDefault(reader);
  else if (take(reader, "collate")) readCollation(reader);
  else if (take(reader, "generated", "always", "as") || take(reader, "as")) {
    readExpression(reader, "stored");
    if (!take(reader, "stored")) take(reader, "virtual");
  } else if (take(reader, "foreign", "key")) readExpression(reader, "stored");
  else if (take(reader, "references")) readReference(reader);
  else if (take(reader, "not", "deferrable") || take(reader, "deferrable")) {
    if (take(reader, "initially")) reader.at += 1;
  } else syntax(reader, "a constraint");
}

/** An expression, or a list of columns, in brackets. */
function readExpression(reader: Reader, clock: ScanPlace["clock"]): readonly string[] {
  if (peek(reader) !== "(") {
    syntax(reader, "an expression in brackets");
    return [];
  }
  const close = closeOf(reader.tokens, reader.at);
  const place: ScanPlace = {
    clock,
    raise: "refused",
    key: "none",
    ...(reader.functions === undefined ? {} : { functions: reader.functions }),
  };
  const inside = reader.tokens.slice(reader.at + 1, close);
  const { refusals, functions } = scanTokens(inside, place);
  reader.refusals.push(...refusals);
  reader.at = close + 1;
  return [...functions, ...inside.map(keywordOf)];
}

function readDefault(reader: Reader): void {
  if (peek(reader) === "(") {
    const words = readExpression(reader, "free");
    if (words.some((word) => dateFunctions.has(word) || clockWords.has(word))) reader.clockDefaults.push(reader.column);
    return;
  }
  if (clockWords.has(peek(reader))) reader.clockDefaults.push(reader.column);
  if (!take(reader, "-")) take(reader, "+");
  if (reader.tokens[reader.at]?.kind === "symbol" || reader.at >= reader.tokens.length) syntax(reader, "a value");
  else if (peek(reader, 1) === "(")
    refuse(
      reader,
      "SYNTAX",
      `DEFAULT of column "${shorten(reader.column)}" calls a function; put the call in brackets: DEFAULT (${peek(reader)}(…))`,
    );
  else reader.at += 1;
}

function readCollation(reader: Reader): void {
  const refusal = refuseCollation(reader.tokens[reader.at]);
  if (refusal === null) reader.at += 1;
  else refuse(reader, refusal.code, refusal.message);
}

function readConflict(reader: Reader): void {
  if (!take(reader, "on", "conflict")) return;
  const way = peek(reader);
  if (way === "abort" || way === "ignore") reader.at += 1;
  else
    refuse(
      reader,
      way === "replace" ? "CONFLICT_REPLACE" : "CONFLICT_ESCAPE",
      `ON CONFLICT ${way.toUpperCase()} deletes rows unseen or escapes the transaction; leave it out`,
    );
}

function readReference(reader: Reader): void {
  const name = nameOf(reader.tokens[reader.at]);
  if (name === null) {
    syntax(reader, "a table's name after REFERENCES");
    return;
  }
  const refusal = refuseName(name);
  if (refusal !== null) reader.refusals.push(refusal);
  reader.at += 1;
  if (peek(reader) === ".") {
    refuse(reader, "QUALIFIED_NAME", `table "${shorten(name)}.…" names a database; write the table's name alone`);
    return;
  }
  if (peek(reader) === "(") reader.at = closeOf(reader.tokens, reader.at) + 1;
  while (take(reader, "on", "delete") || take(reader, "on", "update") || take(reader, "match")) {
    if (!take(reader, "set", "null") && !take(reader, "set", "default") && !take(reader, "no", "action")) reader.at += 1;
  }
}
