/** The calls of functions, RAISE and CAST in a statement. */
import { judgeDate } from "./scan-dates.js";
import { type Walk, refuse } from "./scan-walk.js";
import { closeOf, shorten } from "./token-lists.js";
import { foldName, keywordOf, type SqlToken } from "./tokenize-sql.js";
import { dateFunctions, keywordsBeforeBracket, pureFunctions, refusedFunctions } from "./word-lists.js";

/** Judges the word at `i`, which stands before a bracket. */
export function checkCall(walk: Walk, token: SqlToken, i: number): void {
  const name = foldName(token.value);
  const isBare = token.kind === "word";
  if (walk.heads.has(i) || (isBare && keywordsBeforeBracket.has(name))) return;
  if (isBare && name === "raise") {
    checkRaise(walk, i);
    return;
  }
  if (isBare && name === "cast") {
    markType(walk, i);
    return;
  }
  walk.functions.push(name);
  if (dateFunctions.has(name)) {
    if (walk.place.clock === "free") return;
    const { refusal, times } = judgeDate(name, walk.tokens, i);
    walk.times.push(...times);
    if (refusal !== null) walk.refusals.push(refusal);
    return;
  }
  if ((walk.place.functions ?? pureFunctions).has(name) || (name === "last_insert_rowid" && walk.place.key === "inserted")) return;
  const reason = refusedFunctions.get(name) ?? "it is not on the list of functions whose answer depends on their arguments alone";
  refuse(walk, "FUNCTION", `function ${shorten(name)}() is refused: ${reason}`);
}

function checkRaise(walk: Walk, i: number): void {
  const { tokens } = walk;
  const way = keywordOf(tokens[i + 2]);
  if (walk.place.raise === "refused") refuse(walk, "RAISE", "RAISE may stand in the body of a trigger only");
  else if (way === "rollback" || way === "fail")
    refuse(walk, "RAISE_ESCAPE", `RAISE(${way.toUpperCase()}, …) escapes the transaction or leaves half a write; write RAISE(ABORT, '…')`);
  else if (way === "abort") {
    if (tokens[i + 3]?.value === "," && tokens[i + 4]?.kind === "string" && keywordOf(tokens[i + 5]) === ")") return;
    refuse(
      walk,
      "RAISE_MESSAGE",
      "the message of RAISE(ABORT, …) must be one text in single quotes; with an expression SQLite 3.40 cannot open the file",
    );
  } else if (way !== "ignore" || keywordOf(tokens[i + 3]) !== ")") refuse(walk, "RAISE", "RAISE takes (ABORT, 'message') or (IGNORE)");
}

/** In `CAST(x AS DECIMAL(10, 2))` the type is no call: from the end back to AS. */
function markType({ tokens, heads }: Walk, i: number): void {
  const close = closeOf(tokens, i + 1);
  const open = keywordOf(tokens[close - 1]) === ")" ? tokens.findLastIndex((token, at) => at < close && keywordOf(token) === "(") : close;
  if (open < i || !tokens.slice(open + 1, close - 1).every(isTypeArgument)) return;
  let at = open - 1;
  while (at > i && tokens[at]?.kind !== "symbol" && keywordOf(tokens[at]) !== "as") at -= 1;
  if (keywordOf(tokens[at]) === "as") heads.add(open - 1);
}

function isTypeArgument(token: SqlToken): boolean {
  return token.kind === "number" || (token.kind === "symbol" && /^[-+,]$/.test(token.value));
}
