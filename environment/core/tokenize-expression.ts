/** One word of an expression and its offset. A `text` token holds the text between the quotes, unescaped. */
export interface Token {
  readonly kind: "integer" | "text" | "word" | "symbol" | "end";
  readonly value: string;
  readonly at: number;
}

const pattern = /\s*(?:(?<integer>[0-9]+)|'(?<text>(?:[^']|'')*)'|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<symbol><>|<=|>=|[=<>+\-*/%().,:]))/y;

/** Cuts an expression into words, `end` last; undefined words stop it with their offset. */
export function tokenizeExpression(text: string): { readonly tokens: readonly Token[]; readonly stoppedAt: number | null } {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    pattern.lastIndex = at;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) return { tokens, stoppedAt: at + text.slice(at).search(/\S/) };
    tokens.push({ ...tokenOf(groups), at });
    at = pattern.lastIndex;
  }
  tokens.push({ kind: "end", value: "", at: text.length });
  return { tokens, stoppedAt: null };
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>): Omit<Token, "at"> {
  const { integer, text, word, symbol } = groups;
  if (integer !== undefined) return { kind: "integer", value: integer };
  if (text !== undefined) return { kind: "text", value: text.replaceAll("''", "'") };
  if (word !== undefined) return { kind: "word", value: word };
  return { kind: "symbol", value: symbol ?? "" };
}
