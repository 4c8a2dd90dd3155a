/** Whether text matches a pattern as SQLite's GLOB reads it: `*`, `?`, `[a-z]`, `[^0-9]`, case-sensitive, over code points. */
export function matchGlob(text: string, pattern: string): boolean {
  return new RegExp(`^${translate(Array.from(pattern))}$`, "su").test(text);
}

function translate(pattern: readonly string[]): string {
  let source = "";
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? "";
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character !== "[") source += escape(character);
    else {
      const set = readSet(pattern, at);
      // A set that is never closed matches nothing.
      if (set === null) return "(?!)";
      source += set.source;
      at = set.end;
    }
  }
  return source;
}

/** A "]" right after the opening stands for itself. */
function readSet(pattern: readonly string[], start: number): { readonly source: string; readonly end: number } | null {
  const negated = pattern[start + 1] === "^";
  const first = start + (negated ? 2 : 1);
  const end = pattern.indexOf("]", first + 1);
  if (end < 0) return null;
  const members: string[] = [];
  for (let at = first; at < end; at += 1) {
    const isRange = pattern[at + 1] === "-" && at + 2 < end;
    const [low = "", high = ""] = [pattern[at], pattern[at + 2]];
    if (isRange && low > high) at += 2;
    else if (isRange) {
      members.push(`${escape(low)}-${escape(high)}`);
      at += 2;
    } else members.push(escape(low));
  }
  return { source: members.length === 0 ? (negated ? "." : "(?!)") : `[${negated ? "^" : ""}${members.join("")}]`, end };
}

function escape(character: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}
