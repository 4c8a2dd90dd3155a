/** Cuts a script into its statements. */
import { keywordOf, readToken, skipBlanks, SqlTextError, type SqlToken } from "./tokenize-sql.js";

/** One statement, without its last semicolon. Offsets of `tokens` count from the start of `text`. */
export interface SqlStatement {
  /** From its first word to its last. */
  readonly text: string;
  /** The line of its first word in the script, from 1. */
  readonly line: number;
  readonly tokens: readonly SqlToken[];
  /** The first place in it that is no SQL, by its line in the script; such a statement is not to be run. */
  readonly fault: { readonly code: string; readonly message: string; readonly line: number } | null;
}

/** A script cut into statements, or why it holds none. */
export type SqlScript =
  | { readonly kind: "script"; readonly statements: readonly SqlStatement[] }
  | { readonly kind: "refused"; readonly code: "EMPTY" | "COMMENT_ONLY" | "NUL"; readonly message: string };

/**
 * The statements of a script, all at once: `readStatements` for long scripts.
 *
 * Refused as a whole are a script without any word (one that is all comment runs without error and creates nothing), and one
 * that holds a NUL. A byte order mark at the start is skipped.
 */
export function splitScript(text: string): SqlScript {
  const nul = text.indexOf("\0");
  if (nul !== -1)
    return {
      kind: "refused",
      code: "NUL",
      message: `line ${lineAt(text, nul)} holds a NUL character, at which SQLite stops reading; take it out`,
    };
  const statements = [...readStatements(text)];
  if (statements.length > 0) return { kind: "script", statements };
  return /^[\s;\ufeff]*$/.test(text)
    ? { kind: "refused", code: "EMPTY", message: "the script is empty; write at least one statement" }
    : {
        kind: "refused",
        code: "COMMENT_ONLY",
        message:
          "the script is one comment and would create nothing; a comment that starts with -- runs to the end of its line, so put a line break before the first statement",
      };
}

/**
 * Reads a script statement by statement. A statement ends at its semicolon, a trigger at the END after its body's last
 * semicolon, whatever follows it: what comes next is a statement of its own. The last semicolon is optional, empty statements
 * are skipped. Text that is no SQL is told in the statement's `fault`, and reading goes on behind it.
 */
export function* readStatements(text: string): Generator<SqlStatement, void> {
  const lines = { at: 0, line: 1 };
  let draft = newDraft();
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    try {
      at = skipBlanks(text, at);
      if (at >= text.length) break;
      const token = readToken(text, at);
      if (startsAnew(draft, token)) {
        yield finish(draft, text, lines);
        draft = newDraft();
      }
      at = token.end;
      if (isLast(draft, token)) {
        if (token.value !== ";") add(draft, token);
        if (draft.tokens.length > 0 || draft.fault !== null) yield finish(draft, text, lines);
        draft = newDraft();
      } else add(draft, token);
    } catch (error) {
      if (!(error instanceof SqlTextError)) throw error;
      draft.fault ??= error;
      draft.end = error.end;
      draft.at ??= error.offset;
      at = error.end;
    }
  }
  if (draft.tokens.length > 0 || draft.fault !== null) yield finish(draft, text, lines);
}

interface Draft {
  readonly tokens: SqlToken[];
  fault: SqlTextError | null;
  at: number | null;
  end: number;
  /** Whether the body of a trigger has begun. */
  isInBody: boolean;
}

function newDraft(): Draft {
  return { tokens: [], fault: null, at: null, end: 0, isInBody: false };
}

function add(draft: Draft, token: SqlToken): void {
  draft.tokens.push(token);
  draft.at ??= token.at;
  draft.end = token.end;
  if (!draft.isInBody && keywordOf(token) === "begin" && keywordOf(draft.tokens.at(-2)) !== "." && isTrigger(draft)) draft.isInBody = true;
}

function isTrigger({ tokens }: Draft): boolean {
  if (keywordOf(tokens[0]) !== "create") return false;
  const second = keywordOf(tokens[1]);
  return second === "trigger" || ((second === "temp" || second === "temporary") && keywordOf(tokens[2]) === "trigger");
}

/** As in `sqlite3_complete`: a trigger is over at the END that follows a semicolon; END elsewhere closes a CASE or is a name. */
function isLast(draft: Draft, token: SqlToken): boolean {
  const keyword = keywordOf(token);
  if (!draft.isInBody) return keyword === ";";
  const before = keywordOf(draft.tokens.at(-1));
  return keyword === "end" && (before === ";" || before === "begin");
}

/** A body that was not closed ends where the next CREATE statement starts, so that one slip costs one statement. */
function startsAnew(draft: Draft, token: SqlToken): boolean {
  return draft.isInBody && keywordOf(token) === "create" && keywordOf(draft.tokens.at(-1)) === ";";
}

function finish({ tokens, fault, at, end }: Draft, text: string, lines: { at: number; line: number }): SqlStatement {
  const start = at ?? 0;
  lines.line += countLines(text, lines.at, start);
  lines.at = start;
  return {
    text: text.slice(start, end),
    line: lines.line,
    tokens: tokens.map((token) => ({ ...token, at: token.at - start, end: token.end - start })),
    fault: fault === null ? null : faultOf(causeOf(fault, tokens), (offset) => lines.line + countLines(text, start, offset)),
  };
}

type Cause = Pick<SqlTextError, "code" | "message" | "offset">;

function faultOf({ code, message, offset }: Cause, lineOf: (offset: number) => number): SqlStatement["fault"] {
  return { code, message, line: lineOf(offset) };
}

/** A text that was never closed ends at the next one's start, and what stood in that is what looks wrong. */
function causeOf(fault: Cause, tokens: readonly SqlToken[]): Cause {
  const open = tokens.find(({ kind, value }) => kind === "string" && /\bRAISE\s*\(|;\s*END\b/i.test(value));
  if (open === undefined) return fault;
  const start = /^.{0,60}/.exec(open.value)?.[0] ?? "";
  const message = `the text that starts '${start}…' is never closed: it runs on over the SQL behind it, as far as the next quote; close it by '`;
  return { code: "UNTERMINATED", message, offset: open.at };
}

function lineAt(text: string, at: number): number {
  return countLines(text, 0, at) + 1;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
