/** The tables and common table expressions that a statement names. */
import { type Walk, refuse } from "./scan-walk.js";
import { closeOf, nameOf, refuseName, shorten } from "./token-lists.js";
import { keywordOf } from "./tokenize-sql.js";
import { builtInTables, tableFunctions } from "./word-lists.js";

/** Notes the table at `i`, where one is expected. */
export function readTable(walk: Walk, name: string, i: number): void {
  const { tokens } = walk;
  const isTarget = walk.expects === "target";
  walk.expects = null;
  checkTableName(walk, name, i);
  if (isTarget) {
    if (keywordOf(tokens[i + 1]) === "as") walk.heads.add(i + 2);
    return;
  }
  walk.reads.push({ name, at: i });
  const isCall = keywordOf(tokens[i + 1]) === "(";
  if (isCall && !tableFunctions.has(name))
    refuse(walk, "TABLE_FUNCTION", `"${shorten(name)}(…)" in FROM is refused; only json_each and json_tree may be called there`);
  else if (isCall) walk.functions.push(name);
  else if (builtInTables.has(name)) refuse(walk, "RESERVED_NAME", `"${name}" is a table of SQLite itself; read a table that is declared`);
}

/** Refuses the name of a database, and reserved names. */
export function checkTableName(walk: Walk, name: string, i: number): void {
  if (keywordOf(walk.tokens[i + 1]) === ".")
    refuse(walk, "QUALIFIED_NAME", `table "${shorten(name)}.…" names a database; write the table's name alone`);
  const refusal = refuseName(name);
  if (refusal !== null) walk.refusals.push(refusal);
}

/** The common table expressions of a WITH at `i`: each `name [(columns)] AS [[NOT] MATERIALIZED] (select)`. */
export function readExpressions(walk: Walk, i: number): void {
  const { tokens } = walk;
  let at = i + 1;
  const following = keywordOf(tokens[at + 1]);
  if (keywordOf(tokens[at]) === "recursive" && following !== "as" && following !== "(") {
    refuse(walk, "RECURSION", "WITH RECURSIVE may run for ever; walk a fixed number of levels by joins");
    at += 1;
  }
  for (;;) {
    const name = nameOf(tokens[at]);
    const head = at;
    at += 1;
    if (keywordOf(tokens[at]) === "(") at = closeOf(tokens, at) + 1;
    if (name === null || keywordOf(tokens[at]) !== "as") return;
    at += 1;
    if (keywordOf(tokens[at]) === "not") at += 1;
    if (keywordOf(tokens[at]) === "materialized") at += 1;
    if (keywordOf(tokens[at]) !== "(") return;
    const close = closeOf(tokens, at);
    walk.heads.add(head);
    walk.regions.push({ name, from: at + 1, to: close });
    const refusal = refuseName(name);
    if (refusal !== null) walk.refusals.push(refusal);
    if (keywordOf(tokens[close + 1]) !== ",") return;
    at = close + 2;
  }
}
