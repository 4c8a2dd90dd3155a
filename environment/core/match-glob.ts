/** One piece of a pattern: any characters at all, or one that is accepted. */
type Piece = "any" | ((character: string) => boolean);

/**
 * Whether text matches a pattern as SQLite's GLOB reads it: `*`, `?`, `[a-z]`, `[^0-9]`, case-sensitive, over code points.
 * @see https://www.sqlite.org/lang_expr.html#the_like_glob_regexp_match_and_extract_operators
 */
export function matchGlob(text: string, pattern: string): boolean {
  const pieces = readPieces(charactersOf(pattern));
  return pieces !== null && isMatch(charactersOf(text), pieces);
}

/** Whether each set of a pattern is closed; one that is not makes it match nothing. */
export function isClosedGlob(pattern: string): boolean {
  return readPieces(charactersOf(pattern)) !== null;
}

/** SQLite reads text up to a NUL, and three sorts of code points, which stand for no character, as U+FFFD. */
function charactersOf(text: string): readonly string[] {
  return Array.from((text.split("\0", 1)[0] ?? "").replace(/[\p{Cs}\ufffe\uffff]/gu, "\ufffd"));
}

/** Null where a set is never closed: that matches nothing. */
function readPieces(pattern: readonly string[]): readonly Piece[] | null {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === "*") pieces.push("any");
    else if (character === "?") pieces.push(() => true);
    else if (character !== "[") pieces.push((other) => other === character);
    else {
      const isNegated = pattern[at + 1] === "^";
      const first = at + (isNegated ? 2 : 1);
      // A "]" right after the opening stands for itself.
      const end = pattern.indexOf("]", first + 1);
      if (end < 0) return null;
      const accepts = readSet(pattern.slice(first, end));
      pieces.push((other) => accepts(other) !== isNegated);
      at = end;
    }
  }
  return pieces;
}

/** A "-" stands for itself at either end, after a range, and after a "]" that comes first. */
function readSet(members: readonly string[]): (character: string) => boolean {
  const ranges: (readonly [low: number, high: number])[] = [];
  let low: number | null = null;
  for (let at = 0; at < members.length; at += 1) {
    const isRange: boolean = members[at] === "-" && at + 1 < members.length && low !== null;
    if (isRange) at += 1;
    const point = codeOf(members[at]);
    ranges.push([isRange ? (low ?? point) : point, point]);
    low = isRange || (at === 0 && members[at] === "]") ? null : point;
  }
  return (character) => ranges.some(([from, to]) => from <= codeOf(character) && codeOf(character) <= to);
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}

/** Each "*" takes as little as it can: where the pieces up to the next one then fail, it alone takes one character more. */
function isMatch(text: readonly string[], pieces: readonly Piece[]): boolean {
  let [at, next] = [0, 0];
  let last: { readonly piece: number; readonly from: number } | null = null;
  while (at < text.length) {
    const piece = pieces[next];
    if (piece === "any") {
      last = { piece: next, from: at };
      next += 1;
    } else if (piece?.(text[at] ?? "") === true) {
      at += 1;
      next += 1;
    } else if (last === null) return false;
    else {
      last = { piece: last.piece, from: last.from + 1 };
      at = last.from;
      next = last.piece + 1;
    }
  }
  return pieces.slice(next).every((piece) => piece === "any");
}
