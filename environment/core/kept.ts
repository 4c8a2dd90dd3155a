/**
 * What is derived from one part of a whole, kept for wholes that differ little: a sheet and its mutants share their rules and
 * tables object by object, and what is derived from one of them depends on few of the others.
 */
import { isSame } from "./is-same.js";

/** Parts by name, such as the tables of a catalogue. */
type Parts<Each> = Readonly<Record<string, Each>>;

/** What a result depends on beside its own part. */
export interface Sources<Given, Each> {
  /** Compared as plain trees; what is the same object is not looked into. */
  readonly given: Given;
  /** Of these only those that were looked at are compared. */
  readonly parts: Parts<Each>;
}

interface Kept<Result> {
  readonly sources: Sources<readonly unknown[], unknown>;
  readonly read: ReadonlyMap<string, unknown>;
  /** All names, where they were gone through. */
  readonly names: readonly string[] | null;
  readonly result: Result;
}

/**
 * A function that gives its first result for a part again where all that the result was derived from is still the same, and
 * also where it is derived anew and comes out equal: what depends on it in turn sees that nothing changed. It is kept as long
 * as the part lives. `derive` must read nothing else that may change, and look parts up in the record that it is handed.
 */
export function keptFor<Part extends object, Given extends readonly unknown[], Each extends object, Result>(
  derive: (part: Part, sources: Sources<Given, Each>) => Result,
): (part: Part, sources: Sources<Given, Each>) => Result {
  const kept = new WeakMap<Part, Kept<Result>>();
  return (part, sources) => {
    const first = kept.get(part);
    if (first === undefined) {
      const read = new Map<string, unknown>();
      const seen = { names: false };
      const result = derive(part, { ...sources, parts: watched(sources.parts, read, seen) });
      kept.set(part, { sources, read, names: seen.names ? Object.keys(sources.parts) : null, result });
      return result;
    }
    if (first.sources === sources || isCurrent(first, sources)) return first.result;
    const result = derive(part, sources);
    return isSame(result, first.result) ? first.result : result;
  };
}

function isCurrent({ sources, read, names }: Kept<unknown>, { given, parts }: Sources<readonly unknown[], unknown>): boolean {
  if (!isSame(sources.given, given)) return false;
  for (const [name, part] of read) if (parts[name] !== part) return false;
  return names === null || isSame(names, Object.keys(parts));
}

/** The same record, which notes what is looked up in it. */
function watched<Each extends object>(parts: Parts<Each>, read: Map<string, unknown>, seen: { names: boolean }): Parts<Each> {
  const note = (name: string | symbol): void => {
    if (typeof name === "string") read.set(name, parts[name]);
  };
  return new Proxy(parts, {
    get: (_, name) => {
      note(name);
      return typeof name === "string" ? parts[name] : undefined;
    },
    has: (_, name) => {
      note(name);
      return name in parts;
    },
    getOwnPropertyDescriptor: (_, name) => {
      note(name);
      return Object.getOwnPropertyDescriptor(parts, name);
    },
    ownKeys: () => {
      seen.names = true;
      return Reflect.ownKeys(parts);
    },
  });
}
