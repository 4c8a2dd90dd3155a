/** Whether two plain trees are the same: equal values under equal keys in equal order. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, at) => isSame(each, b[at]));
  const [left, right] = [Object.keys(a), Object.keys(b)];
  if (left.length !== right.length || left.some((key, at) => right[at] !== key)) return false;
  const [mine, yours]: readonly (readonly unknown[])[] = [Object.values(a), Object.values(b)];
  return mine?.every((value, at) => isSame(value, yours?.[at])) === true;
}
