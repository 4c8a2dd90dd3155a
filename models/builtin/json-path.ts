/** Places in a JSON document by paths such as `tables.loans.columns.status` or `rules[3].must`. */

type Json = Readonly<Record<string, unknown>>;

/** The steps of a path. */
export function stepsOf(path: string): string[] {
  return path.split(/[.[\]]+/).filter((step) => step !== "");
}

/** What lies at the place; undefined where nothing does. */
export function valueAt(document: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), document);
}

/** A copy of the document with another value at the place; undefined takes it away. Parents that are missing are made. */
export function withValueAt(document: unknown, steps: readonly string[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (Array.isArray(document))
    return document.map((each: unknown, index) => (String(index) === step ? withValueAt(each, rest, value) : each));
  const { [step]: child, ...others } = isObject(document) ? document : {};
  const changed = withValueAt(child, rest, value);
  if (changed === undefined) return others;
  if (!isObject(document) || !(step in document)) return { ...others, [step]: changed };
  // The order of keys is kept: it is the order of columns.
  return Object.fromEntries(Object.entries(document).map(([key, each]) => [key, key === step ? changed : each]));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

/** What lies at the place, as JSON text; null where nothing does. */
export function jsonAt(document: unknown, steps: readonly string[]): string | null {
  const value = valueAt(document, steps);
  return value === undefined ? null : JSON.stringify(value);
}
