/** Date functions on stored values: which calls may read the clock, or the machine's time zone. */
import { closeOf, nameOf, splitAt, type SqlRefusal } from "./token-lists.js";
import { foldName, keywordOf, type SqlToken } from "./tokenize-sql.js";
import { keywords } from "./word-lists.js";

/**
 * Refuses a date function, called at `i`, that reads the clock: without a point in time, with 'now' or 'subsec' for one, or with
 * parts from which one could be put together; and modifiers that read the time zone, or are no text.
 *
 * What it cannot see is a stored text 'now'; `timesOf` names the columns where one would be read.
 *
 * @see https://www.sqlite.org/lang_datefunc.html
 */
export function refuseDate(name: string, tokens: readonly SqlToken[], i: number): SqlRefusal | null {
  const { times, modifiers } = argumentsOf(name, tokens, i);
  const call = `${name}()`;
  if (times.length === 0 || times.some((time) => time.length === 0))
    return { code: "CLOCK", message: `${call} without a point in time reads the machine's clock; give it a column` };
  if (times.some((time) => time.some(isClock)))
    return { code: "CLOCK", message: `${call} reads the machine's clock; give it a column, not 'now' nor a text put together` };
  const isZoned = (token: SqlToken) => token.kind === "string" && /^(localtime|utc)$/i.test(token.value);
  if (modifiers.some((modifier) => modifier.some(isZoned)))
    return { code: "CLOCK", message: `${call} with 'localtime' or 'utc' reads the machine's time zone; leave the modifier out` };
  const isPlain = (token: SqlToken) =>
    token.kind === "string" && /[-+ 0-9]|^(auto|julianday|unixepoch|ceiling|floor|subsec|subsecond)$/i.test(token.value);
  return modifiers.every((modifier) => modifier.some(isPlain))
    ? null
    : { code: "CLOCK", message: `a modifier of ${call} must hold a text such as '+1 day', so that it cannot read the time zone` };
}

/** The columns that the call at `i` reads as points in time, as written and folded: "new.due". */
export function timesOf(name: string, tokens: readonly SqlToken[], i: number): readonly string[] {
  return argumentsOf(name, tokens, i).times.flatMap((time) =>
    time.flatMap((token, at) => {
      const isName = token.kind === "quoted" || (token.kind === "word" && !keywords.has(foldName(token.value)));
      const after = keywordOf(time[at + 1]);
      if (!isName || after === "(" || after === ".") return [];
      const owner = keywordOf(time[at - 1]) === "." ? nameOf(time[at - 2]) : null;
      return [owner === null ? foldName(token.value) : `${owner}.${foldName(token.value)}`];
    }),
  );
}

function argumentsOf(name: string, tokens: readonly SqlToken[], i: number) {
  const given = splitAt(tokens.slice(i + 2, closeOf(tokens, i + 1)), ",");
  if (name === "strftime") return { times: given.slice(1, 2), modifiers: given.slice(2) };
  if (name === "timediff") return { times: given.length < 2 ? [] : given.slice(0, 2), modifiers: [] };
  return { times: given.slice(0, 1), modifiers: given.slice(1) };
}

/** Whether this word is, or may be put together to, a text that means the present. */
function isClock(token: SqlToken): boolean {
  if (token.kind === "string") return /^[nowsubecd]+$/i.test(token.value);
  return token.kind === "blob" || (token.kind === "word" && /^(char|unhex|replace)$/i.test(token.value));
}
