/** One walk over an expression or a statement: which tables it names, which functions it calls, and what of it is refused. */
import { checkCall } from "./scan-calls.js";
import { followTimes } from "./scan-dates.js";
import { refuseExpansion } from "./scan-expansion.js";
import { checkTableName, readExpressions, readTable } from "./scan-tables.js";
import { refuse, type ScanPlace, type Walk } from "./scan-walk.js";
import { closeOf, nameOf, refuseCollation, shorten, type SqlRefusal } from "./token-lists.js";
import { foldName, keywordOf, type SqlToken } from "./tokenize-sql.js";
import { clockWords, tableFunctions } from "./word-lists.js";

/** What a walk found: names are folded, refusals in the order of the text. */
export interface TokenScan {
  readonly refusals: readonly SqlRefusal[];
  /** Tables that are read, common table expressions left out, with the index of their token. */
  readonly reads: readonly string[];
  readonly functions: readonly string[];
  /** Columns that a date function reads as a point in time: a stored text 'now' would read the clock there. */
  readonly times: readonly string[];
}

/** Brackets and CASEs inside each other; SQLite 3.40 reads no more than 89 brackets, and fewer of all else. */
const maxDepth = 64;
const maxTableFunctions = 2;

/** Walks over one statement, or an expression, without its semicolon. */
export function scanTokens(tokens: readonly SqlToken[], place: ScanPlace): TokenScan {
  const walk: Walk = {
    tokens,
    place,
    refusals: [],
    regions: [],
    reads: [],
    functions: [],
    times: [],
    heads: new Set(),
    frames: [{ isFrom: false, call: null }],
    cases: 0,
    expects: null,
  };
  for (let i = 0; i < tokens.length; i += 1) step(walk, i);
  if (walk.frames.length > 1) refuse(walk, "BRACKETS", "a bracket ( is never closed; close it");
  const tableCalls = walk.functions.filter((name) => tableFunctions.has(name)).length;
  if (tableCalls > maxTableFunctions)
    refuse(walk, "JSON_TABLES", `${tableCalls} json tables in one statement multiply their rows; use at most ${maxTableFunctions}`);
  walk.refusals.push(...refuseRecursion(walk), ...refuseExpansion(tokens, walk.regions, walk.reads));
  const followed = followTimes(walk);
  if (followed.refusal !== null) walk.refusals.push(followed.refusal);
  const expressions = new Set(walk.regions.map(({ name }) => name));
  const reads = walk.reads.map(({ name }) => name).filter((name) => !expressions.has(name));
  return { refusals: walk.refusals, reads, functions: walk.functions, times: followed.times };
}

function step(walk: Walk, i: number): void {
  const { tokens } = walk;
  const token = tokens[i];
  if (token === undefined) return;
  if (token.kind === "symbol") {
    stepSymbol(walk, token.value, i);
    return;
  }
  if (keywordOf(tokens[i - 1]) === ".") return;
  const name = nameOf(token);
  if (walk.expects !== null && name !== null) {
    readTable(walk, name, i);
    return;
  }
  if (token.kind !== "word" && token.kind !== "quoted") return;
  if (keywordOf(tokens[i + 1]) === "(") checkCall(walk, token, i);
  if (token.kind === "word") stepKeyword(walk, foldName(token.value), i);
}

function stepSymbol(walk: Walk, mark: string, i: number): void {
  const { tokens, frames } = walk;
  if (mark === "(") {
    const next = keywordOf(tokens[i + 1]);
    const isSelect = next === "select" || next === "with" || next === "values";
    const isFrom = walk.expects !== null && !isSelect;
    if (walk.expects !== null && isSelect) walk.regions.push({ name: null, from: i + 1, to: closeOf(tokens, i) });
    frames.push({ isFrom, call: callBefore(walk, i) });
    if (!isFrom) walk.expects = null;
    checkDepth(walk);
  }
  if (mark === ")") {
    if (frames.length === 1) refuse(walk, "BRACKETS", "a bracket ) closes nothing; take it out, or open it before");
    else frames.pop();
  }
  if (mark === "," && frames.at(-1)?.isFrom === true) walk.expects = "table";
  if (mark === ";") refuse(walk, "SECOND_STATEMENT", "one statement holds a semicolon; give each statement of its own");
}

function callBefore({ tokens, functions }: Walk, i: number): string | null {
  const before = tokens[i - 1];
  const name = before?.kind === "word" || before?.kind === "quoted" ? foldName(before.value) : null;
  return name !== null && functions.at(-1) === name ? name : null;
}

function checkDepth(walk: Walk): void {
  if (walk.frames.length + walk.cases === maxDepth + 2)
    refuse(walk, "DEPTH", `more than ${maxDepth} brackets and CASEs stand inside each other; split the expression`);
}

function stepKeyword(walk: Walk, word: string, i: number): void {
  const { tokens, frames } = walk;
  const before = keywordOf(tokens[i - 1]);
  const after = keywordOf(tokens[i + 1]);
  const frame = frames.at(-1);
  switch (word) {
    case "from":
      // `a IS DISTINCT FROM b` compares, it reads no table.
      if (before === "distinct" && /^(is|not)$/.test(keywordOf(tokens[i - 2]))) return;
      enterFrom(walk);
      return;
    case "join":
      enterFrom(walk);
      return;
    case "in":
      if (after !== "(") walk.expects = "table";
      return;
    case "into":
      walk.expects = "target";
      return;
    case "insert":
    case "update":
      stepWrite(walk, word, i);
      return;
    case "with":
      readExpressions(walk, i);
      return;
    case "on":
      if (after === "conflict") checkConflict(walk, keywordOf(tokens[i + 2]), "ON CONFLICT");
      return;
    case "where":
    case "group":
    case "having":
    case "limit":
    case "set":
    case "values":
    case "select":
    case "union":
    case "except":
    case "intersect":
      if (frame !== undefined) frame.isFrom = false;
      return;
    case "order":
      if (frame !== undefined) frame.isFrom = false;
      if (typeof frame?.call === "string" && after === "by")
        refuse(
          walk,
          "AGGREGATE_ORDER",
          `ORDER BY inside ${frame.call}() makes the file unreadable to SQLite 3.40; order the rows in a subquery`,
        );
      return;
    case "case":
      walk.cases += 1;
      checkDepth(walk);
      return;
    case "collate":
      checkCollation(walk, i);
      return;
    case "end":
      walk.cases = Math.max(0, walk.cases - 1);
      return;
    default:
      checkClockWord(walk, word, i);
  }
}

function enterFrom(walk: Walk): void {
  const frame = walk.frames.at(-1);
  if (frame !== undefined) frame.isFrom = true;
  walk.expects = "table";
}

function stepWrite(walk: Walk, word: "insert" | "update", i: number): void {
  const { tokens } = walk;
  if (keywordOf(tokens[i + 1]) === "or") checkConflict(walk, keywordOf(tokens[i + 2]), `${word.toUpperCase()} OR`);
  if (word === "update" && keywordOf(tokens[i - 1]) !== "do" && keywordOf(tokens[i + 1]) !== "or") walk.expects = "target";
  if (word === "update" && keywordOf(tokens[i + 1]) === "or") {
    const target = nameOf(tokens[i + 3]);
    if (target !== null) checkTableName(walk, target, i + 3);
  }
}

function checkConflict(walk: Walk, way: string, before: string): void {
  if (way === "replace")
    refuse(walk, "CONFLICT_REPLACE", `${before} REPLACE deletes rows without firing their triggers; write ON CONFLICT (…) DO UPDATE SET …`);
  if (way === "rollback" || way === "fail")
    refuse(walk, "CONFLICT_ESCAPE", `${before} ${way.toUpperCase()} escapes the transaction or leaves half a write; use ABORT or IGNORE`);
}

function checkCollation({ tokens, refusals }: Walk, i: number): void {
  const refusal = refuseCollation(tokens[i + 1]);
  if (refusal !== null) refusals.push(refusal);
}

function checkClockWord(walk: Walk, word: string, i: number): void {
  if (!clockWords.has(word) || walk.place.clock === "free") return;
  if (keywordOf(walk.tokens[i + 1]) === "." || keywordOf(walk.tokens[i - 1]) === "as") return;
  refuse(
    walk,
    "CLOCK",
    `${word.toUpperCase()} reads the machine's clock; read a column that says the step or the date (a DEFAULT may read it)`,
  );
}

/** A common table expression that reads itself is recursive, with or without the word RECURSIVE. */
function refuseRecursion({ regions, reads }: Walk): readonly SqlRefusal[] {
  const recursive = regions.filter(({ name, from, to }) => reads.some((read) => read.name === name && read.at >= from && read.at < to));
  return recursive.map(({ name }) => ({
    code: "RECURSION",
    message: `"${shorten(name ?? "")}" in WITH reads itself and may run for ever; walk a fixed number of levels by joins`,
  }));
}
