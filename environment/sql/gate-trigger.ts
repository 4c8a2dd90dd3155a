/** CREATE TRIGGER, from its name to its END. */
import { readWrites, type SqlWrite } from "./read-write.js";
import { scanTokens } from "./scan-tokens.js";
import type { ScanPlace } from "./scan-walk.js";
import { findKeyword, nameOf, refuseName, shorten, splitAt, type SqlRefusal } from "./token-lists.js";
import { keywordOf, type SqlToken } from "./tokenize-sql.js";

/** What the gate read in a trigger; names of tables and columns are folded. */
export interface GatedTrigger {
  readonly table: string;
  readonly event: "insert" | "update" | "delete";
  readonly timing: "before" | "after";
  /** The columns of UPDATE OF, null for every column. */
  readonly of: readonly string[] | null;
  /** The words of the WHEN expression, null without one. */
  readonly when: readonly SqlToken[] | null;
  /** The writes of its body, in order. */
  readonly writes: readonly SqlWrite[];
  readonly functions: readonly string[];
  /** Columns that a date function reads as a point in time: a stored text 'now' would read the clock there. */
  readonly times: readonly string[];
}

/** Statements of one body. */
const maxStatements = 200;

/** Reads a trigger from the word behind its name on; refused, it carries the first reason. */
export function gateTrigger(
  tokens: readonly SqlToken[],
  functions: ReadonlySet<string> | undefined,
): { readonly trigger: GatedTrigger | null; readonly refusals: readonly SqlRefusal[] } {
  const head = readHead(tokens);
  if ("code" in head) return { trigger: null, refusals: [head] };
  const refusals: SqlRefusal[] = [];
  const tableName = refuseName(head.table);
  if (tableName !== null) refusals.push(tableName);

  const begin = beginOf(tokens, head.at);
  if (begin === -1) return { trigger: null, refusals: [{ code: "TRIGGER_BODY", message: "a trigger needs a body: BEGIN …; END" }] };
  const place: ScanPlace = { clock: "stored", raise: "refused", key: "none", ...(functions === undefined ? {} : { functions }) };
  const when = keywordOf(tokens[head.at]) === "when" ? tokens.slice(head.at + 1, begin) : null;
  if (when === null && begin !== head.at)
    refusals.push({ code: "SYNTAX", message: `expected WHEN or BEGIN, got "${shorten(tokens[head.at]?.value ?? "")}"` });
  const condition = scanTokens(when ?? [], place);
  refusals.push(...condition.refusals);

  const body = gateBody(tokens.slice(begin + 1), { ...place, raise: "allowed" });
  refusals.push(...body.refusals);
  return {
    trigger: {
      table: head.table,
      event: head.event,
      timing: head.timing,
      of: head.of,
      when,
      writes: body.writes,
      functions: [...condition.functions, ...body.functions],
      times: [...new Set([...condition.times, ...body.times])],
    },
    refusals,
  };
}

interface Head {
  readonly table: string;
  readonly event: GatedTrigger["event"];
  readonly timing: GatedTrigger["timing"];
  readonly of: readonly string[] | null;
  /** Where WHEN or BEGIN should stand. */
  readonly at: number;
}

function readHead(tokens: readonly SqlToken[]): Head | SqlRefusal {
  let at = 0;
  const first = keywordOf(tokens[0]);
  if (first === "instead")
    return { code: "TRIGGER_HEAD", message: "INSTEAD OF is for views, which are not allowed; write BEFORE or AFTER" };
  if (first === "before" || first === "after") at += 1;
  const timing = first === "after" ? "after" : "before";
  const event = keywordOf(tokens[at]);
  if (event !== "insert" && event !== "update" && event !== "delete")
    return {
      code: "TRIGGER_HEAD",
      message: `expected INSERT, UPDATE or DELETE, got "${shorten(tokens[at]?.value ?? "")}"; one trigger has one event`,
    };
  at += 1;
  let of: readonly string[] | null = null;
  if (keywordOf(tokens[at]) === "of") {
    const on = tokens.findIndex((token, i) => i > at && keywordOf(token) === "on" && keywordOf(tokens[i - 1]) !== ",");
    of = splitAt(tokens.slice(at + 1, on === -1 ? at + 1 : on), ",").map(([column]) => nameOf(column) ?? "");
    at = on;
  }
  const table = nameOf(tokens[at + 1]);
  if (keywordOf(tokens[at]) !== "on" || table === null)
    return { code: "TRIGGER_HEAD", message: `expected ON and a table, got "${shorten(tokens[at]?.value ?? "")}"` };
  at += 2;
  if (keywordOf(tokens[at]) === ".")
    return { code: "QUALIFIED_NAME", message: `table "${shorten(table)}.…" names a database; write the table's name alone` };
  if (keywordOf(tokens[at]) === "for") {
    if (keywordOf(tokens[at + 1]) !== "each" || keywordOf(tokens[at + 2]) !== "row")
      return { code: "TRIGGER_HEAD", message: "SQLite has triggers FOR EACH ROW only" };
    at += 3;
  }
  return { table, event, timing, of, at };
}

/** The BEGIN of the body stands before a word; behind a column of that name stands an operator, a bracket or a BEGIN. */
function beginOf(tokens: readonly SqlToken[], from: number): number {
  for (let at = findKeyword(tokens, ["begin"], from); at !== -1; at = findKeyword(tokens, ["begin"], at + 1)) {
    const next = keywordOf(tokens[at + 1]);
    if (/^[a-z]/.test(next) && !/^(and|or|is|in|between|like|glob|not|begin|isnull|notnull|collate)$/.test(next)) return at;
  }
  return -1;
}

interface Body {
  readonly refusals: SqlRefusal[];
  readonly writes: SqlWrite[];
  readonly functions: string[];
  readonly times: string[];
}

function gateBody(tokens: readonly SqlToken[], place: ScanPlace): Body {
  const body: Body = { refusals: [], writes: [], functions: [], times: [] };
  const last = tokens.at(-1);
  const before = keywordOf(tokens.at(-2));
  if (keywordOf(last) !== "end" || (before !== ";" && tokens.length > 1)) {
    const message = "the body is not closed: every statement of it ends in a semicolon, and END stands behind the last one";
    body.refusals.push({ code: "TRIGGER_END", message });
    return body;
  }
  const statements = splitAt(tokens.slice(0, -1), ";").filter((statement) => statement.length > 0);
  if (statements.length === 0) body.refusals.push({ code: "TRIGGER_BODY", message: "the body is empty, the trigger would do nothing" });
  if (statements.length > maxStatements)
    body.refusals.push({ code: "SIZE", message: `the body has ${statements.length} statements, at most ${maxStatements} are read` });
  for (const statement of statements.slice(0, maxStatements)) {
    const refusal = refuseStart(statement);
    if (refusal !== null) body.refusals.push(refusal);
    const hasInserted = body.writes.some(({ verb }) => verb === "insert");
    const scan = scanTokens(statement, { ...place, key: hasInserted ? "inserted" : "none" });
    body.refusals.push(...scan.refusals);
    body.functions.push(...scan.functions);
    body.times.push(...scan.times);
    body.writes.push(...readWrites(statement));
  }
  return body;
}

function refuseStart(statement: readonly SqlToken[]): SqlRefusal | null {
  const start = keywordOf(statement[0]);
  if (start === "replace")
    return {
      code: "CONFLICT_REPLACE",
      message: "REPLACE INTO deletes rows without firing their triggers; write INSERT … ON CONFLICT (…) DO UPDATE SET …",
    };
  if (/^(select|insert|update|delete|with|values)$/.test(start)) return null;
  return {
    code: "STATEMENT",
    message: `the body of a trigger holds SELECT, INSERT, UPDATE and DELETE only, got "${shorten(statement[0]?.value ?? "")}"`,
  };
}
