/**
 * A function of an object that is made once, such as what is derived from a compiled sheet: computed when first asked for, kept
 * as long as the object lives. Only for objects that are never changed.
 */
export function oncePer<Source extends object, Result>(derive: (source: Source) => Result): (source: Source) => Result {
  const known = new WeakMap<Source, { readonly result: Result }>();
  return (source) => {
    const found = known.get(source);
    if (found !== undefined) return found.result;
    const result = derive(source);
    known.set(source, { result });
    return result;
  };
}
