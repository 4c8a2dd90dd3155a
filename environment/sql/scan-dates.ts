/** Date functions on stored values: which calls may read the clock, or the machine's time zone. */
import { resultsOf } from "./select-results.js";
import type { SqlRegion, Walk } from "./scan-walk.js";
import { type Spelling, spellText } from "./spell-text.js";
import { closeOf, shorten, splitAt, type SqlRefusal } from "./token-lists.js";
import { keywordOf, type SqlToken } from "./tokenize-sql.js";
import { tableFunctions } from "./word-lists.js";

/** Points in time that are the present, in whatever case. */
const clockTexts = ["now", "subsec", "subsecond"];
/** Modifiers that read the time zone. */
const zoneTexts = ["localtime", "utc"];

/** A date function that was judged: refused, or the columns that it reads as points in time, as written and folded: "new.due". */
export interface JudgedDate {
  readonly refusal: SqlRefusal | null;
  readonly times: readonly string[];
}

/**
 * Refuses a date function, called at `i`, that reads the clock: without a point in time, with 'now' or 'subsec' for one, or with
 * a text of which it cannot be told; and modifiers that read the time zone, or may.
 *
 * What it cannot see is a stored text 'now'; `times` names the columns where one would be read.
 *
 * @see https://www.sqlite.org/lang_datefunc.html
 */
export function judgeDate(name: string, tokens: readonly SqlToken[], i: number): JudgedDate {
  const { times, modifiers } = argumentsOf(name, tokens, i);
  const call = `${name}()`;
  if (times.length === 0 || times.some((time) => time.length === 0))
    return refuseClock(`${call} without a point in time reads the machine's clock; give it a column`);
  const spelled = times.map((time) => spellText(time, clockTexts));
  const fault = faultOf(spelled);
  if (fault !== null) return refuseClock(clockMessage(call, fault));
  const zones = modifiers.map((modifier) => spellText(modifier, zoneTexts));
  if (zones.some((zone) => zone.fault === "word"))
    return refuseClock(`${call} with 'localtime' or 'utc' reads the machine's time zone; leave the modifier out`);
  if (zones.some((zone) => zone.fault !== null || zone.columns.length > 0))
    return refuseClock(`a modifier of ${call} must hold a text such as '+1 day', so that it cannot read the time zone`);
  return { refusal: null, times: spelled.flatMap(({ columns }) => columns) };
}

function refuseClock(message: string): JudgedDate {
  return { refusal: { code: "CLOCK", message }, times: [] };
}

function clockMessage(what: string, fault: "word" | "unknown"): string {
  return fault === "word"
    ? `${what} reads the machine's clock, for it may be given 'now' or 'subsec'; give it a column`
    : `${what} may read the machine's clock: that its text is never 'now' cannot be told; give it a column as it is, or join a text such as ' 00:00' to it`;
}

function faultOf(spelled: readonly Spelling[]): Spelling["fault"] {
  const faults = spelled.map(({ fault }) => fault);
  return faults.includes("word") ? "word" : faults.includes("unknown") ? "unknown" : null;
}

/**
 * Follows the columns that date functions read through the subqueries of their statement: refused where one of them is, or may
 * be, a text that reads the clock; else with the columns that they are made of.
 */
export function followTimes({ tokens, regions, times }: Pick<Walk, "tokens" | "regions" | "times">): JudgedDate {
  const found = new Set(times);
  for (const time of found) {
    if (/^(new|old)\./.test(time)) continue;
    const name = time.slice(time.indexOf(".") + 1);
    const spelled = [
      ...regions.flatMap((region) => resultsNamed(tokens, region, name)).map((result) => spellText(result, clockTexts)),
      ...(jsonColumns.has(name) ? jsonTables(tokens) : []),
    ];
    const fault = faultOf(spelled);
    if (fault !== null) return refuseClock(clockMessage(`a date function that reads "${shorten(name)}" of a subquery`, fault));
    for (const { columns } of spelled) for (const column of columns) found.add(column);
  }
  return { refusal: null, times: [...found] };
}

/** What a column of that name may be in the rows of a region; one whose names stand before it, or are nobody's, is any. */
function resultsNamed(tokens: readonly SqlToken[], { from, to }: SqlRegion, wanted: string): readonly (readonly SqlToken[])[] {
  const as = tokens.findLastIndex((token, at) => at < from && keywordOf(token) === "as");
  const isHeaded =
    keywordOf(tokens[as - 1]) === ")" && tokens.slice(as + 1, from).every((token) => /^(not|materialized|\()$/.test(keywordOf(token)));
  return resultsOf(tokens.slice(from, to)).flatMap((result) =>
    isHeaded || result.name === null || result.name === wanted ? [result.tokens] : [],
  );
}

const jsonColumns = new Set(["key", "value", "atom", "fullkey", "path", "json"]);

/** What the rows of json_each and json_tree are cut from. */
function jsonTables(tokens: readonly SqlToken[]): readonly Spelling[] {
  return tokens.flatMap((token, i) => {
    if (!tableFunctions.has(keywordOf(token)) || keywordOf(tokens[i + 1]) !== "(") return [];
    return [spellText([{ ...token, kind: "word", value: "json_extract" }, ...tokens.slice(i + 1, closeOf(tokens, i + 1) + 1)], clockTexts)];
  });
}

function argumentsOf(name: string, tokens: readonly SqlToken[], i: number) {
  const given = splitAt(tokens.slice(i + 2, closeOf(tokens, i + 1)), ",");
  if (name === "strftime") return { times: given.slice(1, 2), modifiers: given.slice(2) };
  if (name === "timediff") return { times: given.length < 2 ? [] : given.slice(0, 2), modifiers: [] };
  return { times: given.slice(0, 1), modifiers: given.slice(1) };
}
