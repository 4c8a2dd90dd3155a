const maxCharacters = 2_000;
/** What the keys of the usual vendors look like, and bearer tokens echoed from a header. */
const keyLike = /\b(?:sk|pk|rk|gsk|xai|key)[-_][A-Za-z0-9_*.-]{6,}|Bearer\s+[^\s"',}]+/g;

/** A text fit to be kept: the key, as it is and as it stands in a URL, and whatever looks like one removed; cut at 2,000 characters. */
export function redact(text: string, key: string): string {
  const exact = key === "" ? text : text.replaceAll(key, "[key]").replaceAll(encodeURIComponent(key), "[key]");
  const safe = exact.replace(keyLike, "[key]");
  return safe.length > maxCharacters ? `${safe.slice(0, maxCharacters)}…` : safe;
}
