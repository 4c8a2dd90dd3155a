/**
 * Controlled English: one sentence template says a rule and reads it back. Text between slots is literal; a slot's type
 * says how its value is written. Reading is exact: a sentence that was changed in any literal word is not read.
 */

/** How a value stands in a sentence. `pattern` is a regular expression without capturing groups. */
export interface SlotType<T> {
  readonly pattern: string;
  say(value: T): string;
  /** @throws {SyntaxError} If the text matches the pattern and still means nothing. */
  read(text: string): T;
}

export type SlotTypes = Readonly<Record<string, SlotType<never>>>;
export type SlotValues<S> = { readonly [K in keyof S]: S[K] extends SlotType<infer T> ? T : never };

export interface Sentence<S> {
  say(values: SlotValues<S>): string;
  /** The slots' values, or null where the text is not this sentence. */
  read(text: string): SlotValues<S> | null;
}

const word = "[a-z][a-z0-9'-]*";

/** One or more words in lower case: a noun, a label, the phrase of an act. */
export const words: SlotType<string> = { pattern: `${word}(?: ${word})*?`, say: (value) => value, read: (text) => text };
/** The same with the indefinite article. */
export const a: SlotType<string> = {
  pattern: `an? ${word}(?: ${word})*?`,
  say: (value) => `${/^[aeio]/.test(value) ? "an" : "a"} ${value}`,
  read: (text) => text.slice(text.indexOf(" ") + 1),
};
/** A whole number. */
export const number: SlotType<number> = { pattern: "[0-9]+", say: String, read: Number };
/** One state, rank or listed value. */
export const symbol: SlotType<string> = { pattern: "[A-Z][A-Z0-9_]*", say: (value) => value, read: (text) => text };
/** "OPEN", "OPEN or HELD", "OPEN, HELD or DONE". */
export const symbols: SlotType<readonly string[]> = {
  pattern: "[A-Z][A-Z0-9_]*(?:, [A-Z][A-Z0-9_]*)*(?: or [A-Z][A-Z0-9_]*)?",
  say: (values) => join(values, "or"),
  read: (text) => text.split(/, | or /),
};
/** "books", "books and rooms", "books, rooms and desks". */
export const nouns: SlotType<readonly string[]> = {
  pattern: `${word}(?: ${word})*?(?:, ${word}(?: ${word})*?)*(?: and ${word}(?: ${word})*?)?`,
  say: (values) => join(values, "and"),
  read: (text) => text.split(/, | and /),
};

/** Parts joined as people do: "a, b and c". */
export function join(parts: readonly string[], conjunction: "and" | "or"): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} ${conjunction} ${last}`;
}

/**
 * A sentence from its template, such as "To {act} the {thing} must be {states}."
 *
 * @throws {RangeError} If the template names a slot that has no type.
 */
export function sentence<S extends Record<string, unknown>>(
  template: string,
  types: S & { readonly [K in keyof S]: SlotType<SlotValues<S>[K]> },
): Sentence<S> {
  const names = [...template.matchAll(/\{([a-z_]+)\}/gi)].map((match) => match[1] ?? "");
  const literals = template.split(/\{[a-z_]+\}/i);
  const typeOf = (name: string): SlotType<unknown> => {
    const type = types[name];
    if (type === undefined) throw new RangeError(`Cannot read template "${template}": slot "${name}" has no type`);
    // The mapped type of the parameter says that each entry is a slot type; only the lookup by text loses it.
    return type;
  };
  const pattern = new RegExp(
    `^${literals.map((literal, index) => escape(literal) + (names[index] === undefined ? "" : `(${typeOf(names[index]).pattern})`)).join("")}$`,
  );

  return {
    say(values) {
      const text = literals
        .map((literal, index) => literal + (names[index] === undefined ? "" : typeOf(names[index]).say(values[names[index]])))
        .join("");
      return text.charAt(0).toUpperCase() + text.slice(1);
    },
    read(text) {
      const match = pattern.exec(text) ?? pattern.exec(text.charAt(0).toLowerCase() + text.slice(1));
      if (match === null) return null;
      const values = Object.fromEntries(names.map((name, index) => [name, typeOf(name).read(match[index + 1] ?? "")]));
      // Every slot of the template was read by its own type.
      return values as SlotValues<S>;
    },
  };
}

function escape(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
