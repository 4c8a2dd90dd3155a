/**
 * Wishes in words: "the flat whose district is Harbour and whose rent is the lowest", also "the flat with Harbour as its
 * district and with the lowest rent". Columns are named by their labels; both forms read back without knowing them.
 */
import { readValue, type Said, sayValue, withArticle, type Wording } from "./plain-text.js";

/** A wish as in a task description's choices, its column being a label. */
export interface Wish {
  readonly column: string;
  readonly comparison: "=" | "<>" | "<" | "<=" | ">" | ">=" | "contains" | "lowest" | "highest";
  readonly value?: Said | undefined;
}

/** What somebody points to: `my` where it is one of the customer's own. */
export interface Thing {
  readonly label: string;
  readonly own: boolean;
  readonly wishes: readonly Wish[];
}

const BOUNDS = { ">=": "at least", "<=": "at most", ">": "more than", "<": "less than" } as const;
const bound = Object.values(BOUNDS).join("|");

/** "whose rent is at most 900": the form of descriptions. */
export function sayWhose(wish: Wish): string {
  const value = sayValue(wish.value ?? "");
  switch (wish.comparison) {
    case "lowest":
    case "highest":
      return `whose ${wish.column} is the ${wish.comparison}`;
    case "contains":
      return `whose ${wish.column} contains ${value}`;
    case "=":
      return `whose ${wish.column} is ${value}`;
    case "<>":
      return `whose ${wish.column} is not ${value}`;
    default:
      return `whose ${wish.column} is ${BOUNDS[wish.comparison]} ${value}`;
  }
}

/** "with a rent of at most 900": the form of conversations. */
export function sayWith(wish: Wish): string {
  const value = sayValue(wish.value ?? "");
  switch (wish.comparison) {
    case "lowest":
    case "highest":
      return `with the ${wish.comparison} ${wish.column}`;
    case "contains":
      return `with ${withArticle(wish.column)} that contains ${value}`;
    case "=":
      return `with ${value} as its ${wish.column}`;
    case "<>":
      return `with ${withArticle(wish.column)} other than ${value}`;
    default:
      return `with ${withArticle(wish.column)} of ${BOUNDS[wish.comparison]} ${value}`;
  }
}

/** "my loan with the highest fee" */
export function sayThing(thing: Thing, as: { readonly own: "my" | "your"; readonly say: (wish: Wish) => string }): string {
  const noun = `${thing.own ? as.own : "the"} ${thing.label}`;
  return [noun, thing.wishes.map(as.say).join(" and ")].filter((part) => part !== "").join(" ");
}

/** In a conversation the form of each wish is a matter of wording. */
export function conversational(words: Wording): (wish: Wish) => string {
  return (wish) => words([sayWith(wish), sayWith(wish), sayWhose(wish)]);
}

/** The thing and wishes that a hidden phrase names, null where it names none; wishes may be missing ("the loan"). */
export function readThing(phrase: string): Thing | null {
  const found = /(?:^|\s)(the|my|your|one of my|one of your) ((?:(?!\b(?:the|my|your|whose|with)\b).)+?)(?: ((?:whose|with) .+))?$/i.exec(
    phrase.trim(),
  );
  if (found?.[1] === undefined || found[2] === undefined) return null;
  return { label: found[2], own: !/^the$/i.test(found[1]), wishes: readWishes(found[3] ?? "") };
}

/** The wishes of a hidden text, in the order said. */
export function readWishes(text: string): readonly Wish[] {
  return text
    .split(/(?:,? and|,)? (?=(?:whose|with) )|^(?=(?:whose|with) )/)
    .map((clause) => readWish(clause.trim().replace(/,? (?:instead|please)$/, "")))
    .filter((wish) => wish !== null);
}

const patterns: readonly (readonly [RegExp, (parts: readonly string[]) => Wish | null])[] = [
  [/^whose (.+?) is the (lowest|highest)$/, ([column, end]) => superlative(column, end)],
  [/^with the (lowest|highest) (.+)$/, ([end, column]) => superlative(column, end)],
  [new RegExp(`^whose (.+?) is (${bound}) (.+)$`), ([column, words, value]) => bounded(column, words, value)],
  [new RegExp(`^with an? (.+?) of (${bound}) (.+)$`), ([column, words, value]) => bounded(column, words, value)],
  [/^whose (.+?) is not (.+)$/, ([column, value]) => compared(column, "<>", value)],
  [/^with an? (.+?) other than (.+)$/, ([column, value]) => compared(column, "<>", value)],
  [/^whose (.+?) contains (.+)$/, ([column, value]) => compared(column, "contains", value)],
  [/^with an? (.+?) that contains (.+)$/, ([column, value]) => compared(column, "contains", value)],
  [/^whose (.+?) is (.+)$/, ([column, value]) => compared(column, "=", value)],
  [/^with (.+) as (?:its|the) (.+)$/, ([value, column]) => compared(column, "=", value)],
];

function readWish(clause: string): Wish | null {
  for (const [pattern, read] of patterns) {
    const found = pattern.exec(clause);
    if (found !== null) return read(found.slice(1));
  }
  return null;
}

function superlative(column: string | undefined, end: string | undefined): Wish | null {
  return column === undefined ? null : { column, comparison: end === "lowest" ? "lowest" : "highest" };
}

function bounded(column: string | undefined, words: string | undefined, value: string | undefined): Wish | null {
  const comparison = ([">=", "<=", ">", "<"] as const).find((each) => BOUNDS[each] === words);
  return comparison === undefined ? null : compared(column, comparison, value);
}

function compared(column: string | undefined, comparison: Wish["comparison"], value: string | undefined): Wish | null {
  return column === undefined || value === undefined ? null : { column, comparison, value: readValue(value) };
}
