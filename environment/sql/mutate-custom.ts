/** Small changes of a custom rule's SQL, each of which some witness should tell from the original. */
import { findKeyword } from "./token-lists.js";
import { keywordOf, SqlTextError, tokenizeSql, type SqlToken } from "./tokenize-sql.js";

/** One changed text: `change` says what became of which words, at which offset. */
export interface CustomMutant {
  readonly operator: string;
  readonly change: string;
  readonly sql: string;
}

const flipped: Readonly<Record<string, string>> = {
  "=": "<>",
  "==": "<>",
  "<>": "=",
  "!=": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};
const shifted: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

/**
 * Each comparison flipped, and made strict or lax; each conjunct dropped; each AND an OR and each OR an AND; each number one more
 * and one less, each text another; each EXISTS negated; each SET of an UPDATE dropped (the only one: set to itself).
 *
 * In the order of the text. What has become of it need not be SQL that SQLite accepts, nor differ in meaning. Text that is no
 * SQL has no mutants.
 */
export function customMutants(sql: string): readonly CustomMutant[] {
  let tokens: readonly SqlToken[];
  try {
    tokens = tokenizeSql(sql);
  } catch (error) {
    if (error instanceof SqlTextError) return [];
    throw error;
  }
  const source: Source = { sql, tokens, assignments: assignmentsOf(tokens), betweens: betweensOf(tokens) };
  return [...tokens.flatMap((_, i) => mutantsAt(source, i)), ...droppedSets(source)];
}

interface Source {
  readonly sql: string;
  readonly tokens: readonly SqlToken[];
  /** The indices of each `column = value` of a SET, with that of its `=`. */
  readonly assignments: readonly { readonly from: number; readonly to: number; readonly equals: number }[];
  /** The ANDs that belong to a BETWEEN. */
  readonly betweens: ReadonlySet<number>;
}

function mutantsAt(source: Source, i: number): readonly CustomMutant[] {
  const { tokens, assignments, betweens } = source;
  const token = tokens[i];
  if (token === undefined) return [];
  const word = keywordOf(tokens[i - 1]) === "." ? "" : keywordOf(token);
  const replaceBy = (operator: string, text: string) => replace(source, { operator, from: token.at, to: token.end, text });
  if (isUnread(tokens, i)) return [];
  if (token.kind === "number") return [replaceBy("literal", `(${token.value} + 1)`), replaceBy("literal", `(${token.value} - 1)`)];
  if (token.kind === "string") return [replaceBy("literal", `'${`${token.value}~`.replaceAll("'", "''")}'`)];
  if (word === "exists")
    return keywordOf(tokens[i - 1]) === "not"
      ? [replace(source, { operator: "EXISTS negated", from: tokens[i - 1]?.at ?? token.at, to: token.end, text: "EXISTS" })]
      : [replaceBy("EXISTS negated", "NOT EXISTS")];
  if (word === "and" && !betweens.has(i)) return [replaceBy("OR for AND", "OR"), ...droppedConjuncts(source, i)];
  if (word === "or" && !/^(insert|update)$/.test(keywordOf(tokens[i - 1]))) return [replaceBy("AND for OR", "AND")];
  if (assignments.some(({ equals }) => equals === i)) return [];
  const [other, strict] = [flipped[word], shifted[word]];
  return [
    ...(other === undefined ? [] : [replaceBy("comparison flipped", other)]),
    ...(strict === undefined ? [] : [replaceBy("comparison made strict or lax", strict)]),
  ];
}

/** The literal of EXISTS (SELECT 1 FROM …), whose value nothing reads. */
function isUnread(tokens: readonly SqlToken[], i: number): boolean {
  const before = [i - 1, i - 2, i - 3].map((at) => keywordOf(tokens[at])).join(" ");
  return before === "select ( exists" && /^(from|where|\))$/.test(keywordOf(tokens[i + 1]));
}

/** Where a chain of ANDs ends, on either side. */
const borders = new Set(
  "( , ; or when then else end case where on having select from set group order limit offset union except intersect join left inner cross natural window returning values filter".split(
    " ",
  ),
);

/** The conjunct left of the AND at `i` dropped where it is the chain's first, and the one right of it. */
function droppedConjuncts(source: Source, i: number): readonly CustomMutant[] {
  const { tokens } = source;
  const left = edgeOf(source, i, -1);
  const right = edgeOf(source, i, 1);
  const isFirst = keywordOf(tokens[left - 1]) !== "and" || source.betweens.has(left - 1);
  const [start, and, last] = [tokens[left], tokens[i], tokens[right]];
  const next = tokens[i + 1];
  if (start === undefined || and === undefined || last === undefined || next === undefined) return [];
  const drop = (from: number, to: number) => replace(source, { operator: "conjunct dropped", from, to, text: "" });
  return [...(isFirst ? [drop(start.at, next.at)] : []), drop(and.at, last.end)];
}

/** The index of the outermost token of the conjunct that stands on one side of the AND at `i`. */
function edgeOf({ tokens, betweens }: Source, i: number, way: 1 | -1): number {
  let depth = 0;
  let cases = 0;
  let at = i + way;
  for (; at >= 0 && at < tokens.length; at += way) {
    const word = keywordOf(tokens[at - 1]) === "." ? "" : keywordOf(tokens[at]);
    const [opens, closes] = way === 1 ? ["(", ")"] : [")", "("];
    if (word === closes && depth === 0) break;
    if (word === opens) depth += 1;
    if (word === closes) depth -= 1;
    const [begins, ends] = way === 1 ? ["case", "end"] : ["end", "case"];
    if (depth > 0) continue;
    if (word === begins) cases += 1;
    else if (word === ends && cases > 0) cases -= 1;
    else if (cases === 0 && word !== closes && word !== opens && (borders.has(word) || (word === "and" && !betweens.has(at)))) break;
  }
  return at - way;
}

function betweensOf(tokens: readonly SqlToken[]): ReadonlySet<number> {
  const found = new Set<number>();
  tokens.forEach((token, i) => {
    if (keywordOf(token) !== "between" || keywordOf(tokens[i - 1]) === ".") return;
    const and = findKeyword(tokens, ["and"], i + 1);
    if (and !== -1) found.add(and);
  });
  return found;
}

function assignmentsOf(tokens: readonly SqlToken[]): Source["assignments"] {
  const set = keywordOf(tokens[0]) === "update" ? findKeyword(tokens, ["set"]) : -1;
  if (set === -1) return [];
  const stop = findKeyword(tokens, ["from", "where", "returning"], set + 1);
  const end = stop === -1 ? tokens.length : stop;
  const found: { from: number; to: number; equals: number }[] = [];
  let depth = 0;
  let from = set + 1;
  for (let at = from; at <= end; at += 1) {
    const word = keywordOf(tokens[at]);
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    if (at < end && !(word === "," && depth === 0)) continue;
    const equals = findKeyword(tokens, ["="], from);
    if (equals !== -1 && equals < at) found.push({ from, to: at, equals });
    from = at + 1;
  }
  return found;
}

function droppedSets(source: Source): readonly CustomMutant[] {
  const { tokens, assignments, sql } = source;
  return assignments.flatMap(({ from, to, equals }, i) => {
    const [first, before, last] = [tokens[from], tokens[equals], tokens[to - 1]];
    if (first === undefined || before === undefined || last === undefined) return [];
    const operator = "SET dropped";
    if (assignments.length === 1) {
      const column = sql.slice(first.at, tokens[equals - 1]?.end ?? before.at);
      // A row value set to itself: (a, b) = (SELECT a, b).
      const itself = column.startsWith("(") ? `(SELECT ${column.slice(1, -1)})` : column;
      return [replace(source, { operator, from: before.end, to: last.end, text: ` ${itself}` })];
    }
    const next = tokens[assignments[i + 1]?.from ?? tokens.length];
    const previous = tokens[(assignments[i - 1]?.to ?? 0) - 1];
    return next === undefined
      ? [replace(source, { operator, from: previous?.end ?? first.at, to: last.end, text: "" })]
      : [replace(source, { operator, from: first.at, to: next.at, text: "" })];
  });
}

function replace(
  { sql }: Source,
  { operator, from, to, text }: { readonly operator: string; readonly from: number; readonly to: number; readonly text: string },
): CustomMutant {
  const was = sql.slice(from, to).trim();
  const change = text === "" ? `"${was}" at ${from} dropped` : `"${was}" at ${from} becomes "${text.trim()}"`;
  return { operator, change, sql: sql.slice(0, from) + text + sql.slice(to) };
}
