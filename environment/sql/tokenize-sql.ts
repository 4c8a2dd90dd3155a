/** SQL text as SQLite cuts it into words, so that what the gate reads is what the engine will run. */

/**
 * One word of an SQL text. `at` and `end` are offsets into the text (UTF-16 units, `end` exclusive); `value` is as meant:
 *
 * - `word`: as written, bare (keyword or name); compare by `foldName`
 * - `quoted`: the name between `""`, backquotes or `[]`, unescaped
 * - `string`: the text between `''`, unescaped
 * - `blob`: its hexadecimal digits
 * - `number`: as written, without a sign
 * - `symbol`: an operator or a punctuation mark
 */
export interface SqlToken {
  readonly kind: "word" | "quoted" | "string" | "blob" | "number" | "symbol";
  readonly value: string;
  readonly at: number;
  readonly end: number;
}

/** Text that is no SQL. `offset` is where it goes wrong, `end` where reading may go on; `message` says what was found and the fix. */
export class SqlTextError extends Error {
  override readonly name = "SqlTextError";
  readonly code: "NUL" | "UNTERMINATED" | "CHARACTER" | "NUMBER" | "BLOB" | "PARAMETER";
  readonly offset: number;
  readonly end: number;

  constructor(code: SqlTextError["code"], message: string, range: { readonly offset: number; readonly end: number }) {
    super(message);
    this.code = code;
    this.offset = range.offset;
    this.end = range.end;
  }
}

const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const number = /0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const symbol = /\|\||->>|->|<=|>=|<>|!=|==|<<|>>|[-+*/%&|~<>=(),.;]/y;
const wordRest = /[A-Za-z0-9_$\u0080-\uffff]+/y;

/** SQLite takes all of these for letters of a name, people take them for nothing: blanks, marks of direction, lone surrogates. */
const invisible = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/**
 * A name or keyword as SQLite compares it: ASCII letters in lower case, all others as they are
 * (JavaScript's own lower case would take the Kelvin sign for a k).
 */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The folded word if the token is a bare word or a symbol, else "": what a keyword is compared with. */
export function keywordOf(token: SqlToken | undefined): string {
  if (token === undefined) return "";
  if (token.kind === "word") return foldName(token.value);
  return token.kind === "symbol" ? token.value : "";
}

/**
 * Cuts an SQL text into its words; comments and blanks are skipped.
 *
 * Blanks are SQLite's: space, tab, line feed, form feed, carriage return. A comment is `--` up to a line feed, or between
 * slashes and stars. Bind parameters, NUL, digit separators (SQLite 3.40 does not read them), text that is never closed
 * and characters that look like a blank but are letters to SQLite are refused.
 *
 * @throws {SqlTextError} At the first place that is no SQL.
 * @see https://www.sqlite.org/src/file/src/tokenize.c
 */
export function tokenizeSql(text: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; ) {
    const token = readToken(text, at);
    tokens.push(token);
    at = skipBlanks(text, token.end);
  }
  return tokens;
}

/**
 * The offset of the next word at or after `at`, past blanks and comments; the text's length if there is none.
 *
 * @throws {SqlTextError} If a comment is never closed.
 */
export function skipBlanks(text: string, at: number): number {
  for (;;) {
    const character = text[at];
    if (character === " " || character === "\n" || character === "\t" || character === "\r" || character === "\f") at += 1;
    else if (character === "-" && text[at + 1] === "-") {
      const end = text.indexOf("\n", at);
      const stop = end === -1 ? text.length : end + 1;
      refuseUnkept(text, at, stop);
      at = stop;
    } else if (character === "/" && text[at + 1] === "*") {
      const end = text.indexOf("*/", at + 2);
      if (end === -1) throw unterminated("comment /*", text, at);
      refuseUnkept(text, at, end);
      at = end + 2;
    } else return at;
  }
}

/**
 * The word that starts at `at`, which is no blank.
 *
 * @throws {SqlTextError} If none does.
 */
export function readToken(text: string, at: number): SqlToken {
  const first = text.charAt(at);
  if ((first === "x" || first === "X") && text[at + 1] === "'") return readBlob(text, at);
  if (first === "'") return readQuoted(text, { at, kind: "string", close: "'" });
  if (first === '"' || first === "`") return readQuoted(text, { at, kind: "quoted", close: first });
  if (first === "[") return readBracketed(text, at);
  const name = match(word, text, at);
  if (name !== null) return readWord(text, at, name);
  const digits = match(number, text, at);
  if (digits !== null) return readNumber(text, at, digits);
  const mark = match(symbol, text, at);
  if (mark !== null) return { kind: "symbol", value: mark, at, end: at + mark.length };
  throw strange(text, at);
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function readWord(text: string, at: number, value: string): SqlToken {
  const end = at + value.length;
  const found = invisible.exec(value);
  if (found !== null) {
    const where = at + found.index;
    throw new SqlTextError(
      "CHARACTER",
      `character ${codePoint(text, where)} cannot be seen but is a letter of a name to SQLite; write a plain space, or quote the name`,
      { offset: where, end },
    );
  }
  const quote = /[\u2018\u2019\u201c\u201d]/.exec(value);
  if (quote !== null) {
    const where = at + quote.index;
    throw new SqlTextError("CHARACTER", `typographic quote ${quote[0]} is a letter to SQLite; write a straight quote '`, {
      offset: where,
      end: where + 1,
    });
  }
  return { kind: "word", value, at, end };
}

function readQuoted(text: string, { at, kind, close }: { at: number; kind: "string" | "quoted"; close: string }): SqlToken {
  let end = at + 1;
  let isEscaped = false;
  for (;;) {
    end = text.indexOf(close, end);
    if (end === -1) throw unterminated(kind === "string" ? "text '" : `name ${close}`, text, at);
    if (text[end + 1] !== close) break;
    isEscaped = true;
    end += 2;
  }
  refuseUnkept(text, at, end);
  const inner = text.slice(at + 1, end);
  return { kind, value: isEscaped ? inner.replaceAll(close + close, close) : inner, at, end: end + 1 };
}

function readBracketed(text: string, at: number): SqlToken {
  const end = text.indexOf("]", at);
  if (end === -1) throw unterminated("name [", text, at);
  refuseUnkept(text, at, end);
  return { kind: "quoted", value: text.slice(at + 1, end), at, end: end + 1 };
}

function readBlob(text: string, at: number): SqlToken {
  const end = text.indexOf("'", at + 2);
  if (end === -1) throw unterminated("blob x'", text, at);
  const value = text.slice(at + 2, end);
  if (value.length % 2 === 1 || /[^0-9a-fA-F]/.test(value))
    throw new SqlTextError("BLOB", "a blob x'…' holds pairs of hexadecimal digits only", { offset: at, end: end + 1 });
  return { kind: "blob", value, at, end: end + 1 };
}

function readNumber(text: string, at: number, value: string): SqlToken {
  const end = at + value.length;
  const rest = match(wordRest, text, end);
  if (rest === null) return { kind: "number", value, at, end };
  const fix = rest.startsWith("_") ? "SQLite 3.40 knows no digit separators: leave out the _" : "put a space or an operator between them";
  throw new SqlTextError("NUMBER", `number ${value} runs into ${JSON.stringify(rest)}; ${fix}`, { offset: at, end: end + rest.length });
}

function strange(text: string, at: number): SqlTextError {
  refuseUnkept(text, at, at + 1);
  const character = text.charAt(at);
  const end = at + (match(wordRest, text, at + 1)?.length ?? 0) + 1;
  if ("?:@#$".includes(character))
    return new SqlTextError(
      "PARAMETER",
      `"${text.slice(at, Math.min(end, at + 40))}" is a parameter or no SQL; write the value itself, or close the text before it`,
      {
        offset: at,
        end,
      },
    );
  return new SqlTextError(
    "CHARACTER",
    `character ${codePoint(text, at)} is no SQL outside quotes; take it out, or close the text before it`,
    { offset: at, end: at + 1 },
  );
}

function unterminated(what: string, text: string, at: number): SqlTextError {
  const line = text.slice(at, at + 30).split("\n")[0] ?? "";
  return new SqlTextError("UNTERMINATED", `${what} is opened but never closed, at ${JSON.stringify(line)}`, {
    offset: at,
    end: text.length,
  });
}

/** Comments and quoted text may hold anything but what SQLite cannot keep: NUL, and half a surrogate pair. */
function refuseUnkept(text: string, from: number, to: number): void {
  const part = text.slice(from, to);
  const nul = part.indexOf("\0");
  if (nul !== -1)
    throw new SqlTextError("NUL", "the text holds a NUL character, at which SQLite stops reading; take it out", {
      offset: from + nul,
      end: from + nul + 1,
    });
  const half = part.search(/\p{Surrogate}/u);
  if (half !== -1)
    throw new SqlTextError("CHARACTER", "the text holds half a surrogate pair, which is no character; take it out", {
      offset: from + half,
      end: to,
    });
}

function codePoint(text: string, at: number): string {
  return `U+${(text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
